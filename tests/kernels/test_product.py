"""The packed product against NumPy. Small whole numbers make every sum exact, so most comparisons allow no error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.product import (
    affine,
    aligned,
    pack,
    pack_transposed,
    panels_of,
    product,
)
from rnncli.kernels.tile import PANEL

REALS = [np.float32, np.float64]
real = st.sampled_from(REALS)
SENTINEL = -77777.0


def whole_numbers(rng, shape, dtype):
    """Products of these, summed a thousand times, are exact in float32."""
    return np.asarray(rng.integers(-9, 10, shape), dtype)


def reals(rng, shape, dtype):
    return np.asarray(rng.standard_normal(shape), dtype)


def packed(B):
    P = aligned(panels_of(*B.shape), B.dtype)
    pack(B, P, 0, len(P))
    return P


def every_panel(B):
    return 0, panels_of(*B.shape)[0]


def guarded(shape, dtype):
    """A contiguous array full of sentinels that ends inside a larger one: (array, what lies behind it)."""
    size = int(np.prod(shape))
    buffer = np.full(size + 64, SENTINEL, dtype)
    return buffer[:size].reshape(shape), buffer[size:]


def multiplied(A, B):
    C = np.zeros((*A.shape[:2], B.shape[1]), A.dtype)
    product(A, packed(B), C, 0, A.shape[1], *every_panel(B), False)
    return C


@given(real, st.integers(1, 5), st.integers(1, 70))
def test_aligned_arrays_are_zeros_that_begin_at_a_cache_line(dtype, rows, columns):
    array = aligned((rows, columns), dtype)
    assert array.shape == (rows, columns)
    assert array.dtype == dtype
    assert array.ctypes.data % 64 == 0
    assert array.flags.c_contiguous
    assert not array.any()


@given(real, st.integers(1, 40), st.integers(1, 70))
def test_panels_hold_sixteen_columns_each_and_zeros_behind_the_last(dtype, K, M):
    B = reals(np.random.default_rng(K * M), (K, M), dtype)
    P = packed(B)
    unpacked = P.transpose(1, 0, 2).reshape(K, -1)
    np.testing.assert_array_equal(unpacked[:, :M], B)
    assert not unpacked[:, M:].any()


@given(real, st.integers(1, 70), st.integers(1, 70))
def test_transposed_panels_are_the_panels_of_the_transpose(dtype, K, M):
    B = reals(np.random.default_rng(K * M), (M, K), dtype)
    P = aligned(panels_of(K, M), dtype)
    pack_transposed(B, P, 0, len(P))
    np.testing.assert_array_equal(P, packed(np.ascontiguousarray(B.T)))


def test_packing_in_parts_is_packing():
    B = reals(np.random.default_rng(0), (5, 50), np.float32)
    for kernel, source in ((pack, B), (pack_transposed, np.ascontiguousarray(B.T))):
        parts = aligned(panels_of(5, 50), np.float32)
        kernel(source, parts, 2, 4)
        assert not parts[:2].any()
        kernel(source, parts, 0, 2)
        np.testing.assert_array_equal(parts, packed(B))


def assert_product_equals_numpy(dtype, steps, N, K, M, add):
    rng = np.random.default_rng([steps, N, K, M])
    A, B = whole_numbers(rng, (steps, N, K), dtype), whole_numbers(rng, (K, M), dtype)
    C = whole_numbers(rng, (steps, N, M), dtype)
    expected = A @ B + C if add else A @ B
    product(A, packed(B), C, 0, N, *every_panel(B), add)
    np.testing.assert_array_equal(C, expected)


@given(real, st.integers(1, 4), st.integers(1, 15), st.integers(1, 40), st.integers(1, 50), st.booleans())
def test_product_equals_numpy(dtype, steps, N, K, M, add):
    assert_product_equals_numpy(dtype, steps, N, K, M, add)


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize(("steps", "N", "K", "M"), [(1, 1, 1, 1), (3, 97, 7, 33), (2, 200, 259, 19), (50, 5, 513, 31)])
@pytest.mark.parametrize("add", [False, True])
def test_product_equals_numpy_beyond_its_blocks(dtype, steps, N, K, M, add):
    assert_product_equals_numpy(dtype, steps, N, K, M, add)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 4e-15)])
def test_product_of_reals_is_as_accurate_as_its_type(dtype, tolerance):
    rng = np.random.default_rng(0)
    A, B = reals(rng, (2, 13, 300), dtype), reals(rng, (300, 37), dtype)
    exact = A.astype(np.longdouble) @ B.astype(np.longdouble)
    assert np.abs(multiplied(A, B) - exact).max() < tolerance * np.abs(exact).max()


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("M", [5, 16, 30])
@pytest.mark.parametrize(("first", "last"), [(5, 11), (0, 4), (1, 11), (3, 3)])
def test_product_writes_its_rows_and_nothing_else(dtype, M, first, last):
    rng = np.random.default_rng(M)
    A, B = whole_numbers(rng, (3, 11, 4), dtype), whole_numbers(rng, (4, M), dtype)
    C, behind = guarded((3, 11, M), dtype)
    product(A, packed(B), C, first, last, *every_panel(B), False)
    np.testing.assert_array_equal(C[:, first:last], A[:, first:last] @ B)
    C[:, first:last] = SENTINEL
    assert (C == SENTINEL).all()
    assert (behind == SENTINEL).all()


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize(("first", "last"), [(2, 8), (0, 9)])
def test_affine_adds_the_bias_to_its_rows_and_nothing_else(dtype, first, last):
    rng = np.random.default_rng(5)
    A, B, b = (whole_numbers(rng, shape, dtype) for shape in ((3, 9, 6), (6, 21), (21,)))
    C, behind = guarded((3, 9, 21), dtype)
    affine(A, packed(B), b, C, first, last, *every_panel(B))
    np.testing.assert_array_equal(C[:, first:last], A[:, first:last] @ B + b)
    C[:, first:last] = SENTINEL
    assert (C == SENTINEL).all()
    assert (behind == SENTINEL).all()


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize(("N", "K", "M"), [(13, 21, 35), (100, 300, 17)])
def test_a_batch_has_the_bits_of_its_rows_one_by_one(dtype, N, K, M):
    rng = np.random.default_rng(N)
    A, B, b = reals(rng, (3, N, K), dtype), reals(rng, (K, M), dtype), reals(rng, (M,), dtype)
    P, whole = packed(B), np.empty((3, N, M), dtype)
    affine(A, P, b, whole, 0, N, 0, len(P))
    rows = np.empty_like(whole)
    for n in range(N):
        affine(A, P, b, rows, n, n + 1, 0, len(P))
    np.testing.assert_array_equal(rows, whole)
    alone = np.empty((1, 1, M), dtype)
    for t, n in ((0, 0), (1, N // 2), (2, N - 1)):
        affine(A[t : t + 1, n : n + 1], P, b, alone, 0, 1, 0, len(P))
        np.testing.assert_array_equal(alone[0, 0], whole[t, n])


@given(st.integers(1, 40), st.integers(1, 40), st.lists(st.integers(0, 40), max_size=3))
def test_any_split_into_rows_has_the_same_bits(N, K, cuts):
    rng = np.random.default_rng([N, K])
    A, B = reals(rng, (2, N, K), np.float32), reals(rng, (K, 19), np.float32)
    P, whole, parts = packed(B), multiplied(A, B), np.zeros((2, N, 19), np.float32)
    borders = [0, *sorted(min(cut, N) for cut in cuts), N]
    for first, last in zip(borders[:-1], borders[1:], strict=True):
        product(A, P, parts, first, last, 0, len(P), False)
    np.testing.assert_array_equal(parts, whole)


@pytest.mark.parametrize(("begin", "end"), [(0, 1), (1, 3), (2, 3)])
def test_affine_writes_its_panels_and_nothing_else(begin, end):
    rng = np.random.default_rng(6)
    M = 2 * PANEL + 7
    A, B, b = (whole_numbers(rng, shape, np.float32) for shape in ((3, 9, 6), (6, M), (M,)))
    C, behind = guarded((3, 9, M), np.float32)
    affine(A, packed(B), b, C, 2, 7, begin, end)
    columns = slice(begin * PANEL, end * PANEL)
    np.testing.assert_array_equal(C[:, 2:7, columns], (A[:, 2:7] @ B + b)[:, :, columns])
    C[:, 2:7, columns] = SENTINEL
    assert (C == SENTINEL).all()
    assert (behind == SENTINEL).all()
