"""Two layers that read the same sequences, one onwards and one backwards, side by side (Schuster & Paliwal 1997).

    ahead[t] = f(ahead[t-1], x[t]; θ)     back[t] = f(back[t+1], x[t]; θ_reverse)     y[t] = [ahead[t], back[t]]

Each sequence is reversed within its own length. It has the face of a `Layer`, with outputs of width 2 H.
"""

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.directions import add_reversed, join, reverse, separate
from rnncli.kernels.parts import Part
from rnncli.kernels.product import aligned
from rnncli.network.layer import Layer
from rnncli.network.sums import Outer, Sums


class Bidirectional:
    """Buffers for up to T steps of N rows; `lengths` (N,) int32 are those of the window's sequences."""

    def __init__(
        self,
        cell: Cell,
        thetas: list[dict],
        grads: list[dict | None],
        T: int,
        N: int,
        threads: int,
        lengths: np.ndarray,
        keep: bool = False,
    ):
        self.cell, self.lengths, self.training = cell, lengths, grads[0] is not None
        self.ahead, self.back = (Layer(cell, *pair, T, N, 0, threads, keep) for pair in zip(thetas, grads, strict=True))
        dtype, D, H = thetas[0]["W"].dtype, cell.inputs, cell.hidden
        self.Y, self.reversed = aligned((T, N, 2 * H), dtype), aligned((T, N, D), dtype)
        self.starts = self.back.starts = self.ahead.starts
        if self.training:
            self.dY, self.dreversed = aligned((T, N, 2 * H), dtype), aligned((T, N, D), dtype)

    @property
    def directions(self) -> list[Layer]:
        """The layers that read one way each: onwards, and backwards, whose steps count from the sequence's end."""
        return [self.ahead, self.back]

    def read(self, x: np.ndarray) -> list[np.ndarray]:
        """What each of the directions reads, step by step as it goes; `forward` has left it."""
        return [x, self.reversed]

    def fold(self, thread: int, threads: int) -> None:
        self.ahead.fold(thread, threads)
        self.back.fold(thread, threads)

    def unfold(self, thread: int, threads: int) -> None:
        self.ahead.unfold(thread, threads)
        self.back.unfold(thread, threads)

    def pack(self, thread: int, threads: int) -> None:
        self.ahead.pack(thread, threads)
        self.back.pack(thread, threads)

    def state(self, slot: int) -> list[np.ndarray]:
        return [*self.ahead.state(slot), *self.back.state(slot)]

    def forward(self, x: np.ndarray, steps: int, part: Part) -> None:
        """x (T, N, D) to Y (T, N, 2H), zero beyond the lengths."""
        reverse(x, self.lengths, self.reversed, steps, *part.own)
        part.meet()
        self.ahead.forward(x, steps, part)
        self.back.forward(self.reversed, steps, part)
        join(self.ahead.Y, self.back.Y, self.lengths, self.Y, steps, *part.own)
        part.meet()

    def clear_end_gradients(self, part: Part) -> None:
        self.ahead.clear_end_gradients(part)
        self.back.clear_end_gradients(part)

    def backward(self, dX: np.ndarray | None, steps: int, part: Part) -> None:
        """dX (T, N, D) is assigned unless it is None."""
        separate(self.dY, self.lengths, self.ahead.dY, self.back.dY, steps, *part.own)
        part.meet()
        self.ahead.backward(dX, steps, part)
        self.back.backward(None if dX is None else self.dreversed, steps, part)
        if dX is not None:
            part.meet()
            add_reversed(self.dreversed, self.lengths, dX, steps, *part.own)

    def products(self, x: np.ndarray, steps: int, sums: Sums) -> list[Outer]:
        return [*self.ahead.products(x, steps, sums), *self.back.products(self.reversed, steps, sums)]

    def bias_gradients(self, x: np.ndarray, steps: int, sums: Sums, thread: int, threads: int) -> None:
        self.ahead.bias_gradients(x, steps, sums, thread, threads)
        self.back.bias_gradients(self.reversed, steps, sums, thread, threads)
