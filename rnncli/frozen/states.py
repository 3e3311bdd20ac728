"""The read-out of a recurrent network whose cells stay as they were drawn, for series: with `rnn` it is an echo-state
network (Jaeger 2001, GMD report 148; Jaeger and Haas 2004 on chaotic series).

    y[t] = (h[t] - h̄)·W + ȳ        W = (Hᵀ H + λ 1)⁻¹ Hᵀ Y        H, Y: the rows of the training part, centred

y are the scaled residuals that a trained network puts out too, those of all steps ahead and all targets. λ has the
least squared error on the validation part; without one it is WITHOUT.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.series_windows import read
from rnncli.errors import RnncliError
from rnncli.network.likelihoods import Likelihood
from rnncli.network.network import Network, Unfolded

STEPS, ROWS = 128, 32  # of series at a time, side by side
WASHED = 100  # first rows of a series whose state still knows that it began at zero; at most a fourth of the series
STRENGTHS = np.logspace(-12, 1, 14)  # λ, as parts of the mean of the diagonal of Hᵀ H; below, float32 states are noise
WITHOUT = 1e-6
MOST = 20_000  # validation rows, from the first on


class NothingToFit(RnncliError):
    """No row has all its targets."""


@dataclass
class StateReadout:
    """As it was fitted: W (H, outputs) and b; the error of each strength, and the deviation of each output's error."""

    W: np.ndarray
    b: np.ndarray
    strength: float
    errors: list[float]
    spread: np.ndarray

    @property
    def error(self) -> float:
        """The least mean squared error."""
        return min(self.errors)


def fit(u: Unfolded, train: Extent, valid: Extent | None) -> StateReadout:
    """The read-out of an unfolded network, packed. NothingToFit if there is no row to fit it to."""
    sums = _Sums(u.network.architecture.hidden)
    for h, y in _rows(u, train):
        sums.add(h, y)
    if not sums.n:
        raise NothingToFit("no row has all its targets, expected some to fit a read-out to: use --learn all")
    held = valid and _first(_rows(u, valid), MOST)
    strengths = STRENGTHS if held else [WITHOUT]
    h, y = held or _first(_rows(u, train), MOST)
    squares = [(sums.errors(strength, h, y) ** 2).mean(axis=0) for strength in strengths]
    errors = [float(one.mean()) for one in squares]
    best = int(np.argmin(errors))
    return StateReadout(*sums.solve(strengths[best]), float(strengths[best]), errors, np.sqrt(squares[best]))


def put(network: Network, found: StateReadout, loss: Likelihood) -> None:
    """The read-out as the output layer: the point of each output depends on the state, its spread does not."""
    shape, at = (len(found.b), loss.width), loss.point_parameter
    W = np.zeros((network.architecture.hidden, *shape))
    W[:, :, at] = found.W
    bias = loss.spread(found.spread)
    bias[:, at] += found.b
    network.theta["output.W"][...] = W.reshape(len(W), -1)
    network.theta["output.b"][...] = bias.ravel()


def _rows(u: Unfolded, extent: Extent) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """h (n, H) and y (n, outputs) in float64 of the rows that are scored and have all their targets."""
    s = extent.series
    from_zero = np.minimum(WASHED, (extent.last - extent.reads) // 4)
    first = np.maximum(extent.first, extent.reads + from_zero)
    for rows, inside, _, count in read(u, s, extent.reads, extent.last, None):
        wanted = inside & (rows >= first[extent.stretch_of(rows)])
        if not wanted.any():
            continue
        y = s.residuals(rows[wanted], extent.limits(rows[wanted])).astype(np.float64)
        h = u.layers[-1].Y[:count][wanted[:count]].astype(np.float64)
        there = np.isfinite(y).all(axis=1)
        yield h[there], y[there]


def _first(rows: Iterator[tuple[np.ndarray, np.ndarray]], most: int) -> tuple[np.ndarray, np.ndarray] | None:
    """So many of them at most, together; None if there are none."""
    kept, n = [], 0
    for h, y in rows:
        kept.append((h, y))
        n += len(h)
        if n >= most:
            break
    return None if not n else (np.concatenate([h for h, _ in kept]), np.concatenate([y for _, y in kept]))


class _Sums:
    """Products of states and targets over rows, and the read-outs that follow from them."""

    def __init__(self, hidden: int):
        self.G, self.B = np.zeros((hidden + 1, hidden + 1)), np.zeros((hidden + 1, 1))

    @property
    def n(self) -> int:
        """Rows."""
        return round(self.G[-1, -1])

    def add(self, h: np.ndarray, y: np.ndarray) -> None:
        """Rows of states (n, H) and targets (n, outputs)."""
        h = np.concatenate([h, np.ones((len(h), 1))], axis=1)
        self.G += h.T @ h
        self.B = self.B + h.T @ y

    @cached_property
    def _spectrum(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Eigenvalues and eigenvectors of Hᵀ H, centred; in their directions Hᵀ Y; the mean of h."""
        mean = self.G[:-1, -1] / self.n
        values, vectors = np.linalg.eigh(self.G[:-1, :-1] - self.n * np.outer(mean, mean))
        turned = vectors.T @ (self.B[:-1] - np.outer(mean, self.B[-1]))
        return np.maximum(values, 0), vectors, turned, mean

    def solve(self, strength: float) -> tuple[np.ndarray, np.ndarray]:
        """W and b."""
        values, vectors, turned, mean = self._spectrum
        W = vectors @ (turned / (values + strength * (values.mean() or 1.0))[:, None])
        return W, self.B[-1] / self.n - mean @ W

    def errors(self, strength: float, h: np.ndarray, y: np.ndarray) -> np.ndarray:
        """What the read-out of this strength is off by."""
        W, b = self.solve(strength)
        return h @ W + b - y
