"""Series that have a name, a start and a distance of steps of their own: the times of their steps follow from these."""

import re

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.columns import Columns, offsets_of
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.stamp_forms import parse_times
from rnncli.data.times.stamps import offset_of
from rnncli.data.times.steps import MICRO
from rnncli.errors import RnncliError
from rnncli.process.spool import RowSpool
from rnncli.readers.sequencing import line_of_sequence
from rnncli.readers.source import display
from rnncli.readers.times.frequencies import EXPECTED, steps_of

LATEST = np.datetime64("9999-12-31", "us")
OFFSET = r":\d\d(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$"
YEAR = re.compile(r"\d{4}")
MONASH = "%Y-%m-%d %H-%M-%S"


class DatedSeries:
    """Collects the series of one file."""

    def __init__(self, path: str, names: list[str]):
        self.path, self.names = path, names  # of the columns of numbers
        self.numbers = RowSpool(np.float64, (len(names),))
        self.lines: dict[str, int] = {}  # name of a series -> its line
        self.starts: list[str | None] = []
        self.lengths: list[int] = []

    def append(self, name: str | None, start: str | None, values: np.ndarray, at: int) -> None:
        """A series of values (steps, columns); without a name it has its number."""
        name = str(len(self.lines) + 1) if name is None else name
        if name in self.lines:
            raise self.error(at, f"another series {name}, as in line {self.lines[name]}", "a name for each of them")
        if np.isinf(values).any():
            raise self.error(at, "an infinite number", "finite ones")
        self.lines[name] = at
        self.starts.append(start)
        self.lengths.append(len(values))
        self.numbers.append(values)

    def columns(self, frequency: str) -> Columns:
        """All of them, with times where the frequency is known and all have a start."""
        offsets, lines = offsets_of(self.lengths), list(self.lines.values())
        columns = Columns(offsets, self.names, self.numbers.array(), keys=list(self.lines))
        columns.where = line_of_sequence(self.path, lines, offsets)
        if frequency and None not in self.starts:
            self._put_times(columns, frequency)
        return columns

    def _put_times(self, columns: Columns, frequency: str) -> None:
        starts, form = self._parsed(pl.Series(self.starts, dtype=pl.String))
        local = (starts + (offset_of(form) or np.timedelta64(0, "us"))).astype(MICRO)
        times, clocks = RowSpool(np.int64), []
        for start, here, length, at in zip(starts, local, self.lengths, self.lines.values(), strict=True):
            steps = steps_of(frequency, here)
            if steps is None:
                raise RnncliError(f"{display(self.path)}: the frequency {frequency}, expected {EXPECTED}")
            count = np.arange(length)
            when = (steps.after(np.repeat(here, length), count) - (here - start)).astype(MICRO)
            if (when > LATEST).any() or (when[1:] <= when[:-1]).any():
                raise self.error(at, f"steps of {frequency} beyond the year 9999", "fewer, or shorter ones")
            times.append(when.view(np.int64))
            clocks.append(Calendar(steps.kind, steps.step, form, steps.rule, list(map(list, steps.open)), True))
        columns.times, columns.time_sample = times.array().view(MICRO), form
        if (starts == local).all():  # else a month of the place begins elsewhere by UTC: the times tell the steps
            columns.clocks = clocks

    def _parsed(self, texts: "pl.Series") -> tuple[np.ndarray, str]:
        """The starts, datetime64[us], and how they are written; forms of two orders of day and month are refused."""
        years = all(map(YEAR.fullmatch, texts.to_list()))
        when, forms = parse_times(texts, given="%Y" if years else MONASH)
        if when.null_count() or not forms:
            row = when.is_null().arg_max()
            at = list(self.lines.values())[row]
            raise self.error(at, f"the start {texts[row]!r}", "a date such as 2024-01-31 or 2024-01-31 12:00:00")
        if texts.str.extract(OFFSET, 1).n_unique() > 1:
            at = next(iter(self.lines.values()))
            raise self.error(at, f"starts such as {texts[0]}, of several offsets", "one offset for all")
        return when.to_numpy().astype(MICRO), "%Y-%m-%d" if forms[0] == MONASH else forms[0]  # and hours if there are

    def error(self, at: int, found: str, expected: str) -> RnncliError:
        """What is wrong in a line."""
        return RnncliError(f"{display(self.path)}:{at}: {found}, expected {expected}")
