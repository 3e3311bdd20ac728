"""Where the errors of forecasts are: by step ahead, by target, by series; and how large those of one forecast are."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnncli.data.series import Series
from rnncli.process.temporary import blocks, zeros

SAME, DIGITS = 1e-9, 9  # of levels
WORST = 5  # series that are named


class Roots:
    """The root of the mean e² of each forecast, of all targets that are forecast at a row: also of those that are
    series of their own, which come one after the other.
    """

    def __init__(self, series: Series):
        self.s, self.beside = series, max(1, len(series.outlook.columns))
        self.forecasts, self.total = 0, 0.0
        self.kept: tuple[np.ndarray, ...] | None = None  # where the targets stand apart: sums and counts by row

    @np.errstate(over="ignore")  # what is beyond float64 is written as undefined
    def add(self, rows: np.ndarray, error: np.ndarray, known: np.ndarray) -> None:
        """|e| (n, H, K) of forecasts made at these rows (n,), 0 where a value is missing."""
        squares, count = (error**2).sum(axis=(1, 2)), known.sum(axis=(1, 2))
        if self.beside == 1:
            self._sum_up(squares, count)
            return
        lengths = np.diff(self.s.offsets)[:: self.beside]
        begins = np.cumsum(lengths) - lengths
        if self.kept is None:
            total = int(lengths.sum())
            self.kept = zeros(total, np.float64), zeros(total, np.int64)
        number = self.s.series_of(rows)
        places = begins[number // self.beside] + rows - self.s.offsets[number]
        for sums, values in zip(self.kept, (squares, count), strict=True):
            np.add.at(sums, places, values)

    def _sum_up(self, squares: np.ndarray, count: np.ndarray) -> None:
        self.total += float(np.sqrt(squares / np.maximum(1, count)).sum())
        self.forecasts += int((count > 0).sum())

    def figures(self) -> dict[str, Any]:
        """`forecasts`, how many are compared; rmse_per_forecast, the mean of their roots."""
        if self.kept is not None:
            self.forecasts, self.total = 0, 0.0
            for begin, end in blocks(len(self.kept[0])):
                self._sum_up(*(sums[begin:end] for sums in self.kept))
        mean = self.total / self.forecasts if self.forecasts else None
        return {"forecasts": self.forecasts, "rmse_per_forecast": mean}


class Parts:
    """Sums of |e| of several guesses, the model's under "", over forecasts of `horizon` steps of K targets."""

    def __init__(self, horizon: int, K: int):
        self.counts = np.zeros((horizon, K), np.int64)
        self.sums: dict[str, np.ndarray] = {}  # (H, K)

    def count(self, known: np.ndarray) -> None:
        """Which values (n, H, K) are there."""
        self.counts += known.sum(axis=0)

    def add(self, name: str, error: np.ndarray) -> None:
        """|e| (n, H, K), 0 where a value is missing."""
        self.sums[name] = self.sums.get(name, np.zeros(self.counts.shape)) + error.sum(axis=0)

    def figures(self, targets: list[str], rival: str | None) -> dict[str, Any]:
        """`by_step` and, of several targets, `per_target`: n and mae, and rival_mae."""
        found: dict[str, Any] = {"by_step": [{"step": i + 1} | one for i, one in enumerate(self._of(1, rival))]}
        if len(targets) > 1:
            found["per_target"] = dict(zip(targets, self._of(0, rival), strict=True))
        return found

    def _of(self, axis: int, rival: str | None) -> list[dict]:
        """One for each step, of axis 1 summed up, or for each target, of axis 0."""
        sums = {name: self.sums[name].sum(axis=axis) for name in ("", rival) if name is not None}
        return means(self.counts.sum(axis=axis), sums)


def means(counts: np.ndarray, sums: dict[str, np.ndarray]) -> list[dict]:
    """n and mae of each part, and rival_mae: counts and sums of |e| (parts,), the model's under ""."""
    return [
        {"n": int(n)}
        | {"rival_mae" if name else "mae": float(values[i] / n) if n else None for name, values in sums.items()}
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
        within = [((true >= q[:, i]) & (true <= q[:, j])).sum() for i, j in self.pairs]
        self.within += np.array(within, np.int64)  # also of no pairs

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
