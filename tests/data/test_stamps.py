"""Times are read in the form in which they are written, and written in it again."""

import re
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.times.stamp_forms import form_of, parse_times
from rnncli.data.times.stamp_writing import write_time
from rnncli.data.times.stamps import PATTERNS, form, has_offset, parse
from rnncli.data.times.steps import number_step
from rnncli.values import check_time_format

FORMS = [
    *("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y %H:%M", "%d-%b-%Y", "%d %B %Y %H:%M:%S", "%Y%m%dT%H%M%S", "%Y-%j"),
    *("%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S UTC", "%G-W%V-%u", "%a, %d %b %Y %H:%M:%S GMT", "%d-%m-%y %H:%M"),
]


@given(st.sampled_from(FORMS), st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)))
def test_a_time_is_read_as_strptime_reads_it_and_written_again(text, time):
    written = time.strftime(text)
    right = np.datetime64(datetime.strptime(written, text), "us")
    order = "mdy" if text.startswith("%m") else "dmy"
    found, forms = parse_times(pl.Series([written]), order=order)
    assert np.datetime64(found[0], "us") == right
    assert write_time(right, forms[0]) == written


@pytest.mark.parametrize(
    ("text", "times", "again"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", ["2024-03-31T15:00:00+0100", "2024-03-31T15:00:00+0200"], "2024-03-31T14:00:00+0100"),
        ("%d/%m/%Y %H:%M %z", ["31/03/2024 15:00 -05:30"], "31/03/2024 15:00 -05:30"),
        ("%a %b %d %H:%M:%S %z %Y", ["Sun Mar 31 15:00:00 +0100 2024"], "Sun Mar 31 15:00:00 +0100 2024"),
        ("%z %d/%m/%Y %H:%M", ["+0100 31/03/2024 15:00"], "+0000 31/03/2024 14:00"),
    ],
)
def test_times_with_offsets_in_a_given_form_are_written_with_one(text, times, again):
    """In that of the first time; by UTC where it stands before the time of the day."""
    found, sample = parse(pl.Series(times), text)
    right = [datetime.strptime(time, text) for time in times]
    assert found.to_list() == [round(time.timestamp() * 1e6) for time in right]
    assert write_time(np.datetime64(found[len(found) - 1], "us"), sample) == again


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2024Q3", "2024-07-01"),
        ("Q1 2024", "2024-01-01"),
        ("1960M02", "1960-02-01"),
        ("1-11", "0001-11-01"),
        ("12-01", "0012-01-01"),
        ("01-11", None),
        ("1-13", None),
        ("2024-1-5 7:08", "2024-01-05T07:08"),
        ("2024-W01", "2024-01-01"),
        ("2021-W53", "NaT"),  # 2021 has 52 weeks
        ("30 Feb 2024", "NaT"),
        ("Mon Jan 15 10:00:00 2024", "2024-01-15T10:00"),
        ("2024-01-31 12:30 AM", "2024-01-31T00:30"),
        ("2024-01-31 10:00:00 +0200", "2024-01-31T08:00"),
        ("Wed Jan 31 10:00:00 +0200 2024", "2024-01-31T08:00"),
        ("31/Jan/2024:10:00:00 +0200", "2024-01-31T08:00"),
    ],
)
def test_forms_that_strptime_has_not(text, right):
    found = parse_times(pl.Series([text]))[0][0]
    assert str(np.datetime64("NaT" if found is None else found, "us")) == str(np.datetime64(right, "us"))


@pytest.mark.parametrize(
    "halves", ["AM PM", "am pm", "A.M. P.M.", "a.m. p.m.", "A._M. P._M.", "a._m. p._m.", "a.m._+01:00 p.m._+01:00"]
)
@pytest.mark.parametrize("blank", [" ", "", "\u00a0", "\u202f"])
def test_halves_of_the_day_are_written_as_they_were(halves, blank):
    """With their points; what browsers write for a blank is one."""
    morning, evening = (f"2024-01-31 {{}}:15{blank}{half.replace('_', blank or ' ')}" for half in halves.split())
    texts = [*(morning.format(hour) for hour in (12, 1)), *(evening.format(hour) for hour in (12, 11))]
    found, forms = parse_times(pl.Series(texts))
    away = np.timedelta64("+" in halves, "h")
    times = [np.datetime64(time, "us") for time in found]
    right = [np.datetime64(f"2024-01-31T{hour:02}:15", "us") - away for hour in (0, 1, 12, 23)]
    assert times == right and len(forms) == 1
    assert [write_time(time, forms[0]) for time in times] == [re.sub("[\u00a0\u202f]", " ", text) for text in texts]


@pytest.mark.parametrize("text", ["01/02/2024", "3.4.2024", "01-02-24", "word", "12", "1/2/3/4", "2024-13"])
def test_what_can_be_read_in_more_than_one_way_has_no_form(text):
    assert form_of(text) is None or parse_times(pl.Series([text]))[0][0] is None


@pytest.mark.parametrize(
    ("time", "sample", "step", "right"),
    [
        (np.datetime64("2024-01-13T12:00", "us"), "2024-01-12", 0, "2024-01-13 12:00:00"),
        (np.datetime64("2024-01-13", "us"), "2024-01-12", 43200e6, "2024-01-13 00:00:00"),
        (np.datetime64("2024-01-01T00:00:01.25", "us"), "2024-01-01 00:00:00", 0, "2024-01-01 00:00:01.250"),
        (np.datetime64("10000-01-01", "us"), "9999-12-31", 0, "10000-01-01"),
        (np.int64(1700000000000000250), "2024-01-01T00:00:00.000000000", 250, "2023-11-14T22:13:20.000000250"),
        (np.int64(1700000004020000000), "1700000004000000000", 2e7, "1700000004020000000"),
        (1609477200123.0, "1609477200000", 1, "1609477200123"),
        (1700000004.02, "1700000004.00", 0.02, "1700000004.02"),
        (10.1, "0.30000000000000004", 0.1, "10.1"),
        (45002.083333333336, "45002.041666666664", 1 / 24, "45002.08333333334"),
        (1700000000.049, "1700000000.000000", 0.001, "1700000000.049000"),
        (90 * 60e6, "%H:%M", 0, "01:30"),
        (25 * 3600e6, "%H:%M", 0, "01:00"),
        (25 * 3600e6, "%K:%M", 0, "25:00"),
        (5 * 86400e6, "%D days", 0, "5 days"),
    ],
)
def test_times_have_the_digits_that_they_need(time, sample, step, right):
    assert write_time(time, sample, step) == right


@given(st.integers(1, 9999), st.integers(0, 4))
def test_the_step_of_numbers_has_no_more_decimals_than_they_have(units, digits):
    step = units / 10**digits
    times = np.round(1.7e9 + step * np.arange(50), digits)
    assert number_step(float(np.median(np.diff(times))), float(times.max()), f"{times[0]:.{digits}f}") == step


def test_kinds_of_forms():
    kinds = {"%d/%m/%Y": "dated", "%H:%M": "clock", "%K:%M": "elapsed", "%D days": "elapsed", "17": "number"}
    assert {text: form(text).kind for text in kinds} == kinds
    assert parse_times(pl.Series(["1:00"]))[0][0] == timedelta(hours=1) // timedelta(microseconds=1)


@pytest.mark.parametrize("text", ["2024-05.1%1-02", "100%", "%", "%q", "12:00 %", "%z"])
def test_a_text_with_a_sign_of_a_form_that_is_none_has_no_offset(text):
    assert not has_offset(text)


def test_a_month_of_one_digit_after_a_point_is_asked_for_with_two():
    from rnncli.data.times.stamp_forms import read_time

    assert read_time("2023.1", "%Y.%m", True) is None
    assert str(read_time("2023.10", "%Y.%m", True))[:7] == "2023-10"


@pytest.mark.parametrize("letter", "aAbBdDfGhHIjKmMnNpqsSuVyYz")
def test_the_option_takes_every_directive_that_there_is(letter):
    check_time_format(f"%{letter}")
    check_time_format("%[fr]A %d %[fr]B %Y/%N")
    assert {*PATTERNS, "z"} - {"E"} == set("aAbBdDfGhHIjKmMnNpqsSuVyYz")
