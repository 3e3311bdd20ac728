"""A cell at work: its parameters, packed panels and buffers, and the chunks of steps that it runs."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Self

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.columns import place, take
from rnncli.kernels.groups import Groups
from rnncli.kernels.parts import Part
from rnncli.kernels.product import affine, aligned, pack, pack_transposed, panels_of, product
from rnncli.kernels.states import clear
from rnncli.kernels.threads import share
from rnncli.kernels.tokens import lookup
from rnncli.kernels.weight_norm import denormalise, normalise
from rnncli.network.sums import Outer, Sums

CHUNK_BYTES = 1 << 19  # of Z that a thread fills and then steps through, while it is still in the cache


@dataclass(frozen=True)
class Stretch:
    """Some steps of a layer's buffers, S of them, as its cell's `forward` takes them."""

    Z: np.ndarray  # (S, N, G·H) in x·W + b, out the gates
    Y: np.ndarray  # (S, N, H) out h[t]
    starts: np.ndarray  # (S, N) 1 where a sequence starts
    states: list[np.ndarray]  # (P + S, N, H) each: what step t starts from is t .. t + P - 1; slot 0 is given
    begin: int  # the first of them
    extra: SimpleNamespace  # (S, N, .) each: the cell's own buffers


class OneWay:
    """A layer that reads one way, whose states are `states`, (P + T, N, H) each; step t starts from what the P steps
    before it have left, which is in t .. t + P - 1, but for those before the start of its sequence.
    """

    states: list[np.ndarray]
    starts: np.ndarray
    past: int
    #: matrices that are convolved in one sum; then of the states the initial ones are kept, and behind them the last
    direct: tuple[str, ...]

    @property
    def directions(self) -> list[Self]:
        """The layers that read one way each: this one alone."""
        return [self]

    def state(self, slot: int) -> list[np.ndarray]:
        """The states that step `slot` starts from, (N, H) or, with P above 1, (N, P, H); of slot 0 these are views."""
        return [self._state(index, slot) for index in range(len(self.states))]

    def _state(self, index: int, slot: int) -> np.ndarray:
        states, end = self.states[index], slot > 0 and len(self.direct) > 0
        at = self.past if end else slot
        if self.past == 1:
            return states[at]
        window = states[at : at + self.past].swapaxes(0, 1)
        return np.where(self._counts(slot), window, 0) if slot and not end else window

    def _counts(self, slot: int) -> np.ndarray:
        """Which of the P steps before `slot` are of the same sequence (N, P, 1)."""
        began = slot - 1 - np.argmax(self.starts[:slot][::-1], axis=0)
        began[~self.starts[:slot].any(axis=0)] = -self.past
        return (np.arange(slot - self.past, slot) >= began[:, None])[:, :, None]

    def carry(self, steps: int) -> None:
        """The states after `steps` steps become the initial ones."""
        for mine, there in zip(self.state(0), self.state(steps), strict=True):
            mine[...] = there


class Layer(OneWay):
    """One layer at work: its parameters, packed panels, and buffers for up to T steps of N rows, made once.

    `theta` and `grads` map names to arrays; without `grads` the layer only runs forward. With `table_rows` the inputs
    are token ids: z[t] is a row of the table E·W + b, made once per update.

    Forward runs a chunk of steps at a time. Z and the cell's extra buffers are for the way back, and for `keep`; where
    neither needs them, each chunk is written over the one before it, which then never leaves the cache.
    """

    def __init__(
        self,
        cell: Cell,
        theta: dict,
        grads: dict | None,
        T: int,
        N: int,
        table_rows: int = 0,
        threads: int = 1,
        keep: bool = False,
    ):
        self.cell, self.T, self.N, self.tokens, self.past = cell, T, N, table_rows > 0, cell.past
        self.training, self.dtype = grads is not None, theta["W"].dtype
        self.theta, self.matrices = SimpleNamespace(**theta), ("W", *cell.recurrent)
        self.b = theta.get("b")  # None: the cell adds its own
        self.of = N  # rows of the batch that these are rows of
        self.rate, self.keys = 0.0, np.zeros(cell.masks, np.uint32)  # of the dropout within, of the update under way
        H, G_H, make = cell.hidden, cell.width, self._buffers
        self.chunk = max(1, min(T, CHUNK_BYTES // (-(-N // threads) * G_H * self.dtype.itemsize)))
        self.kept = self.training or keep
        self.direct = cell.convolved if self.training and not keep else ()
        self.beyond = False  # whether gradients come to what `direct` sums tell the steps behind the window
        self._stretches: dict[tuple[int, int], Stretch] = {}
        steps = T if self.kept else self.chunk
        self.Z, self.Y = make((steps, N, 0 if "W" in self.direct else G_H), (T, N, H))
        slots = self.past + (self.past if self.direct else T)
        self.states = make(*[(slots, N, width) for width in cell.state_widths])
        self.starts = np.zeros((T, N), np.uint8)
        self.since = np.zeros((T + cell.before, N) if self.direct else (0, N), np.int32)  # see kernels/taps.py
        self.extra = self._named((cell.direct_buffers if self.direct else cell.extra_buffers)(steps, N))
        shapes = {name: theta[name].shape for name in self.matrices}
        folded = self._named({name: shapes[name] for name in cell.gains})
        self.weights = SimpleNamespace(**{name: theta[name] for name in self.matrices} | vars(folded))
        self.norms = self._named({name: (H,) for name in cell.gains})
        self.panels = self._named({name: self._panels_of(name, shape) for name, shape in shapes.items()})
        self.panel_count = panels_of(1, G_H)[0]  # of the columns of Z
        if self.tokens:
            (self.table,) = make((1, table_rows, G_H))
        if self.training:
            whole = {name: grad[None] if name in self.matrices else grad for name, grad in grads.items()}
            self.grads = SimpleNamespace(**whole)  # of a matrix (1, K, M)
            self.panels_T = self._named({name: panels_of(*shape[::-1]) for name, shape in shapes.items()})
            (self.dY,), self.dstates = make((T, N, H)), make(*[(self.past, N, width) for width in cell.state_widths])
            if self.tokens:
                (self.dtable,) = make((1, table_rows, G_H))

    def _panels_of(self, name: str, shape: tuple[int, int]) -> tuple[int, int, int]:
        if name not in self.direct:
            return panels_of(*shape)
        return panels_of(shape[0] * self.cell.taps, shape[1] // self.cell.taps)  # one tap behind the other

    def _buffers(self, *shapes: tuple[int, ...]) -> list[np.ndarray]:
        return [aligned(shape, self.dtype) for shape in shapes]

    def _named(self, shapes: dict[str, tuple[int, ...]]) -> SimpleNamespace:
        return SimpleNamespace(**dict(zip(shapes, self._buffers(*shapes.values()), strict=True)))

    def read(self, x: np.ndarray) -> list[np.ndarray]:
        """What each of the directions reads, step by step as it goes, of the inputs x."""
        return [x]

    def matrix(self, array: np.ndarray, steps: int) -> np.ndarray:
        """The first `steps` steps of a buffer (T, N, K) as a matrix (steps·N, K)."""
        return array[:steps].reshape(steps * self.N, array.shape[2])

    def clear_end_gradients(self, part: Part) -> None:
        """No gradient comes to the end states of these rows: truncated back-propagation, or the end of a sequence."""
        for gradient in self.dstates:
            clear(gradient, self.past, *part.own)

    def state_gradients(self) -> list[np.ndarray]:
        """Views, shaped as the states, of the gradients at the end states; after `backward`, at the initial ones."""
        return [gradient[0] if self.past == 1 else gradient.swapaxes(0, 1) for gradient in self.dstates]

    def fold(self, thread: int, threads: int) -> None:
        """Bring the normalised matrices up to date: this thread's units."""
        units = share(self.cell.hidden, thread, threads)
        for name, gain in self.cell.gains.items():
            V, g = getattr(self.theta, name), getattr(self.theta, gain)
            normalise(V, g, self.cell.taps, getattr(self.norms, name), getattr(self.weights, name), *units)

    def unfold(self, thread: int, threads: int) -> None:
        """From the gradients of the normalised matrices to those of the parameters: this thread's units."""
        units = share(self.cell.hidden, thread, threads)
        for name, gain in self.cell.gains.items():
            V, g = getattr(self.theta, name), getattr(self.theta, gain)
            dV, dg = getattr(self.grads, name), getattr(self.grads, gain)
            denormalise(V, g, self.cell.taps, getattr(self.norms, name), dV, dg, *units)

    def pack(self, thread: int, threads: int) -> None:
        """Pack this thread's panels."""
        for name in self.cell.recurrent:
            self.pack_matrix(name, thread, threads)
        self.pack_inputs(thread, threads)

    def pack_inputs(self, thread: int, threads: int) -> None:
        """This thread's panels of W."""
        self.pack_matrix("W", thread, threads)

    def pack_matrix(self, name: str, thread: int, threads: int) -> None:
        """This thread's panels of a matrix, in training of its transpose too."""
        matrix, panels = getattr(self.weights, name), getattr(self.panels, name)
        (self.cell.pack_taps if name in self.direct else pack)(matrix, panels, *share(len(panels), thread, threads))
        if self.training:
            panels = getattr(self.panels_T, name)
            pack_transposed(matrix, panels, *share(len(panels), thread, threads))

    def build_table(self, E: np.ndarray, thread: int, threads: int) -> None:
        """table = E·W + b, the rows of this thread's share; E (1, V, D)."""
        panels = 0, len(self.panels.W)
        self.multiply(E, self.panels.W, self.table, *share(E.shape[1], thread, threads), *panels)

    def forward(self, x: Any, steps: int, part: Part) -> None:
        """x: token ids (T, N) or rows (T, N, D)."""
        if self.direct:
            self.cell.forward_direct(self, x, steps, part)
            return
        for begin in range(0, steps, self.chunk):
            self.cell.forward(self, self.projected(x, begin, min(begin + self.chunk, steps), part), part)

    def projected(self, x: Any, begin: int, end: int, part: Part) -> Stretch:
        """The steps begin <= t < end, with what `project` makes of them."""
        stretch = self.stretch(begin, end)
        for panels in part.gate_panels(self.cell.hidden, self.cell.gates):
            self.project(x, begin, end, stretch.Z, *part.rows, *panels)
        return stretch

    def project(self, x: Any, begin: int, end: int, Z: np.ndarray, *where: int) -> None:
        """Z[t] = x[t]·W + b for the steps begin <= t < end, where: rows from and to, panels from and to."""
        if self.tokens:
            lookup(self.table, x[begin:end], Z, end - begin, *where)
        else:
            self.multiply(x[begin:end], self.panels.W, Z, *where)
            if self.cell.passes:
                place(x[begin:end], Z, self.theta.W.shape[1], end - begin, *where[:2])

    def multiply(self, x: np.ndarray, W: np.ndarray, Z: np.ndarray, *where: int) -> None:
        """Z = x·W + b, of the panels of W."""
        if self.b is None:
            product(x, W, Z, *where, False)
        else:
            affine(x, W, self.b, Z, *where)

    def stretch(self, begin: int, end: int) -> Stretch:
        """The steps begin <= t < end of the buffers."""
        if (begin, end) not in self._stretches:
            here = slice(begin, end) if self.kept else slice(end - begin)
            extra = SimpleNamespace(**{name: array[here] for name, array in vars(self.extra).items()})
            states = [states[begin : end + self.past] for states in self.states]
            views = self.Z[here], self.Y[begin:end], self.starts[begin:end]
            self._stretches[begin, end] = Stretch(*views, states, begin, extra)
        return self._stretches[begin, end]

    def backward(self, dX: np.ndarray | None, steps: int, part: Part) -> None:
        """dX (T, N, D) is assigned unless it is None."""
        if self.direct:
            self.cell.backward_direct(self, dX, steps, part)
        else:
            self.cell.backward(self, steps, part)
        if dX is not None and "W" not in self.direct:
            panels, passes = part.panels(self.cell.inputs), self.cell.passes
            if passes:
                take(self.Z, self.theta.W.shape[1], dX, steps, *part.own)
            product(self.Z[:steps], self.panels_T.W, dX[:steps], *part.rows, *panels, passes)

    def products(self, x: Any, steps: int, sums: Sums) -> list[Outer]:
        """The gradients of all matrices, but for W of a table of tokens."""
        return [*self.cell.products(self, steps, sums), *self.input_products(x, steps, sums)]

    def input_products(self, x: Any, steps: int, sums: Sums) -> list[Outer]:
        """The gradient of W."""
        if self.tokens:
            return []
        if "W" in self.direct:
            return [self.cell.product_of_taps(self, "W", self.matrix(x, steps), steps, sums)]
        return [sums.product(self.matrix(x, steps), self.matrix(self.Z, steps), self.grads.W, steps)]

    def bias_gradients(self, x: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        """Those of all vectors, but for b of a table of tokens: this thread's share."""
        self.cell.bias_gradients(self, steps, sums, thread, threads)
        self.input_bias_gradient(x, steps, sums, thread, threads)

    def input_bias_gradient(self, x: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        """That of b."""
        if not self.tokens:
            self.sum_bias(self.matrix(self.Z, steps), sums.groups(steps), sums, thread, threads)

    def sum_bias(self, dZ: np.ndarray, groups: Groups, sums: Sums, thread: int, threads: int) -> None:
        """The same from the rows of dZ, if there is a b."""
        if self.b is not None:
            sums.columns(dZ, groups, self.grads.b, thread, threads)
