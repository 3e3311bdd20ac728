"""Where the errors of forecasts are: by step ahead, by target, by series; and how large those of one forecast are."""

from collections.abc import Sequence
from typing import Any

import numpy as np

SAME, DIGITS = 1e-9, 9  # of levels
WORST = 5  # series that are named


class Parts:
    """Sums of |e| of several guesses, the model's under "", over forecasts of `horizon` steps of K targets."""

    def __init__(self, horizon: int, K: int):
        self.counts = np.zeros((horizon, K), np.int64)
        self.sums: dict[str, np.ndarray] = {}  # (H, K)
        self.forecasts, self.roots = 0, 0.0

    def count(self, known: np.ndarray) -> None:
        """Which values (n, H, K) are there."""
        self.counts += known.sum(axis=0)

    def add(self, name: str, error: np.ndarray, known: np.ndarray) -> None:
        """|e| (n, H, K), 0 where a value is missing."""
        self.sums[name] = self.sums.get(name, np.zeros(self.counts.shape)) + error.sum(axis=0)
        if not name:
            count = known.sum(axis=(1, 2))
            with np.errstate(over="ignore"):  # what is beyond float64 is written as undefined
                self.roots += float(np.sqrt((error**2).sum(axis=(1, 2)) / np.maximum(1, count)).sum())
            self.forecasts += int((count > 0).sum())

    def figures(self, targets: list[str], rival: str | None) -> dict[str, Any]:
        """`forecasts`, how many are compared; rmse_per_forecast, the mean of their roots; `by_step` and, of several
        targets, `per_target`: n and mae, and rival_mae.
        """
        found: dict[str, Any] = {
            "forecasts": self.forecasts,
            "rmse_per_forecast": self.roots / self.forecasts if self.forecasts else None,
            "by_step": [{"step": i + 1} | one for i, one in enumerate(self._of(1, rival))],
        }
        if len(targets) > 1:
            found["per_target"] = dict(zip(targets, self._of(0, rival), strict=True))
        return found

    def _of(self, axis: int, rival: str | None) -> list[dict]:
        """One for each step, of axis 1 summed up, or for each target, of axis 0."""
        counts = self.counts.sum(axis=axis)
        own = {"mae": ""} | ({"rival_mae": rival} if rival else {})
        means = {key: self.sums[name].sum(axis=axis) / np.maximum(1, counts) for key, name in own.items()}
        return [
            {"n": int(n)} | {key: float(values[i]) if n else None for key, values in means.items()}
            for i, n in enumerate(counts)
        ]


class Coverage:
    """How many values lie at or below each quantile, and within the intervals from level p to level 1 - p."""

    def __init__(self, levels: Sequence[float]):
        self.levels, places = levels, range(len(levels))
        self.pairs = [(i, j) for i in places for j in places if i < j and abs(levels[i] + levels[j] - 1) < SAME]
        self.below, self.within = np.zeros(len(levels), np.int64), np.zeros(len(self.pairs), np.int64)
        self.n = 0

    def add(self, true: np.ndarray, q: np.ndarray) -> None:
        """Values (n,) and their quantiles (n, Q)."""
        if not self.levels:
            return
        self.n += len(true)
        self.below += (true[:, None] <= q).sum(axis=0)
        self.within += [int(((true >= q[:, i]) & (true <= q[:, j])).sum()) for i, j in self.pairs]

    def figures(self) -> dict[str, list[dict[str, float]]]:
        """`quantiles`: level, and the share of the values that is at or below it; `coverage_by_level`: the level that
        an interval has by its quantiles, the widest last, and the share of the values in it, ends included.
        """
        if not self.n:
            return {}
        below, within = self.below / self.n, self.within / self.n
        spans = [round(self.levels[j] - self.levels[i], DIGITS) for i, j in self.pairs]
        found: dict[str, list[dict[str, float]]] = {
            "quantiles": [{"level": p, "below": float(share)} for p, share in zip(self.levels, below, strict=True)]
        }
        if spans:
            rows = [{"level": p, "coverage": float(share)} for p, share in zip(spans, within, strict=True)]
            found["coverage_by_level"] = rows[::-1]
        return found


def worst(names: list[str], mae: np.ndarray, rival: np.ndarray, mase: np.ndarray) -> list[dict]:
    """The series (series,) of the largest mase, where that is defined, before those of the largest mae."""
    order = np.lexsort((-np.nan_to_num(mae, nan=-1), -np.nan_to_num(mase, nan=-1)))
    order = order[~np.isnan(mae[order])][:WORST]
    columns = {"mae": mae, "rival_mae": rival, "mase": mase}
    return [
        {"series": names[i]} | {key: None if np.isnan(one[i]) else float(one[i]) for key, one in columns.items()}
        for i in order.tolist()
    ]
