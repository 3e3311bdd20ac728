"""Hashes of the steps of series against tuples of Python."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.data import seen_series
from rnncli.data.seen_series import DISTINCT, STRETCH, step_hashes


def part(values, offsets, begins=None, stops=None, cuts=None):
    """What is looked at of an Extent."""
    offsets = np.array(offsets)

    def series_of(rows):
        return np.searchsorted(offsets, rows, "right") - 1

    series = SimpleNamespace(values=values, offsets=offsets, series_of=series_of)
    begins = offsets[:-1] if begins is None else np.array(begins)
    return SimpleNamespace(
        series=series, begins=begins, stops=offsets[1:] if stops is None else np.array(stops), cuts=cuts
    )


def naive(values, offsets, begins, stops):
    """The values up to each row."""
    text = [tuple(map(str, row)) for row in values.tolist()]
    for first, begin, stop in zip(offsets, begins, stops, strict=False):
        for row in range(max(begin, first + STRETCH - 1), stop):
            stretch = tuple(text[row - STRETCH + 1 : row + 1])
            if len(set(stretch)) >= DISTINCT:
                yield stretch


@pytest.mark.parametrize("block", [7, 1 << 16])
@pytest.mark.parametrize("kinds", [2, 4, 5, 7, 1000])
def test_hashes_are_equal_where_values_are(kinds, block, monkeypatch):
    monkeypatch.setattr(seen_series, "BLOCK", block)
    values = np.random.default_rng(kinds).integers(0, kinds, (300, 1)).astype(float)
    values = np.concatenate([values, values[:100], np.full((5, 1), np.nan), values[50:80]])
    values = np.hstack([values, -values])
    offsets, begins, stops = [0, 120, 125, 435], [0, 121, 200], [110, 125, 435]
    found = np.concatenate([*step_hashes(part(values, offsets, begins, stops)), np.zeros(0, np.uint64)]).tolist()
    expected = [*naive(values, offsets, begins, stops)]
    assert len(found) == len(expected) and (kinds < DISTINCT or len(set(expected)) < len(expected))
    assert len(set(found)) == len(set(expected)) == len(set(zip(found, expected, strict=True)))


def test_of_a_sample_all_rows_are_looked_up():
    values = np.random.default_rng(0).normal(size=(60, 1))
    whole = np.concatenate([*step_hashes(part(values, [0, 60], [30]))])
    sample = np.concatenate([*step_hashes(part(values, [0, 60], [30], [40], np.array([30])))])
    assert whole.tolist() == sample.tolist() and len(whole) == 30
