"""The column of times that nobody names: what a person would take for it, and nothing else."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from rnncli.data.columns import Roles
from rnncli.errors import UsageError
from rnncli.readers.forms import recognise
from rnncli.readers.times.table_head import TimeColumn
from rnncli.readers.times.time_guess import counters, odd_row, time_column

DAYS = ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"]
#: columns -> the one that is found
FOUND = {
    "dates": ({"x": "1 2 3 4", "when": " ".join(DAYS)}, "when"),
    "dates that are not in order": ({"when": " ".join(DAYS[::-1]), "x": "1 2 3 4"}, "when"),
    "day first": ({"d": "30.01.2024 31.01.2024 01.02.2024", "x": "1 2 3"}, "d"),
    "either order of day and month": ({"d": "01/02/2024 02/02/2024 03/02/2024", "x": "1 2 3"}, "d"),
    "with an offset": ({"at": "2024-01-31T10:00Z 2024-01-31T11:00Z 2024-01-31T12:00Z", "x": "1 2 3"}, "at"),
    "epoch seconds": ({"unix_time": "1735689600 1735689660 1735689720", "x": "1 2 3"}, "unix_time"),
    "a clock with a unit": ({"Time (s)": "0 0.5 1", "x": "3 2 1"}, "Time (s)"),
    "years": ({"year": "1990 1991 1992", "x": "3 2 1"}, "year"),
    "date and hour": ({"dteday": "2024-01-30 2024-01-30 2024-01-31", "hr": "0 1 0", "n": "5 6 7"}, "dteday,hr"),
    "date and time": ({"on": "2024-01-30 2024-01-30 2024-01-31", "time": "1:00 2:00 1:00", "x": "1 2 3"}, "on,time"),
    "date and time by other names": (
        {"Datum": "30.01.2024 30.01.2024 31.01.2024", "Uhrzeit": "10:00 11:00 10:00", "x": "1 2 3"},
        "Datum,Uhrzeit",
    ),
    "the parts of a date": (
        {"No": "1 2 3", "day": "31 31 1", "month": "1 1 2", "Year": "2010 2010 2010", "hour": "22 23 0", "x": "3 2 1"},
        "Year,month,day,hour",
    ),
    "the parts of a date as weather buoys have them": (
        {"#YY": "2024 2024 2024", "MM": "1 1 2", "DD": "31 31 1", "hh": "22 23 0", "mm": "50 50 50", "x": "3 2 1"},
        "#YY,MM,DD,hh,mm",
    ),
    "millimetres beside an hour": (
        {"yr": "2024 2024 2024", "mo": "1 1 2", "dy": "31 31 1", "hr": "22 23 0", "mm": "5 0 61", "x": "3 2 1"},
        "yr,mo,dy,hr",
    ),
    "days of the year": ({"year": "2023 2023 2024", "DOY": "364 365 1", "x": "3 2 1"}, "year,DOY"),
    "days of the year by another name": ({"Year": "2023 2023 2024", "julian_day": "364 365 1"}, "Year,julian_day"),
    "days of the year and hours": (
        {"year": "2023 2023 2023 2024", "doy": "364 365 365 1", "hour": "23 0 1 0", "x": "3 2 1 0"},
        "year,doy,hour",
    ),
    "days of the year beside the hour of a peak": (
        {"year": "2023 2023 2024", "doy": "364 365 1", "hour": "15 9 22", "x": "3 2 1"},
        "year,doy",
    ),
    "months of counted years": ({"Month": "1-11 1-12 2-01 2-02", "x": "1 2 3 4"}, "Month"),
    "beside when the file was made": (
        {"updated": "2024-05-23 2024-05-23 2024-05-23", "when": "2024-01 2024-02 2024-03", "x": "1 2 3"},
        "when",
    ),
    "weeks as numbers": ({"week": "202401 202402 202403", "x": "1 2 3"}, "week"),
    "months as numbers": ({"Month": "202311 202312 202401", "x": "1 2 3"}, "Month"),
    "months beside a year": ({"year": "1990 1990 1990", "period": "M01 M02 M03", "x": "1 2 3"}, "year,period"),
    "quarters beside a year": ({"year": "1990 1990 1991", "period": "Q1 Q3 Q1", "x": "1 2 3"}, "year,period"),
    "a year beside codes": ({"year": "1990 1991 1992", "Q": "Q1 Q3 Q1", "x": "1 2 3"}, "year"),
    "a year beside what is called nearly as its parts": (
        {"year": "1990 1991 1992", "min_temp": "3.5 2 1", "minutes_played": "90 10 8", "time_in_office": "1.1 2 3"},
        "year",
    ),
    "a year beside months of a longer name": (
        {"year": "1990 1990 1991", "month_no": "3 9 3", "x": "1 2 3"},
        "year,month_no",
    ),
    "seasons over a century": ({"season": "1999-00 2000-01 2001-02", "x": "1 2 3"}, "season"),
    "seasons": ({"season": "2018/19 2019/20 2020/21", "x": "1 2 3"}, "season"),
    "fiscal years": ({"fiscal": "FY2018 FY2019 FY2020", "x": "1 2 3"}, "fiscal"),
    "a date beside fiscal years": ({"fiscal": "FY2018 FY2019 FY2019 FY2020", "when": " ".join(DAYS)}, "when"),
    "a date beside seasons": ({"season": "2018/19 2019/20 2019/20 2020/21", "when": " ".join(DAYS)}, "when"),
    "a year beside seasons": ({"season": "2018/19 2019/20 2020/21", "year": "2018 2019 2020"}, "year"),
    "months and years of two digits": ({"m": "11/23 12/23 01/24", "x": "1 2 3"}, "m"),
    "months with two digits": ({"Month": "Dec-19 Jan-20 Feb-20", "x": "1 2 3"}, "Month"),
    "months in Spanish": ({"mes": "dic-19 ene-20 feb-20", "x": "1 2 3"}, "mes"),
    "Persian digits": ({"date": "۲۰۲۴-۰۱-۳۰ ۲۰۲۴-۰۱-۳۱ ۲۰۲۴-۰۲-۰۱", "x": "1 2 3"}, "date"),
    "year and month": ({"year": "2023 2023 2024", "month": "11 12 1", "x": "1 2 3"}, "year,month"),
}
NONE = {
    "numbers that grow": {"bytes": "1735689600 1735689660 1735689720", "x": "1 2 3"},
    "lap times": {"time": "61.2 60.9 63.5", "x": "1 2 3"},
    "months as decimals": {"x": "2024.5 2024.6 2024.7", "y": "1 2 3"},
    "scores": {"result": "3-01 2-02 1-04", "x": "1 2 3"},
    "fiscal years that come again": {"fiscal": "FY18 FY18 FY19 FY20", "unit": "1 2 1 1"},
    "seasons that come again": {"season": "2018/19 2018/19 2019/20 2020/21", "match": "1 2 1 1"},
    "parts of a whole": {"done": "1/20 2/20 3/20", "x": "1 2 3"},
    "parts of a whole in two digits": {"done": "01/12 02/12 03/12", "x": "1 2 3"},
    "numbers of orders": {"order": "SO-2024-001 SO-2024-002 SO-2024-003", "x": "1 2 3"},
    "numbers of works": {"order": "WO-2024-01 WO-2024-02 WO-2024-03", "x": "1 2 3"},
    "a gap": {"when": "2024-01-30 NA 2024-02-01", "x": "1 2 3"},
    "years that fall, of cars": {"year": "2010 2003 2012", "month": "1 4 5", "day": "1 2 3", "x": "1 2 3"},
    "words": {"when": "spring summer autumn", "x": "1 2 3"},
    "times of the day alone": {"clock": "10:00 11:00 12:00", "x": "1 2 3"},
    "one that does not move": {"time": "5 5 5", "x": "1 2 3"},
    "too few rows": {"when": "2024-01-30 2024-01-31", "x": "1 2"},
}


def guess(tmp_path, columns, named=(), keys=()):
    rows = zip(*(text.split() for text in columns.values()), strict=True)
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(columns), *map(",".join, rows)]) + "\n")
    form = recognise(str(path), "table", Roles(), "utf-8", "forecast")
    return time_column(str(path), form, "utf-8", {*named, *keys}, keys)


@pytest.mark.parametrize("name", FOUND)
def test_times_are_found(tmp_path, name):
    columns, expected = FOUND[name]
    found = guess(tmp_path, columns)
    first = " ".join(columns[part].split()[0] for part in expected.split(","))
    assert (found.name, found.repeats, found.beside) == (expected, False, "")
    assert found.first.replace("-", " ").split() == first.replace("-", " ").split() or "," in expected


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_column_of_times_is_left(tmp_path, name):
    assert guess(tmp_path, NONE[name]) is None


def test_one_that_is_named_for_something_else_is_left(tmp_path):
    columns, name = FOUND["dates"]
    assert guess(tmp_path, columns, named=[name]) is None


def test_two_columns_of_times_are_refused(tmp_path):
    with pytest.raises(UsageError, match="columns begin, end hold times: name .* --time begin, or --time none"):
        guess(tmp_path, {"begin": " ".join(DAYS), "end": " ".join(DAYS), "x": "1 2 3 4"})


def test_dates_go_before_numbers_that_grow(tmp_path):
    assert guess(tmp_path, {"ts": "1 2 3 4", "when": " ".join(DAYS)}).name == "when"


def test_parts_of_dates_that_come_again_name_what_tells_the_series_apart(tmp_path):
    dates = {"year": "2010 2010 2010 2010", "month": "1 1 1 1", "day": "1 2 1 2"}
    found = guess(tmp_path, dates | {"site": "a a b b", "x": "4 4 6 8"})
    assert found == TimeColumn("year,month,day", "2010-01-01", True, "site")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"month": "1 1 13 1"}, "a.csv: columns year,month,day have the names of a date, but row 3 has '2010-13-03'"),
        ({"month": "1 1 1 NA"}, "but row 4 has '2010 NA 04'"),
        ({"day": "1 2 2 3"}, "times of columns year,month,day come again, as 2010-01-02: --group COLUMN tells series"),
        (
            {"day": "1 1 1 1", "hour": "1 2 2 3"},
            "--time year,month,day,hour --zone PLACE tells them apart; --time none",
        ),
    ],
)
def test_parts_of_dates_that_are_none_are_refused(tmp_path, changed, words):
    dates = {"year": "2010 2010 2010 2010", "month": "1 1 1 1", "day": "1 2 3 4", "x": "9 4 6 8"}
    with pytest.raises(UsageError, match=words):
        guess(tmp_path, dates | changed)


def test_parts_of_dates_may_have_names_in_other_languages(tmp_path):
    dates = {"Jahr": "2010 2010 2010", "Monat": "1 1 1", "Tag": "1 2 3", "Stunde": "4 5 6", "x": "1 2 3"}
    assert guess(tmp_path, dates) == TimeColumn("Jahr,Monat,Tag,Stunde", "2010-01-01 04")


def test_codes_beside_a_year_are_its_parts_where_they_are_called_so(tmp_path):
    columns = {"year": "2001 2001 2002 2002", "x": "5 6 4 8"}
    assert guess(tmp_path, columns | {"grade": "M1 M2 M1 M2"}) == TimeColumn("year", "2001", True, "grade")
    assert guess(tmp_path, columns | {"freq": "M1 M2 M1 M2"}).name == "year,freq"
    years = {"year": " ".join(str(2001 + i // 12) for i in range(24)), "x": " ".join(map(str, range(24)))}
    assert guess(tmp_path, years | {"2": " ".join(f"M{i % 12 + 1:02d}" for i in range(24))}).name == "year,2"


def test_times_that_come_again_name_what_tells_the_series_apart(tmp_path):
    both = [day for day in DAYS for _ in "ab"]
    columns = {"when": " ".join(both), "value": "1 2 1 2 1 2 1 1", "device": "a b a b a b a b"}
    assert guess(tmp_path, columns) == TimeColumn("when", DAYS[0], True, "device")
    assert guess(tmp_path, columns, keys=["device"]) == TimeColumn("when", DAYS[0])


def test_a_clock_that_starts_again_with_another_name_is_that_of_its_series(tmp_path):
    columns = {"ts": "1 2 3 2 3 4", "device": "a a a b b b", "x": "1 2 1 2 1 2"}
    assert guess(tmp_path, columns) == TimeColumn("ts", "1", True, "device")
    assert guess(tmp_path, columns | {"device": "a a b b b a"}) is None
    assert guess(tmp_path, columns | {"ts": "1 2 3 2 1 4"}) is None


def test_times_that_come_again_for_no_reason(tmp_path):
    found = guess(tmp_path, {"when": " ".join(DAYS[:1] * 2 + DAYS), "x": "1 2 3 4 5 6"})
    assert found.repeats and not found.beside


def test_rows_that_are_alike_do_not_count(tmp_path):
    assert not guess(tmp_path, {"when": " ".join([DAYS[0], *DAYS]), "x": "1 1 3 4 5"}).repeats


def test_a_type_of_parquet_tells_it(tmp_path):
    path = str(tmp_path / "a.parquet")
    days = pl.Series(DAYS).str.to_date()
    pl.DataFrame({"x": [1.0, 2, 3, 4], "long": days - days[0], "at": days}).write_parquet(path)
    form = recognise(path, "auto", Roles(), "utf-8", "forecast")
    assert time_column(path, form, "utf-8", set(), ()) == TimeColumn("at", DAYS[0])


@pytest.mark.parametrize("digits", ["%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S"])
def test_digits_that_are_dates_are_found_whatever_they_are_called(tmp_path, digits):
    step = timedelta(days=1) if digits == "%Y%m%d" else timedelta(hours=1)
    times = [(datetime(2024, 1, 30) + i * step).strftime(digits) for i in range(60)]
    assert guess(tmp_path, {"MESS_DATUM": " ".join(times), "x": " ".join(times[::-1])}).name == "MESS_DATUM"
    for others in ([str(20240101 + i) for i in range(24)], times[::-1], times[:20], [*times, "20249999"]):
        columns = {"id": " ".join(others), "x": " ".join("1" for _ in others)}
        assert guess(tmp_path, columns) is None, others[:3]


@pytest.mark.parametrize(
    ("texts", "odd"),
    [
        ([*DAYS, *(f"2024-03-{i:02d}" for i in range(1, 9)), "Total"], (13, "Total")),
        (["yyyy-mm-dd", *(f"2024-03-{i:02d}" for i in range(1, 9)), "end"], (1, "yyyy-mm-dd")),
        ([*(f"{i:02d}.03.2024" for i in range(10, 20)), "31.04.2024"], (11, "31.04.2024")),
        ([f"n{i}" for i in range(12)], None),
        ([*DAYS, *(f"n{i}" for i in range(12))], None),
        ([f"{i}/14" for i in range(1, 15)], None),  # pages
        ([f"{i:02d}/15" for i in range(1, 16)], None),
        ([*(f"{y}-{(y + 1) % 100:02d}" for y in range(1999, 2020)), "Total"], (22, "Total")),
    ],
)
def test_the_row_that_is_no_time_is_found(tmp_path, texts, odd):
    path = str(tmp_path / "a.csv")
    pl.DataFrame({"when": texts, "x": range(len(texts))}).write_csv(path)
    assert odd_row(path, recognise(path, "table", Roles(), "utf-8", "forecast"), "utf-8", "when") == odd


@pytest.mark.parametrize("name", ["x", "time", "period", "year"])
def test_columns_of_parquet_that_have_no_numbers_are_no_times(tmp_path, name):
    path, hours = str(tmp_path / "a.parquet"), [timedelta(hours=i) for i in range(30)]
    words = pl.Series([f"{20240101 + i}" for i in range(2)] * 15)
    for values in (words.cast(pl.Categorical), hours, [bytes([255, i]) for i in range(30)], [True] * 30):
        pl.DataFrame({name: values, "month": range(30), "y": [i % 7 for i in range(30)]}).write_parquet(path)
        form = recognise(path, "table", Roles(), "utf-8", "forecast")
        assert time_column(path, form, "utf-8", (), ()) is None
        assert counters(path, form, "utf-8", (), (), by_one=False) == ["month"]
