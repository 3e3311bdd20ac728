"""Shares above thresholds: the features of ROCKET's kin with fixed filters.

The 84 filters of nine taps that have the weight 2 at three of them and -1 at the others, at several dilations
(Dempster, Schmidt and Webb 2021, arXiv 2012.08791); here with several thresholds each, and beside the share of the
steps above a threshold how far they are above it. Thresholds are quantiles of what the filter gives on some of the
training part.
"""

from itertools import combinations

import numpy as np

from rnncli.frozen.group import DilatedGroup
from rnncli.frozen.signals import Rows, draw_mixes
from rnncli.kernels.filters import MIDDLE, TAPS, shares_above

TRIPLES = np.array(list(combinations(range(TAPS), 3)), np.int64)
WEIGHTS = np.full((len(TRIPLES), TAPS), -1, np.float32)
np.put_along_axis(WEIGHTS, TRIPLES, 2, axis=1)
THRESHOLDS = 4  # of each filter and dilation
SAMPLE = 16  # sequences that thresholds are drawn from
GOLDEN = (np.sqrt(5) - 1) / 2  # whose multiples fill the interval from 0 to 1 evenly


class Filters(DilatedGroup):
    """The share of the steps above each threshold, and how far above it they are."""

    kind, most, size = "filters", 16, len(TRIPLES) * THRESHOLDS

    def shapes(self) -> dict[str, tuple[int, ...]]:
        of_filters = len(self.dilations), len(TRIPLES)
        return {
            "mixes": (self.signals, self.columns),
            "signals": of_filters,
            "thresholds": (*of_filters, THRESHOLDS),
        }

    def draw(self, theta: dict[str, np.ndarray], rng: np.random.Generator, rows: Rows) -> None:
        """Signals and thresholds; `rows` is the training part."""
        theta["mixes"][...] = draw_mixes(rng, self.columns)
        theta["signals"][...] = rng.integers(self.signals, size=theta["signals"].shape)
        levels = (np.arange(theta["thresholds"].size) * GOLDEN % 1).reshape(theta["thresholds"].shape)
        levels = (levels + np.arange(THRESHOLDS)) / THRESHOLDS
        sample = rng.permutation(len(rows))[:SAMPLE]
        for i, d in enumerate(self.dilations):
            z = np.concatenate([_responses(rows, s, d, theta["mixes"], theta["signals"][i]) for s in sample], axis=1)
            places = (levels[i] * z.shape[1]).astype(int)
            theta["thresholds"][i] = np.take_along_axis(np.sort(z, axis=1), places, axis=1)

    def compute(
        self, theta: dict[str, np.ndarray], rows: Rows, out: np.ndarray, at: int, first: int, last: int
    ) -> None:
        margin = MIDDLE * max(self.dilations)
        shares_above(
            rows.x, rows.offsets, theta["mixes"], np.array(self.dilations), TRIPLES, theta["signals"].astype(np.int64),
            theta["thresholds"], rows.room(self.signals, margin), margin, out, at, first, last,
        )  # fmt: skip


def _responses(rows: Rows, s: int, dilation: int, mixes: np.ndarray, signals: np.ndarray) -> np.ndarray:
    """z (84, steps) of a sequence."""
    x = mixes @ rows.x[rows.offsets[s] : rows.offsets[s + 1]].T
    steps, margin = x.shape[1], MIDDLE * dilation
    padded, z = np.pad(x, ((0, 0), (margin, margin))), np.empty((len(TRIPLES), steps), np.float32)
    for m in np.unique(signals).astype(int):
        taps = np.stack([padded[m, j * dilation : j * dilation + steps] for j in range(TAPS)])
        z[signals == m] = WEIGHTS[signals == m] @ taps
    return z
