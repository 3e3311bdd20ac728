"""The season of series whose times tell of none: the distance at which values repeat themselves, or else their changes
(changes_season.py); and a longer one, such as the week of values that repeat every day.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from rnncli.data.changes_season import changes_season

MOST = 400  # rows of a season
SEEN = 3  # seasons that a series must have
LAST = 8192  # rows of a series that are looked at, its last
SERIES = 64  # that are looked at, evenly far apart
CLEAR = 0.5  # of the error of a forecast that knows no season
SAME = 1.1  # times the least error: a multiple of a season is as good as the season
FLAT = 1e-6  # of the spread: no more than rounding
WHOLE = 64  # rows of a season that steps read whole; within a longer one a shorter one is looked for
MULTIPLES = 14  # of a season, among which the longer one is looked for
LESS, PART = 0.8, 0.1  # of the error of the season, in such a part of the series at least


class Seasons(NamedTuple):
    """Rows of a season, and of a longer one; 1 for none."""

    season: int
    longer: int = 1


def seasons_in(
    values: np.ndarray, offsets: np.ndarray, stops: np.ndarray, horizon: int = 1, season: int | None = None
) -> Seasons:
    """Those that the values show; only the longer one where the `season` is known.

    With e[L] the mean of |y[t] - y[t-L]| over the spread of a series, the mean of |y[t] - median|, averaged over
    series: the L from 2 on of the least e[L], if that is at most half of the mean of e[1] to e[H], the error of the
    last value over the horizon; half of the largest e before it; and half of 1, about the error of the median. Of
    several with nearly the least it is the shortest, a multiple of a season being as good as the season. If it is
    longer than WHOLE rows and a part of it has an e as small, the part of the least e is the season, and it is the
    longer one. Else that is the multiple of the season with the least e in most series of those, a tenth of all at
    least, of which it is at most 0.8 of the e of the season.

    values (rows, K), NaN where one is missing; series i is rows offsets[i] to stops[i].
    """
    ends = list(zip(offsets[:-1].tolist(), np.asarray(stops).tolist(), strict=True))
    some = [ends[i] for i in np.unique(np.linspace(0, len(ends) - 1, SERIES).astype(int)).tolist()]
    columns = [column for begin, stop in some for column in values[max(begin, stop - LAST) : stop].T]
    columns = [column for column in columns if np.isfinite(column).any()]
    found = Seasons(season) if season else _seasons(_errors_of(columns, range(1, MOST + 1)), horizon)
    if found.season < 2 and not season:
        return Seasons(changes_season(columns, MOST))
    if found.season < 2 or found.longer > 1:
        return found
    season = found.season
    times = _times(_errors_of(columns, range(season, (MULTIPLES + 1) * season, season)))
    return Seasons(season, season * times if times > 1 else 1)


def _errors_of(columns: list[np.ndarray], lags: Iterable[int]) -> list[np.ndarray]:
    """Those of each series that has some."""
    return [errors for column in columns if (errors := _errors(column, lags)) is not None]


def _seasons(found: list[np.ndarray], horizon: int) -> Seasons:
    """Of the errors of each series at all distances."""
    longest = max(map(len, found), default=0)
    if longest < 2:
        return Seasons(1)
    total, count = np.zeros(longest), np.zeros(longest)
    for errors in found:
        total[: len(errors)] += errors
        count[: len(errors)] += 1
    mean = np.where(2 * count > len(found), total / count, np.inf)  # not by what a few long series do
    ahead = mean[:horizon][np.isfinite(mean[:horizon])]
    before = np.maximum.accumulate(np.where(np.isfinite(mean), mean, 0.0))[:-1]
    bound = CLEAR * np.minimum(before, min(ahead.mean() if len(ahead) else 0.0, 1.0))
    seasons = np.where(mean[1:] <= bound, mean[1:], np.inf)
    least = seasons.min()
    if least == np.inf:
        return Seasons(1)
    first = int(np.argmax(seasons <= max(SAME * least, FLAT)))
    beside = np.append(mean[1 + first :], np.inf)  # of smooth values those before the least are nearly as good
    season = 2 + first + int(np.argmax(beside[1:] >= beside[:-1]))
    parts = [rows for rows in range(2, WHOLE + 1) if season % rows == 0 and seasons[rows - 2] < np.inf]
    if season <= WHOLE or not parts:
        return Seasons(season)
    return Seasons(min(parts, key=lambda rows: seasons[rows - 2]), season)


def _times(found: list[np.ndarray]) -> int:
    """The longer season over the season, of the errors of each series at multiples of it; 1 for none."""
    votes = Counter(int(np.argmin(errors)) + 1 for errors in found if FLAT < errors[0] >= errors.min() / LESS)
    times, count = votes.most_common(1)[0] if votes else (1, 0)
    return times if count >= PART * len(found) else 1


def _errors(y: np.ndarray, lags: Iterable[int]) -> np.ndarray | None:
    """The error at each distance (those,), of which the series has SEEN, where it moves; None where there are none."""
    spread = np.nanmean(np.abs(y - np.nanmedian(y)))
    lags = [lag for lag in lags if SEEN * lag <= len(y)]
    if not spread > 0 or not lags:
        return None
    errors = np.empty(len(lags))
    for i, lag in enumerate(lags):
        changes = np.abs(y[lag:] - y[:-lag])
        there = np.isfinite(changes)
        errors[i] = changes[there].mean() / spread if 2 * there.sum() >= len(changes) else np.inf
    return errors
