"""The largest Lyapunov exponents of a system on its way, by the QR method (Benettin et al. 1980, Meccanica 15).

    V[t] = J[t] Q[t-1] = Q[t] R[t]        λ_i = mean over t of ln R[t]_ii

Q[t] (n, k) are directions of small perturbations of the state. J[t] Q[t-1] is taken as a central difference of F at the
state and its neighbours, side by side in one step of the network: of the whole system, with what is fed back in it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncli.views.dynamics.system import System

COUNT = 8  # exponents at most
EPSILON = 1e-6  # of a difference, where values of the state are about 1 or smaller; else of their size
BLOCKS = 8  # of steps, by which one run's error is told
FLAT = -18.0  # a logarithm below that is only rounding: the direction is lost in one step
EDGE = 3.0  # perturbations that in all steps grow or shrink by less than e^3 neither grow nor shrink


@dataclass
class Growth:
    """`exponents` (k,) a step by falling size, and the standard `error` of each; over so many counted `steps`."""

    exponents: np.ndarray
    error: np.ndarray
    steps: int

    def to_json(self, dt: float | None) -> dict:
        """`per_step` and `per_time` (None if a step has no length in time), their errors, steps and verdict."""
        timed = {} if dt is None else {"per_time": self.exponents / dt, "per_time_error": self.error / dt}
        found = {"per_step": self.exponents, "error": self.error, "per_time": None, "per_time_error": None} | timed
        found = {name: value if value is None else value.tolist() for name, value in found.items()}
        return found | {"steps": self.steps, "verdict": self.verdict}

    @property
    def verdict(self) -> str:
        """Whether neighbours come together, part, or neither."""
        largest = float(self.exponents[0])
        if abs(largest) * self.steps <= EDGE or abs(largest) <= 2 * float(self.error[0]):
            return "edge"
        return "chaotic" if largest > 0 else "contracting"


def exponents(
    system: System, S: np.ndarray, inputs: Callable[[int, np.ndarray], np.ndarray], steps: int, warm: int
) -> Growth | None:
    """Of runs side by side from the states S (B, n), the mean of all, after `warm` steps that do not count.

    `inputs(t, S)` gives X[t] (D,) or (B, D); it may change S, the states that step t starts from. None if a run leaves
    the numbers.
    """
    B, n = S.shape
    k = min(COUNT, n)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((B, n, k)))[0]
    S, sums, counts = S.copy(), np.zeros((BLOCKS, B, k)), np.zeros(BLOCKS, int)
    with np.errstate(all="ignore"):
        for t in range(warm + steps):
            X = inputs(t, S)
            S, V = _advance(system, S, X, Q)
            if not np.isfinite(V).all():
                return None
            Q, R = np.linalg.qr(V)
            if t >= warm:
                grown = np.log(np.abs(np.diagonal(R, axis1=1, axis2=2)))
                block = (t - warm) * BLOCKS // steps
                sums[block] += np.where(grown < FLAT, -np.inf, grown)
                counts[block] += 1
        return _mean(sums, counts, steps)


def _advance(system: System, S: np.ndarray, X: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F (B, n) and J Q (B, n, k)."""
    B, n, k = Q.shape
    epsilon = EPSILON * np.maximum(1, np.sqrt((S * S).mean(axis=1)))[:, None, None]
    sides = epsilon * Q.swapaxes(1, 2)
    base = S[:, None]
    rows = np.concatenate([base, base + sides, base - sides], axis=1)
    X = np.broadcast_to(X, (B, X.shape[-1]))
    F = system.step(rows.reshape(-1, n), np.repeat(X, 1 + 2 * k, axis=0)).reshape(B, 1 + 2 * k, n)
    return F[:, 0].copy(), (F[:, 1 : k + 1] - F[:, k + 1 :]).swapaxes(1, 2) / (2 * epsilon)


def _mean(sums: np.ndarray, counts: np.ndarray, steps: int) -> Growth:
    """Over all runs; the error is that of the mean over runs, of one run over its blocks."""
    runs = sums.sum(axis=0) / steps  # (B, k)
    parts = runs if len(runs) > 1 else sums[counts > 0, 0] / counts[counts > 0, None]
    spread = np.nan_to_num(parts.std(axis=0, ddof=1) if len(parts) > 1 else np.zeros(parts.shape[1]))
    mean = runs.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    return Growth(mean[order], (spread / np.sqrt(len(parts)))[order], steps)
