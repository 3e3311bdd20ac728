"""`--follow` and `--state` of forecasts: what comes row by row, or day by day, is forecast as the whole file is."""

import os
import signal

import numpy as np
import pytest

from tests.conftest import Shell

ROWS, TRAINED = 230, 150  # of each group
HEADER = "time,place,load,flow,note"
COLUMNS = ("--time", "time", "--group", "place", "--horizon", "3", "--season", "6")


def make_rows(known=("a", "b"), never=("new",)) -> list[str]:
    """Rows of groups side by side: a wave, numbers that are missing here and there, words."""
    rng, rows = np.random.default_rng(0), []
    hours = np.datetime64("2024-03-01T00:00") + np.arange(ROWS).astype("timedelta64[h]")
    for t, hour in enumerate(hours):
        for place, size in zip((*known, *never), (1, 10, 3), strict=True):
            load = size * (5 + np.sin(2 * np.pi * t / 24) + 0.1 * rng.normal())
            flow = 2 + np.cos(2 * np.pi * t / 24) + 0.05 * rng.normal()
            fields = [f"{value:.3f}" if t in (0, ROWS - 1) or rng.random() > 0.05 else "" for value in (load, flow)]
            rows.append(",".join([str(hour).replace("T", " "), place, *fields, rng.choice(["hot", "cold"])]))
    return rows


@pytest.fixture(scope="module")
def stream() -> list[str]:
    return make_rows()


@pytest.fixture(scope="module")
def models(tmp_path_factory, stream):
    """Small models, each trained once, by name."""
    shell, paths = Shell(tmp_path_factory.mktemp("series")), {}
    seen = [row for row in stream[: 3 * TRAINED] if ",new," not in row]
    shell.write("train.csv", "\n".join([HEADER, *seen]) + "\n")
    shell.write("bare.csv", "".join(f"{row.split(',')[2]},{row.split(',')[3]}\n" for row in seen if ",a," in row))
    kinds = {
        "one": ("train.csv", *COLUMNS, "--target", "load"),
        "deep": ("train.csv", *COLUMNS, "--target", "load,flow", "--cell", "gru", "--layers", "2", "--level", "mean"),
        "apart": ("train.csv", *COLUMNS, "--target", "load,flow", "--inputs", "load,flow,note", "--univariate"),
        "known": ("train.csv", *COLUMNS, "--target", "load", "--known", "flow"),
        "counts": ("train.csv", *COLUMNS, "--target", "load", "--loss", "mae", "--inputs", "load"),
        "bare": ("bare.csv", "--horizon", "2", "--target", "1"),
    }

    def path(name):
        if name not in paths:
            small = ("--epochs", "2", "--hidden", "8", "--threads", "1", "--quiet", "-o", name)
            done = shell("train", *kinds[name], *small)
            assert (done.code, done.err) == (0, "")
            paths[name] = str(shell.folder / name)
        return paths[name]

    return path


def table(rows, header=HEADER) -> str:
    return "\n".join([*([header] if header else []), *rows]) + "\n"


def parsed(done, group=None) -> list[list[str]]:
    """The rows out, of one group if so asked."""
    assert done.code == 0, done.err
    rows = [line.split("\t") for line in done.out.decode().splitlines()]
    return [row for row in rows if group is None or row[0] == group]


def alike(found, expected):
    """The same names and times, the same numbers to the rounding of float32; and there is something to compare."""
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other)
        for mine, given in zip(one, other, strict=True):
            assert mine == given or float(mine) == pytest.approx(float(given), rel=2e-5, abs=2e-5), (one, other)


# -- rows that come one by one ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one", "deep", "apart", "counts"])
@pytest.mark.parametrize("options", [(), ("--score",)])
def test_rows_of_a_stream_are_forecast_as_those_of_the_whole_file(run, models, stream, name, options):
    run.write("whole.csv", table(stream))
    every = () if options else ("--stride", "1")
    whole = run("predict", models(name), "whole.csv", *options, *every, "--from", "0")
    following = run("predict", models(name), *options, "--follow", input=table(stream).encode())
    for group in ("a", "b"):
        alike(parsed(following, group), parsed(whole, group))
    groups = [row[0] for row in parsed(following)]
    per_row = 1 if options else 3
    assert groups[-3 * per_row :] == [g for g in ("a", "b", "new") for _ in range(per_row)]


def test_a_series_never_seen_is_scaled_by_its_rows_so_far(here, run, models, stream):
    """At each row as the whole file with `--from` there; from LEARNING rows on the scale stays."""
    mine = [row for row in stream if ",new," in row]
    here.write("new.csv", table(mine))
    found = parsed(run("predict", models("one"), "--follow", input=table(mine).encode()))
    for row in (1, 2, 40, 127):
        at = here("predict", models("one"), "new.csv", "--from", str(row + 1), "--stride", "1000")
        alike(found[3 * row : 3 * row + 3], parsed(at)[:3])
    later = parsed(here("predict", models("one"), "new.csv", "--from", "128", "--stride", "1"))
    alike(found[3 * 127 :], later)
    scores = parsed(run("predict", models("one"), "--follow", "--score", input=table(mine).encode()))
    for row in (2, 40, 128):
        alike(scores[row - 1 : row], parsed(here("predict", models("one"), "new.csv", "--score", "--from", str(row)))[:1])
    alike(scores[127:], parsed(here("predict", models("one"), "new.csv", "--score", "--from", "128")))
