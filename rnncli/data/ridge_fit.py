"""The ridge of a linear forecast: weights of the first rows of the training part are tried on its last ones."""

from dataclasses import dataclass, replace

import numpy as np

from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.linear_forecast import RIDGES, Linear

EARLY = 0.75  # of the training part of each series, to try weights of


@dataclass(frozen=True)
class Trial:
    """Rows of training, and z (rows, H, K) of the steps after them: those that the weights are of, those they are tried
    on. Both count z from the mean of the first part of their series, (rows, K): its later part isn't known there.
    """

    before: np.ndarray
    known: np.ndarray
    after: np.ndarray
    true: np.ndarray
    level_before: np.ndarray
    level_after: np.ndarray
    reached: float  # the part of the later rows that have all that is looked back on; the others aren't tried

    @classmethod
    def of(
        cls, o: Outlook, linear: Linear, past: Past, gaps: np.ndarray, rows: np.ndarray, limit: np.ndarray
    ) -> "Trial":
        """Of these rows (n,); `limit` (n,) is where each one's targets end."""
        first = past.first[rows]
        middle = first + (EARLY * (limit - first)).astype(np.int64)
        early, late = rows < middle - 1, rows >= middle
        reach = late & (rows - first >= linear.memory)
        before, after = rows[early], rows[reach]
        known = o.to_come(past.z, gaps, before, middle[early])
        level = (past.sums[middle] - past.sums[first]) / np.maximum(1, middle - first)[:, None]
        true, reached = o.to_come(past.z, gaps, after, limit[reach]), reach.sum() / max(1, late.sum())
        return cls(before, known, after, true, level[early], level[reach], float(reached))

    def enough(self, linear: Linear) -> bool:
        """Whether there is enough to learn weights from, and something to try them on."""
        return linear.enough(self.known) and not bool(np.isnan(self.true).all())

    def best(self, linear: Linear, past: Past, units: np.ndarray | float = 1.0) -> tuple[float, np.ndarray]:
        """The ridge of the least mean error, in these units of each value that is forecast, and what it is off there
        (rows, H, K).
        """
        fits = linear.fits(past, self.before, self.known, RIDGES, self.level_before)
        rests = [self.true - replace(linear, weights=w).forecasts(past, self.after, self.level_after) for w in fits]
        best = min(range(len(RIDGES)), key=lambda i: mean_size(rests[i] / units))
        return RIDGES[best], rests[best] / units


def mean_size(values: np.ndarray) -> float:
    """The mean absolute value of what is no NaN."""
    return float(mean(np.abs(values).reshape(-1, 1))[0])


def mean(values: np.ndarray) -> np.ndarray:
    """Over the first axis, of what is no NaN; 0 where all are."""
    there = ~np.isnan(values)
    return np.where(there, values, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))


def clearly_less(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether errors (rows, H, K) are less than those of the other at the same rows, by more than the standard error of
    the difference.
    """
    there = ~np.isnan(one).all(axis=(1, 2))
    less = np.nanmean(np.abs(other[there]), axis=(1, 2)) - np.nanmean(np.abs(one[there]), axis=(1, 2))
    return len(less) > 1 and bool(less.mean() > less.std(ddof=1) / np.sqrt(len(less)))
