"""Which series never fall below 0, as counts, rain and solar power do not: their forecasts do not either.

In its training part such a series has no value below 0, and ones that are 0: LEAST of them and SHARE of all at least. A
single 0 may be chance, as of a temperature. What came is never below 0 then, so a forecast that is raised to 0 comes
nearer to it, and so does a quantile.
"""

import numpy as np

from rnncli.data.temporary import blocks

LEAST, SHARE = 2, 0.01


def floors(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray) -> list[list[bool]]:
    """(series + 1, K) whether each series never falls below 0, and last whether none that has values does; no rows
    where all of them may. values (rows, K), NaN where one is missing; series i is rows offsets[i] to stops[i].
    """
    counts = [_counts(values[begin:stop]) for begin, stop in zip(offsets[:-1], stops, strict=True)]
    there, below, zeros = np.moveaxis(np.array(counts), 1, 0)
    above = (below == 0) & (zeros >= np.maximum(LEAST, SHARE * there))
    if not above.any():
        return []
    every = (above | (there == 0)).all(axis=0)
    return [*above.tolist(), every.tolist()]


def _counts(values: np.ndarray) -> np.ndarray:
    """(3, K) how many values there are, how many are below 0, and how many are 0."""
    total = np.zeros((3, values.shape[1]), np.int64)
    for begin, end in blocks(len(values)):
        part = values[begin:end]
        total += [(~np.isnan(part)).sum(axis=0), (part < 0).sum(axis=0), (part == 0).sum(axis=0)]
    return total


def raised(values: np.ndarray, floored: np.ndarray) -> np.ndarray:
    """Forecasts (.., H, K) or (.., H, K, Q), 0 where they are below it and the target is `floored` (.., K)."""
    if not floored.any():
        return values
    at = floored[..., None, :]
    return np.where((at if values.ndim == at.ndim else at[..., None]) & (values < 0), 0.0, values)


def said(floor: list[list[bool]]) -> str:
    """Of the floors of a model, in words that follow others."""
    return "" if not floor else ", not below 0" if all(map(all, floor)) else ", some not below 0"
