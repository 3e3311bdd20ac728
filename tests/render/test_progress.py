"""The last line of a training."""

from types import SimpleNamespace

import pytest

from rnncli.config import TrainConfig
from rnncli.render.training_words import closing, judged
from rnncli.training.reports import Finished, Saved


@pytest.mark.parametrize(
    ("task", "best", "words"),
    [
        ("classify", 0, "best at update 0 of 34: nothing was learnt, the frequency of the labels was not beaten, "),
        ("regress", 0, "best at update 0 of 34: nothing was learnt, the mean was not beaten, "),
        ("classify", 21, "best at update 21 of 34, "),
    ],
)
def test_a_model_that_never_beat_its_start_says_so(task, best, words):
    model = SimpleNamespace(summary={}, config=TrainConfig(task=task, format="arrays"))
    [line] = closing(Saved("m.st", Finished(34, 100, 1.0, 0.69, best, {}, None, None), model))
    assert line.startswith("m.st  ")
    assert words in line
    assert ("nothing was learnt" in line) == (best == 0)


def test_the_verdict_is_said_once_and_tells_whether_it_warns():
    model = SimpleNamespace(summary={"valid_loss": 2.0, "rivals": {"5-gram": 2.5}}, history=[], config=TrainConfig())
    saved = Saved("m.st", Finished(34, 100, 1.0, 2.0, 9, {}, "done"), model)
    assert judged(saved) == (["verdict  better than 5-gram: nats 2 against 2.5, 20.0 % less"], False)
    model.summary["rivals"] = {"5-gram": 1.5}
    lines, warns = judged(saved)
    assert warns and lines[0].startswith("verdict  not better than 5-gram: nats 2 against 1.5; ")
    assert judged(Saved("m.st", saved.result, model, one_of_several=True)) == ([], False)
