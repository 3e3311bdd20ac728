"""The plain recurrent network (Elman 1990).

    h[t] = a f(x[t]·W + b + h[t-1]·R) + (1 - a) h[t-1]
                                           f: tanh, relu (Le et al. 2015, arXiv 1504.00941) or linear;  a: the leak

One bias b holds PyTorch's bias_ih + bias_hh. R starts orthogonal for tanh. For relu and linear it starts as 0.9 times
the identity: the identity itself, as in the paper, adds up a stream's inputs without end, and its state explodes.

With `recurrent=orthogonal` R stays orthogonal: by R alone nothing that h holds shrinks or grows, for thousands of steps
(Arjovsky et al. 2016, arXiv 1511.06464). It starts as rotations of pairs of units, by angles uniform in ±π (Henaff et
al. 2016, arXiv 1602.06662), and is turned at `turn` times the rate of all else: training/rotations.py.

With `radius`, R starts as that of an echo-state network (Jaeger 2001, GMD report 148): normal numbers, of which a part
`density` is not zero, scaled to that largest |eigenvalue|. W and b are then uniform in ±`inputs` and ±`bias`.

Memory of a window in training: Z, H, Y and dY are 4·H numbers a step and row, so 16·H·T·N bytes; with H = 256, T = 96,
N = 32 that is 13 MB.
"""

from typing import Any, cast

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.activations import tanh
from rnncli.kernels.barrier import meet
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.parts import Part
from rnncli.kernels.product import multiply_gates
from rnncli.kernels.states import clear_starts

CELL = {
    "rank": 2,
    "help": "plain recurrent network",
    "options": {
        "activation": ("tanh", "relu", "linear"),
        "recurrent": ("free", "orthogonal"),
        "turn": {"default": 0.1, "min": 0, "max": 1},
        "leak": {"default": 1.0, "above": 0, "max": 1},
        "radius": {"above": 0, "max": 10},
        "inputs": {"default": 0.3, "above": 0, "max": 100},
        "bias": {"default": 1.0, "min": 0, "max": 100},
        "density": {"default": 0.1, "above": 0, "max": 1},
    },
}

TANH, RELU, LINEAR = 0, 1, 2
LEAK = 0.9
ORTHOGONAL = "orthogonal"


class RNN(Cell):
    """The equation above; kernels below."""

    name, gates, state_names = "rnn", 1, ("h",)
    by_units = True
    options = cast(dict, CELL["options"])

    @classmethod
    def conflict(cls, chosen: dict[str, str]) -> str:
        turns = chosen.get("recurrent") == ORTHOGONAL
        if "radius" in chosen and turns:
            return "radius and recurrent=orthogonal cannot be combined: an orthogonal R has the spectral radius 1"
        return "turn has no effect without recurrent=orthogonal" * ("turn" in chosen and not turns)

    @property
    def orthogonal(self) -> dict[str, float]:  # type: ignore[override]
        return {"R": float(self.chosen["turn"])} if self.chosen["recurrent"] == ORTHOGONAL else {}

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        theta = super().init(rng)
        if self.orthogonal:
            return theta | {"R": rotations(rng, self.hidden).astype(np.float32)}
        if self.chosen["radius"] is not None:
            return {name: array.astype(np.float32) for name, array in self._echo(rng).items()}
        if self.chosen["activation"] != "tanh":
            theta["R"] = np.float32(LEAK) * np.eye(self.hidden, dtype=np.float32)
        return theta

    def _echo(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """The parameters of an echo-state network; R without any number but zero stays so."""
        radius, inputs, bias, density = (float(self.chosen[name]) for name in ("radius", "inputs", "bias", "density"))
        R = rng.standard_normal((self.hidden, self.hidden)) * (rng.random((self.hidden, self.hidden)) < density)
        largest = np.abs(np.linalg.eigvals(R)).max()
        return {
            "W": rng.uniform(-inputs, inputs, (self.inputs, self.hidden)),
            "R": R * (radius / largest if largest else 0.0),
            "b": rng.uniform(-bias, bias, self.hidden),
        }

    @property
    def leak(self) -> float:
        return float(self.chosen["leak"])

    @property
    def signed_parts(self) -> dict[str, int]:  # type: ignore[override]
        return {"state": 0} if self.chosen["activation"] == "tanh" else {}

    @property
    def kind(self) -> int:
        return self.options["activation"].index(self.chosen["activation"])

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        (H,) = steps.states
        forward(steps.Z, layer.panels.R, H, steps.Y, steps.starts, self.kind, self.leak, *self.shared(part))

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        (dH,) = layer.dstates
        backward(layer.Z, layer.panels_T.R, layer.dY, dH, layer.starts, self.kind, self.leak, steps, *self.shared(part))


def rotations(rng: np.random.Generator, size: int) -> np.ndarray:
    """A matrix (size, size) that turns pairs of units by angles uniform in ±π; a single last one stays as it is."""
    R, first = np.eye(size), np.arange(0, size - 1, 2)
    angles = rng.uniform(-np.pi, np.pi, len(first))
    R[first, first] = R[first + 1, first + 1] = np.cos(angles)
    R[first, first + 1] = np.sin(angles)
    R[first + 1, first] = -np.sin(angles)
    return R


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, float64, int64, int64,"
    " int64, int64, int64[::1], int64)"
)
def forward(Z, R, H, Y, starts, kind, leak, first, last, begin, end, sync, members):
    """All steps for the rows first <= n < last.

    Z (T, N, H): in x·W + b, out f(..).  R: panels of (H, H).  H (T+1, N, H): the states that step t starts from; slot
    0 is given, and zeroed where a sequence starts.  Y (T, N, H): h[t].  kind: TANH, RELU or LINEAR.

    Of the units a thread has begin <= j < end, and meets the others of its rows after each step: see kernels/parts.py.
    """
    a, b, zero = unsigned(begin), unsigned(end), Z.dtype.type(0)
    new, old = Z.dtype.type(leak), Z.dtype.type(1 - leak)
    for t in range(Z.shape[0]):
        if clear_starts(H, t, starts, t, first, last, begin, end):
            meet(sync, members)
        multiply_gates(H, t, R, Z, t, 1, first, last, True, begin, end)
        for n in range(first, last):
            if kind == TANH:
                for j in range(a, b):
                    Z[t, n, j] = tanh(Z[t, n, j])
            elif kind == RELU:
                for j in range(a, b):
                    Z[t, n, j] = zero if Z[t, n, j] < zero else Z[t, n, j]
            for j in range(a, b):
                Y[t, n, j] = new * Z[t, n, j] + old * H[t, n, j]
            for j in range(a, b):
                H[t + 1, n, j] = Y[t, n, j]
        meet(sync, members)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, float64, int64, int64,"
    " int64, int64, int64, int64[::1], int64)"
)
def backward(Z, RT, dY, dH, starts, kind, leak, steps, first, last, begin, end, sync, members):
    """The way back through all steps for the rows first <= n < last.

    Z (T, N, H): in f(..), out dZ.  RT: panels of Rᵀ (H, H).  dY (T, N, H): in the gradient by way of the output,
    out the whole dL/dh[t].  dH (1, N, H): in the gradient at the end state, out the one at the initial state.

    Of the units a thread has begin <= j < end, and meets the others of its rows after each step: see kernels/parts.py.
    """
    a, b = unsigned(begin), unsigned(end)
    zero, one, new, old = Z.dtype.type(0), Z.dtype.type(1), Z.dtype.type(leak), Z.dtype.type(1 - leak)
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(a, b):
                dH[0, n, j] += dY[t, n, j]
                dY[t, n, j] = dH[0, n, j]
            # dz = a dh ∘ f'(z), written by f(z)
            if kind == TANH:
                for j in range(a, b):
                    Z[t, n, j] = new * dH[0, n, j] * (one - Z[t, n, j] * Z[t, n, j])
            elif kind == RELU:
                for j in range(a, b):
                    Z[t, n, j] = new * dH[0, n, j] if Z[t, n, j] > zero else zero
            else:
                for j in range(a, b):
                    Z[t, n, j] = new * dH[0, n, j]
            for j in range(a, b):
                dH[0, n, j] *= old
        meet(sync, members)
        # dh[t-1] = dz · Rᵀ + (1 - a) dh[t]
        multiply_gates(Z, t, RT, dH, 0, 1, first, last, True, begin, end)
        clear_starts(dH, 0, starts, t, first, last, begin, end)
