"""Kernels over token ids: table look-ups."""

import numpy as np
import pytest

from rnncli.kernels.product import panels_of
from rnncli.kernels.tokens import lookup

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
    lookup(table, ids(), Z, 4, 2, 6, 0, panels_of(1, M)[0])
    np.testing.assert_array_equal(Z[:4, 2:6], table[0][ids()[:4, 2:6]])
    Z[:4, 2:6] = SENTINEL
    assert (Z == SENTINEL).all()
