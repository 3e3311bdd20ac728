"""What tags of words are learnt from: some of the words are read as unknown, since every text has new ones."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.columns import Coded, Columns
from rnncli.data.schema import Schema
from rnncli.readers.form import Form
from rnncli.tasks.classify import Classify
from rnncli.tasks.tag import Tag


def part_unknown(task_class):
    """Of words that are known, in training."""
    schema = Schema(categories={"token": ["w"]}, word="token", buckets=16, labels=["a", "b"])
    task = task_class(schema, Form("tagged"), TrainConfig(task=task_class.name, noise=0.0))
    ids = np.ones((200, 200), np.int32)
    task.perturb(SimpleNamespace(x=SimpleNamespace(ids=[ids])), seed=0, update=1)
    return (ids == 0).mean()


@pytest.mark.parametrize(("task_class", "part"), [(Tag, 0.25), (Classify, 0.02)])
def test_of_words_that_are_tagged_a_quarter_is_read_as_unknown(task_class, part):
    """Of texts with labels a fiftieth, as it was."""
    assert part_unknown(task_class) == pytest.approx(part, rel=0.1)


def test_words_of_tags_are_told_by_their_shapes_and_others_as_they_were():
    coded = Coded.of(["Rome", "is", "old"])
    columns = Columns(np.array([0, 3]), coded={"token": coded}, labels=Coded.of(["X", "O", "O"]))
    config = TrainConfig(task="tag", tokens="word", min_count=1)
    tagged = Tag.fit(columns, np.array([0]), config)
    assert tagged.shaped and tagged.to_json()["shaped"]
    again = Schema.from_json(tagged.to_json())
    assert again == tagged
    fewer = Schema.from_json({name: value for name, value in tagged.to_json().items() if name != "shaped"})
    assert not fewer.shaped  # a model of before, whose n-grams stay what they were
    assert fewer.encode(columns).grams[1].tolist() != tagged.encode(columns).grams[1].tolist()
