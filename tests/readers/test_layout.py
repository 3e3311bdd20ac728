"""Lines that say what a table is, of as many fields as it has, are above its names, or left out below them."""

import pytest

from rnncli.readers.layout import Layout
from rnncli.readers.table_guess import is_table

ROWS = [f'"{2000 + i} JAN",{i}.5' for i in range(12)]
SAID = [f'"Key {key}","value, {key}"' for key in "abcdefg"]
MISSING = {missing: [f'"{1990 + i} JAN",{missing}' for i in range(7)] for missing in ("NA", "", "..")}


@pytest.mark.parametrize(
    ("head", "above", "units"),
    [
        (['"Title","Monthly sales"', '"Source","Somebody"', "", "Month,Sales"], 3, 0),
        (['"Title","Monthly sales"', '"Source","Somebody"', "", "x,Sales"], 3, 0),
        (['"Title","Monthly sales"', '"Source",', "Date,Sales"], 2, 0),
        ([",Life expectancy", "Year,Both sexes"], 1, 0),
        (['"Title","CPI"', *SAID], 0, 7),  # as files of the ONS
        (['"Title","CPI"', *SAID[:3], '"Pre-unit",""', '"Next release",""', '"Notes",'], 0, 6),
        (["Date,Load", ",kW"], 0, 1),
        (["Date,Load", "day,kW"], 0, 1),
        (["Time,T", "Year,degC"], 0, 1),
        (["t,T", "year,degC"], 0, 1),
        (["age,T", "year,degC"], 0, 1),
        (["Date,Load", "", "day,kW"], 0, 1),
        *((["Date,Load", *rows], 0, 0) for rows in MISSING.values()),
        *((["Date,Load", "", *rows], 0, 0) for rows in MISSING.values()),
        *((["Load,Price", "", *rows], 0, 0) for rows in MISSING.values()),
        (["Place,Load", "abc,NA", "bcd,NA", "cde,NA", "def,NA", "efg,NA"], 0, 0),
        (["Date,Load"], 0, 0),
        (["Price,Close", "Ticker,AAPL", "Date,"], 0, 2),  # as pandas writes names of levels
    ],
)
def test_where_the_names_stand(head, above, units):
    found = Layout.of([*head, *ROWS], "csv")
    assert (found.above, found.units) == (above, units)


#: above the names in a text file of FRED: the fifth and sixth line have as many words as the table has columns
FRED = [
    "Title:               Gross Domestic Product",
    "Series ID:           GDP",
    "Source:              U.S. Bureau of Economic Analysis",
    "Units:               Billions of Dollars",
    "Release:             GDP",
    "Frequency:           Quarterly",
    "Date Range:          1947-01-01 to 1960-01-01",
    "Notes:               A measure of output,",
    "                     and another line of it.",
    "",
    "DATE         VALUE",
]


@pytest.mark.parametrize("extension", ["txt", "csv"])
@pytest.mark.parametrize("first", range(len(FRED)))
def test_titles_of_as_many_words_as_the_table_has_columns_are_no_names(first, extension):
    head = FRED[first:]
    rows = [f"{1947 + i // 4}-{3 * (i % 4) + 1:02d}-01   {243 + i}.1" for i in range(40)]
    found = Layout.of([*head, *rows], extension)
    assert (found.above, found.units) == (len(head) - 1, 0)
    assert is_table([*head, *rows])


def test_words_above_words_are_rows():
    lines = ["text,label", *(f"{word} film,{label}" for word, label in zip("abcdefgh", "xyxyxyxy", strict=True))]
    assert Layout.of(lines, "csv") == Layout()


def test_units_behind_names_that_begin_with_a_sign_of_comments():
    """As in the files of weather buoys; other comments there are none."""
    names = ["#YY  MM DD hh WDIR WSPD", "#yr  mo dy hr degT m/s"]
    rows = [f"2024 01 {i + 1:02d} 00  {200 + i} 3.{i}" for i in range(9)]
    assert Layout.of([*names, *rows], "txt").units == 1
    assert Layout.of([names[0], "# of a buoy", *rows], "txt").units == 0
    assert Layout.of([names[0], *rows], "txt").units == 0
