"""Categories by runs, where a window is computed in segments: a run goes on from one segment to the next.

What is read of a run is the same in each of its segments. The sum of its gradients goes on from segment to segment, and
the gradients of W_held, b and the embeddings, which are sums over the runs, are made at the end, as in one window. So
the memory grows with the number of runs too, of which a series in a row of the batch is one.
"""

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.data.window import Window
from rnncli.kernels.columns import embed, sums_of_runs
from rnncli.kernels.parts import Part
from rnncli.kernels.product import aligned, product
from rnncli.kernels.threads import share
from rnncli.network.architecture import Architecture, Parameters
from rnncli.network.inputs import ColumnRuns
from rnncli.network.layer import Layer
from rnncli.network.runs_layer import Runs, RunsLayer
from rnncli.network.sums import Outer, Sums


class SegmentRuns(ColumnRuns):
    """As `ColumnRuns` for a segment of T steps; `whole` has the runs of the window of all steps."""

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters, T: int, N: int, steps: int):
        super().__init__(architecture, theta, grads, T, N)
        self.whole = ColumnRuns(architecture, theta, grads, steps, N)
        self.runs_here = np.zeros((T, N), np.int32)  # of the whole window, those of this segment's steps
        self.dtable = aligned((1, 0, 0), theta.flat.dtype)

    def layer(self, cell: Cell, theta: dict, grads: dict | None, T: int, N: int, threads: int, keep: bool) -> RunsLayer:
        return SegmentRunsLayer(cell, theta, grads or {}, T, N, self.held, threads, keep)

    def begin_window(self, layer: Layer, x: Window, steps: int) -> bool:
        """Find the runs of a window; whether there is another array for the sums of their gradients."""
        self.whole.prepare(x, steps)
        count = self.whole.most * x.ids[0].shape[1]
        grown = self.dtable.shape[1] < count
        if grown:
            self.dtable = aligned((1, count, layer.cell.width), layer.dtype)
        self.dtable[...] = 0
        return grown

    def begin_segment(self, begin: int, steps: int) -> None:
        """The segment that is computed now."""
        self.runs_here[:steps] = self.whole.of[begin : begin + steps]

    def backward(self, layer: Layer, steps: int, part: Part) -> None:
        """Nothing is made of a part of the runs."""

    def sums(self, layer: Layer, steps: int, sums: Sums, thread: int, threads: int) -> None:
        """The gradients of the runs, as far as they have come."""
        sums_of_runs(layer.Z, self.runs_here, self.dtable, steps, *share(layer.Z.shape[1], thread, threads))

    def read_whole(self, layer: RunsLayer, thread: int, threads: int) -> None:
        """What was read in all runs, and its gradients: those of this thread's rows."""
        whole, panels = self.whole, layer.panels_T.held
        first, last = (whole.most * row for row in share(layer.Z.shape[1], thread, threads))
        for E, ids, offset in zip(whole.tables, whole.ids, whole.offsets, strict=True):
            embed(E, ids, whole.embedded, offset, 1, first, last)
        dX = whole.dembedded[:, : self.dtable.shape[1]]
        product(self.dtable, panels, dX, first, last, 0, len(panels), False)

    def products(self, layer: RunsLayer) -> list[Outer]:
        whole = self.whole
        return [Outer(whole.embedded[0], self.dtable[0], layer.dW_held, whole.groups(whole.most))]

    def gradients(self, layer: RunsLayer, sums: Sums, thread: int, threads: int) -> None:
        layer.sum_bias(self.dtable[0], self.whole.groups(self.whole.most), sums, thread, threads)
        self.whole.sums(layer, 0, sums, thread, threads)


class SegmentRunsLayer(RunsLayer):
    """Over the steps it sums up the gradients of what it does not read by runs."""

    def input_products(self, x: Runs, steps: int, sums: Sums) -> list[Outer]:
        _, *numbers = super().input_products(x, steps, sums)
        return numbers

    def input_bias_gradient(self, x: Runs, steps: int, sums: Sums, thread: int, threads: int) -> None:
        """That of b is made of the runs."""
