"""Sums over a batch, in an order that depends on its rows alone and not on who computes them.

    group g     the rows 4 g .. 4 g + 3 of the batch, fewer in the last
    leaf        the sum over a group's summands in time order, row by row within a step
    sum         over the leaves in a binary tree: the left branch of a node has the largest power of two of its groups

So processes that have some groups each can sum their own branches and pass them on, with the same bits. For each thread
a stack holds the branches that wait for their neighbour: two of them are added as soon as both are whole.
"""

from typing import NamedTuple, Self

import numpy as np

from rnncli.kernels.arrays import reshaped
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.stand_ins import helper
from rnncli.kernels.tile import fetch

ROWS = 4  # of a group
AHEAD = 16  # summands whose row is fetched before it is needed: each step of a group is elsewhere
ALL = 1 << 62  # a level above all others


class Groups(NamedTuple):
    """The summands of a batch, of which each is a row of a matrix, group by group."""

    order: np.ndarray  # (S,) int32, the row of the matrix that each summand is
    bounds: np.ndarray  # (G + 1,) int32, where each group's summands begin, and their end
    every: np.ndarray  # (S,) int32, 0 .. S - 1, and (2,), 0 and S: all summands, as those of one id
    ends: np.ndarray

    @classmethod
    def of_batch(cls, steps: int, N: int) -> Self:
        """Of matrices (steps·N, .) whose row t·N + n is the step t of row n of the batch."""
        t, firsts = np.arange(steps)[:, None] * N, range(0, N, ROWS)
        order = [(t + np.arange(first, min(first + ROWS, N))).ravel() for first in firsts]
        return cls.of(np.concatenate(order), [0, *np.cumsum([len(rows) for rows in order])])

    @classmethod
    def of_runs(cls, N: int, most: int) -> Self:
        """Of matrices (N·most, .) whose row n·most + r is the r-th run of row n of the batch."""
        return cls.of(np.arange(N * most), [*range(0, N * most, ROWS * most), N * most])

    @classmethod
    def of(cls, order, bounds) -> Self:
        arrays = order, bounds, np.arange(len(order)), [0, len(order)]
        return cls(*(np.ascontiguousarray(array, np.int32) for array in arrays))

    @classmethod
    def one(cls, count: int) -> Self:
        """A single group of so many summands."""
        return cls.of(np.arange(count), [0, count])

    @property
    def levels(self) -> int:
        """How many branches may wait at once."""
        return (len(self.bounds) - 1).bit_length() + 1


class SortedIds(NamedTuple):
    """Which summands have which id."""

    chosen: np.ndarray  # (S,) int32, summands by id, ascending
    ends: np.ndarray  # (V + 1,) int32: those of id v are chosen[ends[v] : ends[v + 1]]

    @classmethod
    def empty(cls, count: int, ids: int) -> Self:
        return cls(np.zeros(count, np.int32), np.zeros(ids + 1, np.int32))


@kernel("void(int32[:,::1], int32[::1], int32[::1], int32[::1])")
def sort_ids(ids, order, chosen, ends):
    """Fill `chosen` and `ends` of the ids of these summands; negative ids are left out."""
    flat = reshaped(ids, (ids.shape[0] * ids.shape[1],))
    ends[:] = 0
    for s in range(order.shape[0]):
        if flat[order[s]] >= 0:
            ends[flat[order[s]]] += 1
    total = np.int32(0)
    for v in range(ends.shape[0]):  # the end of each id, which then goes down to where it begins
        total += ends[v]
        ends[v] = total
    for s in range(order.shape[0] - 1, -1, -1):
        v = flat[order[s]]
        if v >= 0:
            ends[v] -= 1
            chosen[ends[v]] = s


@helper
def pairs_end(marks, top, level):
    """How many branches of `top` are left when each is added to the one before it that is nearer to it than a group at
    `level` is. Levels are differences of groups' numbers, bit by bit; marks[i] is that of the branches i - 1 and i.
    """
    while top > 1 and marks[top - 1] < level:
        top -= 1
    return top


@helper
def sum_rows(B, column, order, bounds, chosen, begin, end, width, stack, marks):
    """stack[0, m] = Σ B[order[s], column + m] over s in chosen[begin:end], ascending, for m < width."""
    top, group, at, rows = 0, 0, unsigned(column), reshaped(B, (1, B.shape[0], B.shape[1]))
    for m in range(width):
        stack[0, m] = 0
    for p in range(begin, end + 1):
        s = chosen[p] if p < end else bounds[-1]
        if p == begin or s >= bounds[group + 1]:  # the first of a group, or the end of all
            before = group
            while p < end and s >= bounds[group + 1]:
                group += 1
            left = pairs_end(marks, top, before ^ group if p < end else ALL)
            while top > left:
                top -= 1
                for m in range(width):
                    stack[top - 1, m] += stack[top, m]
            if p == end:
                break
            marks[top] = before ^ group
            for m in range(width):
                stack[top, m] = 0
            top += 1
        fetch(rows, 0, order[chosen[min(p + AHEAD, end - 1)]], column, column + width)
        row = order[s]
        for m in range(unsigned(width)):
            stack[top - 1, m] += B[row, at + m]


@kernel(
    "void(real[:,::1], int64, int32[::1], int32[::1], int32[::1], int32[::1], real[:,:,::1], boolean, int64, int64,"
    " real[:,::1], int64[::1])"
)
def sums_by_id(B, offset, order, bounds, chosen, ends, out, add, first, last, stack, marks):
    """out[0, v, m] = Σ B[order[s], offset + m] over the summands s of id v, plus its old value if `add`, for
    first <= m < last.

    Scratch of the calling thread: `stack` (levels, last - first or more), `marks` (levels,).
    """
    at = unsigned(first)
    for v in range(out.shape[1]):
        sum_rows(B, offset + first, order, bounds, chosen, ends[v], ends[v + 1], last - first, stack, marks)
        for m in range(unsigned(last - first)):
            out[0, v, at + m] = stack[0, m] + (out[0, v, at + m] if add else B.dtype.type(0))


@kernel(
    "void(real[:,::1], int64, int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], real[:,:,::1],"
    " int64, int64, real[:,::1], int64[::1])"
)
def sums_by_gram(B, offset, order, bounds, chosen, ends, gram_bounds, grams, out, first, last, stack, marks):
    """out[0, g, m] = Σ_w Σ B[order[s], offset + m] / (n-grams of the word w) over the summands s of each word that has
    the n-gram g, for first <= m < last. The n-grams of w are grams[gram_bounds[w] : gram_bounds[w + 1]].
    """
    for g in range(out.shape[1]):
        out[0, g, first:last] = 0
    for w in range(ends.shape[0] - 1):
        count = gram_bounds[w + 1] - gram_bounds[w]
        if count == 0 or ends[w] == ends[w + 1]:
            continue
        sum_rows(B, offset + first, order, bounds, chosen, ends[w], ends[w + 1], last - first, stack, marks)
        share = B.dtype.type(1.0 / count)
        for i in range(gram_bounds[w], gram_bounds[w + 1]):
            target = out[0, grams[i], first:last]
            for m in range(target.shape[0]):
                target[m] += stack[0, m] * share
