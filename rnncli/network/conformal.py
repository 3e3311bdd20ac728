"""Split conformal quantiles: each is moved by a residual of the validation part, so that it covers the share it says.

    e[i] = y[i] - q_p[i]       signed residuals of the quantile of level p, of one step ahead and target
    p ≥ 1/2                    shift = the ⌈(n+1) p⌉-th smallest e
    p < 1/2                    shift = the ⌈(n+1) (1-p)⌉-th largest e, the same of the other tail

Of exchangeable residuals P(y ≤ q_p + shift) is then p to 1/(n+1), whatever the network has learnt (Vovk et al. 2005;
Romano et al. 2019, arXiv 1905.03222, one tail at a time). Where n is too small for a level the outermost residual is
taken, and never one that moves the quantile inwards. Where even fewer say something each, see few_residuals.py.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnncli.network.few_residuals import counted, shifts_of_few
from rnncli.network.likelihoods import Likelihood

ROUNDING = 1e-9  # of (n+1) p, so that 20 · 0.95 is 19 whatever its last digits are
DIGITS = 7  # that shifts are kept with


def needed(level: float) -> int:
    """How many residuals a level needs: ⌈(n+1) max(p, 1-p)⌉ ≤ n."""
    return math.ceil(1 / min(level, 1 - level) - 1 - ROUNDING)


def shift(residuals: np.ndarray, level: float) -> float:
    """Of one level, from its residuals (n,) without gaps; 0 where there are none."""
    n = len(residuals)
    if not n:
        return 0.0
    outward = 1.0 if level >= 0.5 else -1.0
    rank = math.ceil((n + 1) * max(level, 1 - level) - ROUNDING)
    ordered = np.sort(outward * residuals)
    if rank > n:
        return float(outward * max(0.0, ordered[-1]))
    return float(outward * ordered[rank - 1])


def shifts(q: np.ndarray, y: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """(H, K, Q) from quantiles (n, H, K, Q) and what came (n, H, K), NaN where nothing did."""
    _, H, K, Q = q.shape
    out = np.zeros((H, K, Q))
    for h in range(H):
        for k in range(K):
            there = ~np.isnan(y[:, h, k])
            known = y[there, h, k]
            out[h, k] = [shift(known - q[there, h, k, i], level) for i, level in enumerate(levels)]
    return out


def enough(y: np.ndarray, levels: tuple[float, ...]) -> bool:
    """Whether the values (n, H, K) of each step ahead count as many residuals as the outermost level needs."""
    return bool(counted(y).min() >= max(map(needed, levels)))


def fitted_shifts(q: np.ndarray, y: np.ndarray, loss: Likelihood) -> np.ndarray:
    """(H, K, Q) from quantiles (n, H, K, Q) of a validation part and what came (n, H, K), NaN where nothing did; the
    points are moved as `shifts` has it, however few these are.
    """
    found = shifts(q, y, loss.levels)
    return found if enough(y, loss.levels) else shifts_of_few(q, y, loss, loss.point_shift(found))


def shifted(q: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Quantiles (.., H, K, Q), moved and sorted so that they do not cross."""
    return np.sort(q + by, axis=-1)


def later_coverage(q: np.ndarray, y: np.ndarray, later: np.ndarray, loss: Likelihood) -> dict[str, float] | None:
    """Whether the shifts of the earlier forecasts fit the `later` ones (n,): the share of values between the outermost
    quantiles, beside the share that these levels stand for. None where the earlier ones are too few to tell.
    """
    levels = loss.levels
    if len(levels) < 2 or (~np.isnan(y[~later])).sum(axis=0).min() < max(map(needed, levels)):
        return None
    known, moved = y[later], shifted(q[later], fitted_shifts(q[~later], y[~later], loss))
    there = ~np.isnan(known)
    inside = (known >= moved[..., 0]) & (known <= moved[..., -1])
    if not there.any():
        return None
    return {"nominal": round(levels[-1] - levels[0], DIGITS), "later": float(inside[there].mean())}


@dataclass(frozen=True)
class Calibration:
    """What the validation part says of the points and quantiles of a loss."""

    loss: Likelihood
    shifts: np.ndarray | None  # (H, K, Q)
    spread: np.ndarray | None  # (H, 1, Q): the factors of files of before there were shifts

    @classmethod
    def of(cls, loss: Likelihood, summary: dict) -> "Calibration":
        """As a model file has it."""
        shifts, spread = summary.get("shifts"), summary.get("spread")
        return cls(loss, np.array(shifts) if shifts else None, np.array(spread)[:, None, :] if spread else None)

    def __call__(self, params: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Points (n, H, K), and quantiles (n, H, K, Q) or None, of the outputs (n, H, K, W); they never cross."""
        points, q, levels = self.loss.point(params), self.loss.quantiles(params), self.loss.levels
        if q is None:
            return points, None
        if self.shifts is not None:
            q, points = shifted(q, self.shifts), points + self.loss.point_shift(self.shifts)
            below, above = np.searchsorted(levels, 0.5, "right"), np.searchsorted(levels, 0.5)
            points = points if below == 0 else np.maximum(points, q[..., below - 1])
            points = points if above == len(levels) else np.minimum(points, q[..., above])
        elif self.spread is not None:
            middle = q[..., len(levels) // 2, None]
            q = middle + (q - middle) * self.spread
        return points, q


def widened(q: np.ndarray, points: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """Quantiles (n, H, K, Q) about the points (n, H, K), where a hole of the season stands (n, H, K) from a season
    further back: as far as after two steps of a random walk, and at least as far as those of the other steps ahead.
    """
    if not holes.any():
        return q
    apart = q - points[..., None]
    size, others = np.abs(apart), np.where(holes[..., None], 0, np.abs(apart)).max(axis=1, keepdims=True)
    return np.where(holes[..., None], points[..., None] + np.sign(apart) * np.maximum(math.sqrt(2) * size, others), q)


def rounded(values: np.ndarray) -> Any:
    """As they are kept, in plain data."""
    return [rounded(value) for value in values] if values.ndim else float(f"{float(values):.{DIGITS}g}")
