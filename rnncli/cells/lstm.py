"""Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)        with z = x·W + b + h[t-1]·R, in the order i, f, g, o
    c[t] = f ∘ c[t-1] + i ∘ g
    h[t] = o ∘ tanh(c[t])

One bias b holds PyTorch's bias_ih + bias_hh. It starts at zero but for the forget gate's quarter, which starts at 1
(Jozefowicz et al. 2015), so that a new network remembers.

Memory of a window in training: Z, H, C, TC, Y and dY are 9·H numbers a step and row, so 36·H·T·N bytes; with H = 256,
T = 96, N = 32 that is 28 MB.
"""

from typing import Any

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.activations import sigmoid, tanh
from rnncli.kernels.barrier import meet
from rnncli.kernels.compiler import kernel
from rnncli.kernels.product import multiply
from rnncli.kernels.states import begin_units, clear_starts

CELL = {"rank": 0, "help": "long short-term memory", "options": {}}

IN, FORGET, NEW, OUT = range(4)  # the quarters of Z: i, f, g, o


class LSTM(Cell):
    """The equations above; kernels below."""

    name, gates, state_names = "lstm", 4, ("h", "c")
    by_units = True
    gate_parts = {"input": IN, "forget": FORGET, "output": OUT}

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        theta = super().init(rng)
        theta["b"][self.hidden : 2 * self.hidden] = 1.0
        return theta

    def extra_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        return {"TC": (T, N, self.hidden)}

    def forward(self, layer: Any, steps: Any, first: int, last: int) -> None:
        H, C = steps.states
        forward(steps.Z, layer.panels.R, H, C, steps.extra.TC, steps.Y, steps.starts, first, last, *layer.units)

    def backward(self, layer: Any, steps: int, first: int, last: int) -> None:
        (_, C), (dH, dC), TC = layer.states, layer.dstates, layer.extra.TC
        backward(layer.Z, layer.panels_T.R, C, TC, layer.dY, dH, dC, layer.starts, steps, first, last)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64, int64, int64[::1], int64)"
)
def forward(Z, R, H, C, TC, Y, starts, first, last, begin, sync, threads):
    """All steps for the rows first <= n < last.

    Z (T, N, 4H): in x·W + b, out the gates i, f, g, o.  R: panels of (H, 4H).  H, C (T+1, N, H): the states that step
    t starts from; slot 0 is given, and zeroed where a sequence starts.  TC (T, N, H): tanh(c[t]).  Y (T, N, H): h[t].

    Where `threads` share the units, Z, R and TC are of this thread's alone, from `begin` on: see `Layer.units`.
    """
    units = Z.shape[2] // 4
    gate = Z.reshape(Z.shape[0], Z.shape[1], 4, units)
    for t in range(Z.shape[0]):
        begin_units(C, t, starts, t, first, last, begin, units)
        if begin_units(H, t, starts, t, first, last, begin, units):
            meet(sync, threads)
        multiply(H, t, R, Z, t, 1, first, last, True)
        for n in range(first, last):
            for j in range(2 * units):  # i and f stand side by side: one loop, which the vectoriser takes whole
                Z[t, n, j] = sigmoid(Z[t, n, j])
            for j in range(units):
                gate[t, n, NEW, j] = tanh(gate[t, n, NEW, j])
            for j in range(units):
                gate[t, n, OUT, j] = sigmoid(gate[t, n, OUT, j])
            # c[t] = f ∘ c[t-1] + i ∘ g
            before, c = C[t, n, begin : begin + units], C[t + 1, n, begin : begin + units]
            for j in range(units):
                c[j] = gate[t, n, FORGET, j] * before[j] + gate[t, n, IN, j] * gate[t, n, NEW, j]
            for j in range(units):
                TC[t, n, j] = tanh(c[j])
            # h[t] = o ∘ tanh(c[t])
            y, h = Y[t, n, begin : begin + units], H[t + 1, n, begin : begin + units]
            for j in range(units):
                y[j] = gate[t, n, OUT, j] * TC[t, n, j]
            for j in range(units):
                h[j] = y[j]
        meet(sync, threads)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1],"
    " uint8[:,::1], int64, int64, int64)"
)
def backward(Z, RT, C, TC, dY, dH, dC, starts, steps, first, last):
    """The way back through all steps for the rows first <= n < last.

    Z (T, N, 4H): in the gates, out dZ.  RT: panels of Rᵀ (4H, H).  dY (T, N, H): in the gradient by way of the output,
    out the whole dL/dh[t].  dH, dC (1, N, H): in the gradients at the end states, out those at the initial states
    (zero where a sequence starts).
    """
    units = dH.shape[2]
    one = Z.dtype.type(1)
    gate = Z.reshape(Z.shape[0], Z.shape[1], 4, units)
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(units):
                dH[0, n, j] += dY[t, n, j]
                dY[t, n, j] = dH[0, n, j]
            # dc += dh ∘ o ∘ (1 - tanh²(c))
            for j in range(units):
                dC[0, n, j] += dH[0, n, j] * gate[t, n, OUT, j] * (one - TC[t, n, j] * TC[t, n, j])
            # dz_o = dh ∘ tanh(c) ∘ o (1 - o)
            for j in range(units):
                o = gate[t, n, OUT, j]
                gate[t, n, OUT, j] = dH[0, n, j] * TC[t, n, j] * o * (one - o)
            # dz_i = dc ∘ g ∘ i (1 - i)    dz_g = dc ∘ i ∘ (1 - g²)
            for j in range(units):
                i, g = gate[t, n, IN, j], gate[t, n, NEW, j]
                gate[t, n, IN, j] = dC[0, n, j] * g * i * (one - i)
                gate[t, n, NEW, j] = dC[0, n, j] * i * (one - g * g)
            # dz_f = dc ∘ c[t-1] ∘ f (1 - f)    dc[t-1] = dc ∘ f
            for j in range(units):
                f, dc = gate[t, n, FORGET, j], dC[0, n, j]
                gate[t, n, FORGET, j] = dc * C[t, n, j] * f * (one - f)
                dC[0, n, j] = dc * f
        # dh[t-1] = dz · Rᵀ
        multiply(Z, t, RT, dH, 0, 1, first, last, False)
        clear_starts(dH, 0, starts, t, first, last)
        clear_starts(dC, 0, starts, t, first, last)
