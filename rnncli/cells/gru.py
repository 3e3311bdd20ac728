"""Gated recurrent unit (Cho et al. 2014, arXiv 1406.1078v1: the reset gate is applied after the product, as in cuDNN).

    r = σ(z_r + h[t-1]·R_r)   u = σ(z_u + h[t-1]·R_u)                    with z = x·W + b, in the order r, u, n
    q = h[t-1]·R_n + b_n
    n = tanh(z_n + r ∘ q)
    h[t] = (1 - u) ∘ n + u ∘ h[t-1]

PyTorch calls u "z". The bias b holds bias_ih + bias_hh for r and u and bias_ih for n; bias_hh of n, inside the reset
gate, is kept apart as b_n. All start at zero.
"""

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.activations import sigmoid, tanh
from rnncli.kernels.compiler import kernel
from rnncli.kernels.product import column_sums, multiply, outer
from rnncli.kernels.threads import share

CELL = {"rank": 1, "help": "gated recurrent unit", "options": {}}


class GRU(Cell):
    """The equations above; kernels below."""

    name, gates, state_names = "gru", 3, ("h",)
    gate_parts = {"reset": 0, "update": 1}

    def shapes(self):
        return super().shapes() | {"b_n": (self.hidden,)}

    def init(self, rng):
        return super().init(rng) | {"b_n": np.zeros(self.hidden, np.float32)}

    def extra_buffers(self, T, N):
        return {"S": (T, N, 3 * self.hidden)}

    def forward(self, w, s, first, last):
        forward(s.Z, w.R_panels, w.b_n, s.H, s.S, s.Y, s.starts, first, last)

    def backward(self, w, steps, first, last):
        backward(w.Z, w.RT_panels, w.H, w.S, w.dY, w.dH, w.starts, steps, first, last)

    def recurrent_gradients(self, w, steps, part, parts):
        """dR += Σ h[t-1]ᵀ [dz_r, dz_u, dq] and db_n += Σ dq, the columns of this part."""
        dS = w.rows("S", steps)
        outer(w.rows("H", steps), dS, w.dR, *share(len(w.R_panels), part, parts), *w.scratch(part))
        column_sums(dS, 2 * self.hidden, w.db_n, *share(self.hidden, part, parts))


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64)"
)
def forward(Z, R, b_n, H, S, Y, starts, first, last):
    """All steps for the rows first <= n < last.

    Z (T, N, 3H): in x·W + b, out r, u, n.  R: panels of (H, 3H).  H (T+1, N, H): the states that step t starts from;
    slot 0 is given, and zeroed where a sequence starts.  S (T, N, 3H): out h[t-1]·R, with q last.  Y (T, N, H): h[t].
    """
    units = H.shape[2]
    one = Z.dtype.type(1)
    gate = Z.reshape(Z.shape[0], Z.shape[1], 3, units)
    product = S.reshape(S.shape[0], S.shape[1], 3, units)
    for t in range(Z.shape[0]):
        for n in range(first, last):
            if starts[t, n]:
                for j in range(units):
                    H[t, n, j] = 0
        multiply(H, t, R, S, t, 1, first, last, False)
        for n in range(first, last):
            for j in range(2 * units):
                Z[t, n, j] = sigmoid(Z[t, n, j] + S[t, n, j])
            for j in range(units):
                product[t, n, 2, j] += b_n[j]
            for j in range(units):
                gate[t, n, 2, j] = tanh(gate[t, n, 2, j] + gate[t, n, 0, j] * product[t, n, 2, j])
            # h[t] = (1 - u) ∘ n + u ∘ h[t-1]
            for j in range(units):
                u = gate[t, n, 1, j]
                Y[t, n, j] = (one - u) * gate[t, n, 2, j] + u * H[t, n, j]
            for j in range(units):
                H[t + 1, n, j] = Y[t, n, j]


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64, int64)"
)
def backward(Z, RT, H, S, dY, dH, starts, steps, first, last):
    """The way back through all steps for the rows first <= n < last.

    Z (T, N, 3H): in r, u, n, out dZ.  S (T, N, 3H): in q (last), out [dz_r, dz_u, dq].  RT: panels of Rᵀ (3H, H).
    dY (T, N, H): in the gradient by way of the output, out the whole dL/dh[t].  dH (1, N, H): in the gradient at the
    end state, out the one at the initial state.
    """
    units = dH.shape[2]
    one = Z.dtype.type(1)
    gate = Z.reshape(Z.shape[0], Z.shape[1], 3, units)
    product = S.reshape(S.shape[0], S.shape[1], 3, units)
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(units):
                dH[0, n, j] += dY[t, n, j]
                dY[t, n, j] = dH[0, n, j]
            # dz_u = dh ∘ (h[t-1] - n) ∘ u (1 - u)
            for j in range(units):
                u = gate[t, n, 1, j]
                product[t, n, 1, j] = dH[0, n, j] * (H[t, n, j] - gate[t, n, 2, j]) * u * (one - u)
            # dz_n = dh ∘ (1 - u) ∘ (1 - n²)    dh[t-1] = dh ∘ u + ..
            for j in range(units):
                u, new = gate[t, n, 1, j], gate[t, n, 2, j]
                gate[t, n, 2, j] = dH[0, n, j] * (one - u) * (one - new * new)
                dH[0, n, j] *= u
            # dz_r = dz_n ∘ q ∘ r (1 - r)    dq = dz_n ∘ r
            for j in range(units):
                r = gate[t, n, 0, j]
                product[t, n, 0, j] = gate[t, n, 2, j] * product[t, n, 2, j] * r * (one - r)
            for j in range(units):
                product[t, n, 2, j] = gate[t, n, 2, j] * gate[t, n, 0, j]
            for j in range(2 * units):
                Z[t, n, j] = S[t, n, j]
        # dh[t-1] += [dz_r, dz_u, dq] · Rᵀ
        multiply(S, t, RT, dH, 0, 1, first, last, True)
        for n in range(first, last):
            if starts[t, n]:
                for j in range(units):
                    dH[0, n, j] = 0
