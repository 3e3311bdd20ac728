"""Linear: a forecast of all steps ahead as a weighted sum of the past, by ridge regression.

    z[t+k] - z[t] = c_k + V_k·b[t] + Σ_j W[j,k] (m[t,j] - z[t])      m[t,j] the mean of the j-th span of the past

b[t] is what else is known of the row, the calendar or nothing.

All targets and series share W. Spans are single values of the last season, SINGLES of them at most, and further back
means of parts that grow (Zeng et al. 2023, arXiv 2205.13504, on how far such a forecast gets).
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from rnncli.data.lagged_values import Past

SINGLES = 24  # values at most that are looked at one by one
PARTS = 16  # means of what is before them
SEASONS = 8  # looked back on, or two of more than LONG rows
LONG = 64
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # tried, in units of the features' variance
LEAST = 8  # forecasts for each weight of one step ahead, to learn it from
FLAT = 1e-9


@cache
def spans_of(season: int) -> list[tuple[int, int]]:
    """(near, far) of what is looked back on, beside the present value."""
    singles = min(season, SINGLES)
    reach = season * (SEASONS if season <= LONG else 2)
    edges = np.unique(np.geomspace(singles, reach, PARTS + 1).round().astype(int)).tolist()
    return list(pairwise([*range(1, singles), *edges]))


@dataclass
class Linear:
    """The weights (spans + B + 2, H): of each span, of z[t] itself, of what stands `beside` it (rows, B), of 1."""

    season: int
    weights: np.ndarray | None = None
    beside: Any = None  # None, or what `[rows]` can be asked of
    window: int = 0  # the last so many values are read one by one, in place of the spans of a season

    @property
    def spans(self) -> list[tuple[int, int]]:
        """(near, far) of what is looked back on, beside the present value."""
        return [(lag, lag + 1) for lag in range(1, self.window)] if self.window else spans_of(self.season)

    @property
    def width(self) -> int:
        """Features."""
        return len(self.spans) + 2 + (0 if self.beside is None else self.beside.shape[1])

    @property
    def memory(self) -> int:
        """Rows that are looked back on."""
        return self.spans[-1][1]

    def features(self, past: Past, rows: np.ndarray, level: np.ndarray | float = 0.0) -> np.ndarray:
        """(.., K, width) at these rows (..); `level` (.., K) is what z[t] itself is counted from."""
        now = past.z[rows]
        means = [past.mean(rows, near, far) - now for near, far in self.spans]
        others = [] if self.beside is None else np.moveaxis(self.beside[rows].astype(np.float64), -1, 0)
        alike = [np.broadcast_to(other[..., None], now.shape) for other in others]
        return np.stack([*means, now - level, *alike, np.ones_like(now)], axis=-1)

    def forecasts(self, past: Past, rows: np.ndarray, level: np.ndarray | float = 0.0) -> np.ndarray:
        """(.., H, K) made at these rows (..)."""
        ahead = self.features(past, rows, level) @ self.weights
        return np.swapaxes(ahead, -1, -2) + past.z[rows][..., None, :]

    def enough(self, to_come: np.ndarray) -> bool:
        """Whether there are LEAST of these values to come (rows, H, K) for each weight."""
        return int(np.isfinite(to_come).all(axis=1).sum()) >= LEAST * self.width

    def fits(
        self,
        past: Past,
        rows: np.ndarray,
        to_come: np.ndarray,
        ridges: tuple[float, ...],
        level: np.ndarray | float = 0.0,
    ) -> list[np.ndarray]:
        """The weights with each ridge, from the values to come (rows, H, K), NaN where they are not known."""
        X = self.features(past, rows, level)
        Y = np.swapaxes(to_come, 1, 2) - past.z[rows][..., None]
        X, Y = X.reshape(-1, X.shape[-1]), Y.reshape(-1, Y.shape[-1])
        known = np.isfinite(Y).all(axis=1)
        X, Y = X[known], Y[known]
        XX, XY, spread = X.T @ X, X.T @ Y, len(X) * X.var(axis=0)
        return [np.linalg.solve(XX + np.diag(ridge * spread + FLAT * len(X)), XY) for ridge in ridges]
