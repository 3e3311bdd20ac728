"""Scale: the mean and deviation that numbers are levelled by, in float64, and which of them are flat.

A column or series is flat if its range is at most FLAT units in the last place of its largest value: what a sum of
equal numbers differs by. So a constant is told from what moves at any size, and a power of two changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

FLAT = 64  # units in the last place


def tolerance(largest: np.ndarray) -> np.ndarray:
    """The range that is none, of values of up to this size."""
    return FLAT * np.spacing(np.abs(largest))


def are_flat(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether nothing moves between the least and the largest value."""
    return high - low <= tolerance(np.maximum(np.abs(low), np.abs(high)))


@dataclass
class Scale:
    """Of K columns (K,): (value - mean) / std; flat ones have a std that others lend them."""

    mean: np.ndarray
    std: np.ndarray
    flat: np.ndarray  # bool

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.mean, self.std, self.flat))

    def where(self, here: np.ndarray, other: "Scale") -> "Scale":
        """This one for the columns that are `here`, for others the other."""
        return Scale(*(np.where(here, own, theirs) for own, theirs in zip(self, other, strict=True)))


def scale_of(values: np.ndarray, whole: Scale | None = None) -> Scale:
    """Of values (rows, K), NaN where one is missing.

    A flat column, one of a single value too, has its own mean. Its deviation, which says how far it may move once it
    does, is that of the `whole`, but not more than its own size; without a whole its size, or 1. One without values is
    as the whole.
    """
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    origin = _first(values, there)
    apart = np.where(there, values - origin, 0)  # sums of what is near it lose no digits
    mean = origin + apart.sum(axis=0) / np.maximum(1, count)
    apart = np.where(there, values - mean, 0)
    unit = 2.0 ** np.frexp(np.abs(apart).max(axis=0, initial=0))[1]  # squares neither overflow nor vanish
    std = unit * np.sqrt(((apart / unit) ** 2).sum(axis=0) / np.maximum(1, count))
    low = np.where(there, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(there, values, -np.inf).max(axis=0, initial=-np.inf)
    none = count == 0
    low, high = np.where(none, 0, low), np.where(none, 0, high)
    flat = are_flat(low, high)
    lent = np.where(mean == 0, 1.0, np.abs(mean))
    if whole is not None:
        mean = np.where(none, whole.mean, mean)
        lent = np.where(none | (mean == 0), whole.std, np.minimum(whole.std, lent))
    return Scale(mean, np.where(flat, lent, std), flat & ~none)


def _first(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """The first value of each column, 0 of one without."""
    if not len(values):
        return np.zeros(values.shape[1])
    first = values[there.argmax(axis=0), np.arange(values.shape[1])]
    return np.where(np.isnan(first), 0, first)
