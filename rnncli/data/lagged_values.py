"""Values of series before any row: at a lag, as a change, as a mean over lags."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncli.process.temporary import blocks, repeated, sums_before


@dataclass(frozen=True)
class Past:
    """Rows of all series, one after the other. A series that does not reach far enough begins with its first value."""

    z: np.ndarray  # (rows, K) float64, without gaps
    first: np.ndarray  # (rows,) where the series of each row begins
    pace: np.ndarray | None = None  # (rows,) the season of its series over that of the model, where they differ

    def stretched(self, rows: np.ndarray, steps: np.ndarray | int) -> np.ndarray | int:
        """So many steps of the model's season in steps of the season of each of these rows, one at least."""
        return steps if self.pace is None else np.maximum(np.rint(steps * self.pace[rows]).astype(np.int64), 1)

    @classmethod
    def of(cls, z: np.ndarray, offsets: np.ndarray, pace: np.ndarray | None) -> "Past":
        """`pace` (series,)."""
        first, lengths = repeated(offsets[:-1], offsets), np.diff(offsets)
        return cls(z, first, None if pace is None else np.repeat(pace, lengths))

    @cached_property
    def sums(self) -> np.ndarray:
        """Of all rows before (rows + 1, K)."""
        return sums_before(len(self.z), lambda begin, end: self.z[begin:end].astype(np.float64, copy=False))

    def lag(self, rows: np.ndarray, back: np.ndarray | int) -> np.ndarray:
        """z (.., K) so many rows before these (..)."""
        return self.z.take(np.maximum(rows - back, self.first.take(rows)), axis=0)  # several times as fast as z[..]

    def change(self, rows: np.ndarray) -> np.ndarray:
        """z[t] - z[t-1] (.., K)."""
        return self.z.take(rows, axis=0) - self.lag(rows, 1)

    def mean(self, rows: np.ndarray, near: np.ndarray | int, far: np.ndarray | int) -> np.ndarray:
        """Of the values near <= lag < far rows before these (..), of the model's season: (.., K)."""
        if self.pace is not None:
            near = self.stretched(rows, near) if near else 0
            far = np.maximum(self.stretched(rows, far), near + 1)
        elif far - near == 1:
            return self.lag(rows, near)
        first = self.first.take(rows)
        end = np.maximum(first, rows - near) + 1
        begin = np.maximum(first, rows - far + 1)
        return (self.sums.take(end, axis=0) - self.sums.take(begin, axis=0)) / (end - begin)[..., None]


def fill_gaps(z: np.ndarray, offsets: np.ndarray, seasons: np.ndarray | None) -> None:
    """Gaps of z (rows, K) take the value a season before, if `seasons` (rows,) are given, else the last one before them
    in their series, else 0; in place.
    """
    if all(np.isfinite(z[begin:end]).all() for begin, end in blocks(len(z))):
        return
    if seasons is not None:
        fill_by_season(z, repeated(offsets[:-1], offsets), seasons)
    fill_by_last(z, offsets)


def fill_by_last(z: np.ndarray, offsets: np.ndarray) -> None:
    """Gaps take the last value before them in their series, else 0; in place."""
    last = np.full(z.shape[1], -1)  # the row before the block that has a value
    for begin, end in blocks(len(z)):
        absent = ~np.isfinite(z[begin:end])
        for k in range(z.shape[1]):
            gaps = np.flatnonzero(absent[:, k])
            heads = np.append(True, np.diff(gaps) > 1)[: len(gaps)]  # of gaps side by side
            known = (begin + gaps[heads] - 1)[np.cumsum(heads) - 1]  # in the row before these
            known[known < begin] = last[k]
            last[k] = known[-1] if absent[-1, k] else end - 1
            first = offsets[np.searchsorted(offsets, begin + gaps, "right") - 1]
            z[begin + gaps, k] = np.where(known >= first, z[known, k], 0)


def fill_by_season(z: np.ndarray, first: np.ndarray, seasons: np.ndarray) -> None:
    """Gaps take the value a season (`seasons` (rows,)) before, or two if that is one too, and so on, where
    the series reaches so far; in place.
    """
    for k in range(z.shape[1]):
        gaps = np.flatnonzero(np.isnan(z[:, k]))
        back = gaps - seasons[gaps]
        while len(gaps):
            reached = back >= first[gaps]
            gaps, back = gaps[reached], back[reached]
            there = ~np.isnan(z[back, k])
            z[gaps[there], k] = z[back[there], k]
            gaps, back = gaps[~there], back[~there]
            back = back - seasons[gaps]
