"""Series: columns encoded for forecasts.

Row r is a time step: the network has read rows up to r, and its outputs speak of the steps after it. Rows of all series
stand one after the other; series i is rows offsets[i] to offsets[i + 1].
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncli.data.columns import Columns, Sequenced, series_names
from rnncli.data.digits import places_of
from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past, fill_by_season
from rnncli.data.scale import Scale, tolerance
from rnncli.data.schema import Schema
from rnncli.data.temporary import zeros
from rnncli.data.usual_change import only_grew, usual_changes
from rnncli.data.window import Window
from rnncli.errors import RnncliError

BLOCK = 1 << 16  # rows at a time
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
    X: np.ndarray  # (rows, D) float32, inputs
    ids: list[np.ndarray]  # (rows,) int32 of each category
    times: np.ndarray | None = None
    pace: np.ndarray | None = None  # (rows,) see Past

    def __post_init__(self) -> None:
        self.first = np.repeat(self.offsets[:-1], np.diff(self.offsets))
        self.gaps = np.isnan(self.values)

    @cached_property
    def still(self) -> np.ndarray:
        """(rows, K) where a flat series has not moved yet: its forecast is its value."""
        still = self.flat[self.series_of(np.arange(len(self.values)))]
        for number in np.flatnonzero(self.flat.any(axis=1)):
            rows, mean = slice(*self.offsets[number : number + 2]), self.mean[number]
            moved = np.abs(self.values[rows] - mean) > tolerance(mean)
            still[rows] &= np.cumsum(moved, axis=0) == 0
        return still

    @cached_property
    def places(self) -> list[list[tuple[int, int]]]:
        """(least, most) decimal places of forecasts, (series, K), see digits.py."""
        values, most = self.outlook.unstraighten(self.values), max(8, MOST_DIGITS // len(self))
        parts = [values[begin:end] for begin, end in zip(self.offsets[:-1], self.offsets[1:], strict=True)]
        log = self.outlook.transform == "log"
        return [
            [
                places_of(part[:, k], float(s * np.exp(m) if log else s), most)
                for k, (s, m) in enumerate(zip(std, mean, strict=True))
            ]
            for part, std, mean in zip(parts, self.std, self.mean, strict=True)
        ]

    @cached_property
    def past(self) -> Past:
        """What came before each row."""
        return Past(self.z, self.first, self.pace)

    def anchors(self, rows: np.ndarray, kind: str | None = None, horizon: int | None = None) -> np.ndarray:
        """a (.., H, K) of forecasts made at these rows (..)."""
        return self.outlook.anchors(self.past, rows, kind, horizon)

    def residuals(self, rows: np.ndarray, limit: np.ndarray) -> np.ndarray:
        """What the network is to put out for these rows: (.., H·K) float32, NaN where nothing is known; `limit` (rows,)
        is where the targets of each row end.
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

    def truth(self, rows: np.ndarray, limit: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """(values (n, H, K), whether a step lies before the limit (rows,) of its series (n, H)) of the steps after
        these rows (n,); NaN where one is missing.
        """
        at = rows[:, None] + np.arange(1, horizon + 1)
        there = at < limit[rows][:, None]
        values = self.outlook.unstraighten(self.values[np.where(there, at, rows[:, None])])
        return np.where(there[..., None], values, np.nan), there

    def usual_changes(self, before: np.ndarray) -> np.ndarray:
        """What mase divides by (series, K): of series of training as it was there, of others by the rows up to `before`
        (series,); NaN where that is undefined.
        """
        o = self.outlook
        own = usual_changes(o.unstraighten(self.values), self.offsets, before, o.season)
        known = np.array([o.number_of.get(key, -1) if o.usual else -1 for key in self.keys])
        stored = np.array(o.usual, np.float64).reshape(-1, own.shape[1])
        return np.where(known[:, None] >= 0, stored[known], own) if len(stored) else own

    def only_grew(self, before: np.ndarray) -> bool:
        """Whether all targets of all series only grew in the rows before these (series,)."""
        return only_grew(self.outlook.unstraighten(self.values), self.offsets, before)

    def unscaled(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """z (n, H, K) of forecasts made at these rows (n,), as values."""
        number = self.series_of(rows)
        return self.outlook.unstraighten(z * self.std[number][:, None] + self.mean[number][:, None])

    def lagged(self, rows: np.ndarray, back: int) -> np.ndarray:
        """Values (n, K) so many rows before these (n,); a missing one is the last before it."""
        number = self.series_of(rows)
        return self.outlook.unstraighten(self.past.lag(rows, back) * self.std[number] + self.mean[number])

    def ends_of_data(self) -> np.ndarray:
        """Where the rows of each series end that have a target: what comes after is the future."""
        there = np.where(self.gaps.all(axis=1), -1, np.arange(len(self.values)))
        ends = np.maximum.reduceat(there, self.offsets[:-1]) + 1
        return np.maximum(ends, self.offsets[:-1] + 1)

    def to_values(self, residuals: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Outputs (.., H, K) or (.., H, K, Q) of forecasts made at these rows (..), as values."""
        o, series = self.outlook, self.series_of(rows)
        values, mean = residuals, self.mean[series][..., None, :]
        if o.scaled:
            values = o.unscale(residuals, self.anchors(rows), mean, self.std[series][..., None, :])
        return self.held(values, self.still[rows], mean)

    def holes(self, rows: np.ndarray) -> np.ndarray:
        """(n, H, K) where the last season, from which the steps after these rows (n,) are forecast, has a gap."""
        o = self.outlook
        if o.anchor != "season" or not self.gaps.any():
            return np.zeros((len(rows), 1, 1), bool)
        k, season = np.arange(1, o.horizon + 1), np.asarray(self.past.stretched(rows, o.season))[..., None]
        at = rows[:, None] + k - season * -(-k // season)
        there = at >= self.first[rows][:, None]
        return self.gaps[np.where(there, at, 0)] & there[..., None]

    def held(self, values: np.ndarray, still: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Forecasts (.., H, K) or (.., H, K, Q) of rows that are `still` (.., K) are the `mean` (.., 1, K)."""
        if not still.any():
            return values
        still, mean = still[..., None, :], self.outlook.unstraighten(mean)
        if values.ndim > mean.ndim:
            still, mean = still[..., None], mean[..., None]
        return np.where(still, mean, values)


def encode(schema: Schema, columns: Columns, before: np.ndarray, found: dict | None = None) -> Series:
    """The series of these columns; one never seen is scaled as was `found` before, or by its rows up to `before`."""
    o, offsets = schema.outlook, columns.offsets
    keys = columns.names
    values = o.straighten(target_values(columns, o.targets))
    scale = o.scales(values, columns, before, found)
    lengths = np.diff(offsets)
    first = np.repeat(offsets[:-1], lengths)
    pace = o.pace_of(columns.clocks)
    pace = None if pace is None else np.repeat(pace, lengths)
    z = scaled(values, scale, offsets, o.seasons_of(Past(values, first, pace)))
    rest = schema.encode(without(columns, o.targets))
    parts = [o.inputs(Past(z, first, pace), np.arange(len(z)))]
    if o.flagged:
        parts.append(np.isnan(values).astype(np.float32))
    parts.append(rest.numbers)
    last = np.repeat(offsets[1:] - 1, lengths)
    known = rest.numbers[:, [schema.numbers.index(name) for name in o.known]]
    parts += [known[np.minimum(np.arange(len(z)) + k, last)] for k in o.looks_ahead]
    if o.periods:
        if columns.times is None:
            raise RnncliError("no time column, expected one as in training: the model uses the calendar")
        parts.append(_features(columns, o))
    ids = list(rest.ids)
    if o.by_series:
        number = np.array([o.number_of.get(key, -1) + 1 for key in keys], np.int32)
        ids.append(np.repeat(number, lengths))
    X = zeros((len(z), sum(part.shape[1] for part in parts)), np.result_type(*parts))
    np.concatenate(parts, axis=1, out=X)
    return Series(o, offsets, keys, values, z, scale.mean, scale.std, scale.flat, X, ids, columns.times, pace)


def _features(columns: Columns, o: Outlook) -> np.ndarray:
    """The place of the step after each row in the day, the week and the year (rows, 2 x periods), by its own clock."""
    clocks = columns.clocks or [o.clock] * len(columns)
    found = zeros((columns.total, 2 * len(o.periods)), np.float32)
    number = np.repeat(np.arange(len(columns)), columns.lengths)
    for steps in {clock.steps for clock in clocks}:
        alike = [i for i, clock in enumerate(clocks) if clock.steps == steps]
        for at in range(0, len(number), BLOCK):
            inside = slice(at, at + BLOCK)
            rows = slice(None) if len(alike) == len(clocks) else np.isin(number[inside], alike)
            found[inside][rows] = clocks[alike[0]].features(columns.times[inside][rows], o.periods)
    return found


def target_values(columns: Columns, names: list[str]) -> np.ndarray:
    """(rows, K) float64, NaN where one is missing."""
    missing = [name for name in names if name not in columns.number_names]
    if missing:
        raise RnncliError(f"no column {missing[0]}, which the model forecasts: found {', '.join(columns.number_names)}")
    return columns.numbers[:, [columns.number_names.index(name) for name in names]].astype(np.float64)


def without(columns: Columns, names: list[str]) -> Columns:
    """The other numbers, as a copy."""
    kept = [i for i, name in enumerate(columns.number_names) if name not in names]
    numbers = columns.numbers[:, kept].copy()
    return replace(columns, numbers=numbers, number_names=[columns.number_names[i] for i in kept])


def scaled(values: np.ndarray, scale: Scale, offsets: np.ndarray, seasons: np.ndarray | None = None) -> np.ndarray:
    """z (rows, K), by mean and deviation of each series; gaps take the value of the season before them, if `seasons`
    (rows,) are given, else the last value before them, else 0, the mean.
    """
    lengths = np.diff(offsets)
    first = np.repeat(offsets[:-1], lengths)
    z = (values - np.repeat(scale.mean, lengths, axis=0)) / np.repeat(scale.std, lengths, axis=0)
    if not np.isnan(z).any():
        return z
    if seasons is not None:
        fill_by_season(z, first, seasons)
    rows = np.arange(len(z))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(z), -1, rows), axis=0)
    return np.where(last >= first[:, None], np.take_along_axis(z, np.maximum(last, 0), axis=0), 0.0)


def melt(columns: Columns, names: list[str]) -> Columns:
    """Each target a series of its own, `value`, beside the other columns. Series i·K + j is target j of series i."""
    K, S, lengths = len(names), len(columns), columns.lengths
    ranges = zip(columns.offsets[:-1], columns.offsets[1:], strict=True)
    rows = np.concatenate([np.tile(np.arange(begin, end), K) for begin, end in ranges])
    number = np.tile(np.arange(K), S).repeat(np.repeat(lengths, K))
    values, rest = target_values(columns, names)[rows, number], without(columns, names)
    return rest.taken(
        rows,
        np.repeat(lengths, K),
        number_names=["value", *rest.number_names],
        numbers=np.concatenate([values[:, None], rest.numbers[rows]], axis=1),
        keys=series_names(columns.names, names),
        clocks=[clock for clock in columns.clocks for _ in names] if columns.clocks else None,
    )
