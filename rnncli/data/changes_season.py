"""The season of series that rise and fall too far to repeat their values: the distance at which changes come again.

    r[L] = Σ d[t] d[t-L] / n[L]    over the n[L] pairs of all series, d the changes of one, with mean 0 and deviation 1

Changes beyond OUTLYING times their mean size count as that, so that two jumps make no season. The standard error of
r[L] is √(Σ d[t]² d[t-L]²) / n[L], right too where changes grow with the level (White 1980).
"""

import numpy as np

LEAST, SEEN = 3, 3  # rows of a season, and how many of them a series must have
STRONG = 0.1  # r of a season
CLEAR = 5.0  # standard errors
ABOVE = 2.0  # times the r of the distances beside it,
BESIDE = 2  # so many on both sides
AGAIN = 0.5  # of it there is at twice the distance
SAME = 0.75  # of the largest r: a multiple of a season is as good as it; and of a season's r that of all shorter ones
MOST = 2 / 3  # of the series have an r above 0
OUTLYING = 4.0


def changes_season(columns: list[np.ndarray], most: int) -> int:
    """The shortest L of at most `most` rows with nearly the largest r[L] of those that are strong, clear of chance,
    well above all shorter distances and those beside it, come again at 2L, and are those of most series; 1 if there is
    none. NaN where a value is missing.
    """
    r, errors, share = _correlations([changes for y in columns if (changes := _changes(y)) is not None], most)
    L = np.arange(LEAST, (len(r) - 1) // 2 + 1)
    if not len(L):
        return 1
    shorter = np.maximum.accumulate(np.append(0.0, r[1:]))[L - 1]
    beside = np.max([r[np.minimum(L + k, len(r) - 1)] for k in range(-BESIDE, BESIDE + 1) if k], axis=0)
    found = (r[L] >= STRONG) & (r[L] >= CLEAR * errors[L]) & (r[2 * L] >= AGAIN * r[L]) & (share[L] >= MOST)
    seasons = L[found & (SAME * r[L] >= shorter) & (r[L] >= ABOVE * beside)]
    return int(seasons[r[seasons] >= SAME * r[seasons].max()][0]) if len(seasons) else 1


def _changes(y: np.ndarray) -> np.ndarray | None:
    """Of a series (rows,), with mean 0 and deviation 1, NaN where one is missing; None where it does not move."""
    changes = np.diff(y)
    there = np.isfinite(changes)
    if not there.any():
        return None
    changes = changes - changes[there].mean()
    size = np.abs(changes[there]).mean()
    if not size > 0:
        return None
    changes = np.clip(changes / size, -OUTLYING, OUTLYING)
    changes -= changes[there].mean()
    return changes / changes[there].std()


def _correlations(found: list[np.ndarray], most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """r (lags,), its standard error, and in which part of the series it is above 0, at the distances 0 to 2L, where L
    is the longest of which most series have SEEN.
    """
    longest = sorted((min(len(changes) // SEEN, most) for changes in found), reverse=True)
    lags = 2 * longest[len(found) // 2] + 1 if found else 0
    sums, squares, counts, above, series = np.zeros((5, lags))
    for changes in found:
        there = np.isfinite(changes)
        values, ones = np.where(there, changes, 0.0), there.astype(float)
        for lag in range(min(lags, len(values))):
            products = values[lag:] * values[: len(values) - lag]
            sums[lag] += products.sum()
            squares[lag] += products @ products
            counts[lag] += ones[lag:] @ ones[: len(values) - lag]
            above[lag] += products.sum() > 0
            series[lag] += 1
    counts = np.maximum(counts, 1)
    return sums / counts, np.sqrt(squares) / counts, above / np.maximum(series, 1)
