"""What `--evaluate` says of classes, on answers that can be counted by hand, and calibration."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.examples import Examples
from rnncli.data.schema import UNHEARD, Schema
from rnncli.readers.forms import Form
from rnncli.tasks.classify import Classify, fit_temperature
from rnncli.tasks.tag import Tag


@pytest.mark.parametrize("overconfident", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_factor_of_the_logits(overconfident):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 3))
    gumbel = rng.gumbel(size=logits.shape)
    targets = (logits + gumbel).argmax(axis=1)  # drawn from softmax(logits)
    targets[::7] = -1
    assert fit_temperature(logits * overconfident, targets) == pytest.approx(overconfident, rel=0.05)
    assert fit_temperature(logits, np.full(20_000, -1)) == 1.0


def test_f1_by_class_counts_what_was_missed_and_what_was_never_heard_of():
    task = Classify(Schema(labels=["a", "b", "c"]), Form("table"), TrainConfig())
    found = np.eye(3)[[0, 0, 1, 1, 0, 2]]
    true = np.array([0, 1, 1, 1, UNHEARD, -1], np.int32)  # the last has no answer
    figures = task.metrics(found, Examples(np.arange(7), [], np.zeros((6, 0)), targets=true))
    assert figures["n"] == 5
    assert figures["accuracy"] == 3 / 5
    assert figures["per_class"]["a"] == {"n": 1, "precision": 1 / 3, "recall": 1.0, "f1": 0.5}
    assert figures["per_class"]["b"]["f1"] == pytest.approx(0.8)
    assert figures["per_class"]["c"]["n"] == 0
    assert figures["macro_f1"] == pytest.approx((0.5 + 0.8 + 0) / 3)


@pytest.mark.parametrize("seed", range(5))
def test_macro_f1_is_over_all_labels_that_are_true_or_predicted(seed):
    rng = np.random.default_rng(seed)
    guessed, true = rng.integers(0, 5, 12), rng.integers(2, 4, 12).astype(np.int32)
    task = Classify(Schema(labels=list("abcdef")), Form("table"), TrainConfig())
    figures = task.metrics(np.eye(6)[guessed], Examples(np.arange(13), [], np.zeros((12, 0)), targets=true))
    f1s = {}  # sklearn.metrics.f1_score(true, guessed, average="macro", zero_division=0), by hand
    for label in {*guessed.tolist(), *true.tolist()}:
        hits = sum(g == t == label for g, t in zip(guessed, true, strict=True))
        f1s[label] = 2 * hits / (list(guessed).count(label) + list(true).count(label))
    assert figures["macro_f1"] == pytest.approx(sum(f1s.values()) / len(f1s))
    assert figures["per_class"]["f"] == {"n": 0, "precision": None, "recall": None, "f1": None}
    never_true = figures["per_class"]["abcde"[int(guessed[(guessed < 2) | (guessed > 3)][0])]]
    assert (never_true["n"], never_true["recall"], never_true["f1"]) == (0, None, 0.0)


def test_chunks_that_are_nowhere_have_no_figures():
    tags = Tag(Schema(labels=["B-X", "I-X", "O"]), Form("tagged"), TrainConfig())
    outside, one = np.array([2, 2, 2], np.int32), np.array([0, 1, 2], np.int32)
    examples = [Examples(np.array([0, 3]), [], np.zeros((3, 0)), targets=true) for true in (outside, one)]
    names = ("precision", "recall", "f1")
    assert [tags.metrics(outside, examples[0])[name] for name in names] == [None, None, None]
    assert [tags.metrics(outside, examples[1])[name] for name in names] == [None, 0, 0]
    assert [tags.metrics(one, examples[0])[name] for name in names] == [0, None, 0]
    assert [tags.metrics(one, examples[1])[name] for name in names] == [1, 1, 1]
