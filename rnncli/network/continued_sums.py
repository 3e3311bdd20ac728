"""The sums of a window whose steps are done segment by segment, in ascending order of time (kernels/continued.py)."""

import numpy as np

from rnncli.kernels.continued import outer_on, sums_on
from rnncli.kernels.groups import Groups, SortedIds
from rnncli.kernels.product import aligned
from rnncli.kernels.threads import share
from rnncli.network.sums import Outer, Sums


class ContinuedSums(Sums):
    """In place of `Sums`: each gradient gets the sum over a segment added to what the sums of its groups have reached;
    `close` then gives the gradient. The bits are those of one sum over all steps.
    """

    def __init__(self, N: int, threads: int, dtype: np.dtype):
        super().__init__(N, threads, dtype)
        self.count = len(self.groups(1).bounds) - 1
        self.whole = Sums(N, threads, dtype)  # what is summed up once, over no steps
        self.branches = Groups.of(np.arange(self.count), np.arange(self.count + 1))
        self.kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # by address: a gradient (1, V, M), sums (G, V, M)

    @property
    def gradients(self) -> list[np.ndarray]:
        """All that have sums."""
        return [gradient for gradient, _ in self.kept.values()]

    def begin(self, gradients: list[np.ndarray]) -> None:
        """The sums for these gradients start from zero."""
        for gradient in gradients:
            self.of(gradient)[...] = 0

    def of(self, gradient: np.ndarray) -> np.ndarray:
        """The sums (G, V, M) of the groups for a gradient (1, V, M)."""
        if gradient.ctypes.data not in self.kept:  # the same for all threads
            sums = aligned((self.count, *gradient.shape[1:]), self.dtype)
            self.kept.setdefault(gradient.ctypes.data, (gradient, sums))
        return self.kept[gradient.ctypes.data][1]

    def close(self, gradients: list[np.ndarray], add: bool, thread: int, threads: int) -> None:
        """Each gradient (1, V, M) = the sum over the groups, plus its old value if `add`: this thread's share."""
        for gradient in gradients:
            sums, out = self.of(gradient).reshape(self.count, -1), gradient.reshape(-1)
            self.whole.columns(sums, self.branches, out, thread, threads, add=add)

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
        self._go_on(B, groups, SortedIds(groups.every, groups.ends), out.reshape(1, 1, -1), thread, threads, offset)

    def by_id(
        self, B: np.ndarray, groups: Groups, ids: SortedIds, out: np.ndarray, thread: int, threads: int, offset: int = 0
    ) -> None:
        self._go_on(B, groups, ids, out, thread, threads, offset)

    def _go_on(self, B, groups: Groups, ids: SortedIds, out, thread: int, threads: int, offset: int) -> None:
        sums_on(B, offset, groups.order, groups.bounds, *ids, self.of(out), *share(out.shape[2], thread, threads))

    def _multiply(self, product: Outer, strips: np.ndarray, thread: int, threads: int) -> None:
        scratch, tiles = self.scratch(thread, product.groups, product.stacked), share(product.tiles, thread, threads)
        _, B, C, groups, _, taps = product
        if taps:
            taps.sum_on(strips, groups, B, self.of(C), tiles, scratch)
        else:
            outer_on(strips, B, groups.order, groups.bounds, self.of(C), *tiles, *scratch[:2])
