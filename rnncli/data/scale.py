"""Scale: the mean and the standard deviation that numbers are scaled by, in float64, and which columns are flat.

A column is flat if its range is at most FLAT units in the last place of its largest value, the rounding error of a sum
of equal numbers. The test is relative, so it works at any magnitude, and scaling by a power of two changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

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
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    first = _first(values, there)
    apart = np.where(there, values - first, 0)  # differences are small, so their sum loses no digits
    mean = first + apart.sum(axis=0) / np.maximum(1, count)
    apart = np.where(there, values - mean, 0)
    unit = 2.0 ** np.frexp(np.abs(apart).max(axis=0, initial=0))[1]  # squares neither overflow nor vanish
    std = unit * np.sqrt(((apart / unit) ** 2).sum(axis=0) / np.maximum(1, count))
    low = np.where(there, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(there, values, -np.inf).max(axis=0, initial=-np.inf)
    none = count == 0
    low, high = np.where(none, 0, low), np.where(none, 0, high)
    flat = are_flat(low, high)
    lent = np.where(mean == 0, 1.0, np.abs(mean))
    if overall is not None:
        mean = np.where(none, overall.mean, mean)
        lent = np.where(none | (mean == 0), overall.std, np.minimum(overall.std, lent))
    return Scale(mean, np.where(flat, lent, std), flat & ~none)


def _first(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """The first value of each column, or 0 if it has none."""
    if not len(values):
        return np.zeros(values.shape[1])
    first = values[there.argmax(axis=0), np.arange(values.shape[1])]
    return np.where(np.isnan(first), 0, first)
