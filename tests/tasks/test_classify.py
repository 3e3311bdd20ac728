"""What `--evaluate` says of classes, on answers that can be counted by hand, and calibration."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.examples import Examples
from rnncli.data.schema import UNHEARD, Schema
from rnncli.readers.forms import Form
from rnncli.tasks.classify import Classify, fit_temperature


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
