"""Minimal gated recurrent unit (Feng et al. 2024, arXiv 2410.01201) in a signed form: no h inside the gates.

    a = tanh(z_a)   i = σ(z_i)                        with z = x·W + b, in the order a, i, n
    h[t] = a ∘ h[t-1] + i ∘ z_n

All products are over the whole window; what is left for the steps is elementwise. A layer by itself is linear in h:
what depends on the order of distant inputs takes two layers or more.

The factor a = 1 - 2 σ(-2 z_a) is in (-1, 1). With factors in (0, 1) alone, as in the paper, no network of finite
precision solves parity (Grazzi et al. 2024, arXiv 2411.12537), which here is one unit, h[t] = (1 - 2 x[t]) h[t-1] +
x[t]. What is added does not depend on a: the paper's (1 - a) ∘ n, or √(1 - a²) ∘ n (De et al. 2024, arXiv 2402.19427),
vanish where a unit keeps its state or turns its sign. Since |a| <= 1, the state cannot grow faster than the sum of what
was added.

The biases of a start evenly spaced from -1 to 3, so that the memories of the units reach from one step to some fifty,
and some turn their sign; the columns of W for n are divided by cosh of them, which is to multiply by √(1 - a²), so that
no state is larger than the others. The other biases start at zero. That is right for inputs that change at each step.
In a deep network, of three layers or more, most change slowly and sum up, and states grew tenfold from layer to layer:
there the columns for n are multiplied by 3 (1 - |a|), at most by 1, and those for a by zero, so that no unit starts
with an input that it keeps for ever. States are then of like size in a dozen layers.

Memory of a window in training: Z, H, Y and dY are 6·H numbers a step and row, so 24·H·T·N bytes; with H = 256, T = 96,
N = 32 that is 19 MB.
"""

from typing import Any, Self

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.activations import sigmoid, tanh
from rnncli.kernels.arrays import reshaped
from rnncli.kernels.barrier import meet
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.parts import Part
from rnncli.kernels.states import clear_starts

CELL = {"rank": 3, "help": "minimal gated unit for long sequences", "options": {}}

KEEP, IN, NEW = range(3)  # the thirds of Z: a, i, n
SPREAD = -1.0, 3.0  # of the first biases of a
DEEP = 3  # layers


class MinGRU(Cell):
    """The equations above; kernels below."""

    name, gates, state_names = "mingru", 3, ("h",)
    recurrent = ()
    by_units = True
    gate_parts, signed_parts = {"input": IN}, {"keep": KEEP}
    deep = False

    @classmethod
    def stack(cls, widths: list[int], hidden: int, chosen: dict[str, str] | None = None) -> list[Self]:
        cells = super().stack(widths, hidden, chosen)
        for cell in cells:
            cell.deep = len(cells) >= DEEP
        return cells

    @classmethod
    def usual_layers(cls, steps: int, chosen: dict[str, str] | None = None) -> int:
        """Two: one is linear in h."""
        return 2

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        theta = super().init(rng)
        bias = np.linspace(*SPREAD, self.hidden, dtype=np.float32)
        theta["b"][: self.hidden] = bias
        if self.deep:
            theta["W"][:, : self.hidden] = 0
            theta["W"][:, NEW * self.hidden :] *= np.minimum(1, 3 * (1 - np.abs(np.tanh(bias))))
        else:
            theta["W"][:, NEW * self.hidden :] /= np.cosh(bias)
        return theta

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        (H,) = steps.states
        forward(steps.Z, H, steps.Y, steps.starts, *self.shared(part))

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        (H,), (dH,) = layer.states, layer.dstates
        backward(layer.Z, H, layer.dY, dH, layer.starts, steps, *self.shared(part))


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, int64, int64, int64, int64[::1], int64)"
)
def forward(Z, H, Y, starts, first, last, begin, end, sync, members):
    """All steps for the rows first <= n < last.

    Z (T, N, 3H): in x·W + b, out a, i, n.  H (T+1, N, H): the states that step t starts from; slot 0 is given, and
    zeroed where a sequence starts.  Y (T, N, H): h[t].

    Of the units a thread has begin <= j < end, and meets the others of its rows after the last step.
    """
    gates = reshaped(Z, (Z.shape[0], Z.shape[1], 3, H.shape[2]))
    a, b, one = unsigned(begin), unsigned(end), Z.dtype.type(1)
    for t in range(Z.shape[0]):
        clear_starts(H, t, starts, t, first, last, begin, end)
        for n in range(first, last):
            for j in range(a, b):  # never beyond ±1 by a rounding, which would add up
                keep = tanh(gates[t, n, KEEP, j])
                keep = one if keep > one else keep
                gates[t, n, KEEP, j] = -one if keep < -one else keep
            for j in range(a, b):
                gates[t, n, IN, j] = sigmoid(gates[t, n, IN, j])
            for j in range(a, b):
                Y[t, n, j] = gates[t, n, KEEP, j] * H[t, n, j] + gates[t, n, IN, j] * gates[t, n, NEW, j]
            for j in range(a, b):
                H[t + 1, n, j] = Y[t, n, j]
    meet(sync, members)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, int64, int64,"
    " int64, int64, int64[::1], int64)"
)
def backward(Z, H, dY, dH, starts, steps, first, last, begin, end, sync, members):
    """The way back through all steps for the rows first <= n < last.

    Z (T, N, 3H): in a, i, n, out dZ.  H as it is after `forward`.  dY (T, N, H): in the gradient by way of the output,
    out the whole dL/dh[t].  dH (1, N, H): in the gradient at the end state, out the one at the initial state.

    Of the units a thread has begin <= j < end, and meets the others of its rows after the last step.
    """
    gates = reshaped(Z, (Z.shape[0], Z.shape[1], 3, dH.shape[2]))
    a, b, one = unsigned(begin), unsigned(end), Z.dtype.type(1)
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(a, b):
                dH[0, n, j] += dY[t, n, j]
                dY[t, n, j] = dH[0, n, j]
            # dz_n = dh ∘ i    dz_i = dh ∘ n ∘ i (1 - i)
            for j in range(a, b):
                i, dh = gates[t, n, IN, j], dH[0, n, j]
                gates[t, n, IN, j] = dh * gates[t, n, NEW, j] * i * (one - i)
                gates[t, n, NEW, j] = dh * i
            # dh[t-1] = dh ∘ a    dz_a = dh ∘ h[t-1] ∘ (1 - a²)
            for j in range(a, b):
                keep, dh = gates[t, n, KEEP, j], dH[0, n, j]
                gates[t, n, KEEP, j] = dh * H[t, n, j] * (one - keep * keep)
                dH[0, n, j] = dh * keep
        clear_starts(dH, 0, starts, t, first, last, begin, end)
    meet(sync, members)
