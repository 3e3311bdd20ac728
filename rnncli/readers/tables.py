"""Long tables: a row is a time step; a sequence is all of a file, or all rows with one value of the group column."""

import signal
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.columns import Coded, Columns, Roles, stretch_of
from rnncli.errors import NoRows, RnncliError, UsageError, note
from rnncli.process.phases import told, under_way
from rnncli.process.spool import RowSpool, take
from rnncli.readers import casting, record_table, sniff
from rnncli.readers.answers import Answers
from rnncli.readers.delimited import Delimited
from rnncli.readers.form import Form
from rnncli.readers.forms import open_number, recognise
from rnncli.readers.growing import Growing
from rnncli.readers.guesses import note_sentinels
from rnncli.readers.joining import joined_keys, joined_times
from rnncli.readers.naming import by_name, listed, parts_of
from rnncli.readers.parquet import ParquetTable, is_parquet
from rnncli.readers.prefetch import ahead
from rnncli.readers.quoting import is_quoted_after_all
from rnncli.readers.reader import Reader, Request
from rnncli.readers.sequencing import in_order
from rnncli.readers.source import display, reopenable
from rnncli.readers.table_pieces import stand_together, whole_groups
from rnncli.readers.text_codes import Coder
from rnncli.readers.times.repeats import over_midnight, say_odd_times
from rnncli.readers.times.time_values import Times
from rnncli.registry import learns

READER = {"rank": 1, "forms": {"table": "columns with or without names"}, "extensions": {"parquet": "table"}}


SMALL = 4 << 20  # bytes that are predicted at a time


class Table(Reader):
    """Rows of a step each; Parquet too."""

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        return next(cls.pieces(path, request))

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """Of a large table to predict whole groups at a time, where their rows stand together and are in order."""
        request = replace(request, roles=by_name(request.roles, request.form.columns))
        table = _Table(
            _source(path, request, SMALL if request.piece else None), request, lambda: _source(path, request)
        )
        frames = told(f"reading {display(path)}", "rows", ahead(table.source.frames(table.choose)))
        first, group = deque(islice(frames, 2 if request.piece else 0)), table.group_names
        by_group = request.piece and len(first) == 2 and len(group) == 1 and not table.time_names
        frames = chain((first.popleft() for _ in range(len(first))), frames)  # none is kept when it has been read
        if by_group and stand_together(_source(path, request, SMALL), group[0]):
            column, values = str(table.places[group[0]]), max(1, len(table.number_names))
            yield from map(table.taken, whole_groups(frames, column, request.piece, values))
            return
        for frame in frames:
            table.append(frame)
        if not table.rows:
            raise NoRows(f"{display(path)}: {cls.no_rows}")
        under_way(f"ordering the rows of {display(path)}")
        yield table.columns()


@dataclass
class Grown:
    """Rows that have come in on a stream; a sequence a group, each in the order in which its rows came."""

    columns: Columns
    order: np.ndarray  # (rows,) the place of each in the stream, among them
    place: Callable[[int], str]  # file:line of a row by that place

    def alone(self) -> Iterator["Grown"]:
        """One by one, as they came."""
        for at, row in enumerate(np.argsort(self.order).tolist()):
            sequence = int(np.searchsorted(self.columns.offsets, row, "right")) - 1
            row -= int(self.columns.offsets[sequence])
            yield Grown(stretch_of(self.columns, sequence, row, row + 1), np.array([at]), self.place)


def grow_table(path: str, request: Request) -> Iterator[Grown]:
    """The rows of a table that grows, as soon as they are there."""
    import polars  # noqa: F401  its handler of Ctrl-C would let the wait for the next row go on

    signal.siginterrupt(signal.SIGINT, True)
    form = request.form
    if form.separator is None:  # trained on Parquet
        form = replace(form, separator=",", quoted=True)
    request = replace(request, form=form, roles=by_name(request.roles, form.columns))
    source = Growing(path, form, request.roles, request.encoding)
    table = _Table(source, request)
    for piece in source.pieces():
        try:
            grown = table.grow(*piece)
        except RnncliError:  # one by one: those before the one that is wrong
            yield from (table.grow(*record) for record in source.split(*piece))
        else:
            yield grown


def _source(path: str, request: Request, least: int | None = None) -> casting.Frames:
    """What gives frames, of lines of at `least` so many bytes: by what the file is, whatever that of training was."""
    if is_parquet(reopenable(path)):
        return ParquetTable(path, request.form)
    if kind := record_table.kind_of(path, request.encoding, sniff.read_sample(path)):
        return record_table.RecordTable(path, request.form, request.encoding, kind)
    form = _at_hand(path, request.form, request.encoding)
    if not form.quoted and is_quoted_after_all(path, request.encoding, form.separator):
        form = replace(form, quoted=True)
    source = Delimited(path, form, request.roles, request.encoding)
    source.least = least
    return source


def _at_hand(path: str, form: Form, encoding: str) -> Form:
    """The form of training, with the separator of this file where that of training is not in it."""
    if form.separator is not None:
        first = next(filter(str.strip, sniff.sample_lines(sniff.read_sample(path), encoding)), "")
        if len(form.columns) == 1 or not first or len(sniff.split_line(first, form.separator, form.quoted)) > 1:
            return form
    found = recognise(path, "table", Roles(), encoding, "auto", form.writing)
    return replace(form, separator=found.separator, decimal_comma=found.decimal_comma, quoted=found.quoted)


class _Table:
    """Collects the rows of one file."""

    def __init__(self, source: Any, request: Request, reopened: Callable[[], casting.Frames] | None = None):
        roles, form, numbers = request.roles, request.form, request.numbers
        self.source, self.roles, self.form = source, roles, form
        self.as_trained = request.known is not None and source.form.separator == form.separator  # so are its numbers
        self.like, self.like_file = request.like, request.first or "training"
        self.reopened = reopened  # the source from its start on; None of a stream
        self.place_of = source.place_of
        self.answered = request.answers  # whether labels and targets of whole sequences are looked at
        self.known = None if numbers is None else dict.fromkeys(numbers)  # in their order, found at once
        self.is_first = numbers is None and request.like is None  # nothing learnt before tells how it is to be read
        self.learns = learns(request.task)
        self.answers = roles.targets if self.learns == "numbers" else ()  # one for each sequence
        self.group_names = parts_of(roles.group, form.columns)
        self.time_names = parts_of(roles.time, form.columns)
        self.related = parts_of(roles.fold_by, form.columns)
        self.folded, self.only_folds, self.trains = request.folded, request.only_folds, request.known is None
        self.rows = self.before = 0  # before: rows that were taken

    def choose(self, texts, columns: tuple[str, ...]) -> dict[int, type]:
        """Which columns are read, and as what."""
        self._check(columns)
        roles = self.roles
        self.places = {name: i for i, name in enumerate(columns)}
        self.fold_names = self.related if self.folded and set(self.related) <= set(self.places) else ()
        named = (*self.group_names, roles.label, roles.tag, *self.fold_names)
        words = [name for name in dict.fromkeys(named) if name in self.places]
        left = [name for name in self._inputs(columns) if name not in words and not self._is_blank(name, texts)]
        self.plain = set() if self.source.typed or self.form.decimal_comma else casting.plain_columns(texts)
        form = self.source.form
        told = self.source.typed or form.decimal_comma or form.decimal or form.separator == "," or self.as_trained
        self.open_points = {} if told else casting.open_points(texts, form.separator == ";")
        self.number_names = [name for name in left if self._is_number(name, texts)]
        if self.is_first:
            names = {str(self.places[name]): name for name in self.number_names}
            casting.note_identifiers(texts, names, display(self.source.path))
            casting.note_large(texts, names, display(self.source.path))
            note_sentinels(texts, names, display(self.source.path), form.writing)
        numbers = set(self.number_names)
        self.text_names = [name for name in left if name not in numbers]
        self.answer_names = [name for name in self.answers if name in self.places]
        self.timed = bool(self.time_names) and set(self.time_names) <= set(self.places)
        wordy = [name for name in self.answer_names if self.known is None and not self._is_number(name, texts)]
        wordy += [name for name in roles.targets if name in self.text_names]
        if wordy:
            word = casting.first_word(texts[str(self.places[wordy[0]])], self.form)
            raise UsageError(f"--target {wordy[0]}: a column of words,{word} expected numbers; --label is for words")
        self.coded_names = (*self.text_names, *words)
        self.clear()
        kinds: dict[str, Any] = dict.fromkeys((*self.number_names, *self.answer_names), pl.Float64)
        kinds |= dict.fromkeys(self.coded_names, pl.String)
        if self.timed:
            there = {name: texts[str(self.places[name])].dtype for name in self.time_names if name not in kinds}
            typed = {n: kind for n, kind in there.items() if kind.is_temporal() or kind.is_numeric()}
            kinds |= dict.fromkeys(there, pl.String) | typed  # as the file has it, or as text
        return {self.places[name]: kind for name, kind in kinds.items()}

    def clear(self) -> None:
        """No rows, of the columns that were chosen."""
        self.rows = 0
        self.numbers = RowSpool(np.float64, (len(self.number_names),))
        self.targets = RowSpool(np.float64, (len(self.answer_names),))
        self.coders = {name: Coder(name not in self.text_names) for name in self.coded_names}
        self.times = Times(self.roles.time, self.form.time_form, self.is_first, self.form.decimal_comma, self.place_of)

    def _check(self, columns: tuple[str, ...]) -> None:
        """A file to predict may lack answers and folds, nothing else."""
        roles = self.roles
        needed = [*roles.inputs, *(self.known or ()), *self.group_names, *self.time_names]
        needed += self.related if self.trains else ()
        there = set(columns)
        for name in needed:
            if name not in there and name not in roles.targets:
                raise RnncliError(
                    f"{display(self.source.path)}: no column {name}, expected it as in {self.like_file}: "
                    f"found {listed(columns)}"
                )

    def _inputs(self, columns: tuple[str, ...]) -> list[str]:
        """Inputs, and what is forecast, which is read row by row too; by their order in the file of training."""
        roles = self.roles
        if self.only_folds:
            return []
        named = (*roles.inputs, *roles.targets) if roles.inputs else self.form.columns
        out = {*self.group_names, *self.related, roles.label, roles.tag, *self.answers}
        out |= set(self.time_names) - {*roles.inputs, *roles.targets}
        there = set(named) & set(columns)
        return [name for name in self.form.columns if name in there and name not in out]

    def _is_blank(self, name: str, texts) -> bool:
        """Whether a column has no value, and no name, as a separator at the end of all lines makes one; or would be
        forecast.
        """
        place = self.places[name]
        series = texts[str(place)]
        unnamed, silent = self.form.header and name == str(place + 1), series.null_count() == len(series) > 0
        forecast = self.learns == "series" and not (self.roles.targets or self.roles.inputs)
        if self.known is not None or not (forecast or unnamed):
            return False
        if forecast and series.dtype == pl.String:
            silent = len(series) > 0 and bool((series.str.strip_chars().fill_null("") == "").all())
        if silent and not name.isdecimal():
            note(f"{display(self.source.path)}: column {name} has no values: left out")
        return silent

    def _is_number(self, name: str, texts) -> bool:
        series = texts[str(self.places[name])]
        expected: Collection[str] | None = self.known
        if expected is None and name not in self.roles.targets:  # as the model to start from has it
            expected = self.like
        if expected is not None:
            if name in expected:
                self._numeric(series, name)
            return name in expected
        numeric = self._numeric(series, name)
        if not numeric and series.dtype == pl.String:
            casting.note_word(series, display(self.source.path), name, self.form.writing)
        if series.dtype.is_temporal():
            casting.note_temporal(series, display(self.source.path), name)
        return numeric

    def _numeric(self, series, name: str) -> bool:
        """Whether a column holds numbers. A few words among them are mistakes, which will be complained of."""
        if series.name in self.open_points:
            raise open_number(display(self.source.path), self.open_points[series.name], name)
        if series.name in self.plain:
            return True
        if series.dtype != pl.String:
            return series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)
        form = self.source.form
        style, numeric = casting.find_style(series, form.decimal_comma, form.writing, form.separator == ",", sniff.MANY)
        if not numeric:
            return False
        if style.open and not self.as_trained:
            raise open_number(display(self.source.path), style.open, name)
        self.source.styles[self.places[name]] = style
        casting.note_style(style, display(self.source.path), name, self.source.typed)
        return True

    def append(self, frame) -> None:
        """A block of rows."""
        if self.number_names:
            self.numbers.append(self._matrix(frame, self.number_names))
        if self.answer_names:
            self.targets.append(self._matrix(frame, self.answer_names))
        for name, coder in self.coders.items():
            coder.append(frame[str(self.places[name])])
        if self.timed:
            times = [frame[str(self.places[name])] for name in self.time_names]
            self.times.append(joined_times(times, self.time_names))
        self.rows += len(frame)

    def taken(self, frame) -> Columns:
        """The sequences of rows that come after those that were taken, which are no more here."""
        before = self.before
        self.place_of = lambda row: self.source.place_of(before + row)
        self.append(frame)
        columns = self.columns()
        self.before += self.rows
        self.clear()
        return columns

    def grow(self, line: int, block: bytes) -> Grown:
        """No rows but those of a piece."""
        if self.source.kinds is not None:
            self.clear()
        self.append(self.source.frame(line, block, self.choose))
        columns = self.columns(by_time=False)
        return Grown(columns, np.arange(self.rows) if self.order is None else self.order, self.place_of)

    def _matrix(self, frame, names: list[str]) -> np.ndarray:
        """(rows, names) with NaN where a value is missing."""
        block = frame.select(str(self.places[name]) for name in names).to_numpy(order="c")
        if np.isinf(block).any():
            row, i = np.argwhere(np.isinf(block))[0]
            raise RnncliError(
                f"{self.place_of(self.rows + int(row))}: an infinite number in column {names[i]}, expected a finite one"
            )
        return block

    def columns(self, by_time: bool = True) -> Columns:
        """The sequences, by group and time; `order` is then that of the rows, None as they are."""
        grouped, times, sample = self._groups(), None, ""
        self.keys, groups = (grouped.symbols, grouped.codes) if grouped else (None, None)
        if self.timed:
            times, sample = self.times.finished()
            times = over_midnight(self, times, sample, groups)
        order, offsets = in_order(groups, times if by_time else None, self.rows)
        self.order = order
        if by_time and times is not None:
            say_odd_times(self, times, sample, offsets, groups)
        sequences = Answers(self, order, offsets)
        coded = {name: self.coders[name].coded(order) for name in self.text_names}
        return Columns(
            offsets,
            self.number_names,
            take(self.numbers.array(), order) if self.number_names else None,
            coded,
            keys=self.keys,
            labels=sequences.labels() if self.answered else None,
            targets=sequences.targets() if self.answered else None,
            folds=sequences.folds(),
            times=take(times, order) if self.timed else None,
            time_sample=sample,
            zone=self.times.zone if self.timed else "",
            other_offset=self.times.other_offset if self.timed else "",
            order=order,
            where=self.place_of,
        )

    def _groups(self) -> Coded | None:
        """The group of each row; of several columns they are joined."""
        if not self.group_names:
            return None
        parts = [self.coders[name].coded() for name in self.group_names]
        named = zip(self.group_names, parts, strict=True)
        return joined_keys([self._of_row_above(name, part) if (part.codes < 0).any() else part for name, part in named])

    def _of_row_above(self, name: str, part: Coded) -> Coded:
        """Where a group stands in its first row alone, its rows are those up to the next one; RnncliError elsewhere."""
        there = part.codes >= 0
        names = part.codes[there]
        if not there[0] or len(names) < 2 or len(np.unique(names)) < len(names):
            where = self.place_of(int(np.argmin(there)))
            raise RnncliError(f"{where}: the group column {name} is empty, expected a group")
        note(f"{display(self.source.path)}: rows without a value in column {name} belong to the group above them")
        rows = np.maximum.accumulate(np.where(there, np.arange(len(there)), 0))
        return Coded(part.codes[rows], part.symbols)
