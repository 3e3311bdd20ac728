"""Which column of a table holds the times of its rows, where nobody names one: its values are dates or times of one
form, or its name is one of a clock and its numbers grow from row to row. It shows itself in the first rows.
"""

import re
from collections.abc import Collection, Sequence

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.stamp_forms import ORDERS, parse_times
from rnncli.errors import UsageError
from rnncli.readers import sniff
from rnncli.readers.first_rows import first_rows
from rnncli.readers.form import Form
from rnncli.readers.naming import listed
from rnncli.readers.source import display
from rnncli.readers.times.date_columns import PART, columns_of_date, of_date, with_time_of_day
from rnncli.readers.times.table_head import Head, TimeColumn
from rnncli.readers.times.time_signs import (
    LEAST,
    as_numbers,
    holds_clock,
    holds_digits,
    holds_growing,
    holds_periods,
    holds_seasons,
    holds_stamps,
    steps_within,
)

KINDS = (
    "t|time|times|timestamp|timestamps|ts|date|dates|datetime|epoch|unix|unixtime|year|ds|"
    "yr|yyyy|jahr|année|annee|año|ano|anno|datum|fecha|zeit|zeitstempel"
)
BESIDE = "unix|epoch|utc|gmt|local|start|event|log|date|time|timestamp|s|sec|secs|seconds|ms|us|ns"
#: timestamp, unix_time, Time (s), time_utc, epoch_ms; not lap_times_mean
NAME = re.compile(rf"\W*(({BESIDE})[\W_]+)?({KINDS})([\W_]+({BESIDE}))?[\W_]*", re.IGNORECASE)
#: names of a column of months or weeks of a year, as 202401
PERIOD = re.compile(
    r"\W*(year|calendar|cal|fiscal)?[\W_]*(month|week|period|yyyymm|yyyyww|ym|yw|obs)\W*", re.IGNORECASE
)
LEAST_NAMED = 8  # rows that have names of their own
MOST_ODD = 3  # that are no times in a column of times


def time_column(path: str, form: Form, encoding: str, named: Collection[str], keys: Sequence[str]) -> TimeColumn | None:
    """The column of times of a table among those that have not been `named`; `keys` are those of the group. UsageError
    if there are several.
    """
    if form.name != "table":
        return None
    rows = first_rows(path, form, encoding)
    free = [name for name in rows.columns if name not in named]
    head = Head(rows, free, keys)
    found = [name for name in free if holds_stamps(head[name])]
    seasons = [name for name in found if holds_seasons(head[name])]
    found = [name for name in found if name not in seasons]
    if not found and (parts := columns_of_date(head)):
        return of_date(head, parts, display(path))
    clocks = [] if found else [name for name in free if NAME.fullmatch(name)]
    found = found or [name for name in clocks if holds_growing(rows, name, keys)]
    found = found or [name for name in free if PERIOD.fullmatch(name) and holds_periods(rows, name, keys)]
    found = found or [name for name in free if holds_digits(head[name], keys)]
    # seasons beside another time, or that come again, say what a row belongs to
    found = found or [name for name in seasons if not head.repeats(name)]
    if not found and not keys and len(clocks) == 1 and (beside := _grows_within(head, clocks[0])):
        return TimeColumn(clocks[0], str(head[clocks[0]][0]), True, beside)
    if not found:
        return None
    if len(found) > 1:  # one of them may be when the file was made
        found = [name for name in found if head[name].n_unique() > 1] or found
    if len(found) > 1:
        raise UsageError(
            f"{display(path)}: columns {listed(found)} hold times: name that of the rows with --time {found[0]}, "
            "or --time none for rows in the order of the file"
        )
    name = found[0]
    first = str(head[name][0])
    if not head.repeats(name):
        return TimeColumn(name, first)
    clocks = [other for other in free if other != name and (PART.match(other) or holds_clock(head[other]))]
    return with_time_of_day(head, name, clocks) if clocks else TimeColumn(name, first, True, head.beside(name))


def named_rows(path: str, form: Form, encoding: str, named: Collection[str]) -> tuple[str, str] | None:
    """A column of words that is not `named` and has another one in each row, with the first; None if there is none."""
    head = first_rows(path, form, encoding)
    for series in head if len(head) >= LEAST_NAMED else ():
        words = series.name not in named and series.dtype == pl.String and not series.null_count()
        if words and series.n_unique() == len(series) and not any(map(sniff.is_any_number, series.to_list())):
            return series.name, series[0].strip()
    return None


def absent_time(path: str, form: Form, encoding: str, named: Collection[str]) -> tuple[str, int, str] | None:
    """A column that is not `named` of times, each another one, that are missing in up to half of the rows; the number
    of the first such row, from 1 on, and what stands there.
    """
    for series in first_rows(path, form, encoding):
        if series.name in named or series.dtype != pl.String:
            continue
        absent = [text is None or sniff.is_missing(text) for text in series.to_list()]
        there = series.filter(np.logical_not(absent))
        several = len(there) >= LEAST_NAMED and 0 < 2 * sum(absent) <= len(series)
        if several and there.n_unique() == len(there) and holds_stamps(there):
            return series.name, absent.index(True) + 1, series[absent.index(True)] or ""
    return None


def odd_row(path: str, form: Form, encoding: str, name: str) -> tuple[int, str] | None:
    """The number of the first row, from 1 on, that is no time in a column in which all others but a few are; and what
    stands there.
    """
    texts = first_rows(path, form, encoding)[name].str.strip_chars()
    first: tuple[int, str] | None = None
    for _ in range(MOST_ODD + 1):
        read = [parse_times(texts, order=order)[0] for order in ("", *ORDERS)]
        row = max(int(when.is_null().arg_max()) if when.null_count() else len(texts) for when in read)
        if len(texts) < LEAST_NAMED or row == len(texts):
            return first if holds_stamps(texts) else None
        first = first or (row + 1, texts[row])
        texts = texts.filter(np.arange(len(texts)) != row)
    return None


def counters(
    path: str, form: Form, encoding: str, named: Collection[str], keys: Sequence[str], by_one: bool
) -> list[str]:
    """Columns that are not `named` whose numbers grow from each row of a series to the next, as a clock or a count of
    the rows does; `by_one`: all by 1.
    """
    head = first_rows(path, form, encoding)
    free = [name for name in head.columns if name not in named and not head[name].dtype.is_temporal()]
    if len(head) < LEAST_NAMED or len(free) < 2:
        return []
    return [name for name in free if _counts(head, name, keys, by_one)]


def numbers_rows(path: str, form: Form, encoding: str) -> bool:
    """Whether the first column holds 0, 1, 2, .. or 1, 2, 3, .., also from the beginning again, as of tables that were
    put one below the other; or different whole numbers in no order, as those of a table that was sorted: numbers that
    grow otherwise may be times.
    """
    head = first_rows(path, form, encoding)
    found = as_numbers(head[head.columns[0]])
    numbers = found.to_numpy() if not found.null_count() else np.empty(0)
    if len(numbers) < LEAST or (numbers % 1).any():
        return False
    steps = np.diff(numbers)
    if numbers[0] in (0, 1) and (steps[: LEAST_NAMED - 1] == 1).all() and (numbers[1:][steps != 1] == numbers[0]).all():
        return True
    return len({*numbers.tolist()}) == len(numbers) and bool((steps > 0).any() and (steps < 0).any())


def _counts(head: "pl.DataFrame", name: str, keys: Sequence[str], by_one: bool) -> bool:
    steps = steps_within(head, name, keys)
    return steps is not None and len(steps) > 0 and bool((steps == 1 if by_one else steps > 0).all())


def _grows_within(head: Head, name: str) -> str:
    """The column that names series, one after the other, in each of which this column grows; "" if there is none."""
    for other in head.free:
        kinds = head[other].n_unique()
        runs = int((head[other] != head[other].shift()).fill_null(True).sum())
        if head[other].dtype == pl.String and 1 < kinds == runs and holds_growing(head.rows, name, [other]):
            return other
    return ""
