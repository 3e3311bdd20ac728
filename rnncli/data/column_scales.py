"""The scales of the columns of a table, found in one pass over any number of rows: (value - mean) / std, or the same of
asinh(value / unit) where a few values are far from all others.
"""

from typing import NamedTuple

import numpy as np

from rnncli.data.scale import are_flat

BLOCK = 1 << 18  # rows at a time
MOST_SKEWED = 1 << 22  # rows; larger tables are not looked at for values that are far from the others
FAR = 30.0  # the fourth moment of such a column, in units of its variance; 3 for a normal one


class ColumnScales(NamedTuple):
    """Of D columns."""

    unit: list[float]  # (D,) 0 where the values are taken as they are
    mean: list[float]  # (D,)
    std: list[float]  # (D,) above 0
    flagged: list[int]  # columns with missing values, ascending


def scales_of(numbers: np.ndarray, rows: np.ndarray, plain: bool = False) -> ColumnScales:
    """Those of the numbers (rows, D) in these rows, a mask (rows,); `plain`: all are taken as they are."""
    D = numbers.shape[1]
    looked_at = len(rows) <= MOST_SKEWED and not plain
    unit = [_unit(numbers[rows, d]) for d in range(D)] if looked_at else [0.0] * D
    count, total, squares, missing = np.zeros(D), np.zeros(D), np.zeros(D), np.zeros(D, bool)
    low, high = np.full(D, np.inf), np.full(D, -np.inf)
    origin = np.full(D, np.nan)  # a value of each column: sums of what is near it lose no digits
    for start in range(0, len(rows), BLOCK):
        block = numbers[start : start + BLOCK][rows[start : start + BLOCK]]
        if not len(block):
            continue
        block = straightened(block, unit)
        there = np.isfinite(block)
        origin = np.where(np.isnan(origin), block[there.argmax(axis=0), np.arange(D)], origin)
        low = np.minimum(low, np.where(there, block, np.inf).min(axis=0))
        high = np.maximum(high, np.where(there, block, -np.inf).max(axis=0))
        block = np.where(there, block - origin, 0)
        missing |= ~there.all(axis=0)
        count, total, squares = count + there.sum(0), total + block.sum(0), squares + (block**2).sum(0)
    mean = total / np.maximum(count, 1)
    std = np.sqrt(np.maximum(0, squares / np.maximum(count, 1) - mean**2))
    mean += np.nan_to_num(origin)
    low, high = np.where(count > 0, low, 0), np.where(count > 0, high, 0)
    lent = np.where(mean == 0, 1.0, np.abs(mean))  # to a column that does not move, see scale.py
    sound = np.isfinite(std) & (std > 0)  # squares of the least and largest numbers are none
    std = np.where(are_flat(low, high), lent, np.where(sound, std, high - low))
    return ColumnScales(unit, mean.tolist(), std.tolist(), np.flatnonzero(missing).tolist())


def straightened(block: np.ndarray, unit: list[float]) -> np.ndarray:
    """asinh(value / unit) in the columns of a block (rows, D) that have a unit; in place."""
    for d in np.flatnonzero(unit):
        block[:, d] = np.arcsinh(block[:, d] / unit[d])
    return block


def _unit(values: np.ndarray) -> float:
    """The quartile of what is not zero, of a column with values far from all others; else 0."""
    values = values[np.isfinite(values)]
    if not len(values) or are_flat(values.min(), values.max()):
        return 0.0
    deviation = values - values.mean()
    deviation /= 2.0 ** np.frexp(np.abs(deviation).max())[1]
    squares = np.square(deviation, out=deviation)
    if float(np.square(squares).mean()) < FAR * float(squares.mean()) ** 2:
        return 0.0
    return float(np.quantile(np.abs(values[values != 0]), 0.25))
