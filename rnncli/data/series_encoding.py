"""From columns to series: targets straightened and scaled, and the inputs of each row made of them and of the rest."""

from dataclasses import dataclass, replace

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past, fill_gaps
from rnncli.data.scale import Scale, refuse_beyond
from rnncli.data.schema import Schema
from rnncli.data.series import Series, missing
from rnncli.data.target_columns import target_values, without
from rnncli.data.times.public_holidays import after_the_end, column_name, with_holidays
from rnncli.errors import RnncliError
from rnncli.process.temporary import blocks, in_blocks, repeated, when_read


@dataclass(frozen=True)
class Targets:
    """Those of columns, straightened and scaled."""

    values: np.ndarray  # (rows, K)
    gaps: np.ndarray  # (rows, K) where one is missing
    scale: Scale  # of each series
    past: Past

    @classmethod
    def of(cls, o: Outlook, columns: Columns, before: np.ndarray, found: dict | None) -> "Targets":
        """As `o` says, for `before` and `found` see `encode`."""
        offsets = columns.offsets
        values = straightened(target_values(columns, o.targets), o)
        scale, gaps = o.scales(values, columns, before, found), missing(values)
        past = Past.of(values, offsets, o.pace_of(columns.clocks))
        z = scaled(values, scale, offsets, o.seasons_of(past))
        for begin, end in blocks(len(z)):
            refuse_beyond(z[begin:end], o.targets)
        return cls(values, gaps, scale, replace(past, z=z))


def encode(
    schema: Schema, columns: Columns, before: np.ndarray, found: dict | None = None, targets: Targets | None = None
) -> Series:
    """The series of these columns; one never seen is scaled as was `found` before, or by its rows up to `before`. The
    `targets` may be there already.
    """
    o, offsets = schema.outlook, columns.offsets
    columns = with_holidays(columns, o.holidays) if o.holidays else columns
    keys = columns.names
    targets = targets or Targets.of(o, columns, before, found)
    rest = schema.encode(without(columns, o.targets))
    ids = list(rest.ids)
    if o.by_series:
        number = np.array([o.number_of.get(key, -1) + 1 for key in keys], np.int32)
        ids.append(repeated(number, offsets))
    if o.periods and columns.times is None:
        raise RnncliError("no time column, expected one as in training: the model uses the calendar")
    none = np.zeros((0, 0), np.float32)  # which are made of the rest
    z, scale, pace = targets.past.z, targets.scale, o.pace_of(columns.clocks)
    fitted = scale.mean, scale.std, scale.flat
    series = Series(o, offsets, keys, targets.values, z, *fitted, none, ids, columns.times, pace)
    series.past, series.gaps = targets.past, targets.gaps
    known = [schema.numbers.index(name) for name in o.known]
    series.clocks = clocks = columns.clocks or [o.clock] * len(columns)
    if o.holidays:
        flags = after_the_end(columns, o.holidays, clocks, max(o.looks_ahead))
        series.holidays = schema.scaled_as(schema.holidays, flags)
    series.sources = [rest.numbers, columns.times, series.holidays]
    series.X = when_read(len(z), lambda a, b: _inputs(series, rest.numbers, known, a, b), "encoding")
    return series


def _inputs(s: Series, numbers: np.ndarray, known: list[int], begin: int, end: int) -> np.ndarray:
    """What is read at these rows (end - begin, D): of the targets, of the other `numbers`, of those that are known
    ahead, and the place of the next step in the day, the week and the year.
    """
    o, rows = s.outlook, np.arange(begin, end)
    parts = [o.inputs(s.past, rows)]
    if o.flagged:
        parts.append(s.gaps[begin:end].astype(np.float32))
    parts.append(numbers[begin:end])
    number = s.series_of(rows)
    last = s.offsets[number + 1] - 1
    for k in o.looks_ahead:
        parts.append(numbers[np.minimum(rows + k, last)[:, None], known])
        if s.holidays is not None:
            beyond = np.flatnonzero(rows + k > last)
            at = (rows + k - last)[beyond] - 1
            parts[-1][beyond, o.known.index(column_name(o.holidays))] = s.holidays[number[beyond], at]
    if o.periods:
        parts.append(s.places_in_time(rows))
    return np.concatenate(parts, axis=1)


def straightened(values: np.ndarray, o: Outlook) -> np.ndarray:
    """Values (rows, K), as they are or transformed."""
    return in_blocks(len(values), lambda a, b: o.straighten(values[a:b])) if o.transform == "log" else values


def scaled(values: np.ndarray, scale: Scale, offsets: np.ndarray, seasons: np.ndarray | None = None) -> np.ndarray:
    """z (rows, K), by mean and deviation of each series; gaps take the value of the season before them, if `seasons`
    (rows,) are given, else the last value before them, else 0, the mean.
    """

    def of_rows(begin: int, end: int) -> np.ndarray:
        number = np.searchsorted(offsets, np.arange(begin, end), "right") - 1
        return (values[begin:end] - scale.mean[number]) / scale.std[number]

    z = in_blocks(len(values), of_rows)
    fill_gaps(z, offsets, seasons)
    return z


def filled_anew(z: np.ndarray, gaps: np.ndarray, offsets: np.ndarray, seasons: np.ndarray) -> np.ndarray:
    """`scaled` with these seasons, of what it gave without: in its place."""
    for begin, end in blocks(len(z)):
        z[begin:end][gaps[begin:end]] = np.nan
    fill_gaps(z, offsets, seasons)
    return z
