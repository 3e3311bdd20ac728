"""Scales: what is flat, at any size; what a flat column takes from others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.ranges import Ranges
from rnncli.data.scale import FLAT, Scale, Spread, are_flat, scale_of
from rnncli.process import temporary

nan = np.nan
SIZES = st.floats(1e-250, 1e250)


@given(SIZES, st.integers(0, 4 * FLAT))
def test_flat_is_a_range_of_at_most_64_units_in_the_last_place(size, units):
    high = size + units * np.spacing(size)
    expected = high - size <= 64 * np.spacing(high)
    assert are_flat(np.array([size]), np.array([high]))[0] == expected
    assert scale_of(np.array([[size], [high]])).flat[0] == expected
    assert not expected or units <= 64 * np.spacing(high) / np.spacing(size)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9), st.integers(-40, 40))
def test_a_power_of_two_changes_nothing_but_the_size(values, power):
    column = np.round(np.array(values), 3)[:, None]
    one, other = scale_of(column), scale_of(column * 2.0**power)
    assert one.flat == other.flat
    assert one.mean * 2.0**power == other.mean
    if (column != 0).any():
        assert one.std * 2.0**power == other.std


@pytest.mark.parametrize("value", [0.1, 7.5, 1.7e9 + 0.1, 3e-13, 0.0, -12.0])
@pytest.mark.parametrize("count", [1, 2, 120])
def test_equal_values_are_their_own_mean_to_the_last_digit(value, count):
    scale = scale_of(np.full((count, 1), value), Scale(np.array([100.0]), np.array([9.0]), np.array([False])))
    assert (scale.mean[0], scale.flat[0]) == (value, True)
    assert scale.std[0] == (9.0 if value == 0 else min(9.0, abs(value)))


def test_without_values_the_scale_is_that_of_all():
    overall = Scale(np.array([100.0, 5.0]), np.array([9.0, 2.0]), np.array([False, False]))
    for values in (np.full((3, 2), nan), np.zeros((0, 2))):
        assert [array.tolist() for array in scale_of(values, overall)] == [[100, 5], [9, 2], [False, False]]


def test_gaps_count_for_nothing_and_offsets_lose_no_digits():
    values = 1.7e9 + np.array([[1.0], [nan], [2.0], [3.0], [nan]])
    mean, std, flat = scale_of(values)
    assert (mean[0], std[0], flat[0]) == (1.7e9 + 2, pytest.approx(np.sqrt(2 / 3), rel=1e-6), False)


def test_some_rows_of_a_table_have_the_scale_that_they_have_by_themselves(monkeypatch):
    monkeypatch.setattr(temporary, "BLOCK", 4)
    values = np.random.default_rng(0).normal(size=(30, 2))
    values[[0, 5, 6]] = np.nan
    rows = Ranges(np.array([5, 0, 20]), np.array([8, 3, 29]))
    alone = Spread.of(values[[*range(5, 8), *range(3), *range(20, 29)]])
    for ours, theirs in zip(Spread.of(values, rows).scale(), alone.scale(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
