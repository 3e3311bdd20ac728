"""Columns of whole numbers that are dates, held against pandas: read, refused, or left as numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.stamps import form
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request
from rnncli.readers.times.digit_dates import dates_of, refuse_days


def read(path, given="", trained=False):
    """The columns, by a form that is given, or that of training."""
    roles = Roles(targets=("y",), inputs=("y",), time="ds")
    form = replace(recognise(str(path), "table", roles, "utf-8", "forecast"), time_form=given)
    known = Known(("y",)) if trained else None
    return read_columns([str(path)], Request(form, roles, "utf-8", "word", "forecast", known))


def table(tmp_path, texts):
    path = tmp_path / "data.csv"
    path.write_text("ds,y\n" + "".join(f"{text},{i}.5\n" for i, text in enumerate(texts)))
    return path


def index_of(begin, frequency, rows):
    return pd.date_range(begin, periods=rows, freq=frequency)


#: how dates are written -> first date, frequency and number of rows
READ = {
    "%Y%m%d": ("2024-02-10", "D", 19),
    "%Y%m%d.0": ("2024-02-10", "D", 19),
    "%Y%m.0": ("2023-02-01", "MS", 11),
    "%Y%j": ("2019-12-01", "D", 31),
    "%G%V": ("2019-11-04", "W-MON", 60),
    "%d%m%Y": ("2020-01-01", "D", 62),
    "%m%d%Y": ("2020-01-10", "D", 22),
    "%y%j": ("2019-12-01", "D", 40),
    "%m%d%y": ("2020-01-10", "D", 100),
    "%d%m%y": ("2020-01-10", "D", 200),
    "%y%m%d%H%M": ("2024-02-28", "15min", 96),
    "%Y%m%d%H": ("2024-02-28", "h", 24),
    "%Y%m%d%H%M%S%3f": ("2024-02-28 00:00:50", "250ms", 60),
}


def written(index, text):
    return index.strftime(text.replace("%3f", "%f")).str[: 17 if "%3f" in text else None].to_list()


@pytest.mark.parametrize("text", READ)
def test_dates_go_on_as_pandas_has_them(tmp_path, text):
    begin, frequency, rows = READ[text]
    index = index_of(begin, frequency, rows + 5)
    texts = written(index, text)
    columns = read(table(tmp_path, texts[:rows]))
    np.testing.assert_array_equal(columns.times, np.array(index.values[:rows], "datetime64[us]"))
    clock = Calendar.of(columns.times, columns.offsets, columns.time_sample)
    assert [clock.text(time) for time in clock.ahead(columns.times[-1], 5)] == texts[rows:]
    again = read(table(tmp_path, texts[rows:]), columns.time_sample, True)  # a few rows more, by the form of training
    np.testing.assert_array_equal(again.times, np.array(index.values[rows:], "datetime64[us]"))


def test_numbers_of_parquet_are_read_as_their_texts(tmp_path):
    texts = written(index_of("2020-01-01", "D", 62), "%d%m%Y")
    path = tmp_path / "data.parquet"
    pl.DataFrame({"ds": list(map(int, texts)), "y": [i + 0.5 for i in range(62)]}).write_parquet(path)
    np.testing.assert_array_equal(read(path).times, read(table(tmp_path, texts)).times)


@pytest.mark.parametrize("kind", [pl.Int16, pl.UInt32, pl.Int64, pl.UInt64, pl.Float32])
def test_whole_numbers_of_any_type_are_times(tmp_path, kind):
    path, numbers = tmp_path / "data.parquet", list(range(100, 130))
    pl.DataFrame({"ds": pl.Series(numbers, dtype=kind), "y": numbers}).write_parquet(path)
    assert read(path).times.tolist() == numbers
    pl.DataFrame({"ds": pl.Series([2**64 - 30 + i for i in range(30)], dtype=pl.UInt64), "y": numbers}).write_parquet(
        path
    )
    with pytest.raises(RnncliError, match=r":1: 18446744073709551586 in the time column ds, expected at most"):
        read(path)


def test_quarters_of_five_digits(tmp_path):
    columns = read(table(tmp_path, [f"{year}{quarter}" for year in range(2000, 2006) for quarter in range(1, 5)]))
    assert columns.time_sample == "%Y%q" and str(columns.times[-1])[:10] == "2005-10-01"


@pytest.mark.parametrize("stripped", [False, True])
def test_months_as_decimals(tmp_path, stripped):
    """2020.1 is October, as what programs leave of 2020.10."""
    texts = [f"{year}.{month:02d}" for year in (2019, 2020) for month in range(1, 13)]
    columns = read(table(tmp_path, [str(float(text)) for text in texts] if stripped else texts))
    months = index_of("2019-01-01", "MS", 24).values
    np.testing.assert_array_equal(columns.times, np.array(months, "datetime64[us]"))
    again = read(table(tmp_path, ["2021.09", "2021.1"]), columns.time_sample, True)
    assert [str(time)[:7] for time in again.times] == ["2021-09", "2021-10"]


@pytest.mark.parametrize(
    ("text", "begin", "step", "rows"),
    [
        ("%m.%Y", "2018-11-01", 1, 30),  # were sorted as numbers: all Januaries, all Februaries
        ("%m.%y", "2018-11-01", 1, 30),
        ("%-m.%Y", "2018-02-01", 1, 30),
        ("%y.%m", "2018-11-01", 1, 30),
        ("%Y.%q", "2012-07-01", 3, 20),
        ("%q.%Y", "2012-07-01", 3, 20),
    ],
)
@pytest.mark.parametrize("kind", ["text", "number"])
def test_months_and_quarters_with_a_point(tmp_path, text, begin, step, rows, kind):
    months = np.datetime64(begin[:7]) + step * np.arange(rows + 4)
    quarters = {str(one): str((int(str(one)[5:]) + 2) // 3) for one in months}
    texts = [one.item().strftime(text.replace("%q", quarters[str(one)])) for one in months]
    path = tmp_path / "data.parquet"
    pl.DataFrame({"ds": list(map(float, texts[:rows])), "y": [i + 0.5 for i in range(rows)]}).write_parquet(path)
    columns = read(path if kind == "number" else table(tmp_path, texts[:rows]))
    assert columns.time_sample == text
    np.testing.assert_array_equal(columns.times, months[:rows].astype("datetime64[us]"))
    clock = Calendar.of(columns.times, columns.offsets, columns.time_sample)
    assert [clock.text(time) for time in clock.ahead(columns.times[-1], 4)] == texts[rows:]
    again = read(table(tmp_path, texts[rows:]), text, True)
    np.testing.assert_array_equal(again.times, months[rows:].astype("datetime64[us]"))


@pytest.mark.parametrize(
    ("times", "what"),
    [
        (written(index_of("2020-01-25", "D", 60), "%d.%m"), "days without a year"),
        (written(index_of("2020-01-25", "D", 60), "%m%d"), "days without a year"),
        (written(index_of("2020-01-25 07:00", "10min", 60), "%H.%M"), "times of the day"),
        (written(index_of("2020-01-25 07:00", "10min", 60), "%H%M"), "times of the day"),
        (written(index_of("2020-01-25 07:00", "20s", 60), "%H%M%S"), "times of the day"),
        ([text[2:] for text in written(index_of("2020-11-02", "W-MON", 60), "%G%V")], "weeks of years of two digits"),
    ],
)
def test_days_and_times_that_look_like_numbers_are_refused(tmp_path, times, what):
    """They were sorted and went on as numbers: 17.60 after 17.50, 31.13 after 31.12."""
    with pytest.raises(RnncliError, match=f"data.csv:2: the time column ds: '{times[0]}' and the others may be {what}"):
        read(table(tmp_path, times))
    assert len(read(table(tmp_path, times), "number").times) == 60


@pytest.mark.parametrize(
    "texts",
    [
        [f"{i * 0.07 + i * i % 5 * 0.01:.2f}" for i in range(60)],
        [str(year) for year in range(2001, 2013)],
        [str(year) for year in range(2001, 2013) if year != 2003],
        [str(year) for year in range(1101, 1290) if year % 17],
        [str(5 * i + i % 3) for i in range(100)],
    ],
)
def test_other_numbers_stay_numbers(tmp_path, texts):
    assert read(table(tmp_path, texts)).times.astype(float).tolist() == list(map(float, texts))


@pytest.mark.parametrize("text", ["%y%m", "%m%y", "%q%Y"])
def test_months_and_quarters_of_four_and_five_digits(tmp_path, text):
    """2013 came after 2012."""
    months = np.datetime64("2018-10") + (3 if "q" in text else 1) * np.arange(30)
    quarters = [str((int(str(one)[5:]) + 2) // 3) for one in months]
    texts = [one.item().strftime(text.replace("%q", q)) for one, q in zip(months, quarters, strict=True)]
    columns = read(table(tmp_path, texts))
    assert columns.time_sample == text
    np.testing.assert_array_equal(columns.times, months.astype("datetime64[us]"))


@pytest.mark.parametrize("begin", ["2023-12-20", "2009-12-28", "2012-12-12"])
def test_the_order_of_the_rows_tells_years_from_days(tmp_path, begin):
    """231228, .., 231231, 240101 may be the 23rd of December 2028 and so on, but then the rows go to and fro."""
    days = index_of(begin, "D", 40)
    texts = written(days, "%y%m%d")
    for order in (1, -1):
        columns = read(table(tmp_path, texts[::order]))
        assert columns.time_sample == "%y%m%d"
        np.testing.assert_array_equal(np.sort(columns.times), days.astype("datetime64[us]"))
    with pytest.raises(RnncliError, match="more than one way"):
        read(table(tmp_path, texts[7:] + texts[:7]))


@pytest.mark.parametrize(
    ("texts", "ways"),
    [
        (written(index_of("2020-01-10", "D", 22), "%y%m%d"), "'%G%V' or '%y%m%d' or '%d%m%y' or number"),
        (written(index_of("2020-01-10", "D", 22), "%d%m%y"), "'%y%m%d' or '%d%m%y'"),
        ([f"2020.{month:02d}" for month in range(1, 13)], "'%Y.%m' or number"),
    ],
)
def test_what_can_be_read_in_more_than_one_way_is_refused(tmp_path, texts, ways):
    path = table(tmp_path, texts)
    with pytest.raises(RnncliError) as caught:
        read(path)
    number = texts[0].lstrip("0")
    assert str(caught.value) == (
        f"the time column ds: numbers such as {number} can be read in more than one way: choose one with --time-format "
        f"{ways}"
    )
    chosen = read(path, "%n")
    assert form(chosen.time_sample).kind == "number" and chosen.times[0] == float(number)


@pytest.mark.parametrize(
    "numbers",
    [
        range(12000),
        range(20001, 20300),
        range(100101, 100400),
        range(2019001, 2020300),
        range(45000, 45050),
        range(10000, 310001, 10000),
        range(1900000000, 1900100000, 60),
        range(20101, 20400, 7),
    ],
)
def test_counters_stay_numbers(tmp_path, numbers):
    assert read(table(tmp_path, map(str, numbers))).times.tolist() == list(numbers)


@pytest.mark.parametrize(
    ("first", "what"),
    [(45292, "as Excel counts them"), (19723, "since 1970"), (739252, "as MATLAB counts them")],
)
def test_days_that_are_counted_and_leave_out_weekends_are_refused(first, what):
    """45292 to 45365 were days of 2045, and 46001 came after them."""
    days = np.array([first + i // 5 * 7 + i % 5 for i in range(50)])
    assert dates_of(days, "", str(first), "t") is None
    with pytest.raises(RnncliError, match=f"p: {first} and the others may be days {what}, the first of them 202"):
        refuse_days(days, "p")
    months = np.arange("2020-01", "2022-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64) + 25569
    with pytest.raises(RnncliError, match="the first of them 2020-01-01"):
        refuse_days(months, "p")


def test_numbers_that_only_have_gaps_are_no_counted_days():
    refuse_days(np.arange(45292, 45400), "p")  # go on as numbers just as well
    refuse_days(np.delete(np.arange(45292, 45400), [3, 30, 31, 70]), "p")
    refuse_days(np.array([10010, 10020, 10040, 10070, 10080, 10100, 10110, 10150, 10160]), "p")
    refuse_days(np.array([3 + i // 5 * 7 + i % 5 for i in range(50)]), "p")


def test_days_of_a_year_of_two_digits_are_dates_where_the_year_changes():
    days = np.array([23360, 23361, 23364, 23365, 24001, 24002, 24003, 24004, 24007, 24008])
    assert dates_of(days, "", "23360", "t").times[4] == np.datetime64("2024-01-01")
