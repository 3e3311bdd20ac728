"""Columns of times end to end: what is joined, what repeats, what is ambiguous."""

import re

import numpy as np
import pytest

from rnncli.data.columns import Roles
from rnncli.errors import Notes, RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request


def read(path, time, group=None, given=""):
    from dataclasses import replace

    roles = Roles(targets=("y",), inputs=("y",), time=time, group=group)
    form = replace(recognise(str(path), "table", roles, "utf-8", "forecast"), time_form=given)
    return read_columns([str(path)], Request(form, roles, "utf-8", "word", "forecast"))


def rows(tmp_path, header, lines):
    path = tmp_path / "data.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_two_series_without_a_group_name_the_column_that_is_missing(tmp_path):
    lines = [f"2024-01-{d:02d},{m},{d}" for d in range(1, 20) for m in "ab"]
    with pytest.raises(RnncliError, match=r"data.csv:3: .* --group meter tells"):
        read(rows(tmp_path, "ds,meter,y", lines), "ds")
    assert read(rows(tmp_path, "ds,meter,y", lines), "ds", "meter").keys == ["a", "b"]
    with pytest.raises(RnncliError, match="no other column tells them apart"):
        read(rows(tmp_path, "ds,y", [f"2024-01-{i // 2 + 1:02d},{i}" for i in range(40)]), "ds")


def test_keys_of_two_columns_are_joined(tmp_path):
    lines = [f"2024-01-{d:02d},{s},{i},{d}" for d in range(1, 10) for s in ("a/b", "c") for i in (1, 2)]
    columns = read(rows(tmp_path, "ds,store,item,y", lines), "ds", "store,item")
    assert columns.keys == [r"a\/b/1", r"a\/b/2", "c/1", "c/2"]


def test_a_clock_goes_on_over_midnight_in_the_order_of_the_file(tmp_path):
    lines = [f"{(23 * 60 + i) // 60 % 24:02d}:{i % 60:02d},2000.{i % 10 + 10},{i}" for i in range(120)]
    columns = read(rows(tmp_path, "t,x,y", lines), "t")
    assert columns.numbers[:, 0].tolist() == list(range(120))
    assert columns.times[-1] - columns.times[0] == 119 * 60e6


@pytest.mark.parametrize(
    ("header", "line", "time", "last"),
    [
        ("date,time,y", "2024-01-{d:02d},{h:02d}:00,{i}", "date,time", "2024-01-05T03:00"),
        ("date,time,y", "{d}.1.2024,{h}:00,{i}", "date,time", None),
        ("year,month,day,hour,y", "2024,1,{d},{h},{i}", "year,month,day,hour", "2024-01-05T03:00"),
        ("date,time,y", "{x}/1/2024,{h}:00,{i}", "date,time", "2024-01-24T03:00"),
    ],
)
def test_columns_are_joined_to_one_time(tmp_path, header, line, time, last):
    lines = [line.format(d=i // 24 + 1, x=i // 24 + 20, h=i % 24, i=i) for i in range(100)]
    path = rows(tmp_path, header, lines)
    if last is None:
        with pytest.raises(RnncliError, match="--time-format '%d.%m.%Y %H:%M' or '%m.%d.%Y %H:%M'"):
            read(path, time)
        assert str(read(path, time, given="%d.%m.%Y %H:%M").times[-1])[:16] == "2024-01-05T03:00"
    else:
        assert str(read(path, time).times[-1])[:16] == last


def test_whole_numbers_that_are_dates(tmp_path):
    lines = [f"202401{d:02d},{d}" for d in range(1, 32)]
    assert str(read(rows(tmp_path, "ds,y", lines), "ds").times[-1])[:10] == "2024-01-31"
    assert read(rows(tmp_path, "ds,y", lines), "ds", given="%n").times[-1] == 20240131


@pytest.mark.parametrize("form", ["%d %b %y", "%d-%B-%y"])
def test_with_the_name_of_a_month_day_and_month_are_no_two_ways(tmp_path, form):
    import numpy as np
    import pandas as pd

    days = pd.date_range("2023-11-01", periods=100)
    found = read(rows(tmp_path, "ds,y", [f"{text},1" for text in days.strftime(form)]), "ds")
    np.testing.assert_array_equal(found.times, np.array(days.values, "datetime64[us]"))


def test_hours_may_end_with_that_of_24(tmp_path):
    import numpy as np
    import pandas as pd

    hours = pd.date_range("2024-01-01 01:00", periods=72, freq="h")
    for day, end in (("%Y-%m-%d", ":00"), ("%Y-%m-%d", ""), ("%d.%m.%Y", ":00")):
        shown = [f"{hour - pd.Timedelta(hours=1):{day}} {hour.hour or 24:02d}{end}" for hour in hours.shift(24 * 20)]
        found = read(rows(tmp_path, "ds,y", [f"{text},1" for text in shown]), "ds")
        np.testing.assert_array_equal(found.times, np.array(hours.shift(24 * 20).values, "datetime64[us]"))


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([f"{m:02d}/12" for m in range(1, 12)], "'01/12' .* '%m/%y' or '%y/%m'"),
        (["1/10", "3/12", "5/12", "7/12"], "'1/10' .* may be a month of a year, or a day"),
        ([f"{y}-{q}" for y in range(2000, 2004) for q in (1, 2, 3, 4)], "'2000-1' .* '%Y-%q' quarters"),
        ([f"-{i:04d}-01-01" for i in range(50, 10, -1)], "'-0050-01-01' in the time column ds"),
        ([str(2**63 + i) for i in range(30)], "9223372036854775808 in the time column ds, expected at most"),
        (["10/01/2024", "11/01/2024", "2024-01-12"], "'%d/%m/%Y' or '%m/%d/%Y'"),
    ],
)
def test_what_looks_like_other_times_is_refused(tmp_path, texts, found):
    with pytest.raises(RnncliError, match=r"data.csv:2: .*" + found):
        read(rows(tmp_path, "ds,y", [f"{text},1.5" for text in texts]), "ds")


def test_a_form_that_is_given_is_not_left_for_numbers(tmp_path):
    with pytest.raises(RnncliError, match=r"expected --time-format %d/%m/%Y"):
        read(rows(tmp_path, "ds,y", [f"{45000 + i},1.5" for i in range(20)]), "ds", given="%d/%m/%Y")


def test_a_time_of_day_with_points_behind_a_date(tmp_path):
    lines = [f"{13 + hour // 24}/03/2004,{hour % 24:02d}.00.00,{hour}" for hour in range(60)]
    columns = read(rows(tmp_path, "Date,Time,y", lines), "Date,Time")
    assert columns.time_sample == "%d/%m/%Y %H.%M.%S" and str(columns.times[-1])[:16] == "2004-03-15T11:00"


def test_milliseconds_and_microseconds_in_one_column_are_refused(tmp_path):
    first, hour = 1735603200000, 3600000
    times = [(first + hour * i) * (1 if i < 20 else 1000) for i in range(40)]
    with pytest.raises(RnncliError) as caught:
        read(rows(tmp_path, "t,y", [f"{t},{i}" for i, t in enumerate(times)]), "t")
    assert str(caught.value).endswith(
        f"data.csv:22: {times[20]} in the time column t is a time in microseconds, expected milliseconds as {first} in "
        "the first row: write all times in one unit"
    )


def test_a_counter_that_wraps_is_said(tmp_path):
    said = []
    Notes.begin(said.append)
    wrapped = read(rows(tmp_path, "t,y", [f"{(65000 + 20 * i) % 65536},{i}" for i in range(60)]), "t")
    read(rows(tmp_path, "t,y", [f"{7 * i % 60},{i}" for i in range(60)]), "t")  # shuffled
    read(rows(tmp_path, "t,y", [f"{60 - i},{i}" for i in range(60)]), "t")
    Notes.begin(None)
    assert wrapped.numbers[0, 0] == 27
    assert [line.partition("data.csv")[2] for line in said] == [
        ":29: 4 after 65520 in the time column t: rows are sorted by it; --time none in training leaves them in the "
        "order of the file"
    ]


@pytest.mark.parametrize(("year", "said"), [(1402, True), (2567, True), (1999, False), (1583, False)])
def test_years_of_another_calendar_are_said_to_be_read_as_those_of_this_one(tmp_path, year, said):
    lines = []
    Notes.begin(lines.append)
    read(rows(tmp_path, "t,y", [f"{year}/07/{day:02d},{day}" for day in range(1, 20)]), "t")
    Notes.begin(None)
    assert lines == [f"t: '{year}/07/01' is read as a date of the Gregorian calendar"] * said


def test_sequences_of_one_group_that_share_their_times_are_said(tmp_path):
    roles = Roles(label="kind", group="who", time="t", inputs=("x",))
    path = rows(tmp_path, "who,t,x,kind", [f"p{i % 4},{t},{i + t},{'ab'[i % 2]}" for i in range(12) for t in range(5)])
    lines = []
    Notes.begin(lines.append)
    form = recognise(str(path), "table", roles, "utf-8", "classify")
    columns = read_columns([str(path)], Request(form, roles, "utf-8", "word", "classify"))
    Notes.begin(None)
    assert len(columns) == 4
    assert [line.partition("data.csv")[2] for line in lines] == [
        ":22: time 0 of group p0 again, 40 rows repeat a time: if these are several sequences, --group who,COLUMN "
        "tells them apart"
    ]


def months(first, count, form):
    return [form.format(y=first + i // 12, s=(first + i // 12) % 100, m=i % 12 + 1) for i in range(count)]


@pytest.mark.parametrize(
    ("texts", "last", "form"),
    [
        (months(2012, 30, "{y}:{m:02d}"), "2014-06", "%Y:%m"),
        (months(2012, 30, "{y}:{m}"), "2014-06", "%Y:%-m"),
        ([f"{1990 + i // 4}:{i % 4 + 1}" for i in range(10)], "1992-04", "%Y:%q"),
        (months(1990, 30, "{m:02d}/{s}"), "1992-06", "%m/%y"),
        ([f"{y}/{(y + 1) % 100:02d}" for y in range(1990, 2030)], "2029-01", "%Y/%N"),
        ([f"{y}/{(y + 1) % 100:02d}" for y in range(2000, 2011)], "2010-01", "%Y/%N"),
        ([f"{y}-{(y + 1) % 100:02d}" for y in range(2005, 2030)], "2029-01", "%Y-%N"),
        ([f"{y}/{(y + 1) % 100}" for y in range(2000, 2030)], "2029-01", "%Y/%-N"),
        ([f"{y}-{(y + 1) % 100:02d}" for y in range(1999, 2030)], "2029-01", "%Y-%N"),
        ([f"{y}-{y + 1}" for y in range(1990, 2030)], "2029-01", "%Y-%4N"),
        ([f"FY{y}" for y in range(1950, 2030)], "2029-01", "FY%Y"),
        ([f"fy {y % 100:02d}" for y in range(1985, 2026)], "2025-01", "fy %y"),
        ([f"FY{y}/{(y + 1) % 100:02d}" for y in range(1985, 2026)], "2025-01", "FY%Y/%N"),
        ([f"Q{i % 4 + 1} FY{1990 + i // 4}" for i in range(30)], "1997-04", "Q%q FY%Y"),
        ([f"FY{1990 + i // 4}-Q{i % 4 + 1}" for i in range(30)], "1997-04", "FY%Y-Q%q"),
        ([f"{i % 4 + 1}QFY{20 + i // 4}" for i in range(30)], "2027-04", "%qQFY%y"),
    ],
)
def test_months_and_years_as_they_go_on(tmp_path, texts, last, form):
    from rnncli.data.times.stamp_writing import write_time

    found = read(rows(tmp_path, "ds,y", [f"{text},1" for text in texts]), "ds")
    assert str(found.times[-1])[:7] == last
    assert found.time_sample == form
    assert [write_time(time, form) for time in found.times] == texts
    again = read(rows(tmp_path, "ds,y", [f"{text},1" for text in texts[1:3]]), "ds", given=form)
    assert list(again.times) == list(found.times[1:3])


@pytest.mark.parametrize("offset", ["-05:00", "-0500", "+05:30", "Z", ""])
@pytest.mark.parametrize("clock", ["T10", "T1030", "T103005", "T103005.25"])
def test_basic_times_of_iso_8601_with_an_offset(tmp_path, clock, offset):
    """An offset with a colon was read as a time of day behind a date of 15 digits, and so none of it."""
    from rnncli.data.times.stamp_writing import write_time

    texts = [f"202401{day:02d}{clock}{offset}" for day in range(1, 29)]
    found = read(rows(tmp_path, "ds,y", [f"{text},1" for text in texts]), "ds")
    plain = clock.removeprefix("T").partition(".")
    whole = "2024-01-01T" + ":".join(plain[0][i : i + 2] for i in range(0, len(plain[0]), 2)) + "".join(plain[1:])
    far = np.timedelta64({"-05:00": 300, "-0500": 300, "+05:30": -330}.get(offset, 0), "m")
    assert found.times[0] == np.datetime64(whole, "us") + far
    assert [write_time(time, found.time_sample) for time in found.times] == texts


def test_hours_and_minutes_that_are_no_months_stay_durations(tmp_path):
    texts = [f"{2000 + i // 60}:{i % 60:02d}" for i in range(70)]
    assert read(rows(tmp_path, "ds,y", [f"{text},1" for text in texts]), "ds").times[-1] == (2001 * 60 + 9) * 60e6


def test_the_name_of_one_zone_is_a_part_of_the_times_several_are_refused(tmp_path):
    lines = [f"2024-03-30 {h:02d}:00 CET,1" for h in range(24)]
    notes = []
    Notes.begin(notes.append)
    found = read(rows(tmp_path, "ds,y", lines), "ds")
    assert str(found.times[-1])[:13] == "2024-03-30T23" and found.time_sample == "%Y-%m-%d %H:%M CET"
    assert ["CET is read as a part of the times" in note for note in notes] == [True]
    read(rows(tmp_path, "ds,y", lines), "ds", given="%Y-%m-%d %H:%M CET")
    assert len(notes) == 1  # of what was told nothing is said
    with pytest.raises(RnncliError, match=r"csv:26: '2024-03-31 03:00 CEST' .* the zone as in '2024-03-30 00:00 CET'"):
        read(rows(tmp_path, "ds,y", [*lines, "2024-03-31 03:00 CEST,1"]), "ds")


WEEKS = {
    "%[de1]A %d.%m.%Y": "Mo Di Mi Do Fr Sa So",
    "%[de]A, %d.%m.%Y": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "%#[fr1.]A %d/%m/%Y": "lun. mar. mer. jeu. ven. sam. dim.",
    "%Y-%m-%d (%#[es1a]A)": "lun mar mie jue vie sab dom",
}


@pytest.mark.parametrize("form", WEEKS)
def test_days_of_the_week_in_other_languages(tmp_path, form):
    from datetime import date, timedelta

    from rnncli.data.times.stamp_writing import write_time

    days = [date(2024, 1, 1) + timedelta(i) for i in range(40)]
    plain = re.sub(r"%#?\[.*\]A", "NAME", form)
    texts = [day.strftime(plain).replace("NAME", WEEKS[form].split()[day.weekday()]) for day in days]
    found = read(rows(tmp_path, "ds,y", [f'"{text}",1' for text in texts]), "ds")
    assert str(found.times[-1])[:10] == str(days[-1])
    assert found.time_sample == form
    assert [write_time(time, form) for time in found.times] == texts
    wrong = texts[0].replace(WEEKS[form].split()[0], WEEKS[form].split()[4])
    with pytest.raises(RnncliError, match="expected a number or a time"):
        read(rows(tmp_path, "ds,y", [f'"{wrong}",1' for _ in range(3)]), "ds")


def test_a_form_may_have_days_of_the_week_in_any_language(tmp_path):
    texts = [f"{name} {i + 1}.1.2024" for i, name in enumerate(("pon", "wto", "sro"))]
    found = read(rows(tmp_path, "ds,y", [f"{text},1" for text in texts]), "ds", given="%a %d.%m.%Y")
    assert str(found.times[-1])[:10] == "2024-01-03"


@pytest.mark.parametrize("step", [15, 60, 480])
@pytest.mark.parametrize("form", ["%Y-%m-%d {}", "%d.%m.%Y {}"])
def test_an_interval_without_blanks_is_no_time_with_an_offset(tmp_path, said, form, step):
    begins = np.datetime64("2024-01-25T06:00") + np.arange(60) * np.timedelta64(step, "m")
    clocks = [f"{str(a)[11:]}-{str(a + np.timedelta64(step, 'm'))[11:]}" for a in begins]
    lines = [f"{a.astype(object):{form.format(clock)}},1" for a, clock in zip(begins, clocks, strict=True)]
    columns = read(rows(tmp_path, "ds,y", lines), "ds")
    assert columns.times.tolist() == begins.astype("datetime64[us]").tolist()
    assert said == [f"ds: of intervals such as {lines[0][:-2]!r} the beginning is read"]
    alone = read(rows(tmp_path, "ds,y", lines[7:8]), "ds", given=columns.time_sample)
    assert alone.times.tolist() == begins[7:8].astype("datetime64[us]").tolist()


@pytest.mark.parametrize("count", [2, 30])
@pytest.mark.parametrize("offsets", [("-05:00",), (" -05:00", " -04:00")])
def test_a_time_west_of_greenwich_is_no_interval(tmp_path, said, count, offsets):
    lines = [f"2024-03-{1 + i:02d} 00:00:00{offsets[-(i > count // 2)]},{i}" for i in range(count)]
    columns = read(rows(tmp_path, "ds,y", lines), "ds")
    assert str(columns.times[0]) == "2024-03-01T05:00:00.000000" and len(columns.times) == count
    assert not any("interval" in note for note in said)
