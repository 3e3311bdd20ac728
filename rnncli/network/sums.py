"""The gradients of parameters: sums over all steps and rows of a batch, in the order of kernels/groups.py."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from rnncli.kernels.groups import Groups, SortedIds, sums_by_gram, sums_by_id
from rnncli.kernels.outer import SLAB, outer, strips_of, take_strips, tiles_of
from rnncli.kernels.product import aligned
from rnncli.kernels.threads import Work, share
from rnncli.kernels.tile import PANEL, TILE


class Outer(NamedTuple):
    """C = Aᵀ·B over the summands of `groups`, plus its old value if `add`."""

    A: np.ndarray  # (., K)
    B: np.ndarray  # (., M)
    C: np.ndarray  # (1, K, M)
    groups: Groups
    add: bool = False
    taps: Any = None  # of a convolution, see kernels/outer_taps.py

    @property
    def tiles(self) -> int:
        """How many tiles its sum has."""
        if self.taps:
            return self.taps.k * tiles_of(self.A.shape[1], self.B.shape[1])
        return tiles_of(*self.C.shape[1:])

    @property
    def stacked(self) -> int:
        """How many numbers of its sum a thread may have at once."""
        tiles = strips_of(self.A.shape[1], 1)[0]
        return (min(self.tiles, self.taps.at_once(tiles)) if self.taps else tiles) * TILE * PANEL


class Scratch(NamedTuple):
    """Of a thread, see kernels/outer.py."""

    panel: np.ndarray
    stack: np.ndarray
    marks: np.ndarray


class Sums:
    """The sums of an unfolding of N rows, and the scratch for them, which grows as it has to."""

    def __init__(self, N: int, threads: int, dtype: np.dtype):
        self.N, self.dtype = N, dtype
        self._groups: dict[int, Groups] = {}
        self._scratch = [self._scratch_of(1, PANEL) for _ in range(threads)]
        self._strips = [aligned((0,), dtype) for _ in range(2)]

    def groups(self, steps: int) -> Groups:
        """Of matrices (steps·N, .)."""
        if steps not in self._groups:
            self._groups[steps] = Groups.of_batch(steps, self.N)
        return self._groups[steps]

    def product(self, A: np.ndarray, B: np.ndarray, C: np.ndarray, steps: int, add: bool = False) -> Outer:
        """Of matrices (steps·N, .)."""
        return Outer(A, B, C, self.groups(steps), add)

    def _scratch_of(self, levels: int, numbers: int) -> Scratch:
        panel, stack = aligned((2, SLAB, PANEL), self.dtype), aligned((levels, numbers), self.dtype)
        return Scratch(panel, stack, np.zeros(levels, np.int64))

    def scratch(self, thread: int, groups: Groups, numbers: int) -> Scratch:
        """For sums of so many numbers."""
        levels, length = self._scratch[thread].stack.shape
        if groups.levels > levels or numbers > length:
            length = max(length, -(-numbers // PANEL) * PANEL)
            self._scratch[thread] = self._scratch_of(max(levels, groups.levels), length)
        return self._scratch[thread]

    def columns(
        self,
        B: np.ndarray,
        groups: Groups,
        out: np.ndarray,
        thread: int,
        threads: int,
        offset: int = 0,
        add: bool = False,
    ) -> None:
        """out (M,) = sums of the columns of B from `offset` on, plus its old value if `add`: this thread's share."""
        first, last = share(out.size, thread, threads)
        scratch = self.scratch(thread, groups, last - first)[1:]
        sums_by_id(B, offset, *groups, out.reshape(1, 1, -1), add, first, last, *scratch)

    def by_id(
        self, B: np.ndarray, groups: Groups, ids: SortedIds, out: np.ndarray, thread: int, threads: int, offset: int = 0
    ) -> None:
        """out[0, v] = the sum of the rows of B of id v, from column `offset` on; this thread's share of the columns."""
        first, last = share(out.shape[2], thread, threads)
        scratch = self.scratch(thread, groups, last - first)[1:]
        sums_by_id(B, offset, groups.order, groups.bounds, *ids, out, False, first, last, *scratch)

    def by_gram(
        self, B: np.ndarray, groups: Groups, ids: SortedIds, grams: tuple, out: np.ndarray, offset: int, *part: int
    ) -> None:
        """The same by the n-grams of each word: see `sums_by_gram`; `grams` are (bounds, n-grams)."""
        first, last = share(out.shape[2], *part)
        scratch = self.scratch(part[0], groups, last - first)[1:]
        sums_by_gram(B, offset, groups.order, groups.bounds, *ids, *grams, out, first, last, *scratch)

    def works(self, products: Sequence[Outer], first: Sequence[Work] = (), second: Sequence[Work] = ()) -> list[Work]:
        """All the products; together with the strips of the first one what is done `first`, and then the `second`."""
        turns: list[list[Work]] = [[] for _ in range(max(2, len(products) + 1))]
        turns[0] += first
        turns[1] += second
        for k, product in enumerate(products):
            strips = self._strips_of(k % 2, product)
            turns[k].append(partial(self._take, product, strips))
            turns[k + 1].append(partial(self._multiply, product, strips))
        return [partial(_together, turn) for turn in turns if turn]

    def _strips_of(self, which: int, product: Outer) -> np.ndarray:
        """Of two, so that the next product's are made while this one's are read."""
        shape = strips_of(product.A.shape[1], len(product.groups.order))
        size = int(np.prod(shape))
        if self._strips[which].size < size:
            self._strips[which] = aligned((size,), self.dtype)
        return self._strips[which][:size].reshape(shape)

    def _take(self, product: Outer, strips: np.ndarray, thread: int, threads: int) -> None:
        order = product.groups.order
        take_strips(product.A, order, strips, *share(len(order), thread, threads))

    def _multiply(self, product: Outer, strips: np.ndarray, thread: int, threads: int) -> None:
        scratch, tiles = self.scratch(thread, product.groups, product.stacked), share(product.tiles, thread, threads)
        _, B, C, groups, add, taps = product
        if taps:
            taps.sum(strips, groups, B, C, tiles, scratch)
        else:
            outer(strips, B, groups.order, groups.bounds, C, add, *tiles, *scratch)


def _together(works: list[Work], thread: int, threads: int) -> None:
    for work in works:
        work(thread, threads)
