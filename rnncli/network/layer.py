"""A cell at work: its parameters, packed panels and buffers, and the chunks of steps that it runs."""

from types import SimpleNamespace

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.product import (
    affine,
    aligned,
    column_sums,
    outer,
    outer_scratch,
    pack,
    pack_transposed,
    panels_of,
    product,
)
from rnncli.kernels.threads import share
from rnncli.kernels.tokens import lookup, scatter

CHUNK_BYTES = 1 << 19  # of Z that a thread fills and then steps through, while it is still in the cache


class Layer:
    """One layer at work: its parameters, packed panels, and buffers for up to T steps of N rows, made once.

    `theta` and `grads` map names to arrays; without `grads` the layer only runs forward. With `table_rows` the inputs
    are token ids: z[t] is a row of the table E·W + b, made once per update.

    Forward runs a chunk of steps at a time. Z and the cell's extra buffers are for the way back, and for `keep`; where
    neither needs them, each chunk is written over the one before it, which then never leaves the cache.
    """

    def __init__(self, cell: Cell, theta: dict, grads: dict | None, T: int, N: int, table_rows=0, parts=1, keep=False):
        self.cell, self.T, self.N, self.tokens = cell, T, N, table_rows > 0
        self.training = grads is not None
        self.__dict__ |= theta
        dtype, H, D = theta["R"].dtype, cell.hidden, cell.inputs
        self.chunk = max(1, min(T, CHUNK_BYTES // (-(-N // parts) * cell.width * dtype.itemsize)))
        self.kept = self.training or keep
        extra = cell.extra_buffers(T if self.kept else self.chunk, N)
        gates = {"Z": (T if self.kept else self.chunk, N, cell.width)} | extra
        self.gates, self._stretches = tuple(gates), {}
        shapes = gates | {"Y": (T, N, H)} | {name.upper(): (T + 1, N, H) for name in cell.state_names}
        shapes |= {"R_panels": panels_of(H, cell.width), "W_panels": panels_of(D, cell.width)}
        if self.tokens:
            shapes["table"] = (1, table_rows, cell.width)
        if grads is not None:
            self.__dict__ |= {f"d{name}": grads[name] for name in grads}
            self.dR, self.dW = self.dR[None], self.dW[None]
            shapes |= {"RT_panels": panels_of(cell.width, H), "WT_panels": panels_of(cell.width, D), "dY": (T, N, H)}
            shapes |= {f"d{name.upper()}": (1, N, H) for name in cell.state_names}
            if self.tokens:
                shapes |= {"dtable": (1, table_rows, cell.width)}
            self._scratch = [outer_scratch(max(H, D), dtype) for _ in range(parts)]
        for name, shape in shapes.items():
            setattr(self, name, aligned(shape, dtype))
        self.starts = np.zeros((T, N), np.uint8)

    @property
    def directions(self) -> list["Layer"]:
        """The layers that read one way each: this one alone."""
        return [self]

    def read(self, x: np.ndarray) -> list[np.ndarray]:
        """What each of the directions reads, step by step as it goes, of the inputs x."""
        return [x]

    def rows(self, name: str, steps: int) -> np.ndarray:
        """The first `steps` steps of a (T, N, .) buffer as a matrix of steps·N rows."""
        array = getattr(self, name)
        return array[:steps].reshape(steps * self.N, array.shape[2])

    def scratch(self, part: int) -> tuple[np.ndarray, np.ndarray]:
        """Scratch of one part for `outer`."""
        return self._scratch[part]

    def state(self, slot: int) -> list[np.ndarray]:
        """Views (N, H) of the states that step `slot` starts from."""
        return [getattr(self, name.upper())[slot] for name in self.cell.state_names]

    def carry(self, steps: int) -> None:
        """The states after `steps` steps become the initial ones."""
        for name in self.cell.state_names:
            states = getattr(self, name.upper())
            states[0] = states[steps]

    def clear_end_gradients(self, first: int, last: int) -> None:
        """No gradient comes to the end states of these rows: truncated back-propagation, or the end of a sequence."""
        for gradient in self.state_gradients():
            gradient[first:last] = 0

    def state_gradients(self) -> list[np.ndarray]:
        """Views (N, H) of the gradients at the end states; after `backward`, of those at the initial states."""
        return [getattr(self, f"d{name.upper()}")[0] for name in self.cell.state_names]

    def pack(self, part: int, parts: int) -> None:
        """Pack this part's panels."""
        columns = share(len(self.R_panels), part, parts)
        pack(self.R, self.R_panels, *columns)
        if self.training:
            pack_transposed(self.R, self.RT_panels, *share(len(self.RT_panels), part, parts))
        self.pack_inputs(part, parts)

    def pack_inputs(self, part: int, parts: int) -> None:
        """This part's panels of W."""
        pack(self.W, self.W_panels, *share(len(self.W_panels), part, parts))
        if self.training:
            pack_transposed(self.W, self.WT_panels, *share(len(self.WT_panels), part, parts))

    def build_table(self, E: np.ndarray, part: int, parts: int) -> None:
        """table = E·W + b, the rows of this part; E (1, V, D)."""
        affine(E, self.W_panels, self.b, self.table, *share(E.shape[1], part, parts))

    def forward(self, x: np.ndarray, steps: int, first: int, last: int) -> None:
        """x: token ids (T, N) or rows (T, N, D)."""
        for begin in range(0, steps, self.chunk):
            end = min(begin + self.chunk, steps)
            stretch = self.stretch(begin, end)
            self.project(x, begin, end, stretch.Z, first, last)
            self.cell.forward(self, stretch, first, last)

    def project(self, x, begin: int, end: int, Z: np.ndarray, first: int, last: int) -> None:
        """Z[t] = x[t]·W + b for the steps begin <= t < end."""
        if self.tokens:
            lookup(self.table, x[begin:end], Z, end - begin, first, last)
        else:
            affine(x[begin:end], self.W_panels, self.b, Z, first, last)

    def stretch(self, begin: int, end: int) -> SimpleNamespace:
        """The buffers' steps begin <= t < end: Z, Y, starts, the cell's extra ones; states with one more at the end."""
        if (begin, end) not in self._stretches:
            here = slice(begin, end) if self.kept else slice(end - begin)
            views = {name: getattr(self, name)[here] for name in self.gates}
            views |= {name.upper(): getattr(self, name.upper())[begin : end + 1] for name in self.cell.state_names}
            views |= {"Y": self.Y[begin:end], "starts": self.starts[begin:end]}
            self._stretches[begin, end] = SimpleNamespace(**views)
        return self._stretches[begin, end]

    def backward(self, dX: np.ndarray | None, steps: int, first: int, last: int) -> None:
        """dX (T, N, D) is assigned unless it is None."""
        self.cell.backward(self, steps, first, last)
        if dX is not None:
            product(self.Z[:steps], self.WT_panels, dX[:steps], first, last, False)

    def gradients(self, x: np.ndarray, E: np.ndarray | None, steps: int, part: int, parts: int) -> None:
        """Add this part's columns of dW, dR, db (dtable for tokens, with E (V, D)) to the gradients."""
        self.cell.recurrent_gradients(self, steps, part, parts)
        self.input_gradients(x, E, steps, part, parts)

    def input_gradients(self, x, E, steps: int, part: int, parts: int) -> None:
        """Those of dW and db."""
        panels, columns = share(len(self.R_panels), part, parts), share(self.cell.width, part, parts)
        if not self.tokens:
            rows = x[:steps].reshape(steps * self.N, x.shape[2])
            outer(rows, self.rows("Z", steps), self.dW, *panels, *self.scratch(part))
            column_sums(self.rows("Z", steps), 0, self.db, *columns)
            return
        first, last = panels[0] * 16, min(panels[1] * 16, self.cell.width)
        self.dtable[0, :, first:last] = 0
        scatter(self.Z, x, self.dtable, steps, first, last)
        column_sums(self.dtable[0], 0, self.db, first, last)
        outer(E, self.dtable[0], self.dW, *panels, *self.scratch(part))
