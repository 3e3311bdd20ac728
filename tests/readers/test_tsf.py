"""`.tsf` of the Monash archive: true start dates, steps of the stated frequency, missing values."""

import numpy as np
import pandas as pd
import pytest

from rnncli.data.times.steps import MICRO
from rnncli.errors import UsageError
from rnncli.readers.form import Form
from rnncli.readers.times.frequencies import steps_of
from rnncli.readers.tsf import Monash
from tests.readers.helpers import NAN, form_of, message, pieces, read

FILE = "x.tsf"
TAGS = "# c\n@relation r\n@attribute series_name string\n@attribute start_timestamp date\n"
DAYS = f"{TAGS}@frequency daily\n@horizon 7\n@missing true\n@data\n"


ENDING = ("2005-12-31", "2006-01-01", "2006-01-02", "2006-01-03", "2006-01-04")


def test_values_names_and_dates(file):
    columns = read(
        file(f"{DAYS}T1:2005-03-14 00-00-00:1,?,-2.5\n\nb c:2005-12-31 06-30-00:1e2,NaN,.5,1.,007\n"), "forecast"
    )
    np.testing.assert_array_equal(columns.numbers[:, 0], [1, NAN, -2.5, 100, NAN, 0.5, 1, 7])
    assert (columns.number_names, columns.keys) == (["value"], ["T1", "b c"])
    starts = ["2005-03-14", "2005-03-15", "2005-03-16"], [f"{day}T06:30" for day in ENDING]
    assert pieces(columns, columns.times) == [np.array(times, MICRO).tolist() for times in starts]
    assert columns.where(3).endswith("x.tsf:11")


@pytest.mark.parametrize(
    ("word", "start", "offset"),
    [
        ("monthly", "2020-01-15", {"months": 1}),
        ("Monthly", "2020-01-31", {"months": 1}),
        ("MONTHLY", "2019-11-30", {"months": 1}),
        ("weekly", "2024-01-01", {"weeks": 1}),
        ("quarterly", "2019-11-30", {"months": 3}),
        ("yearly", "2020-06-01", {"years": 1}),
        ("yearly", "2020-02-29", {"years": 1}),
        ("daily", "2024-02-28", {"days": 1}),
        ("hourly", "2024-02-28", {"hours": 1}),
        ("half_hourly", "2024-12-31", {"minutes": 30}),
        ("10_minutes", "2024-12-31", {"minutes": 10}),
        ("minutely", "2024-12-31", {"minutes": 1}),
        ("4_seconds", "2024-12-31", {"seconds": 4}),
    ],
)
def test_starts_stay_and_steps_are_those_of_the_frequency(file, word, start, offset):
    text = DAYS.replace("daily", word) + f"T:{start} 00-00-00:{','.join('1' * 30)}\nU:{start} 00-00-00:1\n"
    columns = read(file(text), "forecast")
    expected = [pd.Timestamp(start) + i * pd.DateOffset(**offset) for i in range(31)]
    assert [pd.Timestamp(time) for time in columns.times[:30]] == expected[:30]
    assert columns.times[30] == columns.times[0]
    clock = columns.clocks[1]  # of one value: the frequency alone tells it
    assert pd.Timestamp(clock.ahead(columns.times[30], 1)[0]) == expected[1]
    assert pd.Timestamp(columns.clocks[0].ahead(columns.times[29], 1)[0]) == expected[30]


@pytest.mark.parametrize(
    "word", ["h", "5min", "W-SUN", "B", "2_weeks", "fortnight", "m", "0_days", "", "day 3", "D-FOO"]
)
def test_words_of_frequencies(word):
    found = steps_of(word, np.array("2024-01-31", MICRO))
    hour = 3_600_000_000
    sizes = {"h": hour, "5min": hour / 12, "W-SUN": 168 * hour, "B": 24 * hour, "2_weeks": 336 * hour}
    assert (found and found.step) == sizes.get(word)
    assert word != "B" or found.open == ((0, 5),)


@pytest.mark.parametrize(("start", "second"), [("2024-04-30", "2024-05-31"), ("2024-04-15", "2024-05-15")])
def test_ends_of_months_stay_ends(start, second):
    for word in ("M", "ME"):
        start_ = np.array(start, MICRO)
        assert steps_of(word, start_).after(start_, 1) == np.array(second, MICRO)
    assert steps_of("MS", np.array("2024-04-30", MICRO)).rule == "day:30"


def test_without_a_frequency_or_a_start_steps_are_counted(file, said):
    for text in (DAYS.replace("@frequency daily\n", "") + "T:2020-01-01 00-00-00:1,2\n", PLAIN):
        columns = read(file(text), "forecast")
        assert columns.times is None and columns.clocks is None and columns.numbers.tolist() == [[1], [2]]
    assert [line.split(": ", 1)[1] for line in said] == [
        "no @frequency, so steps are counted and have no dates",
        "no attribute of dates, so steps are counted and have no dates",
    ]


PLAIN = "@attribute series_name string\n@frequency daily\n@data\nT:1,2\n"


def test_attributes_beside_the_name(file, said):
    tags = "@attribute state string\n@attribute series_name string\n@attribute start date\n@frequency daily\n@data\n"
    path = file(f"{tags}NSW:T1:2020-01-01:1\nVIC:T1:2020-01-01:2\n")
    assert "x.tsf:7: another series T1, as in line 6" in message(path, "forecast")
    assert read(path, "forecast", group="state,series_name").keys == ["NSW/T1", "VIC/T1"]
    assert not said
    assert read(file(f"{tags}NSW:T1:2020-01-01:1\n"), "forecast").keys == ["T1"]
    assert any("attributes state are not read" in line for line in said)


def test_a_start_may_have_colons_inside(file):
    columns = read(file(f"{DAYS}T1:2005-03-14 10:30:00:1,2\n"), "forecast")
    assert columns.times[0] == np.datetime64("2005-03-14T10:30") and columns.numbers.tolist() == [[1], [2]]


def test_the_horizon_of_the_file(file):
    assert Monash.horizon(file(f"{DAYS}T:2020-01-01:1\n"), "utf-8") == (7, "@horizon")
    assert Monash.horizon(file(PLAIN), "utf-8") is None


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ("T1:1,2\n", 1, "a row before @data"),
        (DAYS.replace("daily", "fortnightly") + "T:2020-01-01:1\n", 5, "@frequency fortnightly, expected 4_seconds"),
        (DAYS.replace("@horizon 7", "@horizon x") + "T:2020-01-01:1\n", 6, "'@horizon x', expected a number of steps"),
        (DAYS.replace("date\n", "dates\n") + "T:2020-01-01:1\n", 4, "and one of numeric, string, date"),
        (DAYS.replace("@freq", "@attribute b date\n@freq") + "T:2020-01-01:1:1\n", 10, "dates start_timestamp, b"),
        (DAYS.replace("@horizon 7", f"@horizon {'9' * 5000}") + "T:2020-01-01:1\n", 6, "expected a number of steps"),
        (DAYS.replace("daily", "999999_yearly") + "T:2020-01-01:1,2,3\n", 9, "steps of 999999_yearly beyond the year"),
        (f"{DAYS}T:2020-13-01 00-00-00:1\n", 9, "the start '2020-13-01 00-00-00', expected a date such as"),
        (f"{DAYS}T:1,2\n", 9, "'T:1,2', expected series_name:start_timestamp:values, with a start such as"),
        (f"{DAYS}T:2020-01-01:1,x\n", 9, "'x', expected a number, or ? for a missing one"),
        (f"{DAYS}T:2020-01-01:1,,2\n", 9, "nothing between separators"),
        (f"{DAYS}T:2020-01-01:1,inf\n", 9, "'inf', expected a finite number"),
        (f"{DAYS}T:2020-01-01:1\nT:2020-01-01:1\n", 10, "another series T, as in line 9"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file, text, at, found):
    told = message(file(text), "forecast")
    assert f"x.tsf:{at}: " in told and found in told


def test_only_forecasts_and_no_columns(file):
    path = file(f"{DAYS}T:2020-01-01:1\n")
    assert form_of(path) == Form("tsf")
    assert "--task classify and --format tsf" in message(path, "classify", kind=UsageError)
    assert "--time and --format tsf" in message(path, "forecast", kind=UsageError, time="start_timestamp")
    assert "no rows after @data" in message(file(DAYS), "forecast")
