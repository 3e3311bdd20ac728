"""`--local-steps`: ranks, here as threads, train by their own rows and average what they have."""

import json

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import UsageError
from rnncli.tasks import task_class
from rnncli.training import loop, search
from rnncli.training.loop import Training, drawn
from rnncli.training.ranks import Ranks
from rnncli.training.reports import Progress, Validation
from tests.training.test_ranks import on_ranks

SMALL = TrainConfig(epochs=1, hidden=12, batch=16, steps=24, dropout=0.0)


@pytest.fixture
def trained(tmp_path, text, monkeypatch):
    """trained(of, ..): of each rank the arrays and values at the end, or where it was stopped after so many updates."""
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0)
    file = tmp_path / "text.txt"
    file.write_text(text)

    def train(of, updates=10**9, state=None, **options):
        material = search.sized(task_class("language").prepare([str(file)], SMALL.having(**options), None, None))

        def on(ranks):
            training, seen = Training(drawn(material), material, 1, ranks=ranks), []
            if state:
                training.restore(*state)
            for report in training.reports():
                seen.append(report)
                if isinstance(report, Progress) and report.step >= updates:
                    training.stop = ranks.number == 0
            arrays, values = training.checkpoint()
            return {name: array.copy() for name, array in arrays.items()}, json.loads(json.dumps(values)), seen

        return on_ranks(of, on) if of > 1 else [on(Ranks())]

    return train


def test_the_mean_after_each_update_by_plain_gradients_is_the_update_of_all_rows(trained):
    """The mean of gradients and momenta: those of one process up to rounding, where ranks have as many rows."""
    options = {"optimizer": "sgd", "lr": 0.3, "clip": 0.0, "weight_decay": 0.0}
    (alone,) = trained(1, 16, **options)
    for arrays, values, _ in trained(2, 16, local_steps=1, **options):
        for name in ("theta", "optimiser.m", "state.0", "state.1"):
            np.testing.assert_allclose(arrays[name], alone[0][name], atol=1e-5, err_msg=name)
        assert values["step"] == alone[1]["step"] == 16 and values["tokens"] == alone[1]["tokens"]
        ours, theirs = values["history"][-1], alone[1]["history"][-1]
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-5)
    assert np.abs(alone[0]["theta"] - alone[0]["average"]).max() > 1e-2


def test_ranks_end_alike_each_time_and_stopped_runs_go_on(trained):
    whole = trained(3, local_steps=4, dropout=0.2)
    for again in (trained(3, local_steps=4, dropout=0.2), whole):
        for arrays, _, _ in again:
            for name, array in whole[0][0].items():
                np.testing.assert_array_equal(arrays[name], array, err_msg=name)
    begun = trained(3, 8, local_steps=4, dropout=0.2)
    assert begun[0][1]["step"] == 8
    resumed = trained(3, state=begun[0][:2], local_steps=4, dropout=0.2)
    for name, array in whole[0][0].items():
        np.testing.assert_array_equal(resumed[1][0][name], array, err_msg=name)
    other = trained(2, local_steps=4, dropout=0.2)
    assert (other[0][0]["theta"] != whole[0][0]["theta"]).any()


def test_updates_are_apart_and_nothing_happens_between_averages(trained):
    arrays, values, seen = trained(2, local_steps=5, lr=0.02, epochs=4)[0]
    steps = [report.step for report in seen if isinstance(report, Progress | Validation)]
    last = values["step"]
    assert last % 5 and all(step % 5 == 0 or step == last for step in steps)
    losses = [report.valid_loss for report in seen if isinstance(report, Validation)]
    assert losses[-1] < 0.8 * losses[0]
    every = trained(2, local_steps=1, lr=0.02, epochs=4)[0]
    assert np.abs(arrays["theta"] - every[0]["theta"]).max() > 1e-2


def test_alone_there_is_nothing_to_average(trained):
    np.testing.assert_array_equal(trained(1, local_steps=4)[0][0]["theta"], trained(1)[0][0]["theta"])


def test_more_local_steps_than_updates_are_refused(trained):
    with pytest.raises(
        UsageError, match="--local-steps 5000: the training has .* updates, .* expected at most as many"
    ):
        trained(2, local_steps=5000)
