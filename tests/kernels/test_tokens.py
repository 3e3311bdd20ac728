"""Kernels over token ids: table look-ups and their gradients."""

import numpy as np
import pytest

from rnncli.kernels.tokens import lookup, scatter

REALS = [np.float32, np.float64]
T, N, V, M = 5, 7, 11, 19
SENTINEL = -77777.0


def ids(seed=0):
    return np.random.default_rng(seed).integers(0, V, (T, N)).astype(np.int32)


def whole_numbers(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(dtype)


@pytest.mark.parametrize("dtype", REALS)
def test_lookup_copies_rows_of_the_table(dtype):
    table, Z = whole_numbers((1, V, M), dtype), np.full((T, N, M), SENTINEL, dtype)
    lookup(table, ids(), Z, 4, 2, 6)
    np.testing.assert_array_equal(Z[:4, 2:6], table[0][ids()[:4, 2:6]])
    Z[:4, 2:6] = SENTINEL
    assert (Z == SENTINEL).all()


@pytest.mark.parametrize("dtype", REALS)
def test_scatter_sums_into_the_rows_of_the_table(dtype):
    dZ, old = whole_numbers((T, N, M), dtype), whole_numbers((1, V, M), dtype, seed=1)
    dtable = old.copy()
    scatter(dZ, ids(), dtable, 4, 3, 17)
    expected = np.zeros((V, M))
    np.add.at(expected, ids()[:4], dZ[:4])
    expected[:, :3] = expected[:, 17:] = 0
    np.testing.assert_array_equal(dtable - old, expected[None])
