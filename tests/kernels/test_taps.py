"""Convolutions as sums of their taps against loops over steps and rows; whole numbers make every sum exact."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.groups import Groups
from rnncli.kernels.outer import strips_of, take_strips
from rnncli.kernels.outer_taps import Taps
from rnncli.kernels.product import aligned, pack_transposed, panels_of
from rnncli.kernels.stand_ins import COMPILED
from rnncli.kernels.taps import (
    add_products,
    add_rectified,
    convolve,
    convolve_back,
    count_since,
    give_state,
    open_rectified,
    pack_taps,
    share_out,
    take_state,
)
from rnncli.kernels.tile import PANEL, TILE
from rnncli.network.sums import Outer, Sums

same_order = pytest.mark.skipif(not COMPILED, reason="NumPy's products of few rows add in another order")
REALS = [np.float32, np.float64]


class Case(NamedTuple):
    """A convolution over T steps of N rows."""

    x: np.ndarray  # (T, N, K)
    W: np.ndarray  # (k, K, M)
    S: np.ndarray  # (d, N, (k-1)·M)
    starts: np.ndarray  # (T, N)
    d: int

    @property
    def before(self):
        return (len(self.W) - 1) * self.d

    @property
    def since(self):
        T, N = self.starts.shape
        since = np.zeros((T + self.before, N), np.int32)
        count_since(self.starts, since, T, self.before, 0, N)
        return since

    @property
    def side_by_side(self):
        """(K, k·M)."""
        return np.ascontiguousarray(self.W.transpose(1, 0, 2)).reshape(self.W.shape[1], -1)

    def connected(self, r, t, n):
        """Whether no sequence starts behind step r, up to t."""
        return not self.starts[max(0, r + 1) : t + 1, n].any()

    def sums(self):
        """c of all steps and what is told to those behind, (T + (k-1) d, N, M), from a state or not."""
        (T, N, _), (k, _, M), d = self.x.shape, self.W.shape, self.d
        c = np.zeros((T + self.before, N, M), self.x.dtype)
        for t, n in np.ndindex(c.shape[:2]):
            if t < self.before and self.connected(-1, t, n):
                c[t, n] += self.S[t % d, n, t // d * M : (t // d + 1) * M]
            for i in range(k):
                if 0 <= t - i * d < T and self.connected(t - i * d, t, n):
                    c[t, n] += self.x[t - i * d, n] @ self.W[i]
        return c


cases = st.builds(
    lambda seed, T, N, K, M, k, d, dense, real: (seed, T, N, K, M, k, d, dense, real),
    *(st.integers(1, most) for most in (99, 9, 12, 40, 40, 4, 5)),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from(REALS),
)


def made(seed, T, N, K, M, k, d, dense, real, whole=True):
    rng = np.random.default_rng(seed)

    def numbers(*shape):
        return np.asarray(rng.integers(-9, 10, shape) if whole else rng.standard_normal(shape), real)

    starts = (rng.random((T, N)) < dense).astype(np.uint8)
    return Case(numbers(T, N, K), numbers(k, K, M), numbers(d, N, (k - 1) * M), starts, d)


def packed(case):
    k, K, M = case.W.shape
    P = aligned(panels_of(k * K, M), case.x.dtype)
    pack_taps(case.side_by_side, P, 0, len(P))
    return P


def summed(case, first=0, last=None, active=False, b=None):
    """By the kernel, some rows of it; and the state behind."""
    (T, N, _), M = case.x.shape, case.W.shape[2]
    C, b = np.full((T + case.before, N, M), 777, case.x.dtype), np.zeros(M, case.x.dtype) if b is None else b
    part, P = (first, N if last is None else last), packed(case)
    for begin, end in ((0, T // 2), (T // 2, T)):
        convolve(case.x, P, b, case.S, C, case.since, case.d, begin, end, T, active, *part)
    convolve(case.x, P, b, case.S, C, case.since, case.d, T, T + case.before, T, False, *part)
    end = np.full((2 * case.d, N, case.S.shape[2]), 777, case.x.dtype)
    give_state(C, T, end, case.d, case.since, case.d, True, *part)
    return C, end[case.d :]


@given(cases)
def test_panels_hold_one_tap_behind_the_other(sizes):
    case = made(*sizes)
    k, K, M = case.W.shape
    unpacked = packed(case).transpose(1, 0, 2).reshape(k * K, -1)
    np.testing.assert_array_equal(unpacked[:, :M], case.W.reshape(k * K, M))
    assert not unpacked[:, M:].any()


@given(cases)
def test_a_sum_of_taps(sizes):
    case = made(*sizes)
    C, _ = summed(case)
    np.testing.assert_array_equal(C, case.sums())
    b = np.arange(case.W.shape[2], dtype=case.x.dtype)
    active, T = summed(case, active=True, b=b)[0], len(case.x)
    np.testing.assert_array_equal(active[:T], np.maximum(0, case.sums()[:T] + b))


@same_order
@given(cases, st.integers(1, 8))
def test_a_sum_is_the_same_in_two_windows_bit_by_bit(sizes, cut):
    case = made(*sizes, whole=False)
    cut = min(cut, len(case.x))
    whole, end = summed(case)
    begun, state = summed(case._replace(x=case.x[:cut], starts=case.starts[:cut]))
    rest, last = summed(case._replace(x=case.x[cut:], starts=case.starts[cut:], S=state))
    np.testing.assert_array_equal(np.concatenate([begun[:cut], rest]), whole)
    np.testing.assert_array_equal(last, end)


@same_order
@given(cases, st.integers(0, 12))
def test_parts_of_the_rows_have_the_bits_of_all(sizes, cut):
    case = made(*sizes, whole=False)
    cut, (whole, _) = min(cut, case.x.shape[1]), summed(case)
    np.testing.assert_array_equal(summed(case, 0, cut)[0][:, :cut], whole[:, :cut])
    np.testing.assert_array_equal(summed(case, cut)[0][:, cut:], whole[:, cut:])


@given(cases, st.booleans())
def test_the_way_back_is_the_transpose(sizes, beyond):
    """Σ c·dc = Σ x·dx + Σ s·ds, of any x, s and dc, where `beyond` the steps of the window too."""
    case, T = made(*sizes), sizes[1]
    rng, (k, K, M) = np.random.default_rng(1), case.W.shape
    dC = np.asarray(rng.integers(-9, 10, (T + case.before, case.x.shape[1], M)), case.x.dtype)
    dC[T:] *= beyond
    P = aligned(panels_of(k * M, K), case.x.dtype)
    pack_transposed(case.side_by_side, P, 0, len(P))
    limit, rows, dS = T + case.before * beyond, (0, case.x.shape[1]), np.full_like(case.S, 777)
    dx, U = np.ones_like(case.x), np.asarray(rng.integers(-2, 3, case.x.shape), case.x.dtype)
    convolve_back(dC, P, U, dx, case.since, case.d, 0, T, limit, 2.0, False, *rows)
    give_state(dC, 0, dS, 0, case.since, case.d, False, *rows)
    assert (case.sums() * dC).sum() == (case.x * (dx - 1)).sum() + (case.S * dS).sum()
    held = np.full_like(case.x, 777)
    convolve_back(dC, P, U, held, case.since, case.d, 0, T, limit, 2.0, True, *rows)
    np.testing.assert_array_equal(held, np.where(U > 0, 2 * (dx - 1), 0))


@given(cases)
def test_a_state_goes_to_the_steps_it_reaches_and_back(sizes):
    case = made(*sizes)
    (T, N, _), M = case.x.shape, case.W.shape[2]
    C, back = np.full((T + case.before, N, M), 777, case.x.dtype), np.full_like(case.S, 777)
    take_state(case.S, 0, C, 0, case.since, case.d, 0, T + case.before, False, 0, N)
    np.testing.assert_array_equal(C, case._replace(x=0 * case.x).sums())
    give_state(C, 0, back, 0, case.since, case.d, True, 0, N)
    steps = [C[j * case.d : (j + 1) * case.d] for j in range(len(case.W) - 1)]
    np.testing.assert_array_equal(back, np.concatenate(steps, axis=2) if steps else case.S)


@given(cases)
def test_products_that_are_there_are_added_and_shared_out(sizes):
    case, T = made(*sizes), sizes[1]
    N, (k, _, M) = case.x.shape[1], case.W.shape
    Z = np.concatenate([case.x @ case.side_by_side, np.full((T, N, 2), 777)], axis=2).astype(case.x.dtype)
    C, b, where = np.full_like(case.sums(), 777), np.arange(M, dtype=Z.dtype), (case.since, case.d)
    add_products(Z, b, case.S, C, *where, 0, T, T, True, 0, N)
    np.testing.assert_array_equal(C[:T], np.maximum(0, case.sums()[:T] + b))
    add_products(Z, b, case.S, C, *where, T, T + case.before, T, False, 0, N)
    np.testing.assert_array_equal(C[T:], case.sums()[T:])
    for limit in (T, len(C)):
        share_out(C, Z, *where, k, 0, T, limit, 0, N)
        for t, n, i in np.ndindex(T, N, k):
            counts = t + i * case.d < limit and case.connected(t, t + i * case.d, n)
            np.testing.assert_array_equal(Z[t, n, i * M : (i + 1) * M], C[t + i * case.d, n] if counts else 0)
        assert (Z[:, :, k * M :] == 777).all()


def multiplied(case, dC, threads, limit):
    """The gradient (1, K, k·M), in shares; steps of dC from `limit` on are not counted."""
    (T, N, K), (k, _, M) = case.x.shape, case.W.shape
    sums, C = Sums(N, threads, case.x.dtype), np.full((1, K, k * M), 777, case.x.dtype)
    groups, of_dC = sums.groups(T), Groups.of_batch(limit, N)
    taps = Taps(k, case.d, case.since, of_dC.order, of_dC.bounds)
    product = Outer(case.x.reshape(T * N, K), dC.reshape(-1, M), C, groups, taps=taps)
    strips = aligned(strips_of(K, T * N), case.x.dtype)
    take_strips(product.A, groups.order, strips, 0, T * N)
    for thread in range(threads):
        sums._multiply(product, strips, thread, threads)
    return C[0]


@pytest.mark.parametrize("beyond", [False, True])
@given(cases)
def test_the_gradient_of_the_taps(beyond, sizes):
    case, T = made(*sizes), sizes[1]
    (_, N, K), (k, _, M) = case.x.shape, case.W.shape
    dC = np.asarray(np.random.default_rng(1).integers(-9, 10, (T + case.before, N, M)), case.x.dtype)
    limit = T + case.before * beyond
    expected = np.zeros((k, K, M), case.x.dtype)
    for t, n, i in np.ndindex(limit, N, k):
        if 0 <= t - i * case.d < T and case.connected(t - i * case.d, t, n):
            expected[i] += np.outer(case.x[t - i * case.d, n], dC[t, n])
    expected = expected.transpose(1, 0, 2).reshape(K, k * M)
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(multiplied(case, dC, threads, limit), expected)


@pytest.mark.parametrize("dense", [0.0, 0.02])
def test_the_gradient_over_many_slabs_has_the_same_bits_in_any_shares(dense):
    case = made(5, 150, 9, 2 * TILE + 3, PANEL + 7, 3, 4, dense, np.float32, whole=False)
    dC = np.random.default_rng(1).standard_normal((158, 9, PANEL + 7)).astype(np.float32)
    one = multiplied(case, dC, 1, 150)
    found = np.zeros(case.W.shape)
    for t, n, i in np.ndindex(150, 9, 3):
        if t >= i * 4 and case.connected(t - i * 4, t, n):
            found[i] += np.outer(case.x[t - i * 4, n].astype(np.float64), dC[t, n])
    assert np.abs(one - found.transpose(1, 0, 2).reshape(one.shape)).max() < 1e-4 * np.abs(found).max()
    for threads in (2, 3, 7):
        np.testing.assert_array_equal(multiplied(case, dC, threads, 150), one)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 40), st.sampled_from([1.0, 2.0]))
def test_what_passes_by_is_added_there_and_back(T, N, H, kept):
    rng = np.random.default_rng(T * N * H)
    V, X, dY = (rng.integers(-3, 4, (T, N, H)).astype(np.float32) for _ in range(3))
    V, Y, dX = np.maximum(V, 0), np.full((T, N, H), 777, np.float32), np.full((T, N, H + 2), 777, np.float32)
    add_rectified(V, X, Y, 0, T, 0, N)
    np.testing.assert_array_equal(Y, np.maximum(V + X, 0))
    before = V.copy()
    open_rectified(dY, Y, V, dX, 2, kept, 0, T, 0, N)
    np.testing.assert_array_equal(dX[:, :, 2:], np.where(Y > 0, dY, 0))
    np.testing.assert_array_equal(V, np.where(before > 0, kept * dX[:, :, 2:], 0))
    assert (dX[:, :, :2] == 777).all()
