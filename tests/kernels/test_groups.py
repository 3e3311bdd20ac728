"""Sums in groups of rows and a binary tree over them, against exact sums and against the tree written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.groups import ROWS, Groups, SortedIds, sort_ids, sums_by_gram, sums_by_id
from rnncli.kernels.outer import SLAB, outer, strips_of, take_strips, tiles_of
from rnncli.kernels.tile import PANEL, TILE

REALS = [np.float32, np.float64]
real = st.sampled_from(REALS)
SENTINEL = -77777.0


def whole_numbers(rng, shape, dtype=np.float32):
    """Sums of thousands of products of these are exact in float32."""
    return np.asarray(rng.integers(-9, 10, shape), dtype)


def reals(rng, shape, dtype=np.float32):
    return np.asarray(rng.standard_normal(shape), dtype)


def tree(leaves):
    """The sum of a list of arrays: the left branch has the largest power of two that leaves something for the right."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return tree(leaves[:left]) + tree(leaves[left:])


def scratch(groups, numbers, dtype):
    levels = groups.levels
    return np.full((levels, numbers), SENTINEL, dtype), np.full(levels, -1, np.int64)


def scratch_of_tiles(groups, K, dtype):
    return np.full((1, SLAB, PANEL), SENTINEL, dtype), *scratch(groups, -(-K // TILE) * TILE * PANEL, dtype)


def summed(B, groups, offset=0, columns=None, add=0.0):
    columns = columns or (0, B.shape[1] - offset)
    out = np.full(B.shape[1] - offset, add, B.dtype)
    sums_by_id(B, offset, *groups, out[None, None], bool(add), *columns, *scratch(groups, out.size, B.dtype))
    return out


def product(A, B, groups, cuts=(), add=0.0):
    """Aᵀ·B, its tiles computed in pieces that end at these places."""
    K, M = A.shape[1], B.shape[1]
    strips = np.full(strips_of(K, len(groups.order)), SENTINEL, A.dtype)
    take_strips(A, groups.order, strips, 0, len(groups.order))
    C = np.full((1, K, M), add, A.dtype)
    borders = [0, *sorted(cut % (tiles_of(K, M) + 1) for cut in cuts), tiles_of(K, M)]
    for first, last in zip(borders[:-1], borders[1:], strict=True):
        bounds = groups.order, groups.bounds
        outer(strips, B, *bounds, C, bool(add), first, last, *scratch_of_tiles(groups, K, A.dtype))
    return C[0]


def rows_of(array, g):
    """Of an array (T, N, .) the summands of a group of rows: step by step, row by row."""
    rows = array[:, ROWS * g : ROWS * (g + 1)]
    return np.ascontiguousarray(rows.reshape(-1, array.shape[2]))


@given(st.integers(1, 7), st.integers(1, 70))
def test_groups_are_of_four_rows_in_time_order(steps, N):
    groups = Groups.of_batch(steps, N)
    places = np.arange(steps * N).reshape(steps, N, 1)
    expected = [rows_of(places, g).ravel() for g in range(-(-N // ROWS))]
    found = [groups.order[a:b] for a, b in zip(groups.bounds[:-1], groups.bounds[1:], strict=True)]
    assert [f.tolist() for f in found] == [e.tolist() for e in expected]


@given(real, st.integers(1, 5), st.integers(1, 75), st.integers(1, 70), st.integers(0, 3))
def test_column_sums_are_a_tree_over_groups(dtype, steps, N, M, offset):
    rng = np.random.default_rng([steps, N, M])
    B = reals(rng, (steps, N, offset + M), dtype)
    leaves = []
    for g in range(-(-N // ROWS)):
        leaf = np.zeros(M, dtype)
        for row in rows_of(B, g):
            leaf += row[offset:]
        leaves.append(leaf)
    found = summed(B.reshape(steps * N, -1), Groups.of_batch(steps, N), offset)
    np.testing.assert_array_equal(found, tree(leaves))


def test_column_sums_keep_to_their_columns_and_add_if_told():
    rng = np.random.default_rng(0)
    B, groups = whole_numbers(rng, (30, 9)), Groups.of_batch(3, 10)
    found = summed(B, groups, columns=(2, 6), add=5.0)
    np.testing.assert_array_equal(found, np.where([2 <= m < 6 for m in range(9)], 5 + B.sum(axis=0), 5))


@given(real, st.integers(1, 4), st.integers(1, 40), st.integers(1, 3 * TILE), st.integers(1, 3 * PANEL), st.booleans())
def test_outer_is_numpys_product(dtype, steps, N, K, M, add):
    rng = np.random.default_rng([steps, N, K, M])
    A, B = whole_numbers(rng, (steps * N, K), dtype), whole_numbers(rng, (steps * N, M), dtype)
    found = product(A, B, Groups.of_batch(steps, N), add=3.0 * add)
    np.testing.assert_array_equal(found, 3.0 * add + A.T @ B)


@given(st.integers(1, 9), st.integers(1, 70))
def test_outer_is_a_tree_over_groups(steps, N):
    rng = np.random.default_rng([steps, N])
    A, B = reals(rng, (steps, N, TILE + 3)), reals(rng, (steps, N, PANEL + 5))
    leaves = []
    for g in range(-(-N // ROWS)):
        a, b = rows_of(A, g), rows_of(B, g)
        leaves.append(product(a, b, Groups.one(len(a))))
    found = product(A.reshape(steps * N, -1), B.reshape(steps * N, -1), Groups.of_batch(steps, N))
    np.testing.assert_array_equal(found, tree(leaves))


@pytest.mark.parametrize("dtype", REALS)
def test_a_group_of_many_summands_is_summed_in_their_order(dtype):
    rng = np.random.default_rng(1)
    A, B = reals(rng, (2 * SLAB + 7, 5), dtype), reals(rng, (2 * SLAB + 7, 3), dtype)
    exact = A.astype(np.longdouble).T @ B.astype(np.longdouble)
    found = product(A, B, Groups.one(len(A)))
    assert np.abs(found - exact).max() < (1e-5 if dtype == np.float32 else 1e-13) * np.abs(A).T.dot(np.abs(B)).max()
    halves = product(A[:SLAB], B[:SLAB], Groups.one(SLAB)), product(A[SLAB:], B[SLAB:], Groups.one(SLAB + 7))
    assert not np.array_equal(found, sum(halves))  # or this test would not see the order


@given(st.lists(st.integers(0, 40), max_size=4))
def test_any_parts_of_the_tiles_have_the_same_bits(cuts):
    rng = np.random.default_rng(2)
    A, B, groups = reals(rng, (60, 3 * TILE + 1)), reals(rng, (60, 2 * PANEL + 1)), Groups.of_batch(3, 20)
    np.testing.assert_array_equal(product(A, B, groups, cuts), product(A, B, groups))


def test_outer_leaves_the_tiles_of_others_alone():
    rng = np.random.default_rng(3)
    A, B, groups = whole_numbers(rng, (9, 2 * TILE)), whole_numbers(rng, (9, 2 * PANEL)), Groups.one(9)
    strips = np.zeros(strips_of(2 * TILE, 9), np.float32)
    take_strips(A, groups.order, strips, 0, 9)
    C = np.full((1, 2 * TILE, 2 * PANEL), SENTINEL, np.float32)
    outer(strips, B, groups.order, groups.bounds, C, False, 1, 3, *scratch_of_tiles(groups, 2 * TILE, np.float32))
    expected = A.T @ B
    np.testing.assert_array_equal(C[0, TILE:, :PANEL], expected[TILE:, :PANEL])
    np.testing.assert_array_equal(C[0, :TILE, PANEL:], expected[:TILE, PANEL:])
    assert (C[0, :TILE, :PANEL] == SENTINEL).all()
    assert (C[0, TILE:, PANEL:] == SENTINEL).all()


def sorted_ids(ids, groups, count):
    found = SortedIds.empty(len(groups.order), count)
    sort_ids(ids, groups.order, *found)
    return found


@given(st.integers(1, 5), st.integers(1, 20), st.integers(1, 9), st.integers(0, 9))
def test_ids_are_sorted_and_negative_ones_left_out(steps, N, V, seed):
    ids = np.random.default_rng(seed).integers(-1, V, (steps, N)).astype(np.int32)
    groups = Groups.of_batch(steps, N)
    chosen, ends = sorted_ids(ids, groups, V)
    for v in range(V):
        expected = [s for s in range(steps * N) if ids.ravel()[groups.order[s]] == v]
        assert chosen[ends[v] : ends[v + 1]].tolist() == expected


@given(st.integers(1, 5), st.integers(1, 40), st.integers(1, 9), st.integers(0, 9))
def test_sums_by_id_are_a_tree_over_groups(steps, N, V, seed):
    rng = np.random.default_rng(seed)
    ids, B = rng.integers(-1, V, (steps, N)).astype(np.int32), reals(rng, (steps, N, 7))
    groups = Groups.of_batch(steps, N)
    out = np.full((1, V, 5), SENTINEL, np.float32)
    found = sorted_ids(ids, groups, V)
    arguments = groups.order, groups.bounds, *found
    sums_by_id(B.reshape(-1, 7), 2, *arguments, out, False, 1, 4, *scratch(groups, 3, np.float32))
    assert (out[0, :, [0, 4]] == SENTINEL).all()
    leaves = []
    for g in range(-(-N // ROWS)):
        leaf = np.zeros((V, 3), np.float32)
        for v, row in zip(rows_of(ids[:, :, None], g).ravel(), rows_of(B, g), strict=True):
            if v >= 0:
                leaf[v] += row[3:6]
        leaves.append(leaf)
    np.testing.assert_array_equal(out[0, :, 1:4], tree(leaves))


def test_sums_by_gram_give_each_of_a_words_n_grams_its_share():
    rng = np.random.default_rng(0)
    ids, B = rng.integers(-1, 3, (4, 6)).astype(np.int32), reals(rng, (24, 5), np.float64)
    groups = Groups.of_batch(4, 6)
    bounds, grams = np.array([0, 2, 2, 5], np.int32), np.array([1, 3, 3, 0, 3], np.int32)  # of the words 0, 1 and 2
    out = np.full((1, 4, 3), SENTINEL)
    found = sorted_ids(ids, groups, 3)
    arguments = groups.order, groups.bounds, *found, bounds, grams
    sums_by_gram(B, 2, *arguments, out, 0, 3, *scratch(groups, 3, np.float64))
    expected = np.zeros((4, 3))
    for word, row in zip(ids.ravel(), B[:, 2:], strict=True):
        for gram in grams[bounds[word] : bounds[word + 1]] if word >= 0 else []:
            expected[gram] += row / (bounds[word + 1] - bounds[word])
    np.testing.assert_allclose(out[0], expected, rtol=1e-12)
