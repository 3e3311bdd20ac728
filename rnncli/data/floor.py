"""Which series never fall below 0, as counts, rain and solar power do not, and which are never above 1, as shares and
0 or 1 are not: their forecasts are not either.

In its training part such a series has no value below 0, and ones that are 0: LEAST of them and SHARE of all at least. A
single 0 may be chance, as of a temperature. What came is never below 0 then, so a forecast that is raised to 0 comes
nearer to it, and so does a quantile. Never above 1 is a series without a value below 0 or above 1, and as many that
are 1.
"""

import numpy as np

from rnncli.process.temporary import blocks

LEAST, SHARE = 2, 0.01


def floors(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray) -> list[list[bool]]:
    """(series + 1, K) whether each series never falls below 0, and last whether none that has values does; no rows
    where all of them may. values (rows, K), NaN where one is missing; series i is rows offsets[i] to stops[i].
    """
    return _bounded(values, offsets, stops, 0.0, np.inf)


def ceilings(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray) -> list[list[bool]]:
    """The same of series that are from 0 to 1, and never above."""
    return _bounded(values, offsets, stops, 1.0, 1.0)


def _bounded(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray, bound: float, most: float) -> list[list[bool]]:
    """Of series from 0 to `most` that are at the bound often enough."""
    parts = [values[begin:stop] for begin, stop in zip(offsets[:-1], stops, strict=True)]
    there, beyond, at = np.moveaxis(np.array([_counts(part, bound, most) for part in parts]), 1, 0)
    found = (beyond == 0) & (at >= np.maximum(LEAST, SHARE * there))
    if not found.any():
        return []
    every = (found | (there == 0)).all(axis=0)
    return [*found.tolist(), every.tolist()]


def _counts(values: np.ndarray, bound: float, most: float) -> np.ndarray:
    """(3, K) how many values there are, how many are below 0 or above `most`, and how many are at the bound."""
    total = np.zeros((3, values.shape[1]), np.int64)
    for begin, end in blocks(len(values)):
        part = values[begin:end]
        beyond = ((part < 0) | (part > most)).sum(axis=0)
        total += [(~np.isnan(part)).sum(axis=0), beyond, (part == bound).sum(axis=0)]
    return total


def within(values: np.ndarray, floored: np.ndarray, capped: np.ndarray) -> np.ndarray:
    """Forecasts (.., H, K) or (.., H, K, Q): 0 where they are below it and the target is `floored` (.., K), 1 where
    they are above it and it is `capped` (.., K).
    """
    if floored.any():
        values = np.where(_as(floored, values) & (values < 0), 0.0, values)
    return np.where(_as(capped, values) & (values > 1), 1.0, values) if capped.any() else values


def _as(marks: np.ndarray, values: np.ndarray) -> np.ndarray:
    marks = marks[..., None, :]
    return marks if values.ndim == marks.ndim else marks[..., None]


def bounds_in_words(floor: list[list[bool]], ceiling: list[list[bool]]) -> str:
    """Of the bounds of a model, in words that follow others."""
    words = ((floor, "not below 0"), (ceiling, "not above 1"))
    return "".join(", " + "some " * (not all(map(all, found))) + what for found, what in words if found)
