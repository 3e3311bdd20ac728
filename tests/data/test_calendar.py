"""Calendars: what pandas says of the same dates, and how times are written and read."""

import numpy as np
import pandas as pd
import pytest

from rnncli.data.times.calendar import Calendar, periods_of, usual_of
from rnncli.errors import RnncliError

DAY = 86_400_000_000


def times_of(index) -> np.ndarray:
    return np.array(pd.DatetimeIndex(index).values, "datetime64[us]")


def calendar_of(index, sample="2024-01-01 00:00", zone="") -> Calendar:
    times = times_of(index)
    return Calendar.of(times, np.array([0, len(times)]), sample, zone)


def test_the_place_in_the_day_the_week_and_the_year_is_that_of_the_step_after_a_row():
    index = pd.date_range("2024-02-27 22:00", periods=90, freq="h")
    found = calendar_of(index).features(times_of(index), ["day", "week"])
    after = index + pd.Timedelta("1h")
    day = 2 * np.pi * after.hour / 24
    week = 2 * np.pi * (after.day_of_week + after.hour / 24) / 7
    expected = np.stack([np.sin(day), np.cos(day), np.sin(week), np.cos(week)], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_place_of_a_month_in_the_year_is_its_number():
    index = pd.date_range("2023-01-31", periods=30, freq="ME")
    found = calendar_of(index).features(times_of(index), ["year"])
    angle = 2 * np.pi * (index.month % 12) / 12  # the month after: February is 1/12
    np.testing.assert_allclose(found, np.stack([np.sin(angle), np.cos(angle)], axis=1), atol=1e-6)


@pytest.mark.parametrize(
    ("frequency", "rows", "periods"),
    [
        ("h", 48, ["day"]),
        ("h", 47, []),
        ("h", 24 * 14, ["day", "week"]),
        ("D", 14, ["week"]),
        ("D", 731, ["week", "year"]),
        ("12h", 400, ["week"]),  # half a day has no place in the day
        ("MS", 24, ["year"]),
        ("MS", 23, []),
        ("YS", 50, []),
    ],
)
def test_periods_are_those_of_which_two_are_seen(frequency, rows, periods):
    calendar = calendar_of(pd.date_range("2020-01-01", periods=rows, freq=frequency))
    assert calendar.periods(rows) == periods
    assert periods_of([calendar], np.array([rows])) == periods


def test_periods_of_several_clocks_are_those_of_any_in_their_order():
    hours = calendar_of(pd.date_range("2020-01-01", periods=60, freq="h"))
    months = calendar_of(pd.date_range("2020-01-01", periods=60, freq="MS"))
    assert periods_of([months, hours], np.array([60, 60])) == ["day", "year"]
    assert periods_of([months, hours], np.array([60, 20])) == ["year"]


def test_the_usual_clock_is_that_of_most_series():
    clocks = [calendar_of(pd.date_range("2020-01-01", periods=9, freq=f)) for f in ("h", "D", "D")]
    assert usual_of([None, *clocks], None).steps == clocks[1].steps
    assert usual_of([None], None) == Calendar()
    assert usual_of([None], np.array([1.0, 2.0, 5.0]), "1").kind == "number"
    assert usual_of([None], times_of(["2024-01-01", "2024-01-02"])).step == DAY


@pytest.mark.parametrize(
    ("frequency", "words"),
    [
        *[("h", "1 hour"), ("2h", "2 hours"), ("15min", "15 minutes"), ("D", "1 day"), ("W", "7 days")],
        *[("10s", "10 seconds"), ("MS", "1 month"), ("ME", "1 month at its end"), ("QS", "3 months")],
        *[("BMS", "1 month on its first work day"), ("SME", "half a month"), ("90min", "1.5 hours")],
    ],
)
def test_the_distance_of_rows_in_words(frequency, words):
    assert calendar_of(pd.date_range("2021-01-01", periods=60, freq=frequency)).distance == words


def test_what_is_closed_in_words():
    hours = pd.date_range("2024-01-01", periods=24 * 28, freq="h")
    assert calendar_of(pd.date_range("2024-01-01", periods=60, freq="B")).closed == "Saturday, Sunday"
    assert calendar_of(hours[hours.hour >= 6]).closed == "00:00 to 06:00"


@pytest.mark.parametrize(
    ("sample", "text"), [("2024-01-01 00:00", "2024-03-05 07:00"), ("%d.%m.%Y %H:%M", "05.03.2024 07:00")]
)
def test_times_are_written_as_in_the_file_and_read_again(sample, text):
    calendar = calendar_of(pd.date_range("2024-01-01", periods=9, freq="h"), sample)
    time = np.datetime64("2024-03-05T07:00", "us")
    assert calendar.text(time) == text
    assert calendar.parse(text) == time
    assert calendar.parse("no time") is None


def test_numbers_of_rows_are_no_times():
    assert Calendar().text(7.0) == "7"
    assert Calendar().parse("7") is None


def test_instants_of_a_place_are_written_by_its_clock():
    index = pd.date_range("2024-10-26 22:00", periods=9, freq="h")  # of UTC, over the end of summer time
    calendar = calendar_of(index, "2024-10-27 00:00+02:00", "Europe/Berlin")
    local = index.tz_localize("UTC").tz_convert("Europe/Berlin")
    assert [calendar.text(time) for time in times_of(index)] == [
        f"{t:%Y-%m-%d %H:%M}{t.isoformat()[-6:]}" for t in local
    ]


def test_days_of_a_place_go_on_at_the_same_hour():
    local = pd.date_range("2024-10-20", periods=14, freq="D", tz="Europe/Berlin")
    utc = local.tz_convert("UTC").tz_localize(None)
    calendar = calendar_of(utc, "2024-10-20 00:00", "Europe/Berlin")
    assert calendar.local
    np.testing.assert_array_equal(calendar.ahead(times_of(utc)[0], 13), times_of(utc)[1:])
    np.testing.assert_array_equal(calendar.between(times_of(utc)), 0)
    assert calendar.fits(times_of(utc))


def test_a_calendar_is_made_again_from_plain_data():
    calendar = calendar_of(pd.date_range("2024-01-01", periods=60, freq="B"))
    again = Calendar(**calendar.to_json())
    assert again == calendar
    assert again.steps.open
    assert again.steps == calendar.steps


def test_times_of_another_kind_are_refused():
    hours = calendar_of(pd.date_range("2024-01-01", periods=9, freq="h"))
    hours.refuse_others(times_of(["2024-01-01"]), "2024-01-01")
    hours.refuse_others(None, "")
    with pytest.raises(RnncliError, match="expected .* as in training"):
        hours.refuse_others(np.array([1.0]), "1")


@pytest.mark.parametrize(("trained", "now"), [("EST", ""), ("", "EST"), ("EST", "EST")])
def test_a_zone_that_has_a_name_on_one_side_alone_is_taken_for_the_same(trained, now):
    hours = Calendar("time", 3.6e9, f"%Y-%m-%d %H:%M {trained}".rstrip())
    hours.refuse_others(times_of(["2024-01-01"]), f"%Y-%m-%d %H:%M {now}".rstrip())
    if trained and now:
        with pytest.raises(RnncliError, match="of the zone EDT without an offset in .*, expected .* of the zone EST"):
            hours.refuse_others(times_of(["2024-01-01"]), "%Y-%m-%d %H:%M EDT")


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        ("%d.%m.%Y %H:%M", "2024-03-31 14:30"),
        ("%a %b %d %H:%M:%S +0100 %Y", "2024-03-31 15:30 +0100"),
        ("2024-01-01T00:00", "2024-03-31T14:30"),
    ],
)
def test_dates_of_any_form_are_those_of_iso_in_pictures(sample, text):
    assert Calendar("time", 60e6, sample).in_iso().text(np.datetime64("2024-03-31T14:30", "us")) == text


@pytest.mark.parametrize(
    ("begin", "parts", "decimals"),
    [(2000, 12, 2), (2000, 12, 3), (2000, 4, 2), (1000, 4, 2), (45000, 96, 5), (60000, 24, 4), (738000, 24, 8)],
)
@pytest.mark.parametrize("late", [0, 0.5])
def test_decimal_years_and_days_go_on_as_they_are_rounded(begin, parts, decimals, late):
    """2003.92 is a number, not December of 2003 nor 3/100 of a year after 2003.89."""
    texts = [f"{begin + (i + late) / parts:.{decimals}f}" for i in range(60)]
    times = np.array(texts[:50], np.float64)
    calendar = Calendar.of(times, np.array([0, 50]), texts[0])
    assert [calendar.text(time) for time in calendar.ahead(times[-1], 10)] == texts[50:]
