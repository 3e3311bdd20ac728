"""Long tables: a row is a time step; a sequence is all of a file, or all rows with one value of the group column."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rnncli.data.columns import Coded, Columns, Roles, cut
from rnncli.data.stamps import MIDNIGHT, has_offset, is_clock, parse_times
from rnncli.errors import RnncliError, UsageError
from rnncli.readers import sniff
from rnncli.readers.answers import Answers, taken
from rnncli.readers.casting import find_style, note_style, note_word, plain_columns
from rnncli.readers.coding import Coder
from rnncli.readers.delimited import Delimited, Growing
from rnncli.readers.forms import Form, open_number, recognise
from rnncli.readers.naming import by_name, listed
from rnncli.readers.parquet import ParquetTable, is_parquet
from rnncli.readers.prefetch import ahead
from rnncli.readers.sequencing import in_order
from rnncli.readers.source import display, reopenable
from rnncli.readers.spool import RowSpool


def read_table(
    path: str,
    form: Form,
    roles: Roles,
    encoding: str,
    task: str,
    numbers: tuple[str, ...] | None = None,
    answers: bool = True,
) -> Columns:
    """One file. `numbers` are the columns to be read as such; without, the first block decides. `answers`: whether
    labels and targets of whole sequences are looked at.
    """
    roles = by_name(roles, form.columns)
    table = _Table(_source(path, form, roles, encoding), roles, task, numbers, form, answers)
    for frame in ahead(table.source.frames(table.choose)):
        table.append(frame)
    if not table.rows:
        raise RnncliError(f"{display(path)}: no rows, expected one for every time step")
    return table.columns()


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
            columns = cut(self.columns, sequence, row, row + 1)
            yield Grown(columns, np.zeros(1, np.int64), lambda _, at=at: self.place(at))


def grow_table(path: str, form: Form, roles: Roles, encoding: str, numbers: tuple[str, ...]) -> Iterator[Grown]:
    """The rows of a table that grows, as soon as they are there."""
    import polars  # noqa: F401  its handler of Ctrl-C would let the wait for the next row go on

    signal.siginterrupt(signal.SIGINT, True)
    roles = by_name(roles, form.columns)
    if form.separator is None:  # trained on Parquet
        form = replace(form, separator=",", quoted=True)
    source = Growing(path, form, roles, encoding)
    table = _Table(source, roles, "forecast", numbers, form)
    for piece in source.pieces():
        try:
            grown = table.grow(*piece)
        except RnncliError:  # one by one: those before the one that is wrong
            yield from (table.grow(*record) for record in source.records(*piece) if not source.is_names(record[1]))
        else:
            yield grown


def _source(path: str, form: Form, roles: Roles, encoding: str):
    """What gives frames: by what the file is, whatever that of training was."""
    if is_parquet(reopenable(path)):
        return ParquetTable(path, form)
    return Delimited(path, _at_hand(path, form, encoding), roles, encoding)


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

    def __init__(self, source, roles: Roles, task: str, numbers: tuple[str, ...] | None, form: Form, answered=True):
        self.source, self.roles, self.form, self.answered = source, roles, form, answered
        self.known = None if numbers is None else dict.fromkeys(numbers)  # in their order, found at once
        self.answers = roles.targets if task == "regress" else ()  # one for each sequence
        self.rows, self.time_sample = 0, ""

    def choose(self, texts, columns: tuple[str, ...]) -> dict[int, type]:
        """Which columns are read, and as what."""
        import polars as pl

        self._check(columns)
        roles = self.roles
        self.places = {name: i for i, name in enumerate(columns)}
        words = [name for name in (roles.group, roles.label, roles.tag) if name in self.places]
        left = [name for name in self._inputs(columns) if name not in words and not self._is_blank(name, texts)]
        self.plain = plain_columns(texts) if self.source.typed is False and not self.form.decimal_comma else set()
        self.number_names = [name for name in left if self._is_number(name, texts)]
        numbers = set(self.number_names)
        self.text_names = [name for name in left if name not in numbers]
        self.answer_names = [name for name in self.answers if name in self.places]
        self.timed = roles.time in self.places and roles.time is not None
        self.time_kind = self._time_kind(texts) if self.timed else None
        self._check_targets(texts)
        self.coded_names = (*self.text_names, *words)
        self.clear()
        kinds = dict.fromkeys((*self.number_names, *self.answer_names), pl.Float64)
        kinds |= dict.fromkeys(self.coded_names, pl.String)
        if self.timed and roles.time not in kinds:
            kinds[roles.time] = self.time_kind
        self.read_names = [name for name in kinds if name in self.coders or name == roles.time]
        return {self.places[name]: kind for name, kind in kinds.items()}

    def clear(self) -> None:
        """No rows, of the columns that were chosen."""
        import polars as pl

        self.rows = 0
        self.numbers = RowSpool(np.float64, (len(self.number_names),))
        self.targets = RowSpool(np.float64, (len(self.answer_names),))
        self.coders = {name: Coder(name not in self.text_names) for name in self.coded_names}
        self.times = RowSpool(np.float64 if self.time_kind is pl.Float64 else np.int64)

    def _check(self, columns: tuple[str, ...]) -> None:
        """A file to predict may lack answers, nothing else."""
        roles = self.roles
        needed = [name for name in (*roles.inputs, *(self.known or ()), roles.group, roles.time) if name is not None]
        there = set(columns)
        for name in needed:
            if name not in there and name not in roles.targets:
                raise RnncliError(
                    f"{display(self.source.path)}: no column {name}, expected it as in training: "
                    f"there are {listed(columns)}"
                )

    def _inputs(self, columns: tuple[str, ...]) -> list[str]:
        """Inputs, and what is forecast, which is read row by row too; by their order in the file of training."""
        roles = self.roles
        named = (*roles.inputs, *roles.targets) if roles.inputs else self.form.columns
        out = {roles.group, roles.label, roles.tag, *self.answers}
        if roles.time not in (*roles.inputs, *roles.targets):
            out.add(roles.time)
        there = set(named) & set(columns)
        return [name for name in self.form.columns if name in there and name not in out]

    def _is_blank(self, name: str, texts) -> bool:
        """Whether a column has no name and no value: a separator at the end of all lines makes one."""
        place = self.places[name]
        unnamed = self.known is None and self.form.header and name == str(place + 1)
        return unnamed and texts[str(place)].null_count() == len(texts) > 0

    def _is_number(self, name: str, texts) -> bool:
        import polars as pl

        series = texts[str(self.places[name])]
        if self.known is not None:
            if name in self.known:
                self._numeric(series, name)
            return name in self.known
        numeric = self._numeric(series, name)
        if not numeric and series.dtype == pl.String:
            note_word(series, display(self.source.path), name, self.form.writing)
        return numeric

    def _numeric(self, series, name: str = "") -> bool:
        """Whether a column holds numbers. A few words among them are mistakes, which will be complained of."""
        import polars as pl

        if series.name in self.plain:
            return True
        if series.dtype != pl.String:
            return series.dtype.is_numeric() or series.dtype == pl.Boolean
        comma = self.form.decimal_comma
        style, numeric = find_style(series, comma, self.form.writing, self.form.separator == ",", sniff.MANY)
        if not numeric:
            return False
        if style.open:
            raise open_number(display(self.source.path), style.open, name)
        if name:
            self.source.styles[self.places[name]] = style
            note_style(style, display(self.source.path), name, self.source.typed)
        return True

    def _time_kind(self, texts):
        import polars as pl

        series = texts[str(self.places[self.roles.time])]
        if series.dtype.is_temporal():
            return series.dtype
        return pl.Float64 if self._numeric(series) else pl.String

    def _check_targets(self, texts) -> None:
        answers = [name for name in self.answer_names if self.known is None and not self._is_number(name, texts)]
        words = answers + [name for name in self.roles.targets if name in self.text_names]
        if words:
            raise UsageError(f"--target {words[0]}: a column of words, expected numbers; --label is for words")

    def append(self, frame) -> None:
        """A block of rows."""
        column = {name: frame[str(self.places[name])] for name in self.read_names}
        if self.number_names:
            self.numbers.append(self._matrix(frame, self.number_names))
        if self.answer_names:
            self.targets.append(self._matrix(frame, self.answer_names))
        for name, coder in self.coders.items():
            coder.append(column[name])
        if self.timed:
            self.times.append(self._when(column[self.roles.time]))
        self.rows += len(frame)

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

    def place_of(self, row: int) -> str:
        return _place(self.source, row)

    def _when(self, series) -> np.ndarray:
        """Numbers, or microseconds."""
        import polars as pl

        self.time_sample = self.time_sample or next((str(t).strip() for t in series if t is not None), "")
        if series.dtype.is_temporal():
            when = series.cast(pl.Datetime("us")).cast(pl.Int64)
        elif series.dtype != pl.String:
            when = series.fill_nan(None)
        else:
            day = MIDNIGHT * is_clock(self.time_sample)
            when = parse_times(day + series.str.strip_chars(), day + self.time_sample)
        if when.null_count():
            row = when.is_null().arg_max()
            raise self._no_time(self.rows + row, series[row])
        return when.to_numpy()

    def _no_time(self, row: int, found) -> RnncliError:
        """What stands there is no time, or has an offset where the first has none, or the other way round."""
        offset, expected = has_offset(self.time_sample), "a number or a time as 2024-01-31 12:00:00"
        if found is not None and has_offset(str(found).strip()) != offset:
            expected = f"a time {'with' if offset else 'without'} an offset as {self.time_sample} in the first row"
        found = "nothing" if found is None else repr(str(found))
        return RnncliError(
            f"{self.place_of(row)}: {found} in the time column {self.roles.time}, expected {expected}; "
            "without --time rows stay in the order of the file"
        )

    def columns(self, by_time: bool = True) -> Columns:
        """The sequences, by group and time; `order` is then that of the rows, None as they are."""
        groups = self._groups()
        times = self.times.array() if self.timed else None
        order, offsets = in_order(groups, times if by_time else None, self.rows)
        self.order = order
        sequences = Answers(self, order, offsets)
        texts = {name: self.coders[name] for name in self.text_names}
        coded = {name: Coded(taken(coder.codes(), order), coder.symbols) for name, coder in texts.items()}
        return Columns(
            offsets,
            self.number_names,
            taken(self.numbers.array(), order) if self.number_names else None,
            coded,
            keys=self.coders[self.roles.group].symbols if groups is not None else None,
            labels=sequences.labels() if self.answered else None,
            targets=sequences.targets() if self.answered else None,
            times=taken(self._dates(times), order) if self.timed else None,
            time_sample=self.time_sample,
            zone=(getattr(self.time_kind, "time_zone", None) or "") if self.timed else "",
            order=order,
            where=partial(_place, self.source),
        )

    def _dates(self, times: np.ndarray) -> np.ndarray:
        """Numbers, or dates and times; a time of the day alone stays a number."""
        import polars as pl

        if self.time_kind is pl.Float64:
            return times
        return times.astype(np.float64 if is_clock(self.time_sample) else "datetime64[us]")

    def _groups(self) -> np.ndarray | None:
        if self.roles.group is None:
            return None
        groups = self.coders[self.roles.group].codes()
        if (groups < 0).any():
            row = int(np.argmax(groups < 0))
            raise RnncliError(f"{self.place_of(row)}: nothing in the group column {self.roles.group}: name its group")
        return groups


def _place(source, row: int) -> str:
    return f"{display(source.path)}:{source.line_of(row)}"
