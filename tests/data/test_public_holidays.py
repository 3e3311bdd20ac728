"""Public holidays: which steps are on one, by the clock of the series, and what comes after the end."""

import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from rnncli.data.columns import Columns
from rnncli.data.times import public_holidays
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.public_holidays import after_the_end, are_holidays, refuse_times, refuse_unknown, with_holidays
from rnncli.data.times.steps import DAY
from rnncli.errors import RnncliError, UsageError
from tests.holidays import Library

HOUR = DAY // 24


@pytest.fixture(autouse=True)
def library(monkeypatch):
    """One that has few holidays; the days of a year are kept."""
    public_holidays._of_year.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", Library())
    yield
    public_holidays._of_year.cache_clear()


def columns_of(first, count, step="D", **more):
    times = (np.datetime64(first) + np.arange(count).astype(f"timedelta64[{step}]")).astype("datetime64[us]")
    clock = Calendar("time", float(DAY if step == "D" else HOUR), "2024-01-01")
    rest = {"times": times, "time_sample": "2024-01-01", "clocks": [clock]} | more
    return Columns(np.array([0, count]), ["y"], np.zeros((count, 1)), **rest)


def test_days_and_hours_of_a_holiday_are_1():
    found = with_holidays(columns_of("2023-12-30", 4), "FR")
    assert found.number_names == ["y", "holiday FR"] and found.numbers[:, 1].tolist() == [0, 0, 1, 0]
    assert with_holidays(found, "FR") is found
    hours = with_holidays(columns_of("2023-12-31T20", 30, "h"), "FR").numbers[:, 1]
    assert hours.tolist() == [0.0] * 4 + [1.0] * 24 + [0.0] * 2
    assert are_holidays("FR-A", np.array(["2024-12-26T12"], "datetime64[us]")).tolist() == [1]
    assert are_holidays("FR", np.array(["2024-12-26T12"], "datetime64[us]")).tolist() == [0]


@pytest.mark.parametrize(
    ("more", "first"), [({"zone": "Europe/Paris"}, 4 - 1), ({"time_sample": "2024-01-01T00:00:00+02:00"}, 4 - 2)]
)
def test_the_day_is_that_of_the_place(more, first):
    hours = with_holidays(columns_of("2023-12-31T20", 30, "h", **more), "FR").numbers[:, 1]
    assert hours.tolist() == [0.0] * first + [1.0] * 24 + [0.0] * (6 - first)


def test_steps_after_the_end_are_those_of_a_longer_series():
    longer = with_holidays(columns_of("2023-12-20", 20), "FR").numbers[:, 1]
    columns = columns_of("2023-12-20", 8)
    assert after_the_end(columns, "FR", columns.clocks, 12)[0].tolist() == longer[8:].tolist()


@pytest.mark.parametrize(
    ("country", "what"),
    [
        ("fr", "no such country, expected a code such as FR or US-CA: did you mean FR, FRA"),
        ("France", "no such country, expected a code such as FR or US-CA: did you mean FR"),
        ("XY", "no such country, expected a code such as FR or US-CA$"),
        ("FR-B", "no region B of FR, expected one of A"),
        ("DE-B", "no region B of DE, expected DE alone"),
    ],
)
def test_a_country_that_there_is_not_is_refused(country, what):
    with pytest.raises(UsageError, match=f"--holidays {country}: {what}"):
        refuse_unknown(country)
    refuse_unknown("FR")
    refuse_unknown("FR-A")


def test_the_library_may_be_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(UsageError, match=r"--holidays FR needs the library holidays: run pip install 'rnncli\[hol"):
        refuse_unknown("FR")


def test_times_have_to_be_dates_of_short_steps():
    refuse_times(columns_of("2024-01-01", 3), "FR")
    for columns in (columns_of("2024-01-01", 3, times=None), columns_of("2024-01-01", 3, times=np.arange(3.0))):
        with pytest.raises(UsageError, match="--holidays FR needs a column of dates"):
            refuse_times(columns, "FR")
        with pytest.raises(RnncliError, match="no column of dates, expected one as in training"):
            with_holidays(columns, "FR")
    for clock in (Calendar("month", 1.0), Calendar("time", 7.0 * DAY)):
        with pytest.raises(UsageError, match=r"steps of (1 month|7 days) cannot be combined"):
            refuse_times(replace(columns_of("2024-01-01", 3), clocks=[clock]), "FR")


def test_the_library_gives_the_true_days(monkeypatch):
    monkeypatch.delitem(sys.modules, "holidays")
    pytest.importorskip("holidays")
    days = np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")
    found = days[are_holidays("FR", days.astype("datetime64[us]")) == 1]
    assert {date(2024, 5, 1), date(2024, 7, 14), date(2024, 12, 25)} <= set(found.tolist()) and len(found) == 11
    refuse_unknown("DE-BY")
