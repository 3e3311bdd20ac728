"""Errors of forecasts, beside those of naive rivals. e = y - f for every forecast of a value that is there.

    mse    mean e²                       mse_scaled   mean (e / d)², d the deviation of the series in training
    mae    mean |e|                      mae_scaled   mean |e / d|, with --transform log of the logarithms
    mape   mean |e| / |y| over the values that are not 0
    smape  mean 2 |e| / (|y| + |f|), 0 where both are 0; from 0 to 2
    mase   mean |e| of a series and target over its mean |y[t] - y[t - season]| in training; then the mean of these

The rivals: naive repeats the last value that is there, seasonal_naive the last season, where a missing value is that of
one season before, whatever the level of the model takes for it; of targets that only grew, such as the reading
of a meter, growing_naive repeats the last difference as well. best_rival is that of the least mae.

mase is that of Hyndman & Koehler 2006 and of the M4 competition (Makridakis et al. 2020).
"""

from typing import Any

import numpy as np

from rnncli.data.series import Series
from rnncli.tasks.forecast_parts import Coverage, Parts, Roots, means, worst

POOLED = ("mse", "mae", "smape", "mape", "mse_scaled", "mae_scaled")


class Errors:
    """Sums over forecasts of `horizon` steps; `changes` (series, K) are what mase divides by, NaN where there is no
    such thing; `grew`: whether all targets only grew before; `levels`: those of the quantiles, ascending.
    """

    def __init__(
        self,
        series: Series,
        horizon: int,
        changes: np.ndarray,
        grew: bool = False,
        levels: tuple[float, ...] = (),
    ):
        self.s, self.horizon, self.changes, self.grew = series, horizon, changes, grew
        self.coverage = Coverage(levels)
        self.n, self.missing, self.zeros = 0, 0, 0
        self.covered: int | None = None
        self.sums: dict[str, dict[str, float]] = {}
        self.by_series: dict[str, np.ndarray] = {}  # sums of |e| (series, K)
        self.counts = np.zeros(changes.shape, np.int64)
        self.parts, self.roots = Parts(horizon, changes.shape[1]), Roots(series)

    def simple(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Those of the simple rivals (n, H, K), made at these rows (n,)."""
        s, o, H = self.s, self.s.outlook, self.horizon
        found = {"naive": o.unstraighten(o.anchors(s.seen, rows, "last", H))}
        if o.season > 1:
            found["seasonal_naive"] = o.unstraighten(o.anchors(s.in_season, rows, "season", H))
        if self.grew:
            last, before = (o.unstraighten(s.seen.lag(rows, back))[:, None] for back in (0, 1))
            ahead = np.arange(1, H + 1)[:, None]
            found["growing_naive"] = last + ahead * (last - before)
        return found

    def add(
        self,
        rows: np.ndarray,
        true: np.ndarray,
        there: np.ndarray,
        guesses: dict[str, np.ndarray],
        q: np.ndarray | None = None,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Forecasts made at these rows (n,): points (n, H, K) by name, the model's under "", its quantiles (n, H, K, Q)
        or None, and what came, true (n, H, K), of which only steps that are `there` (n, H) count; NaN is missing.
        Which values (n, H, K) count, and |e| of these by name, else 0.
        """
        number = self.s.series_of(rows)
        known = ~np.isnan(true) & there[..., None]
        self.n += int(known.sum())
        self.missing += int((np.isnan(true) & there[..., None]).sum())
        self.zeros += int((true[known] == 0).sum())
        np.add.at(self.counts, number, known.sum(axis=1))
        self.parts.count(known)
        errors = {name: self._add(name, true, guess, number, known) for name, guess in guesses.items()}
        if "" in errors:
            self.roots.add(rows, errors[""], known)
        if q is not None and q.shape[-1] > 1:
            inside = (true >= q[..., 0]) & (true <= q[..., -1])
            self.covered = (self.covered or 0) + int(inside[known].sum())
        if q is not None:
            self.coverage.add(true[known], q[known])
        return known, errors

    @np.errstate(over="ignore", invalid="ignore")  # what is beyond float64 is written as undefined
    def _add(self, name, true, guess, number, known):
        straight, width = self.s.outlook.straighten, np.broadcast_to(self.s.std[number][:, None], known.shape)[known]
        errors, size = np.where(known, np.abs(guess - true), 0), np.abs(true[known])
        total = self.by_series.setdefault(name, np.zeros(self.changes.shape))
        np.add.at(total, number, errors.sum(axis=1))
        self.parts.add(name, errors)
        error, both = errors[known], size + np.abs(guess[known])
        scaled = np.abs(straight(guess[known]) - straight(true[known])) / width
        sums = self.sums.setdefault(name, dict.fromkeys(POOLED, 0.0))
        sums["mse"] += float((error**2).sum())
        sums["mae"] += float(error.sum())
        sums["smape"] += float((2 * error / np.where(both > 0, both, 1)).sum())
        sums["mape"] += float((error[size > 0] / size[size > 0]).sum())
        sums["mse_scaled"] += float((scaled**2).sum())
        sums["mae_scaled"] += float(scaled.sum())
        return errors

    @property
    def best_rival(self) -> str | None:
        """The simple forecast of the least mae."""
        return min(filter(None, self.sums), key=lambda name: self.sums[name]["mae"], default=None)

    def metrics(self) -> dict:
        """The means, None where there is nothing to take one of; and how many values and series they are of."""
        compared = self.counts > 0
        usual = compared & ~np.isnan(self.changes)
        found: dict[str, Any] = {
            "n": self.n,
            "missing": self.missing,
            "zeros": self.zeros,
            "mape_n": self.n - self.zeros,
        }
        found |= {"mase_series": int(usual.sum()), "mase_undefined": int((compared & ~usual).sum())}
        for name, sums in self.sums.items():
            means = {key: _ratio(sums[key], found["mape_n"] if key == "mape" else self.n) for key in POOLED}
            each = self.by_series[name][usual] / self.counts[usual] / self.changes[usual]
            means["mase"] = _ratio(float(each.sum()), len(each))
            if name:
                found[name] = means
            else:
                found |= means
        found["best_rival"] = self.best_rival
        if self.covered is not None:
            found["coverage"] = self.covered / self.n
        return found

    def details(self) -> dict:
        """rmse of all values; what tasks/forecast_parts.py has; and of several series the `worst`."""
        rival, columns = self.best_rival, self.s.outlook.columns
        parts = self.roots.figures() | self.parts.figures(self.s.outlook.targets, rival)
        if columns:  # targets that are series of their own
            sums = {name: self._by_target(self.by_series[name]) for name in ("", rival) if name is not None}
            parts["per_target"] = dict(zip(columns, means(self._by_target(self.counts), sums), strict=True))
        found = {"rmse": float(np.sqrt(self.sums[""]["mse"] / self.n))} | parts
        found |= self.coverage.figures()
        if len(self.s) > 1:
            found["worst"] = self._worst(rival)
        return found

    def _by_target(self, values: np.ndarray) -> np.ndarray:
        """Of (series, 1), in which the targets of a group follow each other: (targets,)."""
        return values.reshape(-1, len(self.s.outlook.columns)).sum(axis=0)

    @np.errstate(invalid="ignore", divide="ignore")  # what is undefined is left out
    def _worst(self, rival: str | None) -> list[dict]:
        count = self.counts.sum(axis=1)
        mae, other = (self.by_series[name].sum(axis=1) / count for name in ("", rival or ""))
        each = self.by_series[""] / self.counts / self.changes
        there = np.isfinite(each)
        mase = np.where(there, each, 0).sum(axis=1) / there.sum(axis=1)
        return worst(self.s.keys, mae, other, mase)


def _ratio(total: float, count: int) -> float | None:
    return total / count if count else None
