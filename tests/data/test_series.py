"""Windows of series."""

import numpy as np
import pytest

import rnncli.data.series
from rnncli.config import TrainConfig
from rnncli.data.series import SeriesEpochs
from rnncli.tasks.forecast import Forecast


@pytest.fixture
def part(tmp_path):
    """The training part of three series of two targets, three steps ahead, a value missing."""
    waves = [(name, k, step / k) for k, name in ((2, "a"), (3, "b"), (5, "c")) for step in range(60)]
    rows = [f"{name},{np.sin(angle) + k:.4f},{np.cos(angle):.4f}" for name, k, angle in waves]
    rows[10] = "a,,0.5"
    (tmp_path / "series.csv").write_text("\n".join(["group,u,v", *rows]))
    config = TrainConfig(task="forecast", group="group", horizon=3, epochs=1.0)
    return Forecast.prepare([str(tmp_path / "series.csv")], config, None).train


def windows(part):
    return [SeriesEpochs(part, 2, 8, 0).batch(update) for update in range(6)]


def test_targets_made_beforehand_are_those_made_for_each_window(part, monkeypatch):
    monkeypatch.setattr(rnncli.data.series, "BLOCK", 7)
    beforehand = windows(part)
    assert part.targets.shape == (180, 6)
    part.targets = None
    monkeypatch.setattr(rnncli.data.series, "TARGETS_BYTES", 0)
    one_by_one = windows(part)
    assert part.targets is None
    missing = np.isnan([batch.y for batch in one_by_one])
    assert missing.any() and not missing.all()
    for batch, expected in zip(beforehand, one_by_one, strict=True):
        np.testing.assert_array_equal(batch.y, expected.y)
        assert batch.count == expected.count


def test_a_window_can_be_changed_without_changing_the_next(part):
    epochs = SeriesEpochs(part, 2, 8, 0)
    batch = epochs.batch(0)
    expected = batch.y.copy()
    batch.y[...] = 7
    np.testing.assert_array_equal(epochs.batch(0).y, expected)


def test_a_gap_takes_the_value_of_the_season_before_or_of_one_further_back():
    values = np.array([[1.0], [2.0], [3.0], [np.nan], [5.0], [np.nan], [np.nan], [8.0], [np.nan], [np.nan], [11.0]])
    found = rnncli.data.series.scaled(
        values, np.zeros((2, 1)), np.ones((2, 1)), np.array([0, 9, 11]), np.repeat([3, 3], [9, 2])
    )
    assert found[:, 0].tolist() == [1, 2, 3, 1, 5, 3, 1, 8, 3, 0, 11]  # the last series does not reach so far back
    last = rnncli.data.series.scaled(values, np.zeros((2, 1)), np.ones((2, 1)), np.array([0, 9, 11]))
    assert last[:, 0].tolist() == [1, 2, 3, 3, 5, 5, 5, 8, 8, 0, 11]
