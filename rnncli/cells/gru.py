"""Gated recurrent unit (Cho et al. 2014, arXiv 1406.1078v1: the reset gate is applied after the product, as in cuDNN).

    r = σ(z_r + h[t-1]·R_r)   u = σ(z_u + h[t-1]·R_u)                    with z = x·W + b, in the order r, u, n
    q = h[t-1]·R_n + b_n
    n = tanh(z_n + r ∘ q)
    h[t] = (1 - u) ∘ n + u ∘ h[t-1]

PyTorch calls u "z". The bias b holds bias_ih + bias_hh for r and u and bias_ih for n; bias_hh of n, inside the reset
gate, is kept apart as b_n. All start at zero; with `memory` those of u start so that units remember over 2 to that many
steps (Tallec & Ollivier 2018, arXiv 1804.11188).

Memory of a window in training: Z, S, H, Y and dY are 9·H numbers a step and row, so 36·H·T·N bytes; with H = 256,
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

CELL = {"rank": 1, "help": "gated recurrent unit", "options": {"memory": {"min": 3, "max": 1000000}}}

RESET, UPDATE, NEW = range(3)  # the thirds of Z and S: r, u, n (of S the last is q)


class GRU(Cell):
    """The equations above; kernels below."""

    name, gates, state_names = "gru", 3, ("h",)
    by_units = True
    options = cast(dict, CELL["options"])
    gate_parts = {"reset": RESET, "update": UPDATE}

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return super().shapes() | {"b_n": (self.hidden,)}

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        theta = super().init(rng)
        if self.chosen["memory"] is not None:
            u = theta["b"].reshape(3, -1)[UPDATE]
            u[:] = memory_biases(rng, float(self.chosen["memory"]), self.hidden)
        return theta | {"b_n": np.zeros(self.hidden, np.float32)}

    def to_torch(self, theta: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """bias_hh of n is b_n."""
        out = super().to_torch({name: array for name, array in theta.items() if name != "b_n"})
        out["bias_hh"][2 * self.hidden :] = theta["b_n"]
        return out

    def from_torch(self, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        bias_hh = tensors["bias_hh"].copy()
        b_n = bias_hh[2 * self.hidden :].copy()
        bias_hh[2 * self.hidden :] = 0
        return super().from_torch(tensors | {"bias_hh": bias_hh, "b_n": b_n})

    def extra_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        return {"S": (T, N, 3 * self.hidden)}

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        (H,), S, b_n = steps.states, steps.extra.S, layer.theta.b_n
        forward(steps.Z, layer.panels.R, b_n, H, S, steps.Y, steps.starts, *self.shared(part))

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        (H,), (dH,), S = layer.states, layer.dstates, layer.extra.S
        backward(layer.Z, layer.panels_T.R, H, S, layer.dY, dH, layer.starts, steps, *self.shared(part))

    def products(self, layer: Any, steps: int, sums: Any) -> list:
        """dR = Σ h[t-1]ᵀ [dz_r, dz_u, dq]."""
        h, dS = layer.matrix(layer.states[0], steps), layer.matrix(layer.extra.S, steps)
        return [sums.product(h, dS, layer.grads.R, steps)]

    def bias_gradients(self, layer: Any, steps: int, sums: Any, thread: int, threads: int) -> None:
        """db_n = Σ dq."""
        dS = layer.matrix(layer.extra.S, steps)
        sums.columns(dS, sums.groups(steps), layer.grads.b_n, thread, threads, 2 * self.hidden)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64, int64, int64, int64[::1], int64)"
)
def forward(Z, R, b_n, H, S, Y, starts, first, last, begin, end, sync, members):
    """All steps for the rows first <= n < last.

    Z (T, N, 3H): in x·W + b, out r, u, n.  R: panels of (H, 3H).  H (T+1, N, H): the states that step t starts from;
    slot 0 is given, and zeroed where a sequence starts.  S (T, N, 3H): out h[t-1]·R, with q last.  Y (T, N, H): h[t].

    Of the units a thread has begin <= j < end, and meets the others of its rows after each step: see kernels/parts.py.
    """
    shape = Z.shape[0], Z.shape[1], 3, H.shape[2]
    gates, products = reshaped(Z, shape), reshaped(S, shape)
    a, b, one = unsigned(begin), unsigned(end), Z.dtype.type(1)
    for t in range(Z.shape[0]):
        if clear_starts(H, t, starts, t, first, last, begin, end):
            meet(sync, members)
        multiply_gates(H, t, R, S, t, 3, first, last, False, begin, end)
        for n in range(first, last):
            for j in range(a, b):
                gates[t, n, RESET, j] = sigmoid(gates[t, n, RESET, j] + products[t, n, RESET, j])
            for j in range(a, b):
                gates[t, n, UPDATE, j] = sigmoid(gates[t, n, UPDATE, j] + products[t, n, UPDATE, j])
            for j in range(a, b):
                products[t, n, NEW, j] += b_n[j]
            for j in range(a, b):
                gates[t, n, NEW, j] = tanh(gates[t, n, NEW, j] + gates[t, n, RESET, j] * products[t, n, NEW, j])
            # h[t] = (1 - u) ∘ n + u ∘ h[t-1]
            for j in range(a, b):
                u = gates[t, n, UPDATE, j]
                Y[t, n, j] = (one - u) * gates[t, n, NEW, j] + u * H[t, n, j]
            for j in range(a, b):
                H[t + 1, n, j] = Y[t, n, j]
        meet(sync, members)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64, int64, int64, int64, int64[::1], int64)"
)
def backward(Z, RT, H, S, dY, dH, starts, steps, first, last, begin, end, sync, members):
    """The way back through all steps for the rows first <= n < last.

    Z (T, N, 3H): in r, u, n, out dZ.  S (T, N, 3H): in q (last), out [dz_r, dz_u, dq].  RT: panels of Rᵀ (3H, H).
    dY (T, N, H): in the gradient by way of the output, out the whole dL/dh[t].  dH (1, N, H): in the gradient at the
    end state, out the one at the initial state.

    Of the units a thread has begin <= j < end, and meets the others of its rows after each step: see kernels/parts.py.
    """
    shape = Z.shape[0], Z.shape[1], 3, dH.shape[2]
    gates, products = reshaped(Z, shape), reshaped(S, shape)
    a, b, one = unsigned(begin), unsigned(end), Z.dtype.type(1)
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(a, b):
                dH[0, n, j] += dY[t, n, j]
                dY[t, n, j] = dH[0, n, j]
            # dz_u = dh ∘ (h[t-1] - n) ∘ u (1 - u)
            for j in range(a, b):
                u = gates[t, n, UPDATE, j]
                products[t, n, UPDATE, j] = dH[0, n, j] * (H[t, n, j] - gates[t, n, NEW, j]) * u * (one - u)
            # dz_n = dh ∘ (1 - u) ∘ (1 - n²)    dh[t-1] = dh ∘ u + ..
            for j in range(a, b):
                u, new = gates[t, n, UPDATE, j], gates[t, n, NEW, j]
                gates[t, n, NEW, j] = dH[0, n, j] * (one - u) * (one - new * new)
                dH[0, n, j] *= u
            # dz_r = dz_n ∘ q ∘ r (1 - r)    dq = dz_n ∘ r
            for j in range(a, b):
                r = gates[t, n, RESET, j]
                products[t, n, RESET, j] = gates[t, n, NEW, j] * products[t, n, NEW, j] * r * (one - r)
            for j in range(a, b):
                products[t, n, NEW, j] = gates[t, n, NEW, j] * gates[t, n, RESET, j]
            for j in range(a, b):
                gates[t, n, RESET, j] = products[t, n, RESET, j]
            for j in range(a, b):
                gates[t, n, UPDATE, j] = products[t, n, UPDATE, j]
        meet(sync, members)
        # dh[t-1] += [dz_r, dz_u, dq] · Rᵀ
        multiply_gates(S, t, RT, dH, 0, 1, first, last, True, begin, end)
        clear_starts(dH, 0, starts, t, first, last, begin, end)
