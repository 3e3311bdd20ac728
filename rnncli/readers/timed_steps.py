"""Times that name the columns of a wide table, `store,2019-01,2019-02,..`: a row is a series, a column a step."""

import re
from dataclasses import dataclass

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.stamp_forms import dated_in_some_order
from rnncli.errors import RnncliError
from rnncli.readers import sniff
from rnncli.readers.form import Form
from rnncli.readers.forms import sample_rows
from rnncli.readers.numerals import Style
from rnncli.readers.source import display
from rnncli.readers.times.time_values import Times

LEAST = sniff.LEAST_YEARS  # or dates
#: 1960 [YR1960] and X1960, as the World Bank and R have it, are called 1960
DRESSED = re.compile(r"X?([12]\d{3})(?: \[YR\d{4}\])?", re.ASCII)
NUMBERS = 0.5  # of what stands below, at least; the reader complains of anything else
SAMPLE = 1 << 20  # bytes: rows are long


@dataclass(frozen=True)
class TimedSteps:
    """The columns from `first` on are steps, at these times, which grow and are written as the sample."""

    first: int
    times: np.ndarray
    sample: str


@dataclass(frozen=True)
class SeriesInRows:
    """What the first rows show: the names of the first and last step, and the columns that tell series apart."""

    begin: str
    end: str
    group: str | None


def series_in_rows(path: str, form: Form, encoding: str) -> SeriesInRows | None:
    """Of a table with times on top, and numbers below them."""
    if form.name != "table" or not form.header or form.separator is None:
        return None
    first = first_timed(form.columns)
    rows = sample_rows(path, form, encoding, SAMPLE) if first is not None else []
    rows = [row for row in rows if len(row) == len(form.columns)]
    values = [field for row in rows for field in row[first:] if not form.writing.is_nothing(field)]
    style = Style("," if form.decimal_comma else ".")
    numbers = sum(style.read(value) is not None or sniff.is_number(value, form.decimal_comma) for value in values)
    if not values or numbers < NUMBERS * len(values):
        return None
    places = _telling_apart([row[:first] for row in rows], form.decimal_comma)
    names = (str(i + 1) if "," in form.columns[i] else form.columns[i] for i in places)
    return SeriesInRows(form.columns[first], _named(form.columns)[-1], ",".join(names) or None)


def _telling_apart(rows: sniff.Rows, decimal_comma: bool) -> tuple[int, ...]:
    """The first column, or else all of words together, or else none."""
    words = tuple(i for i, number in enumerate(sniff.numeric_columns(rows, decimal_comma)) if not number)
    for places in ((0,), words) if rows[0] else ():
        if len({tuple(row[i] for i in places) for row in rows}) == len(rows):
            return places
    return ()


def first_timed(names: tuple[str, ...]) -> int | None:
    """The first column of those up to the end that are called by dates, or evenly by years or months."""
    names = _bared(names)
    if not _are_times(names[-LEAST:]):
        return None
    first = next(i for i, name in enumerate(names) if sniff.YEAR.fullmatch(name) or _are_dates((name,)))
    return first if _are_times(names[first:]) else None


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    """Without columns at the end that have no names, as a separator at the end of all lines makes them."""
    while names and names[-1] in ("", str(len(names))):
        names = names[:-1]
    return names


def _bared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same; years without what is around them."""
    return tuple(year[1] if (year := DRESSED.fullmatch(name)) else name for name in _named(names))


def _are_times(names: tuple[str, ...]) -> bool:
    return sniff.are_years([*names]) or len(names) >= LEAST and _are_dates(names)


def _are_dates(names: tuple[str, ...]) -> bool:
    """Whether all are dates, in some order of day, month and year, and no numbers."""
    texts = pl.Series(names)
    numbers = texts.cast(pl.Float64, strict=False).null_count() < len(texts)
    return not numbers and dated_in_some_order(texts)


def timed_steps(path: str, names: tuple[str, ...], at: int, form: Form, strict: bool) -> TimedSteps | None:
    """Those of a file with these names on top, in line `at`; as in training, or, if `strict`, as --time-format says."""
    first = first_timed(names)
    if first is None:
        return None
    place = f"{display(path)}:{at}"
    times = Times("names on top", form.time_form, strict, False, lambda row: place)
    times.append(pl.Series(_bared(names)[first:]))
    found, sample = times.finished()
    late = np.flatnonzero(np.diff(found) <= np.zeros((), np.diff(found).dtype))
    if len(late):
        one, other = names[first + late[0]], names[first + late[0] + 1]
        raise RnncliError(f"{place}: {other} after {one}, expected times that grow from column to column")
    return TimedSteps(first, found, sample)
