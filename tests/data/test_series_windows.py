"""Windows of series."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data import series_windows
from rnncli.data.series_windows import SeriesEpochs, sweep
from rnncli.process import temporary
from rnncli.tasks.forecast import Forecast


@pytest.fixture
def part(tmp_path):
    """The training part of three series of two targets, three steps ahead, a value missing."""
    waves = [(name, k, step / k) for k, name in ((2, "a"), (3, "b"), (5, "c")) for step in range(60)]
    rows = [f"{name},{np.sin(angle) + k:.4f},{np.cos(angle):.4f}" for name, k, angle in waves]
    rows[10] = "a,,0.5"
    (tmp_path / "series.csv").write_text("\n".join(["group,u,v", *rows]))
    config = TrainConfig(task="forecast", group="group", horizon=3, epochs=1.0)
    return Forecast.prepare([str(tmp_path / "series.csv")], config, None, None).train


def windows(part):
    return [SeriesEpochs(part, 2, 8, 0).batch(update) for update in range(6)]


def test_targets_made_beforehand_are_those_made_for_each_window(part, monkeypatch):
    monkeypatch.setattr(temporary, "FEW", 7)
    beforehand = windows(part)
    assert SeriesEpochs(part, 2, 8, 0).targets.shape == (180, 6)
    monkeypatch.setattr(series_windows, "TARGETS_BYTES", 0)
    one_by_one = windows(part)
    assert SeriesEpochs(part, 2, 8, 0).targets is None
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


def test_a_sweep_reads_every_row_once_in_order_and_begins_each_series_anew():
    begin, end, N, T = np.array([3, 10, 20, 31]), np.array([9, 20, 20, 34]), 2, 4  # the third has no rows
    seen: dict[int, list[int]] = {}
    for rows, inside, starts, chosen in sweep(begin, end, N, T):
        assert rows.shape == inside.shape == starts.shape == (T, N)
        for n, number in enumerate(chosen.tolist()):
            mine = rows[inside[:, n], n].tolist()
            assert starts[:, n].tolist() == [number not in seen, 0, 0, 0]
            seen.setdefault(number, []).extend(mine)
        assert not inside[:, len(chosen) :].any()
    assert seen == {i: list(range(begin[i], end[i])) for i in (0, 1, 3)}
