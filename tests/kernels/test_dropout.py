"""Dropout: its rate, its masks on both ways."""

import numpy as np
import pytest

from rnncli.kernels.dropout import dropout, later

REALS = [np.float32, np.float64]
T, N, M = 5, 7, 19


def dropped(shape, key, rate, dtype=np.float32, value=1.0):
    Y = np.full(shape, value, dtype)
    dropout(Y, np.array([key], np.uint32), 0, rate, False, shape[1], 0, shape[0], 0, shape[1])
    return Y


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_dropout_zeroes_its_rate_and_scales_the_rest(dtype, rate):
    Y = dropped((30, 20, 100), 12345, rate, dtype)
    kept = Y != 0
    np.testing.assert_allclose(Y[kept], 1 / (1 - rate), rtol=1e-6)
    sigma = np.sqrt(rate * (1 - rate) / Y.size)
    assert abs((~kept).mean() - rate) < 4 * sigma
    for axis in range(3):  # no step, row or unit is favoured
        other = tuple(i for i in range(3) if i != axis)
        part = np.sqrt(rate * (1 - rate) * Y.shape[axis] / Y.size)
        assert np.abs((~kept).mean(axis=other) - rate).max() < 5 * part


def test_dropout_zeroes_half_of_each_unit_with_its_neighbours_independent():
    kept = dropped((40, 30, 50), 7, 0.5) != 0
    for a, b in (
        (kept[1:], kept[:-1]),
        (kept[:, 1:], kept[:, :-1]),
        (kept[..., 1:], kept[..., :-1]),
        (kept, dropped((40, 30, 50), 8, 0.5) != 0),
    ):
        assert abs((a == b).mean() - 0.5) < 4 * np.sqrt(0.25 / a.size)


def test_dropout_on_the_way_back_is_the_same_mask():
    mask = dropped((T, N, M), 99, 0.3)
    dY = np.random.default_rng(0).standard_normal((T, N, M)).astype(np.float32)
    back = dY.copy()
    dropout(back, np.array([1, 99], np.uint32), 1, 0.3, False, N, 0, T, 0, N)
    np.testing.assert_array_equal(back, dY * mask)


def test_dropout_in_parts_of_the_rows_is_the_same_mask():
    whole, parts = dropped((T, N, M), 99, 0.3), np.ones((T, N, M), np.float32)
    for first, last in ((4, 7), (0, 1), (1, 4)):
        dropout(parts, np.array([1, 99], np.uint32), 1, 0.3, False, N, 0, T, first, last)
    np.testing.assert_array_equal(parts, whole)
    short = np.ones((T, N, M), np.float32)
    dropout(short, np.array([1, 99], np.uint32), 1, 0.3, False, N, 0, 3, 0, N)
    np.testing.assert_array_equal(short[:3], whole[:3])
    assert (short[3:] == 1).all()


def test_rows_alone_have_the_mask_that_they_have_in_their_batch():
    whole, first = dropped((T, N, M), 99, 0.3), 4
    own = np.ones((T, N - first, M), np.float32)
    dropout(own, np.array([later(np.uint32(99), first)], np.uint32), 0, 0.3, False, N, 0, T, 0, N - first)
    np.testing.assert_array_equal(own, whole[:, first:])
