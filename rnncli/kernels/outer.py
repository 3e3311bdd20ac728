"""The product Aᵀ·B that is the gradient of a weight matrix: a sum over a batch, in the order of groups.py.

A is first rewritten as strips of TILE columns, `strips[i, s, r] = A[order[s], TILE i + r]`, which all threads share;
then each has some of the tiles of C, and copies the panels of B that it needs.
"""

from rnncli.kernels.arrays import reshaped
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.groups import AHEAD, ALL, pairs_end
from rnncli.kernels.stand_ins import helper
from rnncli.kernels.tile import LANES, PANEL, TILE, copy_row, copy_strip, fetch, strip_tile

SLAB = 256  # summands at a time: a panel of them (16 or 32 KB) stays in the first-level cache


def strips_of(K: int, S: int) -> tuple[int, int, int]:
    """Shape of the strips of a matrix (S, K)."""
    return -(-K // TILE), S, TILE


def tiles_of(K: int, M: int) -> int:
    """How many tiles a matrix C (K, M) has."""
    return -(-K // TILE) * -(-M // PANEL)


@kernel("void(real[:,::1], int32[::1], real[:,:,::1], int64, int64)")
def take_strips(A, order, strips, first, last):
    """strips[i, s, r] = A[order[s], TILE i + r] for the summands first <= s < last."""
    K, rows = A.shape[1], reshaped(A, (1, A.shape[0], A.shape[1]))
    for s in range(first, last):
        row = order[s]
        fetch(rows, 0, order[min(s + AHEAD, last - 1)], 0, K)
        for i in range(strips.shape[0]):
            column = i * TILE
            if column + LANES <= K:  # a vector, of which TILE floats are kept
                copy_strip(A, row, column, strips, i, s)
            else:
                for r in range(min(TILE, K - column)):
                    strips[i, s, r] = A[row, column + r]


@kernel(
    "void(real[:,:,::1], real[:,::1], int32[::1], int32[::1], real[:,:,::1], boolean, int64, int64, real[:,:,::1],"
    " real[:,::1], int64[::1])"
)
def outer(strips, B, order, bounds, C, add, first, last, panel, stack, marks):
    """C = Σ_s A[order[s]]ᵀ · B[order[s]], plus its old value if `add`, in the tiles first <= e < last of C (1, K, M),
    which are counted panel by panel. B (., M).

    Scratch of the calling thread: `panel` (1, SLAB, PANEL), `stack` (levels, PANEL·TILE for each strip), `marks`
    (levels,).
    """
    count, e = strips.shape[0], first
    while e < last:
        j, i = e // count, e % count
        end = min(count, i + last - e)
        sum_tiles(strips, B, order, bounds, C.shape[1], j, i, end, panel, stack, marks)
        take_tiles(stack, C, add, j, i * TILE, min(end * TILE, C.shape[1]))
        e += end - i


@helper
def sum_tiles(strips, B, order, bounds, K, j, i0, i1, panel, stack, marks):
    """stack[0] = the sum of the tiles i0 <= i < i1 of panel j."""
    first, last = unsigned(i0 * TILE * PANEL), unsigned(min(i1 * TILE, K) * PANEL)
    top, before = 0, 0
    for m in range(first, last):
        stack[0, m] = 0
    for g in range(bounds.shape[0]):
        end_of_all = g == bounds.shape[0] - 1
        if not end_of_all and bounds[g] == bounds[g + 1]:
            continue
        left = pairs_end(marks, top, ALL if end_of_all else before ^ g)
        while top > left:
            top -= 1
            for m in range(first, last):
                stack[top - 1, m] += stack[top, m]
        if end_of_all:
            break
        marks[top], before = before ^ g, g
        for s in range(bounds[g], bounds[g + 1], SLAB):
            depth = min(SLAB, bounds[g + 1] - s)
            copy_rows(B, order, s, depth, panel, j * PANEL)
            for i in range(i0, i1):  # rows from K on hold nothing
                height = TILE if K - i * TILE > TILE // 2 else TILE // 2
                strip_tile(height, strips, i, s, panel, depth, stack, top, i * TILE, s > bounds[g])
        top += 1


@helper
def copy_rows(B, order, s, depth, panel, column):
    """panel[0, d, c] = B[order[s + d], column + c] for d < depth and the columns that there are."""
    if column + PANEL <= B.shape[1]:
        for d in range(depth):
            copy_row(B, order[s + d], column, panel, 0, d)
    else:
        for d in range(depth):
            for c in range(B.shape[1] - column):
                panel[0, d, c] = B[order[s + d], column + c]


@helper
def take_tiles(stack, C, add, j, first, last):
    """C[0, k, PANEL j + c] = stack[0, PANEL k + c], plus its old value if `add`, for first <= k < last."""
    begin, width = unsigned(j * PANEL), unsigned(min(PANEL, C.shape[2] - j * PANEL))
    for k in range(first, last):
        row = unsigned(k * PANEL)
        for c in range(width):
            C[0, k, begin + c] = stack[0, row + c] + (C[0, k, begin + c] if add else stack.dtype.type(0))
