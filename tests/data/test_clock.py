"""Clocks: many series at once have the steps put in that each has alone."""

import numpy as np
import pytest

from rnncli.data.columns import Columns
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.clock import clocks_to_learn, put_on_clocks
from rnncli.process import temporary

HOUR = 3_600_000_000
MADE = {
    "hours with gaps": np.delete(np.arange(40), [3, 4, 20]) * HOUR,
    "the same hours": np.delete(np.arange(40), [3, 4, 20]) * HOUR,
    "days": np.arange(12) * 24 * HOUR,
    "days with a gap": np.delete(np.arange(12), 5) * 24 * HOUR,
    "two rows": np.array([5, 6]) * HOUR,
    "a row": np.array([7]) * HOUR,
    "uneven": np.cumsum([1, 50, 3, 700, 11, 5, 2000, 9]) * HOUR,
    "hours before all others": np.delete(np.arange(30), 7) * HOUR - 10_000 * HOUR,
}


def series(names: list[str]) -> Columns:
    """Each with its own values."""
    times = np.concatenate([MADE[name] for name in names])
    offsets = np.cumsum([0, *(len(MADE[name]) for name in names)])
    numbers = np.concatenate([np.arange(len(MADE[name]), dtype=float) for name in names])[:, None]
    moments, sample = times.view("datetime64[us]"), "2024-01-01 00:00"
    return Columns(offsets, ["y"], numbers, keys=list(names), times=moments, time_sample=sample)


def on_clocks(names: list[str], kept: list[int] | None = None) -> Columns:
    columns = series(names)
    clocks = clocks_to_learn(columns, columns.offsets[1:], regular=True)
    return put_on_clocks(columns, clocks, "", None if kept is None else np.array(kept))


@pytest.mark.parametrize("block", [3, 1 << 18])
def test_of_many_series_each_has_the_rows_that_it_has_alone(monkeypatch, block):
    monkeypatch.setattr(temporary, "BLOCK", block)
    names = [*MADE, *reversed(MADE)]
    together = on_clocks(names)
    for i, name in enumerate(names):
        alone, rows = on_clocks([name]), slice(*together.offsets[i : i + 2])
        if name != "a row":  # which has the steps of most others
            assert together.clocks[i].steps == alone.clocks[0].steps
        for found, expected in (
            (together.times, alone.times),
            (together.numbers, alone.numbers),
            (together.numbering, alone.numbering),
        ):
            np.testing.assert_array_equal(found[rows], expected if expected is not None else alone.row_numbers)
    assert together.times[: len(range(40))].tolist() == (np.arange(40) * HOUR).view("datetime64[us]").tolist()


def test_rows_that_were_kept_are_on_their_clock():
    name = "hours with gaps"
    whole, kept = on_clocks([name, name]), on_clocks([name, name], [10, 0])
    assert np.diff(whole.offsets).tolist() == [40, 40]
    assert np.diff(kept.offsets).tolist() == [38, 40]  # nothing is put in before the tenth row


def test_series_of_the_same_times_have_one_calendar():
    columns = series(["days", "hours with gaps", "the same hours", "days"])
    stops = columns.offsets[1:]
    found = Calendar.of_each(columns.times, columns.offsets, stops, columns.time_sample)
    assert found[0] is found[3]
    assert found[1] is found[2]
    assert found[0] is not found[1]
