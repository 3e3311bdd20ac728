"""Quantiles of counts: the least whole number y with P(count ≤ y) ≥ p, of Poisson and negative binomial distributions.

Of means up to SMALL the probabilities are added up from 0 on,

    p(0) = exp(-μ)           p(y+1) = p(y) μ / (y+1)                      Poisson
    p(0) = (r/(r+μ))^r       p(y+1) = p(y) (y+r)/(y+1) · μ/(r+μ)          negative binomial

else, and beyond FAR, they are read at GRID places, near each other around 0, and added up by the trapezoidal rule.
"""

from collections.abc import Callable

import numpy as np

SMALL = 500.0
FAR = 4096
GRID = 1024
DEVIATIONS = 12, 60  # from the mean, to which places reach: of Poisson, and of negative binomial distributions
LOST = 1e-12  # of a probability, to rounding


def count_quantiles(mean: np.ndarray, r: np.ndarray | None, levels: tuple[float, ...], nats: Callable) -> np.ndarray:
    """(.., Q) of counts with these means (..), and r (..) if they are negative binomial; `nats(i, y)` are those of
    whole numbers y by the i-th of the distributions, one after the other.
    """
    mu, size = mean.ravel(), None if r is None else r.ravel()
    out = np.full((len(mu), len(levels)), -1.0)
    small = np.flatnonzero(mu <= SMALL)
    out[small] = _added_up(mu[small], None if size is None else size[small], np.array(levels))
    for i in np.flatnonzero((out < 0).any(axis=1)):
        out[i] = _on_a_grid(mu[i], None if size is None else size[i], levels, lambda y, i=i: nats(i, y))
    return out.reshape(*mean.shape, len(levels))


def _added_up(mu: np.ndarray, r: np.ndarray | None, levels: np.ndarray) -> np.ndarray:
    """(M, Q); -1 where a quantile lies beyond FAR."""
    out = np.full((len(mu), len(levels)), -1.0)
    p = np.exp(-mu) if r is None else np.exp(-r * np.log1p(mu / r))
    below = p.copy()
    for y in range(FAR):
        reached = (below[:, None] >= levels - LOST) & (out < 0)
        out[reached] = y
        if (out >= 0).all():
            break
        p *= mu / (y + 1) if r is None else (y + r) / (y + 1) * mu / (r + mu)
        below += p
    return out


def _on_a_grid(mu: float, r: float | None, levels: tuple[float, ...], nats: Callable) -> np.ndarray:
    """(Q,) of one distribution."""
    deviation = np.sqrt(mu if r is None else mu + mu * mu / r)
    reach = DEVIATIONS[r is not None] * deviation
    low, high = max(0.0, mu - reach), mu + reach
    near = np.geomspace(1, high, GRID) if low == 0 else np.zeros(0)
    places = np.unique(np.floor(np.concatenate([np.linspace(low, high, GRID), near, [low]])))
    p = np.exp(-nats(places))
    between = np.diff(places) * (p[1:] + p[:-1]) / 2
    below = np.cumsum(np.concatenate([[p[0]], between + (p[1:] - p[:-1]) / 2]))  # the sum of whole numbers, by Euler
    return np.ceil(np.interp(levels, below, places))
