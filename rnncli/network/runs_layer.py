"""A first layer that reads some of its inputs by runs: steps of a row over which they stay as they are.

    z[t, n] = table[run of (t, n)] + numbers[t, n]·W_numbers      table[r] = X[r]·W_held + b, once a run

W_held are the first rows of W, those of the embedded categories. The series that a row belongs to is one run of the
whole window, so nearly all of its product and of its gradients falls away; a category that changes at every step costs
as much as it would among the other inputs. It has the face of a `Layer`, and reads a `Runs`.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.columns import sums_of_runs
from rnncli.kernels.groups import Groups
from rnncli.kernels.parts import Part
from rnncli.kernels.product import pack, pack_transposed, panels_of, product
from rnncli.kernels.states import clear
from rnncli.kernels.threads import share
from rnncli.kernels.tokens import lookup
from rnncli.network.layer import Layer
from rnncli.network.sums import Outer, Sums


@dataclass
class Runs:
    """The inputs of a window (T, N). Each row of the batch has room for `most` runs, in their order; where there are
    fewer, what is read and its gradients are zero.
    """

    of: np.ndarray  # (T, N) int32, the run of each step
    most: int
    X: np.ndarray  # (1, N·most or more, held) what is read in each run
    numbers: np.ndarray  # (T, N, D - held)
    groups: Groups  # of the runs

    def of_rows(self, first: int, last: int) -> tuple[int, int]:
        """The range of the runs of these rows."""
        return first * self.most, last * self.most


class RunsLayer(Layer):
    """The first `held` of the D inputs are read by runs."""

    def __init__(self, cell: Cell, theta: dict, grads: dict, T: int, N: int, held: int, threads: int, keep: bool):
        super().__init__(cell, theta, grads, T, N, 0, threads, keep)
        D, width, W, dW = cell.inputs, cell.width, self.weights.W, self.grads.W
        self.W_held, self.W_numbers = W[:held], W[held:]
        self.dW_held, self.dW_numbers = dW[:, :held], dW[:, held:]
        self.table, self.dtable = self._buffers((1, T * N, width), (1, T * N, width))
        self.panels.held, self.panels.W = self._buffers(panels_of(held, width), panels_of(D - held, width))
        (self.panels_T.held,) = self._buffers(panels_of(width, held))

    def pack_inputs(self, thread: int, threads: int) -> None:
        columns, panels_T = share(self.panel_count, thread, threads), self.panels_T.held
        pack(self.W_held, self.panels.held, *columns)
        pack(self.W_numbers, self.panels.W, *columns)
        pack_transposed(self.W_held, panels_T, *share(len(panels_T), thread, threads))

    def forward(self, x: Runs, steps: int, part: Part) -> None:
        self.multiply(x.X, self.panels.held, self.table, *x.of_rows(*part.own), 0, self.panel_count)
        part.meet()
        super().forward(x, steps, part)

    def project(self, x: Runs, begin: int, end: int, Z: np.ndarray, *where: int) -> None:
        lookup(self.table, x.of[begin:end], Z, end - begin, *where)
        product(x.numbers[begin:end], self.panels.W, Z, *where, True)

    def backward_inputs(self, of: np.ndarray, runs: tuple[int, int], dX: np.ndarray, steps: int, part: Part) -> None:
        """After `backward` of these rows: dtable, and dX (1, runs, held), of their runs."""
        clear(self.dtable, 1, *runs)
        sums_of_runs(self.Z, of, self.dtable, steps, *part.own)
        product(self.dtable, self.panels_T.held, dX, *runs, 0, len(self.panels_T.held), False)

    def input_products(self, x: Runs, steps: int, sums: Sums) -> list[Outer]:
        held = Outer(x.X[0], self.dtable[0], self.dW_held, x.groups)
        if not x.numbers.shape[2]:
            return [held]
        numbers = x.numbers[:steps].reshape(steps * self.N, -1)
        return [held, sums.product(numbers, self.matrix(self.Z, steps), self.dW_numbers, steps)]

    def input_bias_gradient(self, x: Runs, steps: int, sums: Sums, thread: int, threads: int) -> None:
        self.sum_bias(self.dtable[0], x.groups, sums, thread, threads)
