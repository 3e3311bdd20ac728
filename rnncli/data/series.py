"""Series: all rows of columns that are forecast, as the network reads them.

Row r is a time step: the network has read rows up to r, and its outputs speak of the steps after it. Rows of all series
stand one after the other; series i is rows offsets[i] to offsets[i + 1].
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncli.data.columns import Sequenced, digest_of
from rnncli.data.digits import places_of
from rnncli.data.floor import within
from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past, fill_by_last, fill_by_season
from rnncli.data.scale import tolerance
from rnncli.data.times.calendar import Calendar
from rnncli.data.usual_change import only_grew, usual_changes
from rnncli.data.window import Window
from rnncli.process.temporary import WhenRead, in_blocks, repeated

MOST_DIGITS = 1 << 18  # values at most of which the digits are looked at


@dataclass
class Series(Sequenced):
    """What is known of every row."""

    outlook: Outlook
    offsets: np.ndarray  # (series + 1,) int64
    keys: list[str]
    values: np.ndarray  # (rows, K) float64, straightened; NaN where one is missing
    z: np.ndarray  # (rows, K) float64, scaled, gaps filled by the last value
    mean: np.ndarray  # (series, K)
    std: np.ndarray
    flat: np.ndarray  # (series, K) bool: those of whom the mean is the one value
    X: np.ndarray | WhenRead  # (rows, D) float32, inputs
    ids: list[np.ndarray]  # (rows,) int32 of each category
    times: np.ndarray | None = None
    pace: np.ndarray | None = None  # (series,) see Past.of
    holidays: np.ndarray | None = None  # (series, steps) scaled, of those after the end
    clocks: Sequence[Calendar] = ()  # (series,)
    sources: Sequence[np.ndarray | None] = ()  # what the inputs are made of, beside the targets

    @cached_property
    def gaps(self) -> np.ndarray:
        """(rows, K) where a value is missing."""
        return missing(self.values)

    @cached_property
    def past(self) -> Past:
        """What came before each row."""
        return Past.of(self.z, self.offsets, self.pace)

    @cached_property
    def seen(self) -> Past:
        """Values before each row as they are, not scaled: the last one that is there stands in a gap."""
        return self._filled(None)

    @cached_property
    def in_season(self) -> Past:
        """The same, where the value of one season before stands in a gap."""
        return self._filled(replace(self.outlook, anchor="season").seasons_of(self.past))

    @cached_property
    def filled(self) -> Past:
        """The same, where in a gap stands what stands in z."""
        return self._filled(self.outlook.seasons_of(self.past))

    def _filled(self, seasons: np.ndarray | None) -> Past:
        """Scaled and back again they would be off by rounding: by much of a value of 0. Before the first: the mean."""
        if not self.gaps.any():
            return replace(self.past, z=self.values)
        values = in_blocks(len(self.values), lambda a, b: self.values[a:b].copy())
        if seasons is not None:
            fill_by_season(values, self.first, seasons)
        heads = self.offsets[:-1]
        values[heads] = np.where(np.isnan(values[heads]), self.mean, values[heads])
        fill_by_last(values, self.offsets)
        return replace(self.past, z=values)

    @property
    def first(self) -> np.ndarray:
        """(rows,) the first row of the series of each."""
        return self.past.first

    @cached_property
    def still(self) -> np.ndarray:
        """(rows, K) where a flat series has not moved yet: its forecast is its value."""
        still = repeated(self.flat, self.offsets)
        for number in np.flatnonzero(self.flat.any(axis=1)):
            rows, mean = slice(*self.offsets[number : number + 2]), self.mean[number]
            moved = np.abs(self.values[rows] - mean) > tolerance(mean)
            still[rows] &= np.cumsum(moved, axis=0) == 0
        return still

    @cached_property
    def places(self) -> list[list[tuple[int, int]]]:
        """(least, most) decimal places of forecasts, (series, K), see digits.py."""
        back, most = self.outlook.unstraighten, max(8, MOST_DIGITS // len(self))
        parts = [self.values[begin:end] for begin, end in zip(self.offsets[:-1], self.offsets[1:], strict=True)]
        log = self.outlook.transform == "log"
        return [
            [
                places_of(part[:, k], float(s * np.exp(m) if log else s), most, back)
                for k, (s, m) in enumerate(zip(std, mean, strict=True))
            ]
            for part, std, mean in zip(parts, self.std, self.mean, strict=True)
        ]

    def places_in_time(self, rows: np.ndarray) -> np.ndarray:
        """The place of the step after each of these rows (n,) in the day, the week and the year (n, 2 x periods), by
        its own clock.
        """
        number, times, periods = self.series_of(rows), self.times[rows], self.outlook.periods
        found = np.zeros((len(rows), 2 * len(periods)), np.float32)
        for steps in {clock.steps for clock in self.clocks}:
            alike = [i for i, clock in enumerate(self.clocks) if clock.steps == steps]
            at = slice(None) if len(alike) == len(self.clocks) else np.isin(number, alike)
            found[at] = self.clocks[alike[0]].features(times[at], periods)
        return found

    def digest(self, others: list[np.ndarray]) -> str:
        """A hash of the data, and of others before them. Inputs that are made when they are read are not hashed, but
        what they are made of, once.
        """
        if isinstance(self.X, np.ndarray):
            return digest_of([*others, *self.ids, self.X, self.values])
        return digest_of(others) + self._digest

    @cached_property
    def _digest(self) -> str:
        return digest_of([*self.ids, *self.sources, self.values])

    def anchors(self, rows: np.ndarray, kind: str | None = None, horizon: int | None = None) -> np.ndarray:
        """a (.., H, K) of forecasts made at these rows (..)."""
        return self.outlook.anchors(self.past, rows, kind, horizon)

    def residuals(self, rows: np.ndarray, limit: np.ndarray) -> np.ndarray:
        """What the network is to put out for these rows: (.., H·K) float32, NaN where nothing is known; `limit` (..)
        is where the targets of each end.
        """
        o = self.outlook
        y = o.to_come(self.z if o.scaled else self.values, self.gaps, rows, limit)
        if o.scaled:
            y = (y - self.anchors(rows) - np.array(o.bias)) / np.array(o.width)
        return y.reshape(*rows.shape, -1).astype(np.float32)

    def window(self, rows: np.ndarray, inside: np.ndarray) -> Window:
        """What the network reads at these rows (T, N), of which those `inside` count."""
        ids = [np.where(inside, ids.take(rows), -1).astype(np.int32) for ids in self.ids]
        return Window(ids, self.X.take(rows, axis=0))  # several times as fast as X[rows]

    def series_of(self, rows: np.ndarray) -> np.ndarray:
        """The number of the series that a row is of."""
        return np.searchsorted(self.offsets, rows, "right") - 1

    def number_of(self, row: int) -> int:
        """The same of a single row, which takes a twentieth of the time."""
        return bisect_right(self._ends, row)

    @cached_property
    def _ends(self) -> list[int]:
        return self.offsets[1:].tolist()

    def truth(self, rows: np.ndarray, limit: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """(values (n, H, K), whether a step lies before the limit (n,) (n, H)) of the steps after these rows (n,); NaN
        where one is missing.
        """
        at = rows[:, None] + np.arange(1, horizon + 1)
        there = at < limit[:, None]
        values = self.outlook.unstraighten(self.values[np.where(there, at, rows[:, None])])
        return np.where(there[..., None], values, np.nan), there

    def usual_changes(self, before: np.ndarray) -> np.ndarray:
        """What mase divides by (series, K): of series of training as it was there, of others by the rows up to `before`
        (series,); NaN where that is undefined.
        """
        o = self.outlook
        known = np.array([o.number_of.get(key, -1) if o.usual else -1 for key in self.keys])
        stops = np.where(known >= 0, self.offsets[:-1], before)  # these are not gone through again
        own = usual_changes(self.values, self.offsets, stops, o.season, o.unstraighten)
        stored = np.array(o.usual, np.float64).reshape(-1, own.shape[1])
        return np.where(known[:, None] >= 0, stored[known], own) if len(stored) else own

    def only_grew(self, before: np.ndarray) -> bool:
        """Whether all targets of all series only grew in the rows before these (series,)."""
        return only_grew(self.values, self.offsets, before)  # as their logarithms do

    def unscaled(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """z (n, H, K) of forecasts made at these rows (n,), as values."""
        number = self.series_of(rows)
        return self.outlook.unstraighten(z * self.std[number][:, None] + self.mean[number][:, None])

    def ends_of_data(self) -> np.ndarray:
        """Where the rows of each series end that have a target: what comes after is the future."""
        there = in_blocks(len(self.z), lambda a, b: np.where(self.gaps[a:b].all(axis=1), -1, np.arange(a, b)))
        ends = np.maximum.reduceat(there, self.offsets[:-1]) + 1
        return np.maximum(ends, self.offsets[:-1] + 1)

    def to_values(self, residuals: np.ndarray, rows: np.ndarray, anchors: np.ndarray | None = None) -> np.ndarray:
        """Outputs (.., H, K) or (.., H, K, Q) of forecasts made at these rows (..), as values; their `anchors` may be
        there already.
        """
        return self.held(self.unbounded(residuals, rows, anchors), self.series_of(rows), self.still[rows])

    def unbounded(self, residuals: np.ndarray, rows: np.ndarray, anchors: np.ndarray | None = None) -> np.ndarray:
        """The same before they are `held`."""
        o, series = self.outlook, self.series_of(rows)
        if not o.scaled:
            return residuals
        anchors = self.anchors(rows) if anchors is None else anchors
        return o.unscale(residuals, anchors, self.mean[series][..., None, :], self.std[series][..., None, :])

    def holes(self, rows: np.ndarray) -> np.ndarray:
        """(n, H, K) where the last season, from which the steps after these rows (n,) are forecast, has a gap."""
        o = self.outlook
        if o.anchor != "season" or not self.gaps.any():
            return np.zeros((len(rows), 1, 1), bool)
        k, season = np.arange(1, o.horizon + 1), np.asarray(self.past.stretched(rows, o.season))[..., None]
        at = rows[:, None] + k - season * -(-k // season)
        there = at >= self.first[rows][:, None]
        return self.gaps[np.where(there, at, 0)] & there[..., None]

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """(series, K) which never fall below 0, and which are never above 1."""
        o = self.outlook
        none = [[False] * len(o.targets)] * (len(o.keys) + 1)
        numbers = [o.number_of.get(key, -1) for key in self.keys]
        return np.array(o.floor or none, bool)[numbers], np.array(o.ceiling or none, bool)[numbers]

    def held(self, values: np.ndarray, series: np.ndarray, still: np.ndarray) -> np.ndarray:
        """Forecasts (.., H, K) or (.., H, K, Q) of these series (..), not below 0 or above 1 where that never is; of
        rows that are `still` (.., K) the mean.
        """
        values = within(values, *(of_all[series] for of_all in self.bounds))
        if not still.any():
            return values
        still, mean = still[..., None, :], self.outlook.unstraighten(self.mean[series][..., None, :])
        if values.ndim > mean.ndim:
            still, mean = still[..., None], mean[..., None]
        return np.where(still, mean, values)


def missing(values: np.ndarray) -> np.ndarray:
    """Which values (rows, K) are."""
    return in_blocks(len(values), lambda begin, end: np.isnan(values[begin:end]))
