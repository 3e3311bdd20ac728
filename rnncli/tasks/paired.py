"""Errors of several forecasts in batches of the validation part, which tell a better one from a lucky one.

The errors of forecasts that follow each other are alike, so n of them say less than n. The validation part is cut into
B batches of origins that follow each other, each of two horizons at least, as the method of batch means does
(Schmeiser 1982, Operations Research 30:3). The difference d[b] of the mean errors of two forecasts in batch b then
counts as one observation:

    told apart, if |mean d| > t s / √B     s the standard deviation of d, t the 97.5 % quantile of Student with B - 1

Of a text the batches are stretches of tokens that follow each other, and an error is the nats of a token.
"""

import math

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.ranges import Ranges
from rnncli.data.student import student

MOST, HORIZONS = 10, 2  # batches, and horizons that one has at least
TOKENS = 64  # that a batch of a text has at least


def told_apart(a: list[float], b: list[float]) -> bool:
    """Whether the means of two forecasts in the same batches differ by more than chance has it in 95 of 100 cases."""
    d = [x - y for x, y in zip(a, b, strict=True)]
    B = len(d)
    if not 1 < B <= MOST:
        return False
    mean = sum(d) / B
    s = math.sqrt(sum((one - mean) * (one - mean) for one in d) / (B - 1))
    return abs(mean) > student(B - 1) * s / math.sqrt(B)


def batches_of_tokens(nats: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Mean nats of each batch of the tokens that all have; {} where these are too few for two batches."""
    count = min(map(len, nats.values()))
    B = min(MOST, count // TOKENS)
    if B < 2:
        return {}
    edges = count * np.arange(B + 1) // B
    sizes = np.diff(edges)
    return {name: (np.add.reduceat(one[:count], edges[:-1]) / sizes).tolist() for name, one in nats.items()}


class Batches:
    """Sums of |e| in each batch, by the name of a forecast. Of several series or targets, e is divided by its usual
    change (series, K); those that have none are left out. Targets that are series of their own stand in the batches
    that they stand in as targets of one: at the same rows their errors are alike, and the rivals of both are the same.
    """

    def __init__(self, valid: Extent, changes: np.ndarray):
        # a sample has other rows of each series
        self.beside = max(1, len(valid.series.outlook.columns)) if valid.of is None else 1
        origins = Ranges(valid.first[:: self.beside], valid.last[:: self.beside])
        count = max(1, min(MOST, len(origins) // (HORIZONS * valid.series.outlook.horizon)))
        self.edges = origins.at(len(origins) * np.arange(1, count) // count)  # first origins of all but the first
        with np.errstate(divide="ignore"):
            self.weights = 1 / changes if changes.size > 1 else np.ones((1, 1))
        self.series, self.counts, self.sums = valid.series, np.zeros(count), dict[str, np.ndarray]()

    def add(self, rows: np.ndarray, known: np.ndarray, errors: dict[str, np.ndarray]) -> None:
        """Of forecasts made at these rows (n,): which values (n, H, K) count, and |e| by name, as of Errors.add."""
        number, offsets = self.series.series_of(rows), self.series.offsets
        in_first = rows - offsets[number] + offsets[number - number % self.beside]  # of the targets of its group
        batch, weights = np.searchsorted(self.edges, in_first, "right"), self.weights[number][:, None]
        known = known & np.isfinite(weights)
        np.add.at(self.counts, batch, known.sum(axis=(1, 2)))
        for name, error in errors.items():
            with np.errstate(invalid="ignore", over="ignore"):
                weighted = np.where(known, error * weights, 0).sum(axis=(1, 2))
            np.add.at(self.sums.setdefault(name, np.zeros(len(self.counts))), batch, weighted)

    def means(self) -> dict[str, list[float]]:
        """Of each batch that has a value, by name; without forecasts whose errors are no numbers."""
        has = self.counts > 0
        found = {name: sums[has] / self.counts[has] for name, sums in self.sums.items()}
        return {name: means.tolist() for name, means in found.items() if np.isfinite(means).all()}
