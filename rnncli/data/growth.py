"""Whether series change by parts of their size, so that it is their logarithms that change alike at any level.

    log s[b] = c_i + β log m[b]     m[b] the mean of a block of series i, s[b] the mean |y[t] - y[t-L]| in it

L is 1, or a season. β is 0 where changes are the same at any level, 1 where they are parts of it (the slope of spread
on level, Tukey 1977; Guerrero 1993, doi 10.1002/for.3980120104, has 1 - β for the power of a Box-Cox transform).
"""

from itertools import pairwise

import numpy as np

from rnncli.data.student import CLEAR, student
from rnncli.process.temporary import BLOCK

LEAST_BLOCK = 8  # rows, or a season
HALF = 0.5  # a β above it is nearer to 1 than to 0
LEAST = 20  # blocks, beside one for each series and target, from which on all slopes have to be clear of 0
FEWEST = 4  # degrees of freedom, six blocks of one series, with which slopes tell anything
NEAR_ZERO = 0.02  # of the median, of so many
MEDIAN_OF = 1 << 20  # values at most, evenly far apart


def change_by_parts(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray, season: int) -> bool:
    """Whether β is nearer to 1 than to 0 and clear of 0, from value to value and from season to season.

    Few blocks do not tell that much. Where a part of the series is held out, a network is to learn what the values
    leave. Where none is, the anchor is nearly all there is. So the swings of a season have to grow with it: β from
    value to value is nearer to 1 than to 0 or 2, and that from season to season, of which most is noise, does not speak
    against 1. Without a season few blocks tell nothing, and logarithms would carry a trend on as a power.

    values (rows, K), NaN where one is missing, all above 0; series i is rows offsets[i] to stops[i].
    """
    size = max(LEAST_BLOCK, season)
    found = [spread_on_level(values, offsets, stops, lag, size) for lag in sorted({1, season})]
    if all(free >= LEAST - 1 for _, _, free in found):
        return all(slope > max(HALF, CLEAR * error) for slope, error, _ in found)
    if len(found) < 2 or min(free for _, _, free in found) < FEWEST or (stops < offsets[1:]).any():
        return False
    (near, error, free), (far, error_far, free_far) = found
    return max(HALF, student(free) * error) < near < 2 - HALF and far + student(free_far) * error_far >= 1


def spread_on_level(
    values: np.ndarray, offsets: np.ndarray, stops: np.ndarray, lag: int, size: int
) -> tuple[float, float, int]:
    """(β, its standard error, its degrees of freedom) of changes over so many rows, in blocks of a size, by least
    squares over all series and targets; (0, inf, 0) if they have too few blocks.
    """
    xx = xy = yy = 0.0
    free = -1
    for part in (values[begin:stop] for begin, stop in zip(offsets[:-1].tolist(), stops.tolist(), strict=True)):
        for column in part.T:
            level, spread = _blocks(column, lag, size)
            if len(level) > 1:
                x, y = np.log(level), np.log(spread)
                x, y = x - x.mean(), y - y.mean()
                xx, xy, yy = xx + float(x @ x), xy + float(x @ y), yy + float(y @ y)
                free += len(x) - 1
    if free < FEWEST or xx == 0:
        return 0.0, np.inf, 0
    slope = xy / xx
    return slope, float(np.sqrt(max(0.0, yy - slope * xy) / free / xx)), free


def _blocks(y: np.ndarray, lag: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(m, s) of the blocks of a series that have changes, by the values that are there."""
    count = max(0, len(y) - lag) // size
    together = max(1, BLOCK // size)
    found = [_some_blocks(y, lag, size, at, min(at + together, count)) for at in range(0, count, together)]
    level, spread = np.concatenate(found, axis=1) if found else np.empty((2, 0))
    return level, spread


def _some_blocks(y: np.ndarray, lag: int, size: int, begin: int, end: int) -> np.ndarray:
    """(2, n) m and s of those among these blocks that move."""
    before, after = (y[begin * size + shift : end * size + shift].reshape(-1, size) for shift in (0, lag))
    changes, levels = np.abs(after - before), (after + before) / 2
    there = np.isfinite(changes)
    count = np.maximum(1, there.sum(axis=1))
    spread, level = (np.where(there, part, 0).sum(axis=1) / count for part in (changes, levels))
    moving = (2 * there.sum(axis=1) >= size) & (spread > 0) & (level > 0)
    return np.stack([level[moving], spread[moving]])


def far_from_zero(values: np.ndarray, offsets: np.ndarray) -> bool:
    """Whether no value of a series and target is below NEAR_ZERO of its median: none of 0 or less is to be expected."""
    parts = (values[begin:end] for begin, end in pairwise(offsets.tolist()))
    return all(_is_far(column) for part in parts for column in part.T)


def _is_far(y: np.ndarray) -> bool:
    some = y[:: -(-len(y) // MEDIAN_OF) or 1]
    some = some[~np.isnan(some)]
    return not len(some) or bool(np.fmin.reduce(y) > max(0.0, NEAR_ZERO * float(np.median(some))))
