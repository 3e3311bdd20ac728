"""Errors of forecasts, beside those of naive rivals."""

import numpy as np

from rnncli.data.series import Series

METRICS = ("mse", "mae", "smape", "mape", "mse_scaled", "mae_scaled")


class Errors:
    """Sums over forecasts."""

    def __init__(self, outlook, levels):
        self.o, self.levels, self.n, self.covered, self.counted = outlook, levels, 0, 0.0, 0
        self.sums: dict[str, dict[str, float]] = {}

    def add(self, s: Series, rows, points, q, limit) -> None:
        o = self.o
        at = rows[:, None] + np.arange(1, o.horizon + 1)
        there = at < limit[rows][:, None]
        true = np.where(there[..., None], s.values[np.where(there, at, 0)], np.nan)
        known = ~np.isnan(true)
        self.n += int(known.sum())
        mean, std = s.mean[s.series_of(rows)][:, None], s.std[s.series_of(rows)][:, None]
        undo = o.unstraighten
        rivals = {"": points}
        for name, kind in (("naive", "last"), ("seasonal_naive", "season")):
            if kind == "last" or o.season > 1:
                rivals[name] = undo(s.anchors(rows, kind) * std + mean)
        for name, guess in rivals.items():
            self._add(name, undo(true), guess, o.straighten(guess), true, std, known)
        if q is not None and q.shape[-1] > 1:
            inside = (undo(true) >= q[..., 0]) & (undo(true) <= q[..., -1])
            self.covered, self.counted = self.covered + float(inside[known].sum()), self.counted + int(known.sum())

    def _add(self, name, true, guess, straight, straight_true, std, known):
        error = np.abs(guess - true)[known]
        scaled = (np.abs(straight - straight_true) / std)[known]
        size, both = np.abs(true)[known], (np.abs(true) + np.abs(guess))[known]
        sums = self.sums.setdefault(name, dict.fromkeys(METRICS, 0.0))
        sums["mse"] += float((error**2).sum())
        sums["mae"] += float(error.sum())
        sums["smape"] += float((2 * error / np.where(both > 0, both, 1)).sum())
        sums["mape"] += float((error / np.where(size > 0, size, np.nan))[size > 0].sum())
        sums["mse_scaled"] += float((scaled**2).sum())
        sums["mae_scaled"] += float(scaled.sum())

    def metrics(self, s: Series) -> dict:
        """The means; and mase, the error over that of the (seasonal) naive forecast one step or season ahead."""
        found = {"n": self.n}
        values, rows = self.o.unstraighten(s.values), np.arange(len(s.values))
        back = rows - self.o.season
        apart = np.abs(values - values[np.maximum(back, 0)])[back >= s.first]
        usual = float(np.nanmean(apart)) if len(apart) else 0.0
        for name, sums in self.sums.items():
            means = {key: value / self.n for key, value in sums.items()}
            means["mase"] = means["mae"] / usual if usual else None
            if name:
                found[name] = means
            else:
                found |= means
        if self.counted:
            found["coverage"] = self.covered / self.counted
        return found
