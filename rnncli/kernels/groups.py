"""Sums over a batch, in an order that depends on its rows alone and not on who computes them.

    group g     the rows 4 g .. 4 g + 3 of the batch, fewer in the last
    leaf        the sum over a group's summands in time order, row by row within a step
    sum         over the leaves in a binary tree: the left branch of a node has the largest power of two of its groups

So processes that have some groups each can sum their own branches and pass them on, with the same bits. For each thread
a stack holds the branches that wait for their neighbour: two of them are added as soon as both are whole.
"""

from typing import NamedTuple, Self

import numpy as np

from rnncli.kernels.compiler import helper, kernel

ROWS = 4  # of a group
ALL = 1 << 62  # a level above all others


class Groups(NamedTuple):
    """The summands of a batch, of which each is a row of a matrix, group by group."""

    order: np.ndarray  # (S,) int32, the row of the matrix that each summand is
    bounds: np.ndarray  # (G + 1,) int32, where each group's summands begin, and their end
    every: np.ndarray  # (S,) int32, 0 .. S - 1

    @classmethod
    def of_batch(cls, steps: int, N: int) -> Self:
        """Of matrices (steps·N, .) whose row t·N + n is the step t of row n of the batch."""
        t, firsts = np.arange(steps)[:, None] * N, range(0, N, ROWS)
        order = [(t + np.arange(first, min(first + ROWS, N))).ravel() for first in firsts]
        return cls.of(np.concatenate(order), [0, *np.cumsum([len(rows) for rows in order])])

    @classmethod
    def of(cls, order, bounds) -> Self:
        return cls(*(np.ascontiguousarray(array, np.int32) for array in (order, bounds, np.arange(len(order)))))

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
    flat = ids.reshape(-1)
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
def pair_up(stack, marks, top, level, first, last):
    """Add each branch to the one before it, from the top of the stack, that is nearer to it than a group at `level` is.

    Levels are differences of groups' numbers, bit by bit; marks[i] is that between the branches i - 1 and i.
    """
    while top > 1 and marks[top - 1] < level:
        top -= 1
        below, above = stack[top - 1, first:last], stack[top, first:last]
        for m in range(below.shape[0]):
            below[m] += above[m]
    return top


@helper
def sum_rows(B, offset, order, bounds, chosen, begin, end, first, last, stack, marks):
    """stack[0, m] = Σ B[order[s], offset + first + m] over s in chosen[begin:end], ascending, for m < last - first."""
    top, group, width = 0, 0, last - first
    stack[0, :width] = 0
    for p in range(begin, end):
        s = chosen[p]
        if p == begin or s >= bounds[group + 1]:
            before = group
            while s >= bounds[group + 1]:
                group += 1
            top = pair_up(stack, marks, top, before ^ group, 0, width)
            marks[top] = before ^ group
            stack[top, :width] = 0
            top += 1
        source, target = B[order[s], offset + first : offset + last], stack[top - 1, :width]
        for m in range(width):
            target[m] += source[m]
    pair_up(stack, marks, top, ALL, 0, width)


@kernel(
    "void(real[:,::1], int64, int32[::1], int32[::1], int32[::1], real[::1], boolean, int64, int64, real[:,:,::1],"
    " int64[::1])"
)
def column_sums(B, offset, order, bounds, every, out, add, first, last, stack, marks):
    """out[m] = Σ_s B[order[s], offset + m], plus its old value if `add`, for first <= m < last."""
    stack = stack.reshape(stack.shape[0], stack.shape[1] * stack.shape[2])
    sum_rows(B, offset, order, bounds, every, 0, every.shape[0], first, last, stack, marks)
    for m in range(last - first):
        out[first + m] = out[first + m] + stack[0, m] if add else stack[0, m]


@kernel(
    "void(real[:,::1], int64, int32[::1], int32[::1], int32[::1], int32[::1], real[:,:,::1], int64, int64,"
    " real[:,:,::1], int64[::1])"
)
def sums_by_id(B, offset, order, bounds, chosen, ends, out, first, last, stack, marks):
    """out[0, v, m] = Σ B[order[s], offset + m] over the summands s of id v, for first <= m < last."""
    stack = stack.reshape(stack.shape[0], stack.shape[1] * stack.shape[2])
    for v in range(out.shape[1]):
        target = out[0, v, first:last]
        if ends[v] == ends[v + 1]:
            target[:] = 0
            continue
        sum_rows(B, offset, order, bounds, chosen, ends[v], ends[v + 1], first, last, stack, marks)
        for m in range(target.shape[0]):
            target[m] = stack[0, m]


@kernel(
    "void(real[:,::1], int64, int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], real[:,:,::1],"
    " int64, int64, real[:,:,::1], int64[::1])"
)
def sums_by_gram(B, offset, order, bounds, chosen, ends, gram_bounds, grams, out, first, last, stack, marks):
    """out[0, g, m] = Σ_w Σ B[order[s], offset + m] / (n-grams of the word w) over the summands s of each word that has
    the n-gram g, for first <= m < last. The n-grams of w are grams[gram_bounds[w] : gram_bounds[w + 1]].
    """
    stack = stack.reshape(stack.shape[0], stack.shape[1] * stack.shape[2])
    for g in range(out.shape[1]):
        out[0, g, first:last] = 0
    for w in range(ends.shape[0] - 1):
        count = gram_bounds[w + 1] - gram_bounds[w]
        if count == 0 or ends[w] == ends[w + 1]:
            continue
        sum_rows(B, offset, order, bounds, chosen, ends[w], ends[w + 1], first, last, stack, marks)
        share = B.dtype.type(1.0 / count)
        for i in range(gram_bounds[w], gram_bounds[w + 1]):
            target = out[0, grams[i], first:last]
            for m in range(target.shape[0]):
                target[m] += stack[0, m] * share
