"""Sums over a batch that go on from one segment of its steps to the next, in the order of groups.py.

The sum over a group's summands in time order is one chain, so it can stop after some steps and go on later from the
number it has reached. Those of all groups are kept apart; the binary tree over them comes last, once.
"""

from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.outer import SLAB, copy_rows
from rnncli.kernels.stand_ins import helper
from rnncli.kernels.tile import PANEL, TILE, strip_tile


@kernel(
    "void(real[:,:,::1], real[:,::1], int32[::1], int32[::1], real[:,:,::1], int64, int64, real[:,:,::1], real[:,::1])"
)
def outer_on(strips, B, order, bounds, sums, first, last, panel, stack):
    """sums[g] += Σ_s A[order[s]]ᵀ · B[order[s]] over the summands of each group g, in the tiles first <= e < last of
    sums[g] (K, M), which are counted panel by panel. The strips of A are those of outer.py.

    Scratch of the calling thread: `panel` (1, SLAB, PANEL), `stack` (1 or more, PANEL·TILE for each strip).
    """
    K, count, e = sums.shape[1], strips.shape[0], first
    while e < last:
        j, i = e // count, e % count
        end = min(count, i + last - e)
        for g in range(sums.shape[0]):
            move_tiles(sums, g, stack, j, i * TILE, min(end * TILE, K), False)
            for s in range(bounds[g], bounds[g + 1], SLAB):
                depth = min(SLAB, bounds[g + 1] - s)
                copy_rows(B, order, s, depth, panel, j * PANEL)
                for strip in range(i, end):  # rows from K on hold nothing
                    height = TILE if K - strip * TILE > TILE // 2 else TILE // 2
                    strip_tile(height, strips, strip, s, panel, depth, stack, 0, strip * TILE, True)
            move_tiles(sums, g, stack, j, i * TILE, min(end * TILE, K), True)
        e += end - i


@helper
def move_tiles(sums, g, stack, j, first, last, back):
    """stack[0, PANEL k + c] = sums[g, k, PANEL j + c] for first <= k < last, or the way `back`."""
    begin, width = unsigned(j * PANEL), unsigned(min(PANEL, sums.shape[2] - j * PANEL))
    for k in range(first, last):
        row = unsigned(k * PANEL)
        for c in range(width):
            if back:
                sums[g, k, begin + c] = stack[0, row + c]
            else:
                stack[0, row + c] = sums[g, k, begin + c]


@kernel("void(real[:,::1], int64, int32[::1], int32[::1], int32[::1], int32[::1], real[:,:,::1], int64, int64)")
def sums_on(B, offset, order, bounds, chosen, ends, sums, first, last):
    """sums[g, v, m] += Σ B[order[s], offset + m] over the summands s of id v in each group g, for first <= m < last.
    Those of id v are chosen[ends[v] : ends[v + 1]], ascending.
    """
    begin, end, at = unsigned(first), unsigned(last), unsigned(offset)
    for v in range(sums.shape[1]):
        g = 0
        for p in range(ends[v], ends[v + 1]):
            s = chosen[p]
            while s >= bounds[g + 1]:
                g += 1
            row = order[s]
            for m in range(begin, end):
                sums[g, v, m] += B[row, at + m]
