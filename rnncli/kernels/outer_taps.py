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
from rnncli.kernels.tile import PANEL, TILE, fetch, prefetch, strip_tile

SLAB = 128  # summands at a time: half of those of outer.py, since the sums of all taps are in the cache too
TOGETHER = 128  # tiles, 160 KB of them with AVX-512


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
        end = min(last, e + at_once(taps * count))
        sum_taps(strips, begins, B, order, bounds, ages, N, C.shape[1], d, taps, e, end, panel, stack, marks)
        take_taps(stack, C, 0, width, taps, count, e, end, False)
        e = end


@helper
def at_once(tiles):
    """How many tiles are summed up at once: those of some panels, so that the strips of a slab are read once for them,
    while their sums are in the cache.
    """
    return max(1, TOGETHER // tiles) * tiles


@helper
def sum_taps(strips, begins, B, order, bounds, ages, N, K, d, taps, e0, e1, panel, stack, marks):
    """stack[0] = the sums of the tiles e0 <= e < e1."""
    size = unsigned((e1 - e0) * TILE * PANEL)
    top, before = 0, 0
    for g in range(bounds.shape[0]):
        left = pairs_end(marks, top, ALL if g == bounds.shape[0] - 1 else before ^ g)
        while top > left:
            top -= 1
            for m in range(size):
                stack[top - 1, m] += stack[top, m]
        if g == bounds.shape[0] - 1:
            break
        marks[top], before = before ^ g, g
        for m in range(size):
            stack[top, m] = 0
        add_group(strips, begins, B, order, bounds, ages, N, K, d, taps, g, e0, e1, panel, stack, top)
        top += 1


@helper
def add_group(strips, begins, B, order, bounds, ages, N, K, d, taps, g, e0, e1, panel, stack, top):
    """stack[top] += the sum over the group g of the tiles e0 <= e < e1."""
    count, length, rows = strips.shape[0], begins[g + 1] - begins[g], min(ROWS, N - g * ROWS)
    for s in range(bounds[g], bounds[g + 1], SLAB):
        depth, gone = min(SLAB, bounds[g + 1] - s), s - bounds[g]
        for j in range(e0 // (taps * count), (e1 - 1) // (taps * count) + 1):
            copy_rows(B, order, s, depth, panel, j * PANEL)
            fetch_rows(B, order, s + depth, min(s + 2 * depth, bounds[g + 1]), j * PANEL)
            for i in range(taps):
                shift = i * d * rows  # from a summand of dc to that of x
                skip, stop = max(0, shift - gone), min(depth, length + shift - gone)
                first = (j * taps + i) * count
                if skip < stop and first < e1 and first + count > e0:
                    which = leave_out(panel, order, ages, i * d, s, skip, stop)
                    there = panel[which : which + 1, skip:stop]
                    at = begins[g] + gone - shift + skip
                    for e in range(max(e0, first), min(e1, first + count)):
                        strip = e - first
                        height = TILE if K - strip * TILE > TILE // 2 else TILE // 2
                        if e < e0 + count:  # later ones read what an earlier one has read
                            fetch_strip(strips, strip, at + depth, at + 2 * depth)
                        row = (e - e0) * TILE
                        strip_tile(height, strips, strip, at, there, stop - skip, stack, top, row, True)


@helper
def fetch_rows(B, order, begin, end, column):
    """Have what comes next of a panel's columns brought into the cache."""
    B2 = reshaped(B, (1, B.shape[0], B.shape[1]))
    for s in range(begin, end):
        fetch(B2, 0, order[s], column, min(column + PANEL, B.shape[1]))


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
        end = min(last, e + at_once(taps * count))
        for g in range(sums.shape[0]):
            take_taps(stack, sums, g, width, taps, count, e, end, True)
            add_group(strips, begins, B, order, bounds, ages, N, sums.shape[1], d, taps, g, e, end, panel, stack, 0)
            take_taps(stack, sums, g, width, taps, count, e, end, False)
        e = end


@helper
def take_taps(stack, C, g, width, taps, count, e0, e1, back):
    """C[g, k, i·width + PANEL j + c] = the sums in stack[0] of the tiles e0 <= e < e1, or the way `back`."""
    for e in range(e0, e1):
        j, i, k0 = e // (taps * count), e // count % taps, e % count * TILE
        begin, columns = unsigned(i * width + j * PANEL), unsigned(min(PANEL, width - j * PANEL))
        for k in range(k0, min(k0 + TILE, C.shape[1])):
            row = unsigned(((e - e0) * TILE + k - k0) * PANEL)
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

    def at_once(self, strips: int) -> int:
        """How many tiles a thread sums up at once, of so many strips."""
        return at_once(self.k * strips)

    def sum(self, strips, groups, B, C, tiles, scratch) -> None:
        """A thread's share of the gradient C (1, K, k·M) from strips of x, whose groups are `groups`, and B (., M)."""
        outer_taps(strips, *self._of(groups, B), C, *tiles, *scratch)

    def sum_on(self, strips, groups, B, sums, tiles, scratch) -> None:
        """The same, added to the sums (G, K, k·M) of the groups."""
        outer_taps_on(strips, *self._of(groups, B), sums, *tiles, *scratch[:2])

    def _of(self, groups, B) -> tuple:
        return groups.bounds, B, self.order, self.bounds, self.since, self.dilation, self.k, B.shape[1]
