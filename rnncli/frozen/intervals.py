"""Summaries of intervals: the whole of a sequence, its halves, quarters and eighths.

Of each column and interval the mean, the standard deviation, the slope and quantiles (Cabello et al. 2024, arXiv
2308.00928, on quantiles of dyadic intervals).
"""

from typing import Annotated, Any, TypedDict

import numpy as np

from rnncli.frozen.group import Group, Source
from rnncli.frozen.signals import Rows
from rnncli.stored import Range, Size

QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
FIGURES = 3 + len(QUANTILES)
DEPTHS = 4  # 1, 2, 4, 8 intervals
MOST = 4096  # features, from so many on with fewer intervals


class IntervalSizes(TypedDict):
    """Of Intervals."""

    source: Source
    columns: Size
    depths: Annotated[int, Range(1, DEPTHS)]


class Intervals(Group):
    """Of one source: the series, or their differences."""

    kind, sizes = "intervals", IntervalSizes

    def __init__(self, source: str, columns: int, depths: int):
        self.source, self.columns, self.depths = source, columns, depths
        self.parts = [FIGURES * columns * (2**depths - 1)]

    @classmethod
    def sized(cls, source: str, steps: int, columns: int, signals: int) -> "Intervals":
        deep = [d for d in range(1, DEPTHS + 1) if 2 ** (d - 1) <= steps and FIGURES * columns * (2**d - 1) <= MOST]
        return cls(source, columns, max(deep, default=1))

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "columns": self.columns, "depths": self.depths}

    def compute(
        self, theta: dict[str, np.ndarray], rows: Rows, out: np.ndarray, at: int, first: int, last: int
    ) -> None:
        lengths, width = rows.lengths[first:last], self.parts[0]
        for length in np.unique(lengths):
            of_length = first + np.flatnonzero(lengths == length)
            x = rows.x[rows.offsets[of_length][:, None] + np.arange(length)]  # (sequences, length, C)
            out[of_length, at : at + width] = np.concatenate(list(map(_figures, self._parts(x))), axis=1)

    def _parts(self, x: np.ndarray):
        """The intervals of sequences of one length; each has a step at least."""
        for depth in range(self.depths):
            cuts = np.linspace(0, x.shape[1], 2**depth + 1).astype(int)
            for begin, end in zip(cuts[:-1], cuts[1:], strict=True):
                begin = min(begin, x.shape[1] - 1)
                yield x[:, begin : max(end, begin + 1)]


def _figures(x: np.ndarray) -> np.ndarray:
    """(sequences, FIGURES · C) of an interval (sequences, steps, C)."""
    t = np.arange(x.shape[1]) - (x.shape[1] - 1) / 2
    mean = x.mean(axis=1)
    slope = np.einsum("t,ntc->nc", t, x - mean[:, None]) / max(1.0, float((t**2).sum()))
    return np.concatenate([mean, x.std(axis=1), slope, *np.quantile(x, QUANTILES, axis=1)], axis=1)
