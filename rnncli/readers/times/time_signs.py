"""What the values of one column show: dates, times of the day, numbers that grow as a clock does, parts of a year."""

import re
from collections.abc import Sequence

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.stamp_forms import ORDERS, SHORT, SMALL_YEAR, dated_in_some_order, parse_times
from rnncli.data.times.stamps import NAMED_ZONE, form
from rnncli.readers.times.digit_dates import dates_of, months_of

PERIODS = r"^(?:1[5-9]|2[0-3])\d{4}$"
#: what stands beside a year; of all months or weeks, whatever its name is
OF_YEAR, LEAST_OF_YEAR = r"^(?:[Mm](?:0?[1-9]|1[0-3])|[Qq]0?[1-4]|[Ww](?:0?[1-9]|[1-4]\d|5[0-3]))$", 12
LEAST = 3  # rows that show an order
LEAST_DIGITS = 24  # rows of dates that nothing but their digits show
DIGITS = r"^(?:19|20)\d{6}(?:\d\d){0,3}$"
MONTH_YEAR = r"^\d\d?\.\d{4}$"
EVEN = 0.9  # of their steps are the usual one
FISCAL = re.compile("fy", re.IGNORECASE)  # in a form of times
#: names of a column of M01, Q1 or W05, beside those of parts of a date (date_columns.py)
PERIOD_OF_YEAR = re.compile(r"\W*(per|prd|period|obs|freq|frequency|[mqw]|qtr|wk|kw|trim\w*|term)\W*", re.IGNORECASE)


def holds_stamps(series: "pl.Series") -> bool:
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


def holds_seasons(series: "pl.Series") -> bool:
    """Whether times are years from one to the next, as 2019/20, or fiscal ones, as FY2019 and Q1 FY2019."""
    texts = parse_times(series.str.strip_chars())[1] if series.dtype == pl.String else []
    return any("N" in form(text).letters or FISCAL.search(text) for text in texts if "%" in text)


def holds_clock(series: "pl.Series") -> bool:
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


def steps_within(rows: "pl.DataFrame", name: str, keys: Sequence[str]) -> "pl.Series | None":
    """From each number of a column to the next in its series; None of a column that holds anything else."""
    at = as_numbers(rows[name])
    if at.null_count():
        return None
    by = list(keys) or pl.lit(0)
    return rows.with_columns(at.alias(name)).select(pl.col(name).diff().over(by))[name].drop_nulls()


def holds_growing(rows: "pl.DataFrame", name: str, keys: Sequence[str]) -> bool:
    """Numbers that never fall within a series, and grow in it."""
    steps = steps_within(rows, name, keys)
    if len(rows) < LEAST or steps is None or as_numbers(rows[name]).is_nan().any():
        return False
    numbers = steps.to_numpy()
    return bool((numbers >= 0).all() and (numbers > 0).any())


def holds_periods(rows: "pl.DataFrame", name: str, keys: Sequence[str]) -> bool:
    """Whole numbers that are months or weeks of a year, and grow within a series."""
    if not _holds_words(rows[name]):
        return False
    texts = rows[name].cast(pl.String).str.strip_chars()
    if texts.null_count() or not texts.str.contains(PERIODS).all() or not holds_growing(rows, name, keys):
        return False
    return dates_of(texts.cast(pl.Int64).to_numpy(), "", texts[0], f"column {name}") is not None


def holds_digits(series: "pl.Series", keys: Sequence[str]) -> bool:
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


def is_of_year(series: "pl.Series") -> bool:
    """M01, Q1 or W05 in every row, several of them, in a column that is called so, or as many as there are months."""
    if series.dtype != pl.String or series.null_count():
        return False
    least = 2 if PERIOD_OF_YEAR.fullmatch(series.name) else LEAST_OF_YEAR
    return bool(series.str.strip_chars().str.contains(OF_YEAR).all()) and series.n_unique() >= least


def as_numbers(series: "pl.Series") -> "pl.Series":
    """Floats, null for words, and for all of a type that has neither: dates, categories, bytes, as Parquet has them."""
    if series.dtype.is_numeric() or series.dtype == pl.String:
        return series.cast(pl.Float64, strict=False)
    return pl.repeat(None, len(series), dtype=pl.Float64, eager=True)


def _holds_words(series: "pl.Series") -> bool:
    """Numbers or words: no durations or bytes."""
    return series.dtype.is_numeric() or series.dtype in (pl.String, pl.Categorical, pl.Enum)
