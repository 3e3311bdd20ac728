"""Wide tables whose columns are called by times: which columns these are, and the times of each row."""

import numpy as np
import polars as pl
import pytest

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request
from rnncli.readers.timed_steps import SeriesInRows, first_timed, series_in_rows

MONTHS = [f"2019-{month:02}" for month in range(1, 13)]
YEARS = [str(year) for year in range(1960, 1970)]
TIMED = {
    "months": (["store", *MONTHS], 1),
    "no names of rows": (MONTHS, 0),
    "years": (["land", "code", *YEARS], 2),
    "every fifth year": ([str(year) for year in range(1900, 1950, 5)], 0),
    "months of six digits": (["shop", *(month.replace("-", "") for month in MONTHS)], 1),
    "months behind a point": (["shop", *(month.replace("-", ".") for month in MONTHS)], 1),
    "months before a point": (["shop", *(f"{int(month[5:])}.{month[:4]}" for month in MONTHS)], 1),
    "years with a hole": (["land", *YEARS, "1975"], 1),
    "years that fall": (["land", *reversed(YEARS)], 1),
    "years of the World Bank": (["land", *(f"{year} [YR{year}]" for year in YEARS)], 1),
    "years as R has them": (["land", *(f"X{year}" for year in YEARS)], 1),
    "years as floats": (["land", *(f"{year}.0" for year in YEARS)], 1),
    "a separator at the end": (["land", *YEARS, "12"], 1),
    "days as in the United States": (["state", "lat", *(f"1/{day}/20" for day in range(8, 20))], 2),
}
AUTO = ("auto", Roles(), "utf-8", "auto")
OTHERS = {
    "numbers": ["V1", "V2", "V3", "V4", "V5", "V6"],
    "few": ["store", *MONTHS[:5]],
    "a sum at the end": ["store", *MONTHS, "sum"],
    "years most of which are absent": ["land", *YEARS[:5], "1999"],
    "decimals": ["0.2015", "1.2015", "2.2015", "3.2015", "4.2015", "5.2015"],
    "numbers that rise and fall": ["1200", "1201", "1200", "1203", "1202", "1201"],
    "numbers that are no years": [str(i) for i in range(1, 13)],
    "a note between": ["store", *MONTHS[:6], "note", *MONTHS[6:]],
}


@pytest.mark.parametrize("name", TIMED)
def test_columns_called_by_times(name):
    names, first = TIMED[name]
    assert first_timed(tuple(names)) == first


@pytest.mark.parametrize("name", OTHERS)
def test_other_columns(name):
    assert first_timed(tuple(OTHERS[name])) is None


@pytest.mark.parametrize("text", ["%m.%Y", "%Y.%m"])
def test_months_with_a_point_are_names_and_no_row(tmp_path, text):
    """They were the first series, 1.2018, 2.2018, .."""
    months = np.arange("2018-03", "2019-09", dtype="datetime64[M]")
    path = table(
        tmp_path, ["shop", *(one.item().strftime(text) for one in months)], [["a", *range(18)], ["b", *range(18)]]
    )
    form = recognise(path, "wide", Roles(), "utf-8", "forecast")
    columns = read_columns([path], Request(form, Roles(), "utf-8", "char", "forecast"))
    assert columns.keys == ["a", "b"] and columns.time_sample == text
    np.testing.assert_array_equal(columns.times[:18], months.astype("datetime64[us]"))


def table(tmp_path, names, rows):
    path = tmp_path / "a.csv"
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in [names, *rows]))
    return str(path)


@pytest.mark.parametrize(
    ("ids", "rows", "group"),
    [
        (["store"], [["a"], ["b"]], "store"),
        (["number"], [["1"], ["2"]], "number"),
        (["land", "code", "what"], [["A", "x", "gdp"], ["A", "x", "sum"]], "land,code,what"),
        (["land", "lat"], [["A", "1.5"], ["B", "2.5"]], "land"),
        (["region", "land", "lat"], [["", "A", "1.5"], ["", "B", "2.5"]], "region,land"),
        (["same"], [["a"], ["a"]], None),
        ([], [[], []], None),
    ],
)
def test_columns_that_tell_series_apart(tmp_path, ids, rows, group):
    path = table(tmp_path, [*ids, *MONTHS], [[*row, *range(12)] for row in rows])
    found = series_in_rows(path, recognise(path, "auto", Roles(), "utf-8", "auto"), "utf-8")
    assert found == SeriesInRows("2019-01", "2019-12", group)


WORLD_BANK = """"Data Source","World Development Indicators",

"Last Updated Date","2024-03-28",

"Country Name","Country Code",{years},
"Aruba","ABW","",{values},
"Chad, north","TCD","",{values},
"""


def test_titles_above_times_and_separators_at_the_end_are_left_out(tmp_path):
    path = tmp_path / "bank.csv"
    years, values = (",".join(f'"{text}"' for text in some) for some in (YEARS, range(1, 10)))
    path.write_text(WORLD_BANK.format(years=years, values=values))
    form = recognise(str(path), "auto", Roles(), "utf-8", "auto")
    assert series_in_rows(str(path), form, "utf-8") == SeriesInRows("1960", "1969", "Country Name")
    columns = read(str(path), group="Country Name")
    assert columns.keys == ["Aruba", "Chad, north"] and columns.numbers[:9, 0].tolist() == [*range(1, 10)]
    assert columns.times[:9].tolist() == [*range(1961, 1970)]


@pytest.mark.parametrize("names", [[*reversed(YEARS)], [f"{year}.0" for year in YEARS]])
def test_years_on_top_are_no_row(tmp_path, names):
    form = recognise(table(tmp_path, ["land", *names], [["a", *range(10)], ["b", *range(10)]]), *AUTO)
    assert form.header and form.columns == ("land", *names)


def test_a_few_words_below_times_are_for_the_reader_to_complain_of(tmp_path):
    path = table(tmp_path, ["store", *MONTHS], [["a", "x", *range(11)], ["b", *range(12)]])
    assert series_in_rows(path, recognise(path, *AUTO), "utf-8") == SeriesInRows("2019-01", "2019-12", "store")
    with pytest.raises(RnncliError, match="a.csv:2: 'x', expected a number, or by --missing"):
        read(path, group="store")


def test_words_below_times_are_no_series(tmp_path):
    path = table(tmp_path, ["store", *MONTHS], [["a", *"abcdefghijkl"]])
    assert series_in_rows(path, recognise(path, "auto", Roles(), "utf-8", "auto"), "utf-8") is None


def read(path, timed=True, group=None):
    form = recognise(path, "wide", Roles(group=group), "utf-8", "forecast")
    return read_columns([path], Request(form, Roles(group=group), "utf-8", "word", "forecast", timed=timed))


def test_each_row_has_the_times_of_its_values(tmp_path):
    rows = [["a", *range(12)], ["b", "", "", *range(2, 10), "", ""], ["c", 0, "", *range(2, 12)]]
    columns = read(table(tmp_path, ["store", *MONTHS], rows))
    frame = pl.read_csv(table(tmp_path, ["store", *MONTHS], rows)).unpivot(index="store")
    at = dict(zip(columns.keys, np.split(columns.times, columns.offsets[1:-1]), strict=True))
    for store in "abc":
        of = frame.filter(pl.col("store") == store, pl.col("value").is_not_null())["variable"]
        whole = [month for month in MONTHS if of[0] <= month <= of[-1]]
        np.testing.assert_array_equal(at[store], np.array(whole, "datetime64[us]"))
    assert columns.lengths.tolist() == [12, 8, 12] and np.isnan(columns.numbers[21, 0])


def test_several_columns_are_one_key(tmp_path):
    path = table(tmp_path, ["land", "what", *MONTHS], [["A", "a/b", *range(12)], ["B", "c", *range(12)]])
    assert read(path, group="land,what").keys == ["A/a\\/b", "B/c"]
    assert read(path, group="what").keys == ["a/b", "c"]


def test_times_are_left_unread(tmp_path):
    columns = read(table(tmp_path, ["store", *MONTHS], [["a", *range(12)]]), timed=False)
    assert columns.times is None and columns.total == 12


@pytest.mark.parametrize(
    ("names", "rows", "message"),
    [
        (["store", *MONTHS[:6], *MONTHS[:6]], [["a", *range(12)]], "a.csv:1: 2019-01 after 2019-06"),
        (["store", *MONTHS], [["a", *range(13)]], "a.csv:2: 14 columns, expected 13 as on top"),
        (["store", *(f"{day}/{day + 1}/2020" for day in range(1, 9))], [["a", *range(8)]], "--time-format"),
    ],
)
def test_what_cannot_be_read(tmp_path, names, rows, message):
    with pytest.raises(RnncliError, match=message):
        read(table(tmp_path, names, rows))


def test_rows_of_numbers_that_look_like_years_are_no_names(tmp_path):
    steps = table(tmp_path, range(1000, 1600, 100), [range(1001, 1601, 100)])
    assert not recognise(steps, "auto", Roles(), "utf-8", "auto").header
    both = table(tmp_path, range(1960, 1970), [range(1961, 1971)])
    assert not recognise(both, "auto", Roles(), "utf-8", "auto").header
