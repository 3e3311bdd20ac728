"""Scale: the mean and the standard deviation that numbers are scaled by, in float64, and which columns are flat.

A column is flat if its range is at most FLAT units in the last place of its largest value, the rounding error of a sum
of equal numbers. The test is relative, so it works at any magnitude, and scaling by a power of two changes nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rnncli.data.temporary import blocks

FLAT = 64  # A flat column may vary by this many units in the last place.


def tolerance(largest: np.ndarray) -> np.ndarray:
    """The largest range that counts as flat, for values of up to this magnitude."""
    return FLAT * np.spacing(np.abs(largest))


def are_flat(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether columns are flat, given their smallest and largest values."""
    return high - low <= tolerance(np.maximum(np.abs(low), np.abs(high)))


@dataclass
class Scale:
    """Of K columns (K,): (value - mean) / std. The std of a flat column comes from `scale_of`."""

    mean: np.ndarray
    std: np.ndarray
    flat: np.ndarray  # bool

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.mean, self.std, self.flat))

    def where(self, here: np.ndarray, other: "Scale") -> "Scale":
        """This scale for the columns that are `here`, the other scale for the rest."""
        return Scale(*(np.where(here, own, theirs) for own, theirs in zip(self, other, strict=True)))


def scale_of(values: np.ndarray, overall: Scale | None = None) -> Scale:
    """The scale of values (rows, K), NaN where one is missing. `overall` is the scale of all series.

    A flat column, or one with a single value, has its own mean. Its std, which says how far it may move later, is that
    of `overall`, but at most the magnitude of its mean; without `overall` it is that magnitude, or 1 if the mean is 0.
    A column without values has the scale `overall`.
    """
    parts = [values[begin:end] for begin, end in blocks(len(values))]
    count = _sum(parts, np.ones_like)
    first, none = _first(parts, values.shape[1]), count == 0
    mean = first + _sum(parts, lambda part: part - first) / np.maximum(1, count)  # small, so no digits are lost
    low, high = (np.where(none, 0, _extreme(of, parts, first)) for of in (np.fmin, np.fmax))
    unit = 2.0 ** np.frexp(np.maximum(high - mean, mean - low))[1]  # squares neither overflow nor vanish
    std = unit * np.sqrt(_sum(parts, lambda part: ((part - mean) / unit) ** 2) / np.maximum(1, count))
    flat = are_flat(low, high)
    lent = np.where(mean == 0, 1.0, np.abs(mean))
    if overall is not None:
        mean = np.where(none, overall.mean, mean)
        lent = np.where(none | (mean == 0), overall.std, np.minimum(overall.std, lent))
    return Scale(mean, np.where(flat, lent, std), flat & ~none)


def _first(parts: list[np.ndarray], K: int) -> np.ndarray:
    """The first value of each column, or 0 if it has none."""
    found = np.full(K, np.nan)
    for part in parts:
        found = np.where(np.isnan(found), part[(~np.isnan(part)).argmax(axis=0), np.arange(K)], found)
    return np.nan_to_num(found)


def _sum(parts: list[np.ndarray], of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Of each column, what it is of the values that are there."""
    return sum((np.where(np.isnan(part), 0, of(part)).sum(axis=0) for part in parts), np.zeros(1))


def _extreme(of: np.ufunc, parts: list[np.ndarray], start: np.ndarray) -> np.ndarray:
    """The least or the largest value of each column; `start` is one of them."""
    for part in parts:
        start = of(start, of.reduce(part, axis=0))
    return start
