"""Which column of a table holds the times of its rows, where nobody names one: its values are dates or times of one
form, or its name is one of a clock and its numbers grow from row to row. It shows itself in the first rows.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.stamp_forms import ORDERS, SHORT, SMALL_YEAR, all_dated, dated_in_some_order, parse_times
from rnncli.data.stamps import NAMED_ZONE, form
from rnncli.errors import UsageError
from rnncli.readers import sniff
from rnncli.readers.digit_dates import dates_of, months_of
from rnncli.readers.first_rows import first_rows
from rnncli.readers.form import Form
from rnncli.readers.joining import DAY_OF_YEAR, is_day_of_year, joined_times
from rnncli.readers.naming import listed
from rnncli.readers.repeats import columns_apart
from rnncli.readers.source import display

KINDS = (
    "t|time|times|timestamp|timestamps|ts|date|dates|datetime|epoch|unix|unixtime|year|ds|"
    "yr|yyyy|jahr|année|annee|año|ano|anno|datum|fecha|zeit|zeitstempel"
)
BESIDE = "unix|epoch|utc|gmt|local|start|event|log|date|time|timestamp|s|sec|secs|seconds|ms|us|ns"
#: timestamp, unix_time, Time (s), time_utc, epoch_ms; not lap_times_mean
NAME = re.compile(rf"\W*(({BESIDE})[\W_]+)?({KINDS})([\W_]+({BESIDE}))?[\W_]*", re.IGNORECASE)
#: what is told beside a date in columns of their own, and beside a year that has no month
PART = re.compile(
    r"time|month|mnth|day|hour|minute|second|quarter|week|(mo|hr|min|sec)s?[\W\d_]*((of|utc|gmt|local|num|no|nr)\b.*)?$"
    rf"|({DAY_OF_YEAR})\W*$",
    re.IGNORECASE,
)
#: names of a column of M01, Q1 or W05, beside those
PERIOD_OF_YEAR = re.compile(r"\W*(per|prd|period|obs|freq|frequency|[mqw]|qtr|wk|kw|trim\w*|term)\W*", re.IGNORECASE)
#: names of a column of months or weeks of a year, as 202401
PERIOD = re.compile(
    r"\W*(year|calendar|cal|fiscal)?[\W_]*(month|week|period|yyyymm|yyyyww|ym|yw|obs)\W*", re.IGNORECASE
)
PERIODS = r"^(?:1[5-9]|2[0-3])\d{4}$"
#: what stands beside a year; of all months or weeks, whatever its name is
OF_YEAR, LEAST_OF_YEAR = r"^(?:[Mm](?:0?[1-9]|1[0-3])|[Qq]0?[1-4]|[Ww](?:0?[1-9]|[1-4]\d|5[0-3]))$", 12
#: parts of a date and a time of day in columns of their own, the largest first: year, month and day at least
PARTS = (
    "year|yr|yyyy|yy|jahr|année|annee|año|ano|anno",
    "month|mnth|mon|mo|mm|monat|mois|mes|mês|mese",
    "day|dd|dy|mday|tag|jour|día|dia|giorno",
    "hour|hr|hh|stunde|heure|hora|ora",
    "minute|min|mn|mm|minuto",
    "second|sec|sekunde|seconde|segundo",
)
LEAST = 3  # rows that show an order
LEAST_NAMED = 8  # rows that have names of their own
MOST_ODD = 3  # that are no times in a column of times
LEAST_DIGITS = 24  # rows of dates that nothing but their digits show
DIGITS, MONTH_YEAR = r"^(?:19|20)\d{6}(?:\d\d){0,3}$", r"^\d\d?\.\d{4}$"
EVEN = 0.9  # of their steps are the usual one
FISCAL = re.compile("fy", re.IGNORECASE)  # in a form of times
SHARED = 0.75  # of the rows have times of their own, at most, where several series share them


@dataclass(frozen=True)
class TimeColumn:
    """What was found: a column, or several that are joined."""

    name: str
    first: str  # its first value
    repeats: bool = False  # within a series
    beside: str = ""  # the column that tells series apart, if times repeat between them


def time_column(path: str, form: Form, encoding: str, named: Collection[str], keys: Sequence[str]) -> TimeColumn | None:
    """The column of times of a table among those that have not been `named`; `keys` are those of the group. UsageError
    if there are several.
    """
    if form.name != "table":
        return None
    head = first_rows(path, form, encoding)
    free = [name for name in head.columns if name not in named]
    found = [name for name in free if _holds_stamps(head[name])]
    seasons = [name for name in found if _holds_seasons(head[name])]
    found = [name for name in found if name not in seasons]
    if not found and (calendar := _calendar(head, free, keys)):
        return _of_calendar(head, calendar, free, keys, display(path))
    clocks = [] if found else [name for name in free if NAME.fullmatch(name)]
    found = found or [name for name in clocks if _holds_growing(head, name, keys)]
    found = found or [name for name in free if PERIOD.fullmatch(name) and _holds_periods(head, name, keys)]
    found = found or [name for name in free if _holds_digits(head[name], keys)]
    # seasons beside another time, or that come again, say what a row belongs to
    found = found or [name for name in seasons if not _repeats(head, [*keys, name])]
    if not found and not keys and len(clocks) == 1 and (beside := _grows_within(head, clocks[0], free)):
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
    if not _repeats(head, [*keys, name]):
        return TimeColumn(name, first)
    parts = [other for other in free if other != name and (PART.match(other) or _holds_clock(head[other]))]
    if parts:
        return _joined(head, name, parts, keys)
    return TimeColumn(name, first, True, _beside(head, (name,), free, keys))


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
        if several and there.n_unique() == len(there) and _holds_stamps(there):
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
            return first if _holds_stamps(texts) else None
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
    found = _as_numbers(head[head.columns[0]])
    numbers = found.to_numpy() if not found.null_count() else np.empty(0)
    if len(numbers) < LEAST or (numbers % 1).any():
        return False
    steps = np.diff(numbers)
    if numbers[0] in (0, 1) and (steps[: LEAST_NAMED - 1] == 1).all() and (numbers[1:][steps != 1] == numbers[0]).all():
        return True
    return len({*numbers.tolist()}) == len(numbers) and bool((steps > 0).any() and (steps < 0).any())


def _counts(head: "pl.DataFrame", name: str, keys: Sequence[str], by_one: bool) -> bool:
    at = _as_numbers(head[name])
    if at.null_count():
        return False
    steps = head.with_columns(at.alias(name)).select(pl.col(name).diff().over(list(keys) or pl.lit(0)))[name]
    steps = steps.drop_nulls()
    return len(steps) > 0 and bool((steps == 1 if by_one else steps > 0).all())


def _holds_stamps(series: "pl.Series") -> bool:
    """Dates or times with a date in every row, whatever the order of day and month."""
    if series.null_count() or len(series) < LEAST:
        return False
    if series.dtype != pl.String:
        return series.dtype == pl.Date or isinstance(series.dtype, pl.Datetime)
    texts = series.str.strip_chars().str.replace(rf"{NAMED_ZONE}\b", "")  # the reader refuses several
    if texts.cast(pl.Float64, strict=False).null_count() < len(texts):
        return False  # 2024.5 would be a month
    short = texts.str.contains(f"^{SHORT.pattern}$").all()
    small = short or parse_times(texts.head(1))[1] == [SMALL_YEAR[1]]
    if small and not any(_month_by_month(texts, order, bool(short)) for order in ("", *ORDERS)):
        return False
    return dated_in_some_order(texts)


def _holds_seasons(series: "pl.Series") -> bool:
    """Whether times are years from one to the next, as 2019/20, or fiscal ones, as FY2019 and Q1 FY2019."""
    texts = parse_times(series.str.strip_chars())[1] if series.dtype == pl.String else []
    return any("N" in form(text).letters or FISCAL.search(text) for text in texts if "%" in text)


def _holds_clock(series: "pl.Series") -> bool:
    """Times of the day in every row."""
    if series.null_count() or series.dtype != pl.String:
        return series.dtype == pl.Time
    when, forms = parse_times(series.str.strip_chars())
    return bool(forms) and not when.null_count() and all(form(text).kind == "clock" for text in forms)


def _month_by_month(texts: "pl.Series", order: str, short: bool) -> bool:
    """Whether each is the month after the one before, or all go on by as many: else 3-11 may be a score. Where they are
    as short as 03/11 these are months or quarters, of several years: else they may be parts of a whole.
    """
    months = parse_times(texts, order=order)[0].cast(pl.Datetime("us"))
    if months.null_count():
        return False
    steps, years = (12 * months.dt.year() + months.dt.month()).diff().drop_nulls(), months.dt.year().n_unique()
    even = bool(steps[0] > 0 and (steps == steps[0]).all())
    return even and (not short or (steps[0] in (1, 3) and years > 1))


def _holds_growing(head: "pl.DataFrame", name: str, keys: Sequence[str]) -> bool:
    """Numbers that never fall within a series, and grow in it."""
    at = _as_numbers(head[name])
    if len(head) < LEAST or at.null_count() or at.is_nan().any():
        return False
    by = list(keys) or pl.lit(0)
    steps = head.with_columns(at.alias(name)).select(pl.col(name).diff().over(by))[name].drop_nulls().to_numpy()
    return bool((steps >= 0).all() and (steps > 0).any())


def _holds_periods(head: "pl.DataFrame", name: str, keys: Sequence[str]) -> bool:
    """Whole numbers that are months or weeks of a year, and grow within a series."""
    if not _holds_words(head[name]):
        return False
    texts = head[name].cast(pl.String).str.strip_chars()
    if texts.null_count() or not texts.str.contains(PERIODS).all() or not _holds_growing(head, name, keys):
        return False
    return dates_of(texts.cast(pl.Int64).to_numpy(), "", texts[0], f"column {name}") is not None


def _as_numbers(series: "pl.Series") -> "pl.Series":
    """Floats, null for words, and for all of a type that has neither: dates, categories, bytes, as Parquet has them."""
    if series.dtype.is_numeric() or series.dtype == pl.String:
        return series.cast(pl.Float64, strict=False)
    return pl.repeat(None, len(series), dtype=pl.Float64, eager=True)


def _holds_words(series: "pl.Series") -> bool:
    """Numbers or words: no durations or bytes."""
    return series.dtype.is_numeric() or series.dtype in (pl.String, pl.Categorical, pl.Enum)


def _is_of_year(series: "pl.Series") -> bool:
    """M01, Q1 or W05 in every row, several of them, in a column that is called so, or as many as there are months."""
    if series.dtype != pl.String or series.null_count():
        return False
    least = 2 if PERIOD_OF_YEAR.fullmatch(series.name) else LEAST_OF_YEAR
    return bool(series.str.strip_chars().str.contains(OF_YEAR).all()) and series.n_unique() >= least


def _holds_digits(series: "pl.Series", keys: Sequence[str]) -> bool:
    """Whole numbers of 8 digits and more, in rows of one series, that are dates which grow, nearly all by one step,
    where the numbers do not; or months as 01.2020.
    """
    if not _holds_words(series):
        return False
    texts = series.cast(pl.String).str.strip_chars()
    if not keys and len(texts) >= LEAST_OF_YEAR and texts.str.contains(MONTH_YEAR).all() and not texts.null_count():
        months = months_of(texts.cast(pl.Float64).to_numpy(), "", texts[0], f"column {series.name}")
        return months is not None and len({*np.diff(months.times.astype("datetime64[M]").astype(int))}) == 1
    if keys or len(texts) < LEAST_DIGITS or texts.null_count() or not texts.str.contains(DIGITS).all():
        return False
    numbers = texts.cast(pl.Int64).to_numpy()
    dates = dates_of(numbers, "", texts[0], f"column {series.name}")
    if dates is None or not dates.text.startswith("%Y"):
        return False
    usual = [float(np.unique(steps, return_counts=True)[1].max()) for steps in (np.diff(dates.times), np.diff(numbers))]
    grows = bool((np.diff(dates.times) > np.timedelta64(0, "us")).all())
    return grows and usual[0] >= EVEN * (len(numbers) - 1) and usual[0] > usual[1]


def _grows_within(head: "pl.DataFrame", name: str, free: list[str]) -> str:
    """The column that names series, one after the other, in each of which this column grows; "" if there is none."""
    for other in free:
        kinds = head[other].n_unique()
        runs = int((head[other] != head[other].shift()).fill_null(True).sum())
        if head[other].dtype == pl.String and 1 < kinds == runs and _holds_growing(head, name, [other]):
            return other
    return ""


def _repeats(head: "pl.DataFrame", names: list[str]) -> bool:
    """Whether these values stand together more than once, in rows that are not alike."""
    return bool(head.unique().select(names).is_duplicated().any())


def _beside(head: "pl.DataFrame", names: tuple[str, ...], free: list[str], keys: Sequence[str]) -> str:
    """The column that tells series apart, where times come again for many rows; of a few it is by chance."""
    rows = head.unique()
    if keys or rows.select(names).n_unique() > SHARED * len(rows):
        return ""
    return "".join(next(columns_apart(rows, names, free, 1), ()))


def _calendar(head: "pl.DataFrame", free: list[str], keys: Sequence[str]) -> tuple[str, ...]:
    """The columns of a year that does not fall, and of what there is of month, day, hour, minute and second, or of a
    week, a quarter or the like; () if there is no such year, or nothing beside it.
    """
    names = _parts(free)
    if not names or len(head) < LEAST:
        return ()
    years = _as_numbers(head[names[0]])
    if years.null_count() or not years.is_between(0, 2999).all() or (years.diff().drop_nulls() < 0).any():
        return ()
    if len(names) == 1:
        again = _repeats(head, [*keys, *names])  # else the year says it all
        parts = [name for name in free if _is_part(head, names[0], name, again) or (again and _is_of_year(head[name]))]
        names += [name for name in parts if name not in names][:1]
        if is_day_of_year(names[-1]) and _repeats(head, [*keys, *names]):
            names = _parts(free, names, PARTS[3:])
    return tuple(names) if len(names) > 1 else ()


def _parts(free: list[str], names: Sequence[str] = (), parts: Sequence[str] = PARTS) -> list[str]:
    """`names`, and the columns called as a year and the `parts` of a date, one each; of several that behind the one
    before, as in YY MM DD hh mm. Without MM for months mm are millimetres.
    """
    names = [*names]
    for part in parts:
        found = [one for one in free if re.fullmatch(part, one.strip(" #"), re.IGNORECASE) and one not in names]
        if len(names) > 1 and names[1].strip() != "MM":
            found = [one for one in found if one.strip() != "mm"]
        if len(found) > 1 and names:
            found = [one for one in found if free.index(one) == free.index(names[-1]) + 1]
        if len(found) != 1:
            break
        names += found
    return names


def _is_part(head: "pl.DataFrame", year: str, name: str, again: bool) -> bool:
    """Whether a column is called a part of a date; with more behind that (minutes_played) only if dates show it, and
    the year comes `again`.
    """
    found = PART.match(name.strip())
    if not found or re.fullmatch(r"s?[\W\d_]*", name.strip()[found.end() :]):
        return bool(found)
    if not again:
        return False
    times = joined_times([head[year], head[name]], (year, name))
    return not times.null_count() and all_dated(times)


def _of_calendar(
    head: "pl.DataFrame", names: tuple[str, ...], free: list[str], keys: Sequence[str], path: str
) -> TimeColumn:
    """These columns as the times; UsageError if they are no dates, or come again for no reason."""
    name, times = ",".join(names), joined_times([head[one] for one in names], names)
    others = "--time none takes them for numbers, and rows in the order of the file"
    if times.null_count() or not all_dated(times):
        wrong = next((i for i, time in enumerate(times) if time is None or not all_dated(times[i : i + 1])), 0)
        found = f"row {wrong + 1} has {times[wrong]!r}, which is none"
        raise UsageError(
            f"{path}: columns {name} have the names of a date, but {found}: --time COLUMN names the times, {others}"
        )
    if not _repeats(head, [*keys, *names]):
        return TimeColumn(name, str(times[0]))
    beside = _beside(head, names, free, keys)
    if not beside:
        again = times.filter(head.select(*keys, *names).is_duplicated())[0]
        zone = f"where clocks were set back, --time {name} --zone PLACE tells them apart"
        advice = zone if len(names) > 3 else "--group COLUMN tells series apart"
        raise UsageError(f"{path}: times of columns {name} come again, as {again}: {advice}; {others}")
    return TimeColumn(name, str(times[0]), True, beside)


def _joined(head: "pl.DataFrame", name: str, parts: list[str], keys: Sequence[str]) -> TimeColumn | None:
    """A date, or a clock of numbers, with its time of day: as many columns as tell the rows of a series apart."""
    for count in range(1, len(parts) + 1):
        names = [name, *parts[:count]]
        if not _repeats(head, [*keys, *names]):
            times = joined_times([head[one] for one in names], tuple(names))
            dated = dated_in_some_order(times) and not any("," in one for one in names)
            return TimeColumn(",".join(names), times[0]) if dated else None
    return None
