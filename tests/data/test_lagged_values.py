"""What came before each row, by plain loops over the series alone."""

import itertools

import numpy as np
import pytest

from rnncli.data.lagged_values import Past, fill_by_last, fill_by_season
from rnncli.process import temporary

NAN = float("nan")
OFFSETS = [0, 9, 20]
Z = np.random.default_rng(0).normal(size=(20, 2))
FIRST = np.repeat(OFFSETS[:-1], np.diff(OFFSETS))
ROWS = np.arange(20)


@pytest.mark.parametrize("back", [0, 1, 5, 30])
def test_a_lag_ends_at_the_first_value_of_the_series(back):
    expected = [Z[max(row - back, FIRST[row])] for row in ROWS]
    np.testing.assert_array_equal(Past(Z, FIRST).lag(ROWS, back), expected)


def test_a_change_is_that_from_the_row_before():
    expected = Z - np.array([Z[max(row - 1, FIRST[row])] for row in ROWS])
    np.testing.assert_array_equal(Past(Z, FIRST).change(ROWS), expected)
    assert not expected[[0, 9]].any()


def mean_of(row, near, far):
    end = max(FIRST[row], row - near) + 1
    return Z[max(FIRST[row], row - far + 1) : end].mean(axis=0)


@pytest.mark.parametrize(("near", "far"), [(0, 1), (0, 4), (2, 3), (3, 7), (6, 40)])
def test_a_mean_is_over_the_lags_from_near_to_far(near, far):
    expected = [mean_of(row, near, far) for row in ROWS]
    np.testing.assert_allclose(Past(Z, FIRST).mean(ROWS, near, far), expected, rtol=1e-12)


def test_a_series_of_another_pace_looks_back_by_its_own_season():
    pace = np.repeat([1.0, 2.5], np.diff(OFFSETS))
    past = Past(Z, FIRST, pace)
    assert past.stretched(np.array([0, 9]), 3).tolist() == [3, 8]
    assert past.stretched(np.array([9]), 0).tolist() == [1]  # one step at least
    found = past.mean(np.array([8, 19]), 2, 4)
    np.testing.assert_allclose(found, [mean_of(8, 2, 4), mean_of(19, 5, 10)])


def test_gaps_take_the_value_of_seasons_before():
    z = np.array([[1, 2, 3, NAN, NAN, 6, NAN, NAN, 9], [NAN, 2, 3, NAN, 5, 6, 7, 8, 9]], float).T
    fill_by_season(z, np.zeros(9, int), np.full(9, 3))
    assert z[:, 0].tolist() == [1, 2, 3, 1, 2, 6, 1, 2, 9]
    assert np.isnan(z[[0, 3], 1]).all()  # there is no season before


@pytest.mark.parametrize("block", [3, 1000])
def test_gaps_take_the_last_value_of_their_series(block, monkeypatch):
    monkeypatch.setattr(temporary, "BLOCK", block)
    z = np.where(np.random.default_rng(1).random((40, 3)) < 0.6, NAN, np.arange(120.0).reshape(40, 3) + 1)
    offsets, expected = np.array([0, 1, 17, 40]), z.copy()
    for first, end in itertools.pairwise(offsets.tolist()):
        for row, k in itertools.product(range(first, end), range(3)):
            if np.isnan(z[row, k]):
                expected[row, k] = expected[row - 1, k] if row > first else 0
    fill_by_last(z, offsets)
    np.testing.assert_array_equal(z, expected)
