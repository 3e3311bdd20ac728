"""Causal dilated convolution over time, in residual blocks (Bai, Kolter & Koltun 2018, arXiv 1803.01271, figure 1).

    u[t] = relu(b_1 + Σ_i x[t - i d] · W_i)        i = 0 .. k-1, d = 2^l in the layer l = 0, 1, ..
    v[t] = relu(b_2 + Σ_i u[t - i d] · R_i)
    y[t] = relu(v[t] + x[t])                       x[t] · W_k + b_3 in the first layer, and where the widths differ

A layer is one block. What a step reads reaches back 2 (k - 1) d steps in each, so L layers read the last
1 + 2 (k - 1) (2^L - 1) steps: the receptive field. The same θ is used at all steps, as in a recurrent cell, but nothing
is carried beyond that. What is before the start of a sequence is zero.

W (D, k·H, or (k+1)·H with W_k) and R (H, k·H) hold the taps side by side, i = 0 first. Their weights are normalised by
unit, over the inputs and taps, with the lengths g_1 and g_2 (H,), see kernels/weight_norm.py; W_k is not. They start
uniform in ±sqrt(3 / (k·D)), so that a sum of unit inputs has unit variance, g as the lengths of that start, b at zero.

In training u[t] and relu(b_2 + ..) = v[t] have dropout, each step and unit for itself, as in figure 1 (b) of the paper,
and y has none: what passes by unchanged reaches all later layers whole.

The state of a layer is not x and u of the steps before but what they have told the later ones: s of both convolutions,
(k - 1)·H numbers of each of the last d steps, see kernels/convolution.py.

In training each convolution is one sum of its taps (kernels/taps.py), but for the first one of all, whose taps stand
side by side: what it reads may be a table. The products of all taps of a step, and its state, are only there in a
network that predicts and, in training, with `keep`.

Memory of a window in training: C, U, V, Y and dY are 5 H numbers a step and row, so 20·H·T·N bytes; with H = 64,
T = 400, N = 32 that is 16 MB. The first layer has Z besides, (k + 1)·H numbers more.
"""

from typing import Any, Self, cast

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.convolution import close, gather, open_block, scatter, through
from rnncli.kernels.dropout import dropout
from rnncli.kernels.outer_taps import Taps
from rnncli.kernels.parts import Part
from rnncli.kernels.product import product
from rnncli.kernels.taps import (
    add_products,
    add_rectified,
    convolve,
    convolve_back,
    count_since,
    give_state,
    open_rectified,
    pack_taps,
    share_out,
    take_state,
)

CELL = {
    "rank": 4,
    "help": "causal dilated convolution",
    "options": {"kernel": ("3", "2", "4", "5", "6", "7", "8", "9")},
}


class Conv(Cell):
    """The equations above; kernels in kernels/convolution.py."""

    name, state_names = "conv", ("x", "u")
    recursive, masks, pack_taps = False, 2, staticmethod(pack_taps)
    most_layers = 16  # the state of the last one is as long as its dilation, 32,768 steps
    options = cast(dict, CELL["options"])
    gains = {"W": "g_1", "R": "g_2"}

    def __init__(self, inputs: int, hidden: int, chosen: dict[str, str] | None = None, layer: int = 0):
        super().__init__(inputs, hidden, chosen)
        self.taps, self.dilation = int(self.chosen["kernel"]), 1 << layer
        self.passes = layer > 0 and inputs == hidden
        self.gates, self.before = self.taps + 1, (self.taps - 1) * self.dilation
        self.convolved = ("W", "R") if self.passes else ("R",)

    @classmethod
    def stack(cls, widths: list[int], hidden: int, chosen: dict[str, str] | None = None) -> list[Self]:
        return [cls(width, hidden, chosen, layer) for layer, width in enumerate(widths)]

    @classmethod
    def usual_layers(cls, steps: int, chosen: dict[str, str] | None = None) -> int:
        """So many that the receptive field covers the steps."""
        fields = 1 + np.cumsum([cell.reads[-1] for cell in cls.stack([1] * cls.most_layers, 1, chosen)])
        return min(cls.most_layers, 1 + int(np.searchsorted(fields, steps)))

    @property
    def reads(self) -> range:
        return range(0, 2 * (self.taps - 1) * self.dilation + 1, self.dilation)

    @property
    def past(self) -> int:
        return self.dilation

    @property
    def state_widths(self) -> tuple[int, ...]:
        return ((self.taps - 1) * self.hidden,) * 2

    def shapes(self) -> dict[str, tuple[int, ...]]:
        H, k = self.hidden, self.taps
        vectors = ["b_1", "g_1", "b_2", "g_2", *([] if self.passes else ["b_3"])]
        return {"W": (self.inputs, (k + (not self.passes)) * H), "R": (H, k * H)} | dict.fromkeys(vectors, (H,))

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        theta: dict[str, np.ndarray] = {name: np.zeros(shape, np.float32) for name, shape in self.shapes().items()}
        H, k = self.hidden, self.taps
        for name, gain in self.gains.items():
            matrix = theta[name]
            bound = np.sqrt(3.0 / (k * len(matrix)))
            matrix[:, : k * H] = rng.uniform(-bound, bound, (len(matrix), k * H))
            theta[gain][:] = np.sqrt((matrix[:, : k * H].reshape(-1, k, H) ** 2).sum(axis=(0, 1)))
        if not self.passes:
            bound = np.sqrt(3.0 / self.inputs)
            theta["W"][:, k * H :] = rng.uniform(-bound, bound, (self.inputs, H))
        return theta

    @staticmethod
    def tensor_name(layer: str, own: str) -> str:
        return f"conv.{layer}.{own}"

    def to_torch(self, theta: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """θ as PyTorch's weight_norm of two Conv1d has it, whose last tap is that of the newest step."""
        out, columns = {}, self.taps * self.hidden
        for number, matrix in enumerate((theta["W"][:, :columns], theta["R"])):
            V = matrix.reshape(len(matrix), self.taps, self.hidden)[:, ::-1]
            out[f"{number}.weight_v"] = V.transpose(2, 0, 1)
            out[f"{number}.weight_g"] = theta[f"g_{number + 1}"].reshape(-1, 1, 1)
            out[f"{number}.bias"] = theta[f"b_{number + 1}"]
        if self.passes:
            return out
        return out | {"skip.weight": theta["W"][:, columns:].T[:, :, None], "skip.bias": theta["b_3"]}

    def from_torch(self, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        theta: dict[str, np.ndarray] = {}
        for number, name in enumerate(("W", "R")):
            V = tensors[f"{number}.weight_v"].transpose(1, 2, 0)
            theta[name] = V[:, ::-1].reshape(len(V), -1)
            theta[f"g_{number + 1}"] = tensors[f"{number}.weight_g"].reshape(-1)
            theta[f"b_{number + 1}"] = tensors[f"{number}.bias"]
        if not self.passes:
            theta["W"] = np.concatenate([theta["W"], tensors["skip.weight"][:, :, 0].T], axis=1)
            theta["b_3"] = tensors["skip.bias"]
        return theta

    def extra_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        H = self.hidden
        return {"ZU": (T, N, self.taps * H), "U": (T, N, H), "V": (T, N, H)}

    def direct_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        H = self.hidden
        return {"C": (T + self.before, N, H), "U": (T, N, H), "V": (T + self.before, N, H)}

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        theta, (SX, SU), extra, rows = layer.theta, steps.states, steps.extra, part.rows
        where = layer.starts, steps.begin, self.dilation, *rows
        until = steps.begin + len(steps.Z)
        gather(steps.Z, SX, theta.b_1, extra.U, *where)
        self._drop(layer, 0, layer.extra.U, steps.begin, until, rows)
        product(extra.U, layer.panels.R, extra.ZU, *rows, 0, len(layer.panels.R), False)
        gather(extra.ZU, SU, theta.b_2, extra.V, *where)
        self._drop(layer, 1, layer.extra.V, steps.begin, until, rows)
        close(extra.V, steps.Z, self.taps * self.hidden, self._skip_bias(layer), steps.Y, *rows)

    def _skip_bias(self, layer: Any) -> np.ndarray:
        return layer.theta.b_2[:0] if self.passes else layer.theta.b_3

    @staticmethod
    def _drop(layer: Any, index: int, array: np.ndarray, begin: int, end: int, rows: tuple[int, int]) -> None:
        """Dropout of an activation, if there is any: these steps."""
        if layer.rate:
            dropout(array, layer.keys, index, layer.rate, False, layer.of, begin, end, *rows)

    def forward_direct(self, layer: Any, x: Any, steps: int, part: Part) -> None:
        rows, C, V, d = part.rows, layer.extra.C, layer.extra.V, self.dilation
        count_since(layer.starts, layer.since, steps, self.before, *rows)
        for begin in range(0, steps, layer.chunk):  # some steps at a time, while they are in the cache
            self._there(layer, x, steps, begin, min(begin + layer.chunk, steps), part)
        behind = steps, steps + self.before, steps, False, *rows  # what is told to the steps there
        self._first(layer, x, C, *behind)
        self._second(layer, V, *behind)
        for sums, state in zip((C, V), layer.states, strict=True):
            give_state(sums, steps, state, d, layer.since, d, True, *rows)

    def _there(self, layer: Any, x: Any, steps: int, begin: int, end: int, part: Part) -> None:
        """These steps, with all earlier ones done."""
        extra, rows, here = layer.extra, part.rows, slice(begin, end)
        if not self.passes:
            layer.projected(x, begin, end, part)
        self._first(layer, x, extra.U, begin, end, steps, True, *rows)
        self._drop(layer, 0, extra.U, begin, end, rows)
        self._second(layer, extra.V, begin, end, steps, True, *rows)
        self._drop(layer, 1, extra.V[:steps], begin, end, rows)
        if self.passes:
            add_rectified(extra.V, x, layer.Y, begin, end, *rows)
        else:
            b_3 = layer.theta.b_3
            close(extra.V[here], layer.Z[here], self.taps * self.hidden, b_3, layer.Y[here], *rows)

    def _first(self, layer: Any, x: Any, C: np.ndarray, *where: int) -> None:
        """C of the first convolution, or its activation, of some steps."""
        b, S = layer.theta.b_1, layer.states[0]
        if self.passes:
            convolve(x, layer.panels.W, b, S, C, layer.since, self.dilation, *where)
        else:
            add_products(layer.Z, b, S, C, layer.since, self.dilation, *where)

    def _second(self, layer: Any, C: np.ndarray, *where: int) -> None:
        """The same of the second one."""
        U, R, S = layer.extra.U, layer.panels.R, layer.states[1]
        convolve(U, R, layer.theta.b_2, S, C, layer.since, self.dilation, *where)

    def backward_direct(self, layer: Any, dX: Any, steps: int, part: Part) -> None:
        d, since, rows, limit = self.dilation, layer.since, part.rows, steps + self.before * layer.beyond
        both = list(zip((layer.extra.C, layer.extra.V), layer.dstates, strict=True))
        if limit > steps or steps < self.before:
            for C, dS in both:
                take_state(dS, 0, C, steps, since, d, 0, self.before, True, *rows)
        for end in range(steps, 0, -layer.chunk):
            self._back_direct(layer, dX, limit, max(0, end - layer.chunk), end, rows)
        for C, dS in both:
            give_state(C, 0, dS, 0, since, d, False, *rows)

    def _back_direct(self, layer: Any, dX: Any, limit: int, begin: int, end: int, rows: tuple[int, int]) -> None:
        """The way back through these steps, with all later ones done."""
        U, C, V, panels, d = layer.extra.U, layer.extra.C, layer.extra.V, layer.panels_T, self.dilation
        kept = 1.0 / (1.0 - layer.rate)  # what the gradient of an activation that was not dropped is multiplied by
        below = (dX, 0) if self.passes else (layer.Z, self.taps * self.hidden)
        open_rectified(layer.dY, layer.Y, V, *below, kept, begin, end, *rows)
        convolve_back(V, panels.R, U, C, layer.since, d, begin, end, limit, kept, True, *rows)
        if self.passes:
            convolve_back(C, panels.W, U, dX, layer.since, d, begin, end, limit, kept, False, *rows)
        else:
            share_out(C, layer.Z, layer.since, d, self.taps, begin, end, limit, *rows)

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        for end in range(steps, 0, -layer.chunk):  # some steps at a time, while they are in the cache
            self._back(layer, steps, max(0, end - layer.chunk), end, part.rows)

    def _back(self, layer: Any, steps: int, begin: int, end: int, rows: tuple[int, int]) -> None:
        """The way back through these steps, with all later ones done."""
        (dSX, dSU), Z, ZU, here = layer.dstates, layer.Z, layer.extra.ZU, slice(begin, end)
        U, V = layer.extra.U[here], layer.extra.V[here]
        where = layer.starts, self.hidden, self.dilation, steps, begin, end, *rows
        kept = 1.0 / (1.0 - layer.rate)  # what the gradient of an activation that was not dropped is multiplied by
        open_block(layer.dY[here], Z[here], V, ZU[here], self.taps * self.hidden, kept, *rows)
        scatter(ZU, dSU, *where)
        dU = V  # of which only the signs were needed
        product(ZU[here], layer.panels_T.R, dU, *rows, 0, len(layer.panels_T.R), False)
        through(dU, U, Z[here], kept, *rows)
        scatter(Z, dSX, *where)

    def products(self, layer: Any, steps: int, sums: Any) -> list:
        U = layer.matrix(layer.extra.U, steps)
        if layer.direct:
            return [self.product_of_taps(layer, "R", U, steps, sums)]
        return [sums.product(U, layer.matrix(layer.extra.ZU, steps), layer.grads.R, steps)]

    def product_of_taps(self, layer: Any, name: str, A: np.ndarray, steps: int, sums: Any) -> Any:
        """The gradient of a matrix whose convolution has read A (steps·N, .)."""
        C = {"W": layer.extra.C, "R": layer.extra.V}[name]
        groups = sums.groups(steps + self.before * layer.beyond)
        taps = Taps(self.taps, self.dilation, layer.since, groups.order, groups.bounds)
        return sums.product(A, layer.matrix(C, len(C)), getattr(layer.grads, name), steps)._replace(taps=taps)

    def bias_gradients(self, layer: Any, steps: int, sums: Any, thread: int, threads: int) -> None:
        dZ, extra = layer.Z, layer.extra
        found = {"b_1": (extra.C, 0), "b_2": (extra.V, 0)} if layer.direct else {"b_1": (dZ, 0), "b_2": (extra.ZU, 0)}
        found |= {} if self.passes else {"b_3": (dZ, self.taps * self.hidden)}
        for name, (rows, offset) in found.items():
            gradient = getattr(layer.grads, name)
            sums.columns(layer.matrix(rows, steps), sums.groups(steps), gradient, thread, threads, offset)
