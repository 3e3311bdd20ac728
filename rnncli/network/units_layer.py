"""A layer whose hidden units are shared among the threads: for one row, which is no work for many threads otherwise.

    thread i:   h[t, u] = f(h[t-1], x[t]; θ of the units u of thread i)     then all threads meet

Each thread has the panels of its units' columns, and reads the whole of h[t-1]. The sums are those of a `Layer`, in
the same order. It only runs forward.
"""

from typing import Any

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.product import aligned
from rnncli.kernels.states import take_units
from rnncli.kernels.threads import Team, share
from rnncli.network.layer import Layer, OneWay

BLOCK = 16  # units that stay together: a panel of each gate
LEAST = 1 << 16  # elements of R, from which on it pays to meet after every step


def pays(cell: Cell, N: int, team: Team) -> bool:
    """Whether the units of such a layer are to be shared: fewer rows than threads, and a matrix of some size."""
    blocks = cell.hidden % BLOCK == 0 and cell.hidden >= BLOCK * team.threads
    return team.compiled and team.threads > N and cell.by_units and blocks and cell.hidden * cell.width >= LEAST


class UnitsLayer(OneWay):
    """It has the face of a `Layer` that is not trained, but `forward` and the like are for all rows, by thread."""

    def __init__(self, cell: Cell, theta: dict, T: int, N: int, team: Team, table_rows: int = 0):
        self.cell, self.theta, self.N = cell, theta, N
        self.states = [aligned((T + 1, N, cell.hidden), theta["W"].dtype) for _ in cell.state_names]
        self.Y, self.starts = aligned((T, N, cell.hidden), theta["W"].dtype), np.zeros((T, N), np.uint8)
        self.parts = [self._part(thread, team, T, table_rows) for thread in range(team.threads)]

    def _part(self, thread: int, team: Team, T: int, table_rows: int) -> Layer:
        """The units of a thread."""
        begin, end = (BLOCK * block for block in share(self.cell.hidden // BLOCK, thread, team.threads))
        cell = type(self.cell)(self.cell.inputs, end - begin, self.cell.chosen)
        widths = {cell.gates * self.cell.hidden: cell.width, self.cell.hidden: cell.hidden}
        theta = {
            name: np.zeros((*array.shape[:-1], widths[array.shape[-1]]), array.dtype)
            for name, array in self.theta.items()
        }
        part = Layer(cell, theta, None, T, self.N, table_rows)
        part.states, part.Y, part.starts = self.states, self.Y, self.starts
        part.units = begin, team.sync, team.threads
        return part

    def pack(self, thread: int, threads: int) -> None:
        """Take the columns of this thread's units, and pack them."""
        part = self.parts[thread]
        for name, array in self.theta.items():
            gates = array.shape[-1] // self.cell.hidden
            columns, own = (a.reshape(-1, a.shape[-1]) for a in (array, getattr(part.theta, name)))
            take_units(columns, own, gates, part.units[0])
        part.pack(0, 1)

    def build_table(self, E: np.ndarray, thread: int, threads: int) -> None:
        """table = E·W + b of this thread's units; E (1, V, D)."""
        self.parts[thread].build_table(E, 0, 1)

    def forward_units(self, x: Any, steps: int, thread: int) -> None:
        """All rows, the units of this thread."""
        self.parts[thread].forward(x, steps, 0, self.N)
