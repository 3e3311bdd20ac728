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

Memory of a window in training: Z, both states, the buffers below, Y and dY are (4 k + 3)·H numbers a step and row, so
(16 k + 12)·H·T·N bytes; with k = 3, H = 64, T = 400, N = 32 that is 49 MB.
"""

from typing import Any, Self, cast

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.convolution import close, gather, open_block, scatter, through
from rnncli.kernels.dropout import dropout
from rnncli.kernels.parts import Part
from rnncli.kernels.product import product

CELL = {
    "rank": 4,
    "help": "causal dilated convolution",
    "options": {"kernel": ("3", "2", "4", "5", "6", "7", "8", "9")},
}


class Conv(Cell):
    """The equations above; kernels in kernels/convolution.py."""

    name, state_names = "conv", ("x", "u")
    recursive, masks = False, 2
    most_layers = 16  # the state of the last one is as long as its dilation, 32,768 steps
    options = cast(dict, CELL["options"])
    gains = {"W": "g_1", "R": "g_2"}

    def __init__(self, inputs: int, hidden: int, chosen: dict[str, str] | None = None, layer: int = 0):
        super().__init__(inputs, hidden, chosen)
        self.taps, self.dilation = int(self.chosen["kernel"]), 1 << layer
        self.passes = layer > 0 and inputs == hidden
        self.gates = self.taps + 1

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

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        theta, (SX, SU), extra, rows = layer.theta, steps.states, steps.extra, part.rows
        where = layer.starts, steps.begin, self.dilation, *rows
        gather(steps.Z, SX, theta.b_1, extra.U, *where)
        self._drop(layer, 0, layer.extra.U, steps, rows)
        product(extra.U, layer.panels.R, extra.ZU, *rows, 0, len(layer.panels.R), False)
        gather(extra.ZU, SU, theta.b_2, extra.V, *where)
        self._drop(layer, 1, layer.extra.V, steps, rows)
        b_3 = theta.b_2[:0] if self.passes else theta.b_3
        close(extra.V, steps.Z, self.taps * self.hidden, b_3, steps.Y, *rows)

    @staticmethod
    def _drop(layer: Any, index: int, array: np.ndarray, steps: Any, rows: tuple[int, int]) -> None:
        """Dropout of an activation, if there is any: the steps of the stretch."""
        if layer.rate:
            end = steps.begin + len(steps.Z)
            dropout(array, layer.keys, index, layer.rate, False, layer.of, steps.begin, end, *rows)

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
        extra = layer.extra
        return [sums.product(layer.matrix(extra.U, steps), layer.matrix(extra.ZU, steps), layer.grads.R, steps)]

    def bias_gradients(self, layer: Any, steps: int, sums: Any, thread: int, threads: int) -> None:
        dZ, dZU = layer.matrix(layer.Z, steps), layer.matrix(layer.extra.ZU, steps)
        found = {"b_1": (dZ, 0), "b_2": (dZU, 0)} | ({} if self.passes else {"b_3": (dZ, self.taps * self.hidden)})
        for name, (rows, offset) in found.items():
            sums.columns(rows, sums.groups(steps), getattr(layer.grads, name), thread, threads, offset)
