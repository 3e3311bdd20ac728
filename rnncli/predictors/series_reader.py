"""The rows of files and of streams, after what was kept of their series, to the extents that are forecast or scored."""

from dataclasses import replace

import numpy as np

from rnncli.data.columns import Columns, Known, refuse_lacking
from rnncli.data.extent import Extent
from rnncli.data.far import Distances
from rnncli.data.known_words import unseen_words, with_flags
from rnncli.data.limits import stops_of
from rnncli.data.scale import Scale
from rnncli.data.series_encoding import encode
from rnncli.data.target_columns import melt
from rnncli.data.times.clock import as_trained, clocks_to_predict, extended, put_on_clocks, taken_once
from rnncli.errors import RnncliError, UsageError, note
from rnncli.models.model_file import Model
from rnncli.predictors.series_state import LEARNING, Carry
from rnncli.predictors.unknown import note_gaps, note_values
from rnncli.readers.columns import read_columns
from rnncli.readers.naming import listed
from rnncli.readers.reader import Request, reader_of
from rnncli.readers.source import display, reopenable
from rnncli.tasks.columns_in import request_of
from rnncli.tasks.series_in import file_numbers
from rnncli.tasks.target_values import refuse_values


class SeriesReader:
    """Reads as a forecast model reads."""

    def __init__(self, model: Model):
        self.model, self.outlook, self.carry = model, model.schema.outlook, Carry(model)
        self.numbers = file_numbers(model.schema)  # the columns of numbers

    def read(self, paths: list[str], encoding: str | None, begin: str | None, until: str | None, ahead: int) -> Extent:
        """The files, with `ahead` steps after them; forecasts begin at the row or time `begin`."""
        return self.extent(self.columns(paths, encoding), "forecast", ahead, begin, until, display(paths[0]))

    def request(self, encoding: str | None) -> Request:
        """The columns of training, in files of its form."""
        return request_of(self.model.form, self.model.config, encoding, known=Known(self.numbers))

    def columns(self, paths: list[str], encoding: str | None) -> Columns:
        """The input as it stands in the files."""
        paths = [reopenable(path) for path in paths]
        columns, words = read_columns(paths, self.request(encoding)), self.outlook.known_words
        note_values(unseen_words(columns, words))
        columns = with_flags(columns, words)
        return as_trained(columns, self.outlook.clock, display(paths[0]), self.carry.last)

    def extent(self, new: Columns, mode: str, ahead: int, begin: str | None, until: str | None, name: str) -> Extent:
        """New rows, of files of this name, and `ahead` steps after them. Forecasts begin at the row or time `begin`,
        else at the end of the data; scores and metrics at the first new row.
        """
        table, tails = self._table(new, name), self.carry.tails(new.names)
        self._note_unseen(new)
        note_values(self.model.schema.strange(new))
        self._note_numbers(new)
        o = self.outlook
        clock = o.clock_of(table)
        limits = [stops_of(table, clock, text, option) for option, text in (("--from", begin), ("--until", until))]
        if begin and until:
            _refuse_reversed(limits[0], limits[1], begin, until)
        starts, stops = (np.maximum(limit - table.offsets[:-1], tails) for limit in limits)
        refuse_values(o, table, list(o.columns or o.targets), stops)
        scaled_by = np.minimum(table.lengths if begin is None else starts, stops)
        if begin is None and mode != "forecast":
            starts = tails
            self.carry.note_looking_ahead(table.names, name)
        extent = self._encoded(table, starts, stops, scaled_by, ahead, mode == "score" and not o.known)
        if mode == "forecast":
            _refuse_empty(extent, name)
        return extent

    def arrived(self, new: Columns, mode: str, ahead: int) -> Extent:
        """Rows of a stream: a forecast is made at each of them, or it is scored."""
        refuse_values(self.outlook, new, list(self.outlook.columns or self.outlook.targets))
        table = self._table(new)
        starts = self.carry.tails(new.names) + (mode == "forecast")
        return replace(self._encoded(table, starts, table.lengths, starts, ahead, True), streams=True)

    def piece(self, new: Columns, stops: np.ndarray) -> Extent:
        """Rows of a table on its clocks, after what was kept of their series, whose scale is found; those before the
        `stops` (groups,) count.
        """
        table, tails = self.carry.join(new), self.carry.tails(new.names)
        return self._encoded(table, tails, stops, np.full(len(new), LEARNING), 0, True)

    def again(self, extent: Extent) -> Extent:
        """An extent without rows ahead whose table was changed, scaled as it was."""
        s, M, table = extent.series, self.carry.beside, extent.table
        scales = map(Scale, s.mean, s.std, s.flat)
        before = s.offsets[:-1] + np.repeat(extent.scaled_by, M)
        found = dict(zip(s.keys, scales, strict=True))
        return replace(extent, series=encode(self.model.schema, self._melted(table, 0), before, found))

    def _melted(self, table: Columns, ahead: int) -> Columns:
        """Each target a series of its own, if they are for the model, with `ahead` steps more."""
        return extended(melt(table, self.outlook.columns) if self.outlook.columns else table, ahead)

    def _table(self, new: Columns, name: str = "") -> Columns:
        """New rows after what was kept of their series, each on its clock; rows of a stream have no `name`."""
        o = self.outlook
        if new.numbers is None:
            refuse_lacking(o.columns or o.targets, new.number_names, "forecasts", f"{name}: " * bool(name))
        o.clock.refuse_others(new.times, new.time_sample)
        rows = self.carry.join(taken_once(new, name) if name and o.regular else new)
        clocks = clocks_to_predict(rows, o, name) if name else [o.clock_of_series(key) for key in rows.names]
        return put_on_clocks(rows, clocks, name, self.carry.tails(rows.names))

    def _encoded(self, table: Columns, starts, stops, scaled_by, ahead: int, gaps: bool) -> Extent:
        """The series of these rows, of which starts to stops (groups,) count, and those before `scaled_by` tell the
        scale of one never seen. With `gaps`, rows at the end without a target are not the future.
        """
        o, carry, names = self.outlook, self.carry, table.names
        M, tails = carry.beside, carry.tails(names)
        columns = self._melted(table, ahead)
        offsets = columns.offsets[:-1]
        series = encode(self.model.schema, columns, offsets + np.repeat(scaled_by, M), carry.scales(names))
        data = (np.maximum(series.ends_of_data(), offsets + np.repeat(tails, M)) - offsets).reshape(-1, M)
        data = data.max(axis=1)  # a row has come as soon as one of its targets is there
        past = stops if gaps or not o.known else np.minimum(stops, data)
        stops = offsets + np.repeat(stops if gaps else np.minimum(data, stops), M)
        return Extent(
            series,
            reads=offsets + np.repeat(carry.reads(names), M),
            starts=np.minimum(offsets + np.repeat(starts, M), stops),
            stops=stops,
            initial=carry.initial(names),
            table=table,
            numbers=carry.numbers(names),
            names=self.names(table),
            scaled_by=scaled_by,
            settled=carry.settled(names, scaled_by),
            past=past,
        )

    def names(self, columns: Columns) -> list[str] | None:
        """What tells the series of these rows: names, or numbers from 1 on; None for a single one without a name."""
        if self._is_named(columns):
            return columns.names
        return [str(i + 1) for i in range(len(columns))] if len(columns) > 1 else None

    def _note_unseen(self, new: Columns) -> None:
        """Say which series training had not, where names tell series apart."""
        if self._is_named(new) and (unseen := self.outlook.unseen(new.names)):
            note(f"{len(unseen):,} of {len(new):,} series were not in training: {listed(tuple(unseen), 3)}")

    def _note_numbers(self, new: Columns) -> None:
        """Say which are far from where training had them, and which inputs are missing that never were."""
        schema, distances = self.model.schema, Distances(self.model.schema)
        distances.look_at_series(new)
        distances.say()
        if schema.unflagged(new):
            kept = [new.number_names.index(name) for name in self.outlook.columns or self.outlook.targets]
            past = [_rows_with(new.numbers[a:b, kept]) for a, b in zip(new.offsets, new.offsets[1:], strict=False)]
            note_gaps(schema.unflagged(replace(new, numbers=new.numbers[np.concatenate(past)])))

    def _is_named(self, columns: Columns) -> bool:
        """Whether series have names of their own, not numbers."""
        named = reader_of(self.model.form.name).named and columns.names != list(map(str, columns.numbers_from_one))
        return bool(self.model.config.group) or named


def _rows_with(values: np.ndarray) -> np.ndarray:
    """Whether these rows (rows, K) are at or before the last one that has a value."""
    there = ~np.isnan(values).all(axis=1)
    return np.logical_or.accumulate(there[::-1])[::-1]


def _refuse_empty(extent: Extent, name: str) -> None:
    """RnncliError if no series has a value to forecast from; those without one among others are noted."""
    s, first = extent.series, extent.series.offsets[:-1]
    none = ((extent.stops <= first + 1) & s.gaps[first].all(axis=1)).reshape(len(extent.table), -1).all(axis=1)
    if not none.any():
        return
    columns = listed(s.outlook.columns or s.outlook.targets)
    if none.all():
        raise RnncliError(f"{name}: no value of {columns}, expected rows that have one before those to be forecast")
    there = listed((key for key, empty in zip(extent.table.names, none, strict=True) if empty), 3)
    note(f"{int(none.sum()):,} of {len(none):,} series have no value of {columns}, forecast from the mean: {there}")


def _refuse_reversed(first: np.ndarray, stops: np.ndarray, begin: str, until: str) -> None:
    """Where --from lies behind --until; series that end before both, or begin after, say nothing."""
    if (first > stops).any() and not (first < stops).any():
        raise UsageError(f"--from {begin} --until {until}: no rows between them, expected --from before --until")
