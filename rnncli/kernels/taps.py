"""A causal convolution as one sum of its taps, each a product with rows of other steps: nothing is laid side by side.

    c[t]  = Σ_i x[t - i d] · W_i            0 <= i < k, from the oldest tap to the newest
    dx[t] = Σ_i dc[t + i d] · W_iᵀ
    dW_i  = Σ_t x[t - i d]ᵀ · dc[t]

The state that a window starts from is what the steps before it have told its first (k - 1) d steps, s in
kernels/convolution.py, and here where the sums of these steps begin; what the window tells the (k - 1) d steps behind
it are sums that have begun. So C has rows for T + (k - 1) d steps, and a sum has the same bits however a sequence is
cut into windows. A tap from before the start of a sequence adds nothing: since[t] tells how many steps ago that was.
"""

from typing import NamedTuple

import numpy as np

from rnncli.kernels.arrays import reshaped
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.groups import ALL, ROWS, pairs_end
from rnncli.kernels.outer import copy_rows
from rnncli.kernels.product import BLOCK, DEPTH
from rnncli.kernels.stand_ins import helper, shared
from rnncli.kernels.tile import PANEL, TILE, prefetch, strip_tile, tile

SLAB = 128
LINE = 16  # floats of a cache line


@kernel("void(real[:,::1], real[:,:,::1], int64, int64)")
def pack_taps(B, P, first, last):
    """P[j, i D + k, c] = B[k, i H + PANEL j + c] for the panels first <= j < last: the taps of B (D, k·H or more) one
    behind the other; P (., k·D, PANEL).
    """
    D, taps = B.shape[0], P.shape[1] // B.shape[0]
    H = B.shape[1] // taps
    for j in range(first, last):
        width = min(PANEL, H - j * PANEL)
        for i in range(taps):
            for k in range(D):
                for c in range(width):
                    P[j, i * D + k, c] = B[k, i * H + j * PANEL + c]


@kernel("void(uint8[:,::1], int32[:,::1], int64, int64, int64, int64)")
def count_since(starts, since, steps, before, first, last):
    """since[t, n] = the steps from the start of the sequence to t, for t < steps + before; with none in the window more
    than `before` and t. No sequence starts behind the window.
    """
    for n in range(first, last):
        count = before
        for t in range(steps + before):
            count = 0 if t < steps and starts[t, n] else count + 1
            since[t, n] = count


@kernel("void(real[:,:,::1], int64, real[:,:,::1], int64, int32[:,::1], int64, int64, int64, boolean, int64, int64)")
def take_state(S, slot, C, row, since, d, begin, end, every, first, last):
    """See `told`."""
    told(S, slot, C, row, since, d, begin, end, every, first, last)


@helper
def told(S, slot, C, row, since, d, begin, end, every, first, last):
    """C[row + q] = what the state tells the step q, for begin <= q < end and the rows first <= n < last: zero behind
    the (k - 1) d steps that it reaches, and unless `every` from the start of a sequence on.

    S (., N, (k-1)·H): the part j of its slot p, counted from `slot` on, is of the step q = p + j d.  C (., N, H).
    """
    H = unsigned(C.shape[2])
    before = d * (S.shape[2] // C.shape[2])
    for q in range(begin, end):
        for n in range(first, last):
            target = C[row + q, n]
            if q < before and (every or since[q, n] > q):
                source = S[slot + q % d, n, (q // d) * C.shape[2] : (q // d + 1) * C.shape[2]]
                for m in range(H):
                    target[m] = source[m]
            else:
                for m in range(H):
                    target[m] = 0


@kernel("void(real[:,:,::1], int64, real[:,:,::1], int64, int32[:,::1], int64, boolean, int64, int64)")
def give_state(C, row, S, slot, since, d, every, first, last):
    """The way back of `take_state`, for all slots."""
    H = unsigned(C.shape[2])
    for q in range(d * (S.shape[2] // C.shape[2])):
        for n in range(first, last):
            source = C[row + q, n]
            target = S[slot + q % d, n, (q // d) * C.shape[2] : (q // d + 1) * C.shape[2]]
            if every or since[q, n] > q:
                for m in range(H):
                    target[m] = source[m]
            else:
                for m in range(H):
                    target[m] = 0


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], int32[:,::1], int64, int64, int64,"
    " int64, boolean, int64, int64)"
)
def convolve(A, P, b, S, C, since, d, begin, end, limit, active, first, last):
    """c[t, n] = s + Σ_i A[t - i d, n] · W_i over 0 <= t - i d < limit, or relu(b + c) if `active`; for begin <= t < end
    and the rows first <= n < last.

    A (., N, K).  P: the panels of the taps W_i (K, M), one behind the other, as of `pack_taps`.  C (., N, M).  S: the
    state (slots, N, (k-1)·M), whose first d slots hold s, see `take_state`.
    """
    together = max(1, BLOCK // max(1, last - first))
    for t in range(begin, end, together):
        stop = min(t + together, end)
        told(S, 0, C, 0, since, d, t, stop, False, first, last)
        add_taps(A, P, C, since, -d, t, stop, limit, first, last)
        if active:
            rectify(C, b, t, stop, first, last)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], int32[:,::1], int64, int64, int64, int64, real,"
    " boolean, int64, int64)"
)
def convolve_back(A, P, U, C, since, d, begin, end, limit, kept, active, first, last):
    """The way back: C[t, n] += Σ_i A[t + i d, n] · W_iᵀ over t + i d < limit. If `active` instead of the old value
    zero counts, and of the sum what stands where U is not zero, times `kept`.
    """
    together = max(1, BLOCK // max(1, last - first))
    for t in range(begin, end, together):
        stop = min(t + together, end)
        if active:
            for s in range(t, stop):
                C[s, first:last] = 0
        add_taps(A, P, C, since, d, t, stop, limit, first, last)
        if active:
            hold_back(U, C, kept, t, stop, first, last)


@shared
def add_taps(A, P, C, since, step, begin, end, limit, first, last):
    """C[t, n] += Σ_i A[t + i·step, n] · B_i over 0 <= t + i·step < limit, if both steps are of one sequence."""
    N, K, taps = A.shape[1], A.shape[2], P.shape[1] // A.shape[2]
    A, C = reshaped(A, (1, A.shape[0] * N, K)), reshaped(C, (1, C.shape[0] * N, C.shape[2]))
    ages = reshaped(since, (since.shape[0] * N,))
    size, count = last - first, end - begin  # spans of rows that lie side by side
    if size == N:
        size, count = count * N, 1
    for i in range(taps - 1, -1, -1):
        shift = i * step * N
        for k in range(0, K, DEPTH):
            depth = min(DEPTH, K - k)
            for j in range(P.shape[0]):
                for s in range(count):
                    row = (begin + s) * N + first
                    stop = min(row + size, limit * N - shift)
                    row = max(row, -shift)
                    while row < stop:
                        row, after = same_sequence(ages, max(shift, 0), abs(i * step), row, stop)
                        tiles = -(-(after - row) // TILE)
                        for left in range(tiles, 0, -1):  # rows split evenly: 25 are five tiles of 5
                            height = (after - row + left - 1) // left
                            if j == 0:
                                fetch(A, row + shift + (end - begin) * N, height, k)
                            tile(height, A, 0, row + shift, k, P, j, i * K + k, depth, C, 0, row, j * PANEL, True)
                            row += height


@helper
def fetch(A, row, rows, k):
    """Have rows that come next, as far as they are there, brought into the cache."""
    for r in range(row, min(row + rows, A.shape[1])):
        for m in range(k, min(k + DEPTH, A.shape[2]), LINE):
            prefetch(A, 0, r, m)


@helper
def same_sequence(ages, shift, reach, row, stop):
    """The next rows, up to `stop`, whose sequence is at least so old: the first, and the one behind the last."""
    while row < stop and ages[row + shift] < reach:
        row += 1
    after = row
    while after < stop and ages[after + shift] >= reach:
        after += 1
    return row, after


@helper
def rectify(C, b, begin, end, first, last):
    """C[t, n] = relu(b + C[t, n])."""
    H, zero = unsigned(b.shape[0]), C.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            for j in range(H):
                c = b[j] + C[t, n, j]
                C[t, n, j] = zero if c < zero else c


@helper
def hold_back(U, C, kept, begin, end, first, last):
    """C[t, n] = kept · C[t, n] where U[t, n] is not zero, else zero. U is relu(c), with dropout times 0 or `kept`."""
    H, zero = unsigned(U.shape[2]), C.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            for j in range(H):
                C[t, n, j] = C[t, n, j] * kept if U[t, n, j] > zero else zero


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, int64, int64, int64)")
def add_rectified(V, X, Y, begin, end, first, last):
    """Y[t, n] = relu(V[t, n] + X[t, n]) for begin <= t < end and the rows first <= n < last."""
    H, zero = unsigned(Y.shape[2]), V.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            for j in range(H):
                y = V[t, n, j] + X[t, n, j]
                Y[t, n, j] = zero if y < zero else y


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, real, int64, int64, int64, int64)")
def open_rectified(dY, Y, V, dX, offset, kept, begin, end, first, last):
    """The way back of y = relu(v + x): dX is assigned, from the column `offset` on, and V, which was relu(c), becomes
    the gradient at c. `kept`: 1, or with dropout of V what was kept was multiplied by.
    """
    H, zero = unsigned(Y.shape[2]), V.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            x = dX[t, n, offset : offset + Y.shape[2]]
            for j in range(H):
                dx = dY[t, n, j] if Y[t, n, j] > zero else zero
                x[j] = dx
                V[t, n, j] = dx * kept if V[t, n, j] > zero else zero


@kernel(
    "void(real[:,:,::1], int32[::1], real[:,::1], int32[::1], int32[::1], int32[:,::1], int64, int64, int64,"
    " real[:,:,::1], int64, int64, real[:,:,::1], real[:,::1], int64[::1])"
)
def outer_taps(strips, begins, B, order, bounds, since, d, taps, width, C, first, last, panel, stack, marks):
    """C_i = Σ_t x[t - i d]ᵀ · dc[t] in the tiles first <= e < last of C (1, K, k·width), which are counted panel by
    panel and tap by tap: the sum over groups as in outer.py.

    The strips are those of x, whose groups begin at `begins`; B (., width) is dc, whose groups are `order`, `bounds`.
    Scratch: `panel` (2, SLAB, PANEL), `stack` (levels, PANEL·TILE for each strip and tap), `marks` (levels,).
    """
    count, e = strips.shape[0], first
    N, ages = since.shape[1], reshaped(since, (since.shape[0] * since.shape[1],))
    while e < last:
        j, u = e // (taps * count), e % (taps * count)
        end = min(taps * count, u + last - e)
        sum_taps(strips, begins, B, order, bounds, ages, N, C.shape[1], d, j, u, end, panel, stack, marks)
        take_taps(stack, C, 0, width, count, j, u, end, False)
        e += end - u


@helper
def sum_taps(strips, begins, B, order, bounds, ages, N, K, d, j, u0, u1, panel, stack, marks):
    """stack[0] = the sum of the tiles u0 <= u < u1 of panel j."""
    first, last = unsigned(u0 * TILE * PANEL), unsigned(u1 * TILE * PANEL)
    top, before = 0, 0
    for g in range(bounds.shape[0]):
        left = pairs_end(marks, top, ALL if g == bounds.shape[0] - 1 else before ^ g)
        while top > left:
            top -= 1
            for m in range(first, last):
                stack[top - 1, m] += stack[top, m]
        if g == bounds.shape[0] - 1:
            break
        marks[top], before = before ^ g, g
        for m in range(first, last):
            stack[top, m] = 0
        add_group(strips, begins, B, order, bounds, ages, N, K, d, g, j, u0, u1, panel, stack, top)
        top += 1


@helper
def add_group(strips, begins, B, order, bounds, ages, N, K, d, g, j, u0, u1, panel, stack, top):
    """stack[top] += the sum over the group g of the tiles u0 <= u < u1 of panel j."""
    count, start, length = strips.shape[0], begins[g], begins[g + 1] - begins[g]
    rows = min(ROWS, N - g * ROWS)
    for s in range(bounds[g], bounds[g + 1], SLAB):
        depth = min(SLAB, bounds[g + 1] - s)
        copy_rows(B, order, s, depth, panel, j * PANEL)
        fetch_rows(B, order, s + depth, min(s + 2 * depth, bounds[g + 1]), j * PANEL)
        for i in range(u0 // count, (u1 - 1) // count + 1):
            shift = i * d * rows  # from a summand of dc to that of x
            skip = max(0, shift - (s - bounds[g]))
            stop = min(depth, length + shift - (s - bounds[g]))
            if skip < stop:
                which = leave_out(panel, order, ages, i * d, s, skip, stop)
                there = panel[which : which + 1, skip:stop]
                at = start + s - bounds[g] - shift + skip
                for u in range(max(u0, i * count), min(u1, (i + 1) * count)):
                    strip = u - i * count
                    height = TILE if K - strip * TILE > TILE // 2 else TILE // 2
                    if i == u0 // count:  # later taps read what an earlier one has read
                        fetch_strip(strips, strip, at + depth, at + 2 * depth)
                    strip_tile(height, strips, strip, at, there, stop - skip, stack, top, u * TILE, True)


@helper
def fetch_rows(B, order, begin, end, column):
    """Have what comes next of a panel's columns brought into the cache."""
    B2 = reshaped(B, (1, B.shape[0], B.shape[1]))
    for s in range(begin, end):
        for c in range(column, min(column + PANEL, B.shape[1]), LINE):
            prefetch(B2, 0, order[s], c)


@helper
def fetch_strip(strips, i, begin, end):
    """The same of a strip."""
    for s in range(begin, min(end, strips.shape[1])):
        prefetch(strips, i, s, 0)


@helper
def leave_out(panel, order, ages, reach, s, skip, stop):
    """Where in `panel` the rows are of which those of younger sequences are zero: 0, or 1 for a copy."""
    young = False
    for r in range(skip, stop):
        young = young or ages[order[s + r]] < reach
    if young:
        for r in range(skip, stop):
            for c in range(PANEL):
                panel[1, r, c] = panel[0, r, c] if ages[order[s + r]] >= reach else 0
    return 1 if young else 0


@kernel(
    "void(real[:,:,::1], int32[::1], real[:,::1], int32[::1], int32[::1], int32[:,::1], int64, int64, int64,"
    " real[:,:,::1], int64, int64, real[:,:,::1], real[:,::1])"
)
def outer_taps_on(strips, begins, B, order, bounds, since, d, taps, width, sums, first, last, panel, stack):
    """The same where a window is done in segments: sums[g] (K, k·width) += the sum over each group g, as in
    continued.py.
    """
    count, e = strips.shape[0], first
    N, ages = since.shape[1], reshaped(since, (since.shape[0] * since.shape[1],))
    while e < last:
        j, u = e // (taps * count), e % (taps * count)
        end = min(taps * count, u + last - e)
        for g in range(sums.shape[0]):
            take_taps(stack, sums, g, width, count, j, u, end, True)
            add_group(strips, begins, B, order, bounds, ages, N, sums.shape[1], d, g, j, u, end, panel, stack, 0)
            take_taps(stack, sums, g, width, count, j, u, end, False)
        e += end - u


@helper
def take_taps(stack, C, g, width, count, j, u0, u1, back):
    """C[g, k, i·width + PANEL j + c] = the sums in stack[0] of the tiles u0 <= u < u1 of panel j, or the way
    `back`.
    """
    columns = unsigned(min(PANEL, width - j * PANEL))
    for u in range(u0, u1):
        i, k0 = u // count, u % count * TILE
        begin = unsigned(i * width + j * PANEL)
        for k in range(k0, min(k0 + TILE, C.shape[1])):
            row = unsigned((u * TILE + k - k0) * PANEL)
            for c in range(columns):
                if back:
                    stack[0, row + c] = C[g, k, begin + c]
                else:
                    C[g, k, begin + c] = stack[0, row + c]


class Taps(NamedTuple):
    """How the summands of the gradient of k taps belong together: to a row of dc one of x for each tap."""

    k: int
    dilation: int
    since: np.ndarray  # (., N) int32
    order: np.ndarray  # the groups of the rows of dc, with those behind the window where these count
    bounds: np.ndarray

    def sum(self, strips, groups, B, C, tiles, scratch) -> None:
        """A thread's share of the gradient C (1, K, k·M) from strips of x, whose groups are `groups`, and B (., M)."""
        outer_taps(strips, *self._of(groups, B), C, *tiles, *scratch)

    def sum_on(self, strips, groups, B, sums, tiles, scratch) -> None:
        """The same, added to the sums (G, K, k·M) of the groups."""
        outer_taps_on(strips, *self._of(groups, B), sums, *tiles, *scratch[:2])

    def _of(self, groups, B) -> tuple:
        return groups.bounds, B, self.order, self.bounds, self.since, self.dilation, self.k, B.shape[1]
