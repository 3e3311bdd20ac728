"""Steps of time stamps: as pandas makes them, also where some are missing; closures; uneven times."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncli.data.times.calendar import Calendar
from rnncli.data.times.pace import fits, pace_of

#: frequency of pandas -> season
FREQUENCIES = {
    **{"s": 86400, "10min": 144, "h": 24, "2h": 12, "D": 7, "B": 5, "3D": 2, "W-WED": 52, "28D": 13, "bh": 8},
    **{"ME": 12, "MS": 12, "2MS": 6, "BME": 12, "BMS": 12, "QE": 4, "QS": 4, "BQE": 4, "YE": 1, "YS": 1, "BYE": 1},
    **{"SME": 24, "SMS": 24, "WOM-3FRI": 12, "LWOM-FRI": 12},
}


def offset(frequency: str):
    """pandas has no name for the last Friday of the month."""
    return pd.offsets.LastWeekOfMonth(weekday=4) if frequency == "LWOM-FRI" else frequency


def times(index) -> np.ndarray:
    return np.array(pd.DatetimeIndex(index).values, "datetime64[us]")


@pytest.mark.parametrize(("frequency", "season"), FREQUENCIES.items())
@pytest.mark.parametrize("begin", ["2019-12-31 07:00", "2023-01-30", "2024-02-29"])
def test_times_go_on_as_pandas_has_them(frequency, season, begin):
    whole = times(pd.date_range(begin, periods=80, freq=offset(frequency)))
    steps, regular = pace_of(whole[:60])
    assert regular
    assert steps.season == season
    np.testing.assert_array_equal(steps.after(whole[59:60].repeat(20), np.arange(1, 21)), whole[60:])
    np.testing.assert_array_equal(steps.between(whole), 0)
    assert fits(steps, whole)


@pytest.mark.parametrize("frequency", [f for f in FREQUENCIES if f != "bh"])
@given(st.data())
@settings(max_examples=10, deadline=None)
def test_times_that_are_absent_are_counted(frequency, data):
    whole = times(pd.date_range("2021-01-04", periods=120, freq=offset(frequency)))
    absent = data.draw(st.sets(st.integers(1, 118), max_size=18))
    kept = np.delete(np.arange(120), sorted(absent))
    steps, regular = pace_of(whole[kept])
    assert regular
    np.testing.assert_array_equal(steps.between(whole[kept]), np.diff(kept) - 1)
    np.testing.assert_array_equal(steps.after(whole[kept][:-1], np.diff(kept)), whole[kept][1:])


def days(*wanted) -> pd.DatetimeIndex:
    """Of four years, those of these days of the month; 31 is the last one."""
    every = pd.date_range("2021-01-01", "2024-12-31")
    return every[every.day.isin(wanted) | (every.is_month_end & (31 in wanted))]


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        ((1, 11, 21), "part:1:11:21"),
        ((10, 20, 31), "part:10:20:31"),
        ((1, 8, 15, 22), "part:1:8:15:22"),
        ((1, 6, 11, 16, 21, 26), "part:1:6:11:16:21:26"),
    ],
)
@pytest.mark.parametrize("missing", [(), (7, 20, 21)])
def test_several_days_of_each_month_are_parts_of_it(wanted, rule, missing):
    """Dekads and pentads: not every ten days, which drift from month to month."""
    whole = times(days(*wanted))
    kept = np.delete(np.arange(60), missing)
    steps, regular = pace_of(whole[kept])
    assert (regular, steps.rule, steps.season) == (True, rule, 12 * len(wanted))
    np.testing.assert_array_equal(steps.after(whole[59:60].repeat(30), np.arange(1, 31)), whole[60:90])
    np.testing.assert_array_equal(steps.between(whole[kept]), np.diff(kept) - 1)
    assert fits(steps, whole)
    assert Calendar("month", steps.step, rule=steps.rule).distance == f"1/{len(wanted)} month"


def test_even_days_are_no_parts_of_a_month():
    for count in (5, 7, 10, 15):
        steps, regular = pace_of(times(pd.date_range("2024-01-01", periods=30, freq=f"{count}D")))
        assert regular and (steps.kind, steps.rule) == ("time", "")


def test_months_of_a_place_written_by_utc_are_months():
    """Midnight of Berlin is 22:00 or 23:00 of the day before."""
    index = pd.date_range("2022-01-01", periods=40, freq="MS", tz="Europe/Berlin").tz_convert("UTC").tz_localize(None)
    steps, regular = pace_of(times(index[:30]))
    assert regular and (steps.kind, steps.step) == ("month", 1.0)
    ahead = steps.after(times(index[29:30]).repeat(10), np.arange(1, 11))
    assert (np.abs(ahead - times(index[30:])) <= np.timedelta64(1, "h")).all()


@pytest.mark.parametrize(("months", "season"), [(1, 12), (3, 4)])
def test_days_of_release_that_differ_are_months(months, season):
    """Days that differ from month to month are not 33 days apart, which would leave out a month each year."""
    firsts = pd.date_range("2020-01-01", periods=24, freq=f"{months}MS")
    index = firsts + pd.to_timedelta(np.random.default_rng(1).integers(2, 6, 24), "D")
    steps, regular = pace_of(times(index))
    assert regular and steps.season == season
    np.testing.assert_array_equal(steps.between(times(index)), 0)
    ahead = steps.after(times(index[-1:]).repeat(5), np.arange(1, 6)).astype("datetime64[M]").astype(int)
    np.testing.assert_array_equal(np.diff(ahead), months)


@pytest.mark.parametrize("days_apart", [27, 28, 30, 31, 91, 365])
def test_days_that_are_even_are_no_months(days_apart):
    steps, regular = pace_of(times(pd.date_range("2020-01-01", periods=30, freq=f"{days_apart}D")))
    assert regular and (steps.kind, steps.step) == ("time", days_apart * 86400e6)


@pytest.mark.parametrize("open_days", [(0, 2, 4), (1, 3), (0, 3), (5, 6)])
def test_some_days_of_the_week_are_those_that_go_on(open_days):
    every = pd.date_range("2024-01-01", periods=300)
    whole = times(every[np.isin(every.day_of_week, open_days)])
    steps, regular = pace_of(whole[:40])
    assert regular and steps.season == len(open_days)
    np.testing.assert_array_equal(steps.after(whole[39:40].repeat(20), np.arange(1, 21)), whole[40:60])


HOURS = pd.date_range("2024-01-01", periods=24 * 28, freq="h")
#: what is open -> season
CLOSURES = {
    "night": (HOURS.hour >= 6, 18),
    "noon": ((HOURS.hour < 12) | (HOURS.hour >= 14), 22),
    "shop": ((HOURS.hour >= 8) & (HOURS.hour < 20) & (HOURS.day_of_week < 6), 12),
    "exchange": ((HOURS.hour >= 9) & (HOURS.hour < 17) & (HOURS.day_of_week < 5), 8),
    "saturday": (
        (HOURS.hour >= 8) & (HOURS.hour < 18) & (HOURS.day_of_week < 5)
        | (HOURS.day_of_week == 5) & (HOURS.hour >= 9) & (HOURS.hour < 13),
        10,
    ),
    "no weekend": (HOURS.day_of_week < 5, 24),
}


@pytest.mark.parametrize("name", CLOSURES)
@pytest.mark.parametrize("missing", [0, 0.1])
def test_steps_that_are_always_absent_are_closed(name, missing):
    is_open, season = CLOSURES[name]
    whole, later = times(HOURS[is_open]), times((HOURS + pd.Timedelta(days=28))[is_open])
    kept = np.random.default_rng(0).random(len(whole)) >= missing
    kept[-1] = True
    steps, regular = pace_of(whole[kept])
    assert regular
    assert steps.season == season
    assert steps.between(whole[kept]).sum() == (~kept[np.argmax(kept) :]).sum()
    np.testing.assert_array_equal(steps.after(whole[-1:].repeat(40), np.arange(1, 41)), later[:40])


@pytest.mark.parametrize("frequency", ["5min", "15min", "30min", "h"])
@pytest.mark.parametrize("rows", [100, 200])
@pytest.mark.parametrize("share", [0.01, 0.08, 0.2])
def test_a_day_or_two_with_rows_missing_here_and_there_has_no_closures(frequency, rows, share):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        whole = times(pd.date_range("2024-05-17 11:00", periods=rows + 200, freq=frequency))
        kept = rng.random(rows) >= share
        kept[[0, -1]] = True
        steps, regular = pace_of(whole[:rows][kept])
        assert regular
        assert not steps.open
        assert steps.between(whole[:rows][kept]).sum() == (~kept).sum()
        np.testing.assert_array_equal(steps.after(whole[rows - 1 : rows].repeat(200), np.arange(1, 201)), whole[rows:])


@pytest.mark.parametrize("missing", [0, 0.08])
def test_two_nights_alike_are_closures(missing):
    quarters = pd.date_range("2024-05-14 09:00", periods=96 * 8, freq="15min")
    whole = times(quarters[(quarters.hour >= 9) & (quarters.hour < 20)])
    kept = np.random.default_rng(0).random(100) >= missing
    kept[[0, -1]] = True
    steps, regular = pace_of(whole[:100][kept])
    assert regular
    np.testing.assert_array_equal(steps.after(whole[99:100].repeat(60), np.arange(1, 61)), whole[100:160])


def test_a_week_of_business_days_and_the_next_are_enough():
    whole = times(pd.bdate_range("2024-01-03", periods=20))
    steps, _ = pace_of(whole[:6])
    np.testing.assert_array_equal(steps.after(whole[5:6].repeat(14), np.arange(1, 15)), whole[6:])


def test_holidays_are_gaps_of_business_days():
    whole = times(pd.bdate_range("2023-01-02", periods=260))
    kept = np.random.default_rng(1).random(260) > 0.04
    steps, regular = pace_of(whole[kept])
    assert regular and steps.season == 5
    np.testing.assert_array_equal(steps.between(whole[kept]), np.diff(np.flatnonzero(kept)) - 1)


def test_times_here_and_there_are_uneven():
    rng = np.random.default_rng(2)
    assert not pace_of(times(HOURS[rng.random(len(HOURS)) < 0.3]))[1]
    assert not pace_of(times(pd.to_datetime(np.sort(rng.integers(0, 10**12, 60)), unit="us")))[1]


def test_seconds_too_early_or_late_are_no_gap():
    off = pd.to_timedelta(np.random.default_rng(3).integers(-120, 120, len(HOURS)), unit="s")
    steps, regular = pace_of(times(HOURS + off))
    assert regular and steps.season == 24
    assert steps.between(times(HOURS + off)).sum() == 0


@pytest.mark.parametrize("step", [1.0, 0.25, 900.0, 1 / 12])
def test_numbers_have_a_step_too(step):
    whole = np.round(np.arange(100) * step + 1949, 6)
    kept = np.delete(np.arange(100), [20, 21, 60])
    steps, regular = pace_of(whole[kept])
    assert regular
    assert steps.step == pytest.approx(step, rel=1e-4)
    np.testing.assert_array_equal(steps.between(whole[kept]), np.diff(kept) - 1)


def test_each_series_has_its_own():
    both = np.concatenate([times(HOURS[:50]), times(pd.date_range("2023-01-01", periods=40))])
    hourly, daily = Calendar.of_each(both, np.array([0, 50, 90]), np.array([50, 90]))
    assert (hourly.season, daily.season) == (24, 7)
    assert (hourly.distance, daily.distance) == ("1 hour", "1 day")


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (HOURS[HOURS.hour >= 6], "00:00 to 06:00"),
        (pd.bdate_range("2024-01-01", periods=30), "Saturday, Sunday"),
    ],
)
def test_closures_are_said_in_words(index, words):
    [clock] = Calendar.of_each(times(index), np.array([0, len(index)]), np.array([len(index)]))
    assert clock.closed == words


def test_the_end_of_the_month_is_kept_in_the_place_of_the_year():
    ends = times(pd.date_range("2023-01-31", periods=24, freq="ME"))
    [clock] = Calendar.of_each(ends, np.array([0, 24]), np.array([24]))
    month = np.arctan2(*clock.features(ends, ["year"]).T) / (2 * np.pi) * 12 % 12
    np.testing.assert_allclose(month, np.arange(1, 25) % 12, atol=1e-5)


@pytest.mark.parametrize("decimals", [2, 3, 4])
@pytest.mark.parametrize("parts", [12, 7, 4.5])
def test_rounded_numbers_have_the_step_that_they_were_rounded_from(parts, decimals):
    exact = 1990 + (np.arange(400) + 0.5) / parts
    kept = np.delete(np.arange(400), [20, 21, 60])
    steps, regular = pace_of(np.round(exact, decimals)[kept])
    assert regular
    ahead = np.round(exact, decimals)[-1] + np.arange(1, 25) * steps.step
    beyond = 1990 + (np.arange(400, 424) + 0.5) / parts
    assert np.abs(ahead - beyond).max() < 1.1 * 10.0**-decimals  # within a unit of what would be written


def test_a_step_that_is_written_exactly_stays_as_it_is():
    assert pace_of(np.array([0.5, 1.0, 1.5, 2.0, 2.5]))[0].step == 0.5
    assert pace_of(np.round(np.arange(500) * 0.1, 10))[0].step == 0.1
