"""--zone: an hour that comes twice, times ahead, files with and without offsets, streams."""

import pandas as pd
import pytest

HOURS = pd.date_range("2023-10-24", "2023-10-31 02:00", freq="h", tz="Europe/Paris")  # the 29th has 25 hours
TRAIN = ("--time", "ds", "--target", "y", "--horizon", "3", "--hidden", "8", "--epochs", "1", "--threads", "1")


def table(form):
    return "ds,y\n" + "".join(f"{format(at, form)},{at.hour + i % 3}\n" for i, at in enumerate(HOURS))


@pytest.fixture
def paris(here):
    (here.folder / "local.csv").write_text(table("%Y-%m-%d %H:%M"))
    (here.folder / "offset.csv").write_text(table("%Y-%m-%dT%H:%M:%S%z"))
    done = here("train", "local.csv", *TRAIN, "--zone", "Europe/Paris", "-o", "m.safetensors")
    assert (done.code, "absent" in done.err) == (0, False), done.err
    return here


def test_local_times_that_repeat_need_a_place(here):
    (here.folder / "local.csv").write_text(table("%Y-%m-%d %H:%M"))
    done = here("train", "local.csv", *TRAIN)
    assert done.code == 1
    assert "2023-10-29 02:00" in done.err and "--zone" in done.err
    done = here("train", "local.csv", *TRAIN, "--zone", "Europe/Pariss")
    assert (done.code, "Europe/Pariss" in done.err) == (2, True)


def test_rows_with_an_offset_and_without_are_the_same(paris):
    local = paris("predict", "m.safetensors", "local.csv").rows(4)
    offset = paris("predict", "m.safetensors", "offset.csv").rows(4)
    assert [row[0].decode() for row in local] == [f"2023-10-31 0{hour}:00" for hour in (3, 4, 5)]
    assert [row[0].decode() for row in offset] == [f"2023-10-31T0{hour}:00:00+0100" for hour in (3, 4, 5)]
    assert [row[1:] for row in local] == [row[1:] for row in offset]


def test_the_hour_that_comes_twice_is_two_rows_of_a_stream_too(paris, here):
    whole = paris("predict", "m.safetensors", "local.csv", "--score").rows(2)
    assert sum(row[0] == b"2023-10-29 02:00" for row in whole) == 2
    lines = (paris.folder / "local.csv").read_bytes()
    assert here("predict", str(paris.folder / "m.safetensors"), "--follow", "--score", input=lines).rows(2) == whole


def test_from_is_of_the_clock_of_the_place(paris):
    by_time, by_row = (
        paris("predict", "m.safetensors", "offset.csv", "--from", begin, "--score").out
        for begin in ("2023-10-30 12:00", str(list(HOURS).index(pd.Timestamp("2023-10-30 12:00", tz="Europe/Paris"))))
    )
    assert by_time == by_row != b""
