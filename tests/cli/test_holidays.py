"""`--holidays`: the model is that of a column of 0 and 1 that is known ahead, without rows ahead in the file."""

import json
import sys
from datetime import date, timedelta

import pytest

from rnncli.data.times import public_holidays
from tests.holidays import Library

SHORT = ("--target", "y", "--horizon", "5", "--epochs", "0.3", "--hidden", "3", "--learn", "all")
FIRST, LAST = date(2022, 12, 1), date(2024, 1, 20)
DAYS = [FIRST + timedelta(i) for i in range((LAST - FIRST).days + 1)]


def is_holiday(day):
    return int(day.month == day.day == 1)


def level(day):
    return 20 + day.weekday() - 9 * is_holiday(day)


@pytest.fixture
def plain(here, monkeypatch):
    """A folder with days, and a model `m` of them."""
    public_holidays._of_year.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", Library())
    here.write("days.csv", "day,y\n" + "".join(f"{day},{level(day)}\n" for day in DAYS))
    done = here("train", "days.csv", "--holidays", "FR", *SHORT, "-o", "m")
    assert done.code == 0, done.err
    yield here
    public_holidays._of_year.cache_clear()


def test_forecasts_are_those_of_a_known_column(plain):
    head = "day,y,holiday FR\n"
    plain.write("flags.csv", head + "".join(f"{day},{level(day)},{is_holiday(day)}\n" for day in DAYS))
    assert plain("train", "flags.csv", "--known", "holiday FR", *SHORT, "-o", "n").code == 0
    before = [day for day in DAYS if day < date(2023, 12, 29)]
    plain.write("before.csv", "day,y\n" + "".join(f"{day},{level(day)}\n" for day in before))
    rows = [f"{day},{level(day) if day in before else ''},{is_holiday(day)}\n" for day in DAYS[: len(before) + 5]]
    plain.write("ahead.csv", head + "".join(rows))
    found = [plain("predict", model, file).out for model, file in (("m", "before.csv"), ("n", "ahead.csv"))]
    assert found[0] == found[1] and found[0].startswith(b"2023-12-29\t") and found[0].count(b"\n") == 5
    call = ("--evaluate", "--from", "2023-11-01", "--until", "2024-01-16")  # behind its end there are none
    assert plain("predict", "m", "days.csv", *call).json() == plain("predict", "n", "flags.csv", *call).json()


def test_a_state_goes_on(plain):
    text = (plain.folder / "days.csv").read_text().splitlines(keepends=True)
    plain.write("1.csv", "".join(text[:390]))
    plain.write("2.csv", text[0] + "".join(text[390:]))
    assert plain("predict", "m", "1.csv", "--state", "s").code == 0
    assert plain("predict", "m", "2.csv", "--state", "s").out == plain("predict", "m", "days.csv").out


def test_a_model_to_start_from_keeps_the_country(plain):
    done = plain("train", "days.csv", "--init", "m", "--epochs", "0.3", "-o", "n")
    assert done.code == 0, done.err
    assert json.loads(plain("inspect", "n", "--json").out)["config"]["holidays"] == "FR"


def test_what_cannot_be_is_refused(plain):
    plain.write("numbers.csv", "y\n" + "1\n2\n" * 40)
    message = plain("train", "numbers.csv", "--holidays", "FR", *SHORT).message()
    assert "--holidays FR needs a column of dates: --time names it" in message
    message = plain("train", "days.csv", "--time", "day", "--holidays", "France", *SHORT).message()
    assert "--holidays France: no such country" in message and "did you mean FR" in message
    assert "--holidays" in plain("train", "days.csv", "--task", "language", "--holidays", "FR").message()
    message = plain("predict", "m", "--follow", input=b"day,y\n2024-01-21,5\n").message()
    assert "--follow and a model with --holidays FR cannot be combined: --follow does not make the holidays" in message
    assert "predict from a file, and use --state-file" in message and "known inputs" not in message


def test_several_offsets_have_no_days_of_one_place(plain):
    winter = [f"2022-12-31T{hour:02d}:00:00+0100,{hour}\n" for hour in range(24)]
    winter += ["2023-01-01T00:00:00+0100,0\n", "2023-01-01T01:00:00+0100,1\n"]
    summer = [f"2023-01-01T{hour:02d}:00:00+0200,{hour}\n" for hour in range(3, 24)]
    summer += [f"2023-01-02T{hour:02d}:00:00+0200,{hour}\n" for hour in range(24)]
    files = {"both": winter + summer, "winter": winter, "summer": summer}
    files["same"] = [row.replace("+0100", "+01:00") if i % 2 else row for i, row in enumerate(winter)]
    for name, rows in files.items():
        plain.write(f"{name}.csv", "t,y\n" + "".join(rows))
    call = ("--time", "t", "--holidays", "FR", *SHORT)
    message = plain("train", "both.csv", *call).message()
    assert "both.csv:28: '2023-01-01T03:00:00+0200' in the time column t: another offset from UTC" in message
    assert "--zone" in message
    message = plain("train", "winter.csv", "summer.csv", *call).message()
    assert "summer.csv: times as 2023-01-01T03:00:00+0200: another offset" in message
    assert plain("train", "both.csv", *call, "--zone", "Europe/Paris", "-o", "z").code == 0
    assert plain("predict", "z", "both.csv").code == 0
    assert plain("train", "same.csv", *call, "-o", "w").code == 0
    assert "both.csv:28: '2023-01-01T03:00:00+0200'" in plain("predict", "w", "both.csv").message()
    assert plain("predict", "w", "summer.csv").code == 0
    assert plain("predict", "w", "winter.csv", "--state-file", "s").code == 0
    before = plain.read("s")
    message = plain("predict", "w", "summer.csv", "--state-file", "s").message()
    assert "summer.csv: times as 2023-01-01T03:00:00+0200, those in --state-file as 2022-12-31T00:00:00+0100" in message
    assert plain.read("s") == before


def rows_from(first, count):
    days = [first + timedelta(i) for i in range(count)]
    return "day,y\n" + "".join(f"{day},{level(day)}\n" for day in days)


def test_years_that_the_library_lacks_are_said(plain):
    plain.write("old.csv", rows_from(date(1947, 6, 1), 500))
    message = plain("train", "old.csv", "--time", "day", "--holidays", "FR", *SHORT).err
    assert "--holidays FR: no row of the training part is on a holiday" in message
    plain.write("some.csv", rows_from(date(1948, 6, 1), 900))
    done = plain("train", "some.csv", "--holidays", "FR", *SHORT, "-o", "s")
    assert done.code == 0 and done.err.count("the library has no holidays in 1948 to 1949: their days") == 1
    done = plain("predict", "m", "old.csv")
    assert done.code == 0 and done.err.count("the library has no holidays in 1947 to 1948") == 1
    message = plain("train", "days.csv", "--time", "day", "--holidays", "", *SHORT).message()
    assert "--holidays: found an empty name, expected the code of a country such as FR or US-CA" in message
    plain.write("summer.csv", rows_from(date(2023, 2, 1), 200))
    message = plain("train", "summer.csv", "--time", "day", "--holidays", "FR", *SHORT).message()
    assert "no row of the training part is on a holiday" in message
