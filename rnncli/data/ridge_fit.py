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
    on.
    """

    before: np.ndarray
    known: np.ndarray
    after: np.ndarray
    true: np.ndarray

    @classmethod
    def of(
        cls, o: Outlook, linear: Linear, past: Past, gaps: np.ndarray, rows: np.ndarray, limit: np.ndarray
    ) -> "Trial":
        """Of these rows (n,); `limit` (n,) is where each one's targets end."""
        first = past.first[rows]
        middle = first + (EARLY * (limit - first)).astype(np.int64)
        early, late = rows < middle - 1, (rows >= middle) & (rows - first >= linear.memory)
        before, after = rows[early], rows[late]
        known = o.to_come(past.z, gaps, before, middle[early])
        return cls(before, known, after, o.to_come(past.z, gaps, after, limit[late]))

    def enough(self, linear: Linear) -> bool:
        """Whether there is enough to learn weights from, and something to try them on."""
        return linear.enough(self.known) and not bool(np.isnan(self.true).all())

    def best(
        self, linear: Linear, past: Past, least: float = np.inf, units: np.ndarray | float = 1.0
    ) -> tuple[float | None, float]:
        """The ridge of the least mean error, in these units of each value that is forecast, and this error; None if
        none is below `least`.
        """
        best = None
        for ridge, weights in zip(RIDGES, linear.fits(past, self.before, self.known, RIDGES), strict=True):
            error = mean_size((self.true - replace(linear, weights=weights).forecasts(past, self.after)) / units)
            if error < least:
                best, least = ridge, error
        return best, least


def mean_size(values: np.ndarray) -> float:
    """The mean absolute value of what is no NaN."""
    return float(mean(np.abs(values).reshape(-1, 1))[0])


def mean(values: np.ndarray) -> np.ndarray:
    """Over the first axis, of what is no NaN; 0 where all are."""
    there = ~np.isnan(values)
    return np.where(there, values, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
