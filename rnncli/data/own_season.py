"""The season of series whose times tell of none: the distance at which values repeat themselves."""

import numpy as np

MOST = 400  # rows of a season
SEEN = 3  # seasons that a series must have
LAST = 8192  # rows of a series that are looked at, its last
SERIES = 64  # that are looked at, the first
CLEAR = 0.5  # of the error of a forecast that knows no season
SAME = 1.1  # times the least error: a multiple of a season is as good as the season
FLAT = 1e-6  # of the spread: no more than rounding


def season_in(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray) -> int:
    """Rows of a season, 1 for none. With e[L] the mean of |y[t] - y[t-L]| over the spread of a series, the mean of
    |y[t] - median|, averaged over series: the L from 2 on of the least e[L], if that is at most half of e[1], the error
    of the last value, and half of 1, about that of the mean.

    values (rows, K), NaN where one is missing; series i is rows offsets[i] to stops[i].
    """
    parts = [values[max(begin, stop - LAST) : stop] for begin, stop in zip(offsets[:-1], stops, strict=True)]
    columns = [column for part in parts[:SERIES] for column in part.T if np.isfinite(column).any()]
    found = [errors for column in columns if (errors := _errors(column)) is not None]
    longest = max(map(len, found), default=0)
    if longest < 2:
        return 1
    total, count = np.zeros(longest), np.zeros(longest)
    for errors in found:
        total[: len(errors)] += errors
        count[: len(errors)] += 1
    mean = np.where(2 * count > len(found), total / count, np.inf)  # not by what a few long series do
    least = mean[1:].min()
    if least > CLEAR * min(mean[0], 1.0):
        return 1
    return 2 + int(np.argmax(mean[1:] <= max(SAME * least, FLAT)))


def _errors(y: np.ndarray) -> np.ndarray | None:
    """(L,) the error at each distance from 1 on, of a series that moves."""
    spread = np.nanmean(np.abs(y - np.nanmedian(y)))
    lags = min(MOST, len(y) // SEEN)
    if not spread > 0 or lags < 2:
        return None
    errors = np.empty(lags)
    for lag in range(1, lags + 1):
        changes = np.abs(y[lag:] - y[:-lag])
        there = np.isfinite(changes)
        errors[lag - 1] = changes[there].mean() / spread if 2 * there.sum() >= len(changes) else np.inf
    return errors
