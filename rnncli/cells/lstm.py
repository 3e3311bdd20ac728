"""Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)        with z = x·W + b + h[t-1]·R, in the order i, f, g, o
    c[t] = f ∘ c[t-1] + i ∘ g
    h[t] = o ∘ tanh(c[t])

One bias b holds PyTorch's bias_ih + bias_hh. It starts at zero but for the forget gate's quarter, which starts at 1
(Jozefowicz et al. 2015), so that a new network remembers. With `memory` the forget gates start so that units remember
over 2 to that many steps, and b_i = -b_f, so that a state of many inputs is no larger than one (Tallec & Ollivier 2018,
arXiv 1804.11188).

Memory of a window in training: Z, H, C, TC, Y and dY are 9·H numbers a step and row, so 36·H·T·N bytes; with H = 256,
T = 96, N = 32 that is 28 MB.
"""

from typing import Any, cast

import numpy as np

from rnncli.cells.cell import Cell, memory_biases
from rnncli.kernels.activations import sigmoid, tanh
from rnncli.kernels.arrays import reshaped
from rnncli.kernels.barrier import meet
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.parts import Part
from rnncli.kernels.product import multiply_gates
from rnncli.kernels.states import clear_starts

CELL = {"rank": 0, "help": "long short-term memory", "options": {"memory": {"min": 3, "max": 1000000}}}

IN, FORGET, NEW, OUT = range(4)  # the quarters of Z: i, f, g, o


class LSTM(Cell):
    """The equations above; kernels below."""

    name, gates, state_names = "lstm", 4, ("h", "c")
    by_units = True
    options = cast(dict, CELL["options"])
    gate_parts = {"input": IN, "forget": FORGET, "output": OUT}

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        theta = super().init(rng)
        i, f, _, _ = theta["b"].reshape(4, -1)
        if self.chosen["memory"] is None:
            f[:] = 1.0
        else:
            f[:] = memory_biases(rng, float(self.chosen["memory"]), self.hidden)
            i[:] = -f
        return theta

    def extra_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        return {"TC": (T, N, self.hidden)}

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        H, C = steps.states
        arrays = steps.Z, layer.panels.R, H, C, steps.extra.TC, steps.Y
        forward(*arrays, steps.starts, *self.shared(part))

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        (_, C), (dH, dC), TC = layer.states, layer.dstates, layer.extra.TC
        arrays = layer.Z, layer.panels_T.R, C, TC, layer.dY, dH, dC
        backward(*arrays, layer.starts, steps, *self.shared(part))


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64, int64, int64, int64[::1], int64)"
)
def forward(Z, R, H, C, TC, Y, starts, first, last, begin, end, sync, members):
    """All steps for the rows first <= n < last.

    Z (T, N, 4H): in x·W + b, out the gates i, f, g, o.  R: panels of (H, 4H).  H, C (T+1, N, H): the states that step
    t starts from; slot 0 is given, and zeroed where a sequence starts.  TC (T, N, H): tanh(c[t]).  Y (T, N, H): h[t].

    Of the units a thread has begin <= j < end, and meets the others of its rows after each step: see kernels/parts.py.
    """
    gates = reshaped(Z, (Z.shape[0], Z.shape[1], 4, H.shape[2]))
    a, b = unsigned(begin), unsigned(end)
    for t in range(Z.shape[0]):
        clear_starts(C, t, starts, t, first, last, begin, end)
        if clear_starts(H, t, starts, t, first, last, begin, end):
            meet(sync, members)
        multiply_gates(H, t, R, Z, t, 4, first, last, True, begin, end)
        for n in range(first, last):
            for j in range(a, b):
                gates[t, n, IN, j] = sigmoid(gates[t, n, IN, j])
            for j in range(a, b):
                gates[t, n, FORGET, j] = sigmoid(gates[t, n, FORGET, j])
            for j in range(a, b):
                gates[t, n, NEW, j] = tanh(gates[t, n, NEW, j])
            for j in range(a, b):
                gates[t, n, OUT, j] = sigmoid(gates[t, n, OUT, j])
            # c[t] = f ∘ c[t-1] + i ∘ g
            for j in range(a, b):
                C[t + 1, n, j] = gates[t, n, FORGET, j] * C[t, n, j] + gates[t, n, IN, j] * gates[t, n, NEW, j]
            for j in range(a, b):
                TC[t, n, j] = tanh(C[t + 1, n, j])
            # h[t] = o ∘ tanh(c[t])
            for j in range(a, b):
                Y[t, n, j] = gates[t, n, OUT, j] * TC[t, n, j]
            for j in range(a, b):
                H[t + 1, n, j] = Y[t, n, j]
        meet(sync, members)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1],"
    " uint8[:,::1], int64, int64, int64, int64, int64, int64[::1], int64)"
)
def backward(Z, RT, C, TC, dY, dH, dC, starts, steps, first, last, begin, end, sync, members):
    """The way back through all steps for the rows first <= n < last.

    Z (T, N, 4H): in the gates, out dZ.  RT: panels of Rᵀ (4H, H).  dY (T, N, H): in the gradient by way of the output,
    out the whole dL/dh[t].  dH, dC (1, N, H): in the gradients at the end states, out those at the initial states
    (zero where a sequence starts).

    Of the units a thread has begin <= j < end, and meets the others of its rows after each step: see kernels/parts.py.
    """
    gates = reshaped(Z, (Z.shape[0], Z.shape[1], 4, dH.shape[2]))
    a, b, one = unsigned(begin), unsigned(end), Z.dtype.type(1)
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(a, b):
                dH[0, n, j] += dY[t, n, j]
                dY[t, n, j] = dH[0, n, j]
            # dc += dh ∘ o ∘ (1 - tanh²(c))
            for j in range(a, b):
                dC[0, n, j] += dH[0, n, j] * gates[t, n, OUT, j] * (one - TC[t, n, j] * TC[t, n, j])
            # dz_o = dh ∘ tanh(c) ∘ o (1 - o)
            for j in range(a, b):
                o = gates[t, n, OUT, j]
                gates[t, n, OUT, j] = dH[0, n, j] * TC[t, n, j] * o * (one - o)
            # dz_i = dc ∘ g ∘ i (1 - i)    dz_g = dc ∘ i ∘ (1 - g²)
            for j in range(a, b):
                i, g = gates[t, n, IN, j], gates[t, n, NEW, j]
                gates[t, n, IN, j] = dC[0, n, j] * g * i * (one - i)
                gates[t, n, NEW, j] = dC[0, n, j] * i * (one - g * g)
            # dz_f = dc ∘ c[t-1] ∘ f (1 - f)    dc[t-1] = dc ∘ f
            for j in range(a, b):
                f, dc = gates[t, n, FORGET, j], dC[0, n, j]
                gates[t, n, FORGET, j] = dc * C[t, n, j] * f * (one - f)
                dC[0, n, j] = dc * f
        meet(sync, members)
        # dh[t-1] = dz · Rᵀ
        multiply_gates(Z, t, RT, dH, 0, 1, first, last, False, begin, end)
        clear_starts(dH, 0, starts, t, first, last, begin, end)
        clear_starts(dC, 0, starts, t, first, last, begin, end)
