"""The surprise of rows of series: sums over targets, and the table of the validation part, where alarms start from."""

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.ranks import Ranks
from rnncli.network.likelihoods import Likelihood


def total_of(nats: np.ndarray, axis: int = 1) -> np.ndarray:
    """The surprise of all targets that are there, whose likelihoods multiply; NaN where none is."""
    return np.where(np.isnan(nats).all(axis=axis), np.nan, np.nansum(nats, axis=axis))


class Excesses:
    """The surprise, one step ahead, of what came above that of the likeliest values, over forecasts of an extent."""

    def __init__(self, loss: Likelihood, extent: Extent):
        self.loss, self.extent = loss, extent
        self.rows: list[np.ndarray] = []
        self.nats: list[np.ndarray] = []

    def add(self, rows: np.ndarray, params: np.ndarray, y: np.ndarray) -> None:
        """Forecasts made at rows (n,): parameters (n, H, K, W), and what came (n, H, K)."""
        self.rows.append(rows)
        self.nats.append(self.loss.excess(params[:, 0], y[:, 0].astype(np.float64)))

    def found(self) -> dict:
        """`row_ranks`: the Ranks of the sums over all targets; nothing where there are none."""
        sums = self._sums() if self.rows else np.zeros(0)
        sums = sums[np.isfinite(sums)]
        return {"row_ranks": Ranks.of(sums).to_json()} if len(sums) else {}

    def _sums(self) -> np.ndarray:
        """Of each row; targets that are series of their own, M of equal length that stand next to each other, count
        where all of them were forecast.
        """
        s, rows, nats = self.extent.series, np.concatenate(self.rows), np.concatenate(self.nats)
        M = max(1, len(s.outlook.columns))
        if M == 1:
            return total_of(nats)
        number = s.series_of(rows)
        times, at = np.unique(rows - s.offsets[number] + s.offsets[number - number % M], return_inverse=True)
        beside = np.full((len(times), M), np.nan)
        beside[at, number % M] = nats[:, 0]
        return total_of(beside)[np.bincount(at) == M]
