"""A forecast model that is fed its own forecasts: the autonomous system of `predict --free-run`, in float64.

    s = [h.., z[t-m+1], .., z[t]]     the network's state, and the last scaled values that inputs are made from
    own inputs at t   z·A             values, changes, seasons, less the moving mean: all linear
    z[t+1]            gain · point(h[t]·W_out + b) + offset + z·B      the first step ahead, by its median or mean;
                                        offset has what the anchor is of nothing but zeros

See data/forecast_targets.py; inputs that are not made from the targets are those of X.
"""

import numpy as np

from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.kernels.threads import Team
from rnncli.predictors.forecaster import Forecaster
from rnncli.views.dynamics.system import System

LARGEST = 4096  # z·m values fed back at most
EPSILON = 1e-5


class Feedback(System):
    """`mean` and `std` (K,) are the scale of the series that runs."""

    def __init__(self, forecaster: Forecaster, team: Team, mean: np.ndarray, std: np.ndarray):
        super().__init__(forecaster.network, team)
        outlook, self.loss, shifts = forecaster.outlook, forecaster.loss, forecaster.calibration.shifts
        a, self.K = self.network.architecture, len(outlook.targets)
        self.A, self.B, level = linear_parts(outlook)
        self.memory = len(self.A) // self.K
        begin = a.input_width - a.numbers  # categories come before numbers, and the own inputs are the first of those
        self.own = slice(begin, begin + self.A.shape[1])
        self.parts.append(("z", None, len(self.A)))
        self.n = self.hidden + len(self.A)
        self.blocks = [self.n]  # what is fed back makes one of all layers
        if outlook.scaled:
            self.gain, self.offset = np.array(outlook.width)[0], np.array(outlook.bias)[0] + level
        else:
            self.gain, self.offset = 1 / std, -mean / std
        if shifts is not None:
            self.offset = self.offset + self.gain * self.loss.point_shift(shifts)[0]
        W = self.K * self.loss.width  # outputs of the first step ahead
        self.W_out, self.b_out = self.network.theta["output.W"][:, :W], self.network.theta["output.b"][:W]

    def window(self, z: np.ndarray, rows: np.ndarray, first: int) -> np.ndarray:
        """The part z of s (rows, m·K) with which these rows of z (rows, K) are read; the series begins at `first`."""
        back = np.arange(self.memory - 1, -1, -1)
        return z[np.maximum(rows[:, None] - back, first)].reshape(len(rows), -1)

    def step(self, S: np.ndarray, X: np.ndarray) -> np.ndarray:
        u, z = self.unfolded(len(S)), S[:, self.hidden :]
        rows = np.array(np.broadcast_to(X, (len(S), X.shape[-1])))
        rows[:, self.own] = z @ self.A
        self.forward(u, S[:, : self.hidden], rows)
        ahead = self.gain * self.loss.point(self._params(u)) + self.offset + z @ self.B
        return np.concatenate([*u.states(1), z[:, self.K :], ahead], axis=1)

    def back(self, dS: np.ndarray) -> np.ndarray:
        u, K, dz = self.unfolded(len(dS)), self.K, dS[:, self.hidden :]
        dahead = dz[:, -K:]
        dparams = (dahead * self.gain)[..., None] * self._slopes(self._params(u))
        u.layers[-1].dY[0] = dparams.reshape(len(dS), -1) @ self.W_out.T
        self.backward(u, dS[:, : self.hidden])
        dbefore = u.input.dX[0][:, self.own] @ self.A.T + dahead @ self.B.T
        dbefore[:, K:] += dz[:, :-K]
        return np.concatenate([self.gradients(u), dbefore], axis=1)

    def _params(self, u) -> np.ndarray:
        """(N, K, W) of the first step ahead."""
        return (u.layers[-1].Y[0] @ self.W_out + self.b_out).reshape(u.N, self.K, -1)

    def _slopes(self, params: np.ndarray) -> np.ndarray:
        """∂point/∂params (N, K, W), by central differences: points are linear, or exponentials and the like."""
        steps = EPSILON * np.eye(params.shape[-1])
        sides = [self.loss.point(params + step) - self.loss.point(params - step) for step in steps]
        return np.stack(sides, axis=-1) / (2 * EPSILON)


def linear_parts(o: Outlook) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A (m·K, own inputs), B (m·K, K) and the anchor (K,) of zeros, with as few rows back as they look.

    ValueError if that is too far.
    """
    K, size = len(o.targets), o.memory * len(o.targets)
    if size > LARGEST:
        raise ValueError(f"it looks back on {size:,} values, and up to {LARGEST:,} can be part of a system's state")
    units = np.eye(size).reshape(size, o.memory, K)
    inputs, anchors = zip(*(_read(o, z) for z in units), strict=True)
    _, level = _read(o, np.zeros_like(units[0]))
    A, B = np.array(inputs), np.array(anchors) - level
    used = np.flatnonzero((A != 0).any(axis=1) | (B != 0).any(axis=1))
    begin = used[0] // K * K if len(used) else size - K
    return A[begin:], B[begin:], level


def _read(o: Outlook, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the last of these rows z (m, K) gives to the inputs, and to the anchor of the first step ahead."""
    past, last = Past(z, np.zeros(len(z), int)), np.array([len(z) - 1])
    anchor = o.anchors(past, last)[0, 0] if o.scaled else np.zeros(z.shape[1])
    return o.inputs(past, last)[0].astype(np.float64), anchor
