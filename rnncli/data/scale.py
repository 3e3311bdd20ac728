"""Scale: the mean and the standard deviation that numbers are scaled by, in float64, and which columns are flat.

A column is flat if its range is at most FLAT units in the last place of its largest value, the rounding error of a sum
of equal numbers. The test is relative, so it works at any magnitude, and scaling by a power of two changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnncli.data.ranges import Ranges
from rnncli.errors import RnncliError
from rnncli.process.temporary import blocks

FLAT = 64  # A flat column may vary by this many units in the last place.
MOST = float(np.finfo(np.float32).max) / 1024  # deviations: float32 holds sums of a few of them


def tolerance(largest: np.ndarray) -> np.ndarray:
    """The largest range that counts as flat, for values of up to this magnitude."""
    return FLAT * np.spacing(np.abs(largest))


def are_flat(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether columns are flat, given their smallest and largest values."""
    return high - low <= tolerance(np.maximum(np.abs(low), np.abs(high)))


def refuse_beyond(z: np.ndarray, names: list[str]) -> None:
    """RnncliError for scaled values (rows, D) of columns of these names that float32 does not hold."""
    beyond = np.abs(z) > MOST
    if beyond.any():
        row, d = np.argwhere(beyond)[0].tolist()
        raise RnncliError(
            f"a value in column {names[d]} is {z[row, d]:.1e} deviations from the mean of training, expected at most "
            f"{MOST:.1e}: correct it, or leave the field empty if it is missing"
        )


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
    return Spread.of(values).scale(overall)


@dataclass
class Spread:
    """Of K columns (K,): what a scale is made of. Of a column without values all is 0."""

    none: np.ndarray  # bool: it has no values
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, rows: Ranges | None = None) -> "Spread":
        """Of values (rows, K), NaN where one is missing, or of these rows of them; gone through twice."""

        def parts() -> Iterator[np.ndarray]:
            if rows is None:
                return (values[begin:end] for begin, end in blocks(len(values)))
            return (values.take(rows.at(np.arange(begin, end)), axis=0) for begin, end in blocks(len(rows)))

        count = total = np.zeros(1)
        first = low = high = _first(parts(), values.shape[1])
        for part in parts():
            there = ~np.isnan(part)
            count, total = count + there.sum(axis=0), total + np.where(there, part - first, 0).sum(axis=0)
            low, high = np.fmin(low, np.fmin.reduce(part, axis=0)), np.fmax(high, np.fmax.reduce(part, axis=0))
        none = count == 0
        mean = first + total / np.maximum(1, count)  # sums of what is small lose no digits
        low, high = np.where(none, 0, low), np.where(none, 0, high)
        unit = 2.0 ** np.frexp(np.maximum(high - mean, mean - low))[1]  # squares neither overflow nor vanish
        squares = np.zeros(1)
        for part in parts():
            squares = squares + np.where(np.isnan(part), 0, ((part - mean) / unit) ** 2).sum(axis=0)
        return cls(none, mean, low, high, unit * np.sqrt(squares / np.maximum(1, count)))

    def scale(self, overall: Scale | None = None) -> Scale:
        """See `scale_of`."""
        flat, mean = are_flat(self.low, self.high), self.mean
        lent = np.where(mean == 0, 1.0, np.abs(mean))
        if overall is not None:
            mean = np.where(self.none, overall.mean, mean)
            lent = np.where(self.none | (mean == 0), overall.std, np.minimum(overall.std, lent))
        return Scale(mean, np.where(flat, lent, self.std), flat & ~self.none)


def _first(parts: Iterator[np.ndarray], K: int) -> np.ndarray:
    """The first value of each column, or 0 if it has none."""
    found = np.full(K, np.nan)
    for part in parts:
        if not np.isnan(part[0]).any():
            return np.where(np.isnan(found), part[0], found)
        found = np.where(np.isnan(found), part[(~np.isnan(part)).argmax(axis=0), np.arange(K)], found)
        if not np.isnan(found).any():
            break
    return np.nan_to_num(found)
