"""Rows that are missing: as if they were there and empty; closures; nothing that was put in is printed."""

import json

import numpy as np
import pandas as pd
import pytest

HOURS = pd.date_range("2024-01-01", periods=24 * 20, freq="h")
WAVE = 100 + 20 * np.sin(2 * np.pi * np.arange(len(HOURS)) / 24) + np.random.default_rng(0).normal(0, 1, len(HOURS))
KEPT = np.random.default_rng(1).random(len(HOURS)) > 0.15
ALL = np.ones(len(HOURS), bool)
KEPT[[0, 1, 2, -1]] = True
TRAIN = ("--time", "ds", "--target", "y", "--horizon", "4", "--hidden", "8", "--epochs", "1", "--threads", "1")
SPLIT = "2024-01-17 00:00"


def write(here, name, kept, empty=False):
    lines = ["ds,y"] + [
        f"{at:%Y-%m-%d %H:%M},{y:.3f}" if there else f"{at:%Y-%m-%d %H:%M},"
        for at, y, there in zip(HOURS, WAVE, kept, strict=True)
        if there or empty
    ]
    (here.folder / name).write_text("\n".join(lines) + "\n")


def rows(done):
    assert done.code == 0, done.err
    return [line.split("\t") for line in done.out.decode().splitlines()]


@pytest.fixture
def both(here):
    """The same rows, left out and empty, and a model of each."""
    write(here, "dropped.csv", KEPT)
    write(here, "empty.csv", KEPT, True)
    for name in ("dropped", "empty"):
        done = here("train", f"{name}.csv", *TRAIN, "--until", SPLIT, "-o", f"{name}.safetensors")
        assert done.code == 0, done.err
        absent = f"{(~KEPT).sum()} steps of 1 hour absent"
        assert (absent in done.err) == (name == "dropped")
    return here


def test_rows_left_out_are_as_empty_ones(both):
    figures = [
        both("predict", f"{n}.safetensors", f"{n}.csv", "--from", SPLIT, "--evaluate") for n in ("dropped", "empty")
    ]
    assert figures[0].out == figures[1].out
    assert json.loads(figures[0].out)["n"] > 0
    dropped, empty = (
        rows(both("predict", "empty.safetensors", f"{n}.csv", "--from", SPLIT, "--stride", "1"))
        for n in ("dropped", "empty")
    )
    there = {f"{at:%Y-%m-%d %H:%M}" for at in HOURS[KEPT]}
    assert dropped == [row for row in empty if row[0] in there or row[0] > f"{HOURS[-1]:%Y-%m-%d %H:%M}"]
    scored = rows(both("predict", "dropped.safetensors", "dropped.csv", "--from", SPLIT, "--score"))
    assert [row[0] for row in scored] == [f"{at:%Y-%m-%d %H:%M}" for at in HOURS[KEPT] if at >= pd.Timestamp(SPLIT)]


def test_rows_are_counted_as_in_the_file(both):
    at = int(KEPT[: np.argmax(pd.Timestamp(SPLIT) <= HOURS)].sum())
    last = int(KEPT.sum()) - at
    found = [
        both("predict", "dropped.safetensors", "dropped.csv", "--from", begin, "--evaluate").out
        for begin in (str(at), f"-{last}", str(HOURS[KEPT][at])[:16])
    ]
    assert len(set(found)) == 1
    assert found[0].startswith(b"{")


def test_streams_and_parts_have_the_rows_of_the_whole_file(both, here):
    whole = rows(both("predict", "dropped.safetensors", "dropped.csv", "--score"))
    lines = (both.folder / "dropped.csv").read_bytes().splitlines(keepends=True)
    followed = here("predict", str(both.folder / "dropped.safetensors"), "--follow", "--score", input=b"".join(lines))
    assert rows(followed) == whole
    parts = []
    for begin, end in ((1, 150), (150, 151), (151, len(lines))):
        (both.folder / "part.csv").write_bytes(lines[0] + b"".join(lines[begin:end]))
        parts += rows(both("predict", "dropped.safetensors", "part.csv", "--state-file", "s", "--score"))
    assert parts == whole
    ahead = rows(both("predict", "dropped.safetensors", "dropped.csv"))
    (both.folder / "s").unlink()
    for begin, end in ((1, 150), (150, len(lines))):
        (both.folder / "part.csv").write_bytes(lines[0] + b"".join(lines[begin:end]))
        last = rows(both("predict", "dropped.safetensors", "part.csv", "--state-file", "s"))
    assert last == ahead


def test_nights_are_never_forecast(here):
    write(here, "night.csv", HOURS.hour >= 6)
    done = here("train", "night.csv", *TRAIN, "-o", "m.safetensors")
    assert "closed 00:00 to 06:00" in done.err and "absent" not in done.err
    found = rows(here("predict", "m.safetensors", "night.csv"))
    assert [row[0] for row in found] == [f"2024-01-21 0{hour}:00" for hour in (6, 7, 8, 9)]


def test_uneven_times_and_no_regular_leave_rows_as_they_are(here):
    write(here, "sparse.csv", np.random.default_rng(2).random(len(HOURS)) < 0.3)
    done = here("train", "sparse.csv", *TRAIN, "-o", "m.safetensors")
    assert done.code == 0 and "times are uneven" in done.err
    write(here, "dropped.csv", KEPT)
    done = here("train", "dropped.csv", *TRAIN, "--no-regular", "-o", "m.safetensors")
    assert done.code == 0 and "absent" not in done.err
    found = here("predict", "m.safetensors", "dropped.csv", "--evaluate")
    assert "absent" not in found.err


def test_rows_that_stand_twice_are_taken_once_or_refused(here):
    write(here, "once.csv", ALL)
    lines = (here.folder / "once.csv").read_text().splitlines(keepends=True)
    (here.folder / "twice.csv").write_text("".join(lines[:30] + lines[20:]))
    for name in ("once", "twice"):
        done = here("train", f"{name}.csv", *TRAIN, "-o", f"{name}.safetensors")
        assert done.code == 0, done.err
        assert ("10 duplicate rows" in done.err) == (name == "twice")
    assert (here.folder / "once.safetensors").read_bytes() == (here.folder / "twice.safetensors").read_bytes()
    (here.folder / "other.csv").write_text("".join([*lines, lines[-1].replace(",", ",1")]))
    done = here("train", "other.csv", *TRAIN)
    assert done.code == 1
    assert "more than once" in done.err and "--group" in done.err and "--zone" in done.err
    assert "--no-regular" in done.err
    done = here("train", "other.csv", *TRAIN, "--no-regular", "-o", "other.safetensors")
    assert done.code == 0, done.err
    found = here("predict", "other.safetensors", "other.csv", "--score")
    assert len(rows(found)) == len(lines) - 1  # all steps but the first one: the added row makes up for the header


def test_another_step_than_that_of_training_is_said(here):
    write(here, "hours.csv", ALL)
    assert here("train", "hours.csv", *TRAIN, "-o", "m.safetensors").code == 0
    (here.folder / "days.csv").write_text(
        "ds,y\n" + "".join(f"2024-02-{day:02d} 00:00,{day}\n" for day in range(1, 21))
    )
    done = here("predict", "m.safetensors", "days.csv")
    assert "1 day apart, expected 1 hour as in training" in done.err
    assert [row[0] for row in rows(done)] == [f"2024-02-{day} 00:00" for day in (21, 22, 23, 24)]


def test_each_series_has_its_own_step_and_season(here):
    """Hours repeat every 24 rows, days every 7; either may be in the majority."""
    for majority in ("h", "d"):
        lines = ["key,ds,y"]
        for key, index, season in [
            *((f"h{i}", HOURS, 24) for i in range(1 + (majority == "h"))),
            *((f"d{i}", pd.date_range("2022-01-01", periods=300), 7) for i in range(1 + (majority == "d"))),
        ]:
            shape = np.random.default_rng(season).normal(size=season)
            lines += [f"{key},{at:%Y-%m-%d %H:%M},{100 + 9 * shape[i % season]:.3f}" for i, at in enumerate(index)]
        (here.folder / "mixed.csv").write_text("\n".join(lines) + "\n")
        done = here("train", "mixed.csv", *TRAIN, "--group", "key", "--level", "season", "-o", "m.safetensors")
        assert done.code == 0, done.err
        for begin, run in ((None, ()), ("-3", ("--horizon", "9"))):
            options = [*run, *(("--from", begin) if begin else ())]
            found = rows(here("predict", "m.safetensors", "mixed.csv", *options))
            for key, first, step, season, last in (
                ("h0", HOURS[-1], "h", 24, len(HOURS)),
                ("d0", pd.Timestamp("2022-10-27"), "D", 7, 300),
            ):
                mine = [row for row in found if row[0] == key]
                ahead = pd.date_range(first, periods=10, freq=step)[1:]
                if begin is None:
                    assert [row[1] for row in mine] == [f"{at:%Y-%m-%d %H:%M}" for at in ahead[:4]]
                shape = 100 + 9 * np.random.default_rng(season).normal(size=season)
                start = last if begin is None else last - 3
                right = [shape[(start + k) % season] for k in range(len(mine))]
                np.testing.assert_allclose([float(row[2]) for row in mine], right, atol=1.5)
