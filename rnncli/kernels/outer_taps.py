"""The gradients of the taps of a convolution (taps.py): sums over a batch, in the order of groups.py.

    dW_i = Σ_t x[t - i d]ᵀ · dc[t]          0 <= i < k

The strips of x (outer.py) are the same for all taps, and a panel of dc is copied once for them: within a group the
summands of the tap i stand i d steps apart. Where a sequence starts in between, a row of dc counts as zero.
"""

from typing import NamedTuple

import numpy as np

from rnncli.kernels.arrays import reshaped
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.groups import ALL, ROWS, pairs_end
from rnncli.kernels.outer import copy_rows
from rnncli.kernels.stand_ins import helper
from rnncli.kernels.tile import LINE, PANEL, TILE, prefetch, strip_tile

SLAB = 128  # summands at a time: half of those of outer.py, since the sums of all taps are in the cache too


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
