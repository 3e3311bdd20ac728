"""Times of a place: as pandas has them, where the clock is put forward and back."""

import numpy as np
import pandas as pd
import pytest

from rnncli.data.columns import Columns
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.zones import to_instants, to_local, to_utc
from rnncli.errors import RnncliError, UsageError

PLACES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC"]


def plain(index) -> np.ndarray:
    index = pd.DatetimeIndex(index)
    return (index.tz_convert(None) if index.tz else index).to_numpy().astype("datetime64[us]")


@pytest.mark.parametrize("place", PLACES)
def test_clocks_of_places_are_those_of_pandas(place):
    instants = pd.date_range("2021-01-01", "2024-12-31", freq="7min", tz="UTC")
    local = instants.tz_convert(place).tz_localize(None)
    np.testing.assert_array_equal(to_local(place, plain(instants)), plain(local))
    first, there = to_utc(place, plain(local))
    second, _ = to_utc(place, plain(local), True)
    assert there.all()
    assert ((first == plain(instants)) | (second == plain(instants))).all()


def table(local, sample, zone=""):
    n = len(local)
    return Columns(
        np.array([0, n]), ["y"], np.arange(n, dtype=float)[:, None], times=local, time_sample=sample, zone=zone
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("frequency", ["h", "30min", "15min"])
def test_the_hour_that_comes_twice_is_told_apart_by_its_order(place, frequency):
    instants = pd.date_range("2023-01-01", "2023-12-31", freq=frequency, tz="UTC")
    if place == "Australia/Lord_Howe" and frequency == "h":
        pytest.skip("put back by half an hour: none of the hours comes twice")
    local = plain(instants.tz_convert(place).tz_localize(None))
    order = np.argsort(local, kind="stable")  # as readers sort a series
    found = to_instants(table(local[order], "2023-01-01 00:00"), place, "f", {})
    np.testing.assert_array_equal(found.times, plain(instants))
    streamed = to_instants(table(local, "2023-01-01 00:00"), place, "f", {}, in_order=False)
    np.testing.assert_array_equal(streamed.times[1:] > streamed.times[:-1], True)


def test_a_time_that_never_was_is_refused():
    local = plain(["2024-03-31 01:00", "2024-03-31 02:30"])
    with pytest.raises(RnncliError, match="2024-03-31 02:30:00"):
        to_instants(table(local, "2024-03-31 01:00"), "Europe/Paris", "f", {})
    with pytest.raises(UsageError, match="Nowhere"):
        to_instants(table(local[:1], "2024-03-31 01:00"), "Europe/Nowhere", "f", {})


@pytest.mark.parametrize(("frequency", "season"), [("h", 24), ("D", 7), ("B", 5), ("MS", 12), ("15min", 96)])
@pytest.mark.parametrize("end", ["2024-03-30", "2024-10-26", "2024-07-01"])
def test_times_go_on_by_the_clock_of_the_place(frequency, season, end):
    whole = pd.date_range(end=pd.Timestamp(end), periods=60, freq=frequency, tz="Europe/Paris")
    later = pd.date_range(whole[-1], periods=150, freq=frequency)[1:]
    times, ends = plain(whole.tz_convert("UTC").tz_localize(None)), np.array([0, 60])
    [clock] = Calendar.of_each(times, ends, ends[1:], "2024-03-30 00:00:00+01:00", "Europe/Paris")
    assert clock.season == season
    ahead = clock.ahead(times[-1], 149)
    np.testing.assert_array_equal(ahead, plain(later.tz_convert("UTC").tz_localize(None)))
    assert [clock.text(time) for time in ahead] == [str(time) for time in later]
    np.testing.assert_array_equal(clock.between(np.append(times, ahead)), 0)


def test_a_time_without_an_offset_is_of_the_clock_of_the_place():
    clock = Calendar("time", 3.6e9, "2024-01-01 00:00:00+01:00", zone="Europe/Paris")
    assert clock.parse("2024-07-01 12:00") == np.datetime64("2024-07-01T10:00")
    assert clock.parse("2024-07-01 12:00Z") == np.datetime64("2024-07-01T12:00")


def test_the_hour_of_the_day_is_that_of_the_place():
    instants = plain(pd.date_range("2024-03-25", periods=240, freq="h"))
    clock = Calendar("time", 3.6e9, "", zone="Europe/Paris")
    hour = np.arctan2(*clock.features(instants, ["day"]).T) / (2 * np.pi) * 24 % 24
    local = pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert("Europe/Paris").hour
    np.testing.assert_allclose(
        np.rint(hour) % 24, (local + 1) % 24 + np.where(instants == np.datetime64("2024-03-31T00:00"), 1, 0)
    )
