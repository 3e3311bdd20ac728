"""Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)        with z = x·W + b + h[t-1]·R, in the order i, f, g, o
    c[t] = f ∘ c[t-1] + i ∘ g
    h[t] = o ∘ tanh(c[t])

One bias b holds PyTorch's bias_ih + bias_hh. It starts at zero but for the forget gate's quarter, which starts at 1
(Jozefowicz et al. 2015), so that a new network remembers.
"""

from rnncli.cells.cell import Cell
from rnncli.kernels.activations import sigmoid, tanh
from rnncli.kernels.compiler import kernel
from rnncli.kernels.product import multiply

CELL = {"rank": 0, "help": "long short-term memory", "options": {}}


class LSTM(Cell):
    """The equations above; kernels below."""

    name, gates, state_names = "lstm", 4, ("h", "c")
    gate_parts = {"input": 0, "forget": 1, "output": 3}

    def init(self, rng):
        theta = super().init(rng)
        theta["b"][self.hidden : 2 * self.hidden] = 1.0
        return theta

    def extra_buffers(self, T, N):
        return {"TC": (T, N, self.hidden)}

    def forward(self, w, s, first, last):
        forward(s.Z, w.R_panels, s.H, s.C, s.TC, s.Y, s.starts, first, last)

    def backward(self, w, steps, first, last):
        backward(w.Z, w.RT_panels, w.C, w.TC, w.dY, w.dH, w.dC, w.starts, steps, first, last)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1],"
    " int64, int64)"
)
def forward(Z, R, H, C, TC, Y, starts, first, last):
    """All steps for the rows first <= n < last.

    Z (T, N, 4H): in x·W + b, out the gates i, f, g, o.  R: panels of (H, 4H).  H, C (T+1, N, H): the states that step
    t starts from; slot 0 is given, and zeroed where a sequence starts.  TC (T, N, H): tanh(c[t]).  Y (T, N, H): h[t].
    """
    units = H.shape[2]
    gate = Z.reshape(Z.shape[0], Z.shape[1], 4, units)
    for t in range(Z.shape[0]):
        for n in range(first, last):
            if starts[t, n]:
                for j in range(units):
                    H[t, n, j] = 0
                for j in range(units):
                    C[t, n, j] = 0
        multiply(H, t, R, Z, t, 1, first, last, True)
        for n in range(first, last):
            for j in range(2 * units):
                Z[t, n, j] = sigmoid(Z[t, n, j])
            for j in range(units):
                gate[t, n, 2, j] = tanh(gate[t, n, 2, j])
            for j in range(units):
                gate[t, n, 3, j] = sigmoid(gate[t, n, 3, j])
            # c[t] = f ∘ c[t-1] + i ∘ g
            for j in range(units):
                C[t + 1, n, j] = gate[t, n, 1, j] * C[t, n, j] + gate[t, n, 0, j] * gate[t, n, 2, j]
            for j in range(units):
                TC[t, n, j] = tanh(C[t + 1, n, j])
            # h[t] = o ∘ tanh(c[t])
            for j in range(units):
                Y[t, n, j] = gate[t, n, 3, j] * TC[t, n, j]
            for j in range(units):
                H[t + 1, n, j] = Y[t, n, j]


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
                dC[0, n, j] += dH[0, n, j] * gate[t, n, 3, j] * (one - TC[t, n, j] * TC[t, n, j])
            # dz_o = dh ∘ tanh(c) ∘ o (1 - o)
            for j in range(units):
                o = gate[t, n, 3, j]
                gate[t, n, 3, j] = dH[0, n, j] * TC[t, n, j] * o * (one - o)
            # dz_i = dc ∘ g ∘ i (1 - i)    dz_g = dc ∘ i ∘ (1 - g²)
            for j in range(units):
                i, g = gate[t, n, 0, j], gate[t, n, 2, j]
                gate[t, n, 0, j] = dC[0, n, j] * g * i * (one - i)
                gate[t, n, 2, j] = dC[0, n, j] * i * (one - g * g)
            # dz_f = dc ∘ c[t-1] ∘ f (1 - f)    dc[t-1] = dc ∘ f
            for j in range(units):
                f, dc = gate[t, n, 1, j], dC[0, n, j]
                gate[t, n, 1, j] = dc * C[t, n, j] * f * (one - f)
                dC[0, n, j] = dc * f
        # dh[t-1] = dz · Rᵀ
        multiply(Z, t, RT, dH, 0, 1, first, last, False)
        for n in range(first, last):
            if starts[t, n]:
                for j in range(units):
                    dH[0, n, j] = 0
                for j in range(units):
                    dC[0, n, j] = 0
