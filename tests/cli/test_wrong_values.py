"""A value that the loss or the transform cannot be of is refused with its place, in training and to predict alike."""

import json

import numpy as np
import pytest

GOOD = [float(2 + t % 5) for t in range(60)]
#: options, what a wrong value looks like, what is expected of it
KINDS = [
    (("--transform", "log"), "0", "a value above 0 (--transform log; a model trained with --transform none takes any)"),
    (
        ("--transform", "log"),
        "-3",
        "a value above 0 (--transform log; a model trained with --transform none takes any)",
    ),
    (("--loss", "poisson"), "-1", "a count, a whole number of at least 0 (--loss poisson)"),
    (("--loss", "negbin"), "2.5", "a count, a whole number of at least 0 (--loss negbin)"),
    (("--loss", "bernoulli"), "2", "0 or 1 (--loss bernoulli)"),
]


def table(values, group="a") -> str:
    return "id,t,y,z\n" + "".join(f"{group},{t},{v},{v}\n" for t, v in enumerate(values))


def swapped(values, at, wrong):
    return [*values[:at], wrong, *values[at + 1 :]]


@pytest.fixture
def small(here):
    def train(data, *options):
        return here("train", data, "-o", "m", "--epochs", "1", "--hidden", "4", "--threads", "1", "-q", *options)

    here.small = train
    return here


@pytest.mark.parametrize(("options", "wrong", "expected"), KINDS, ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("apart", [(), ("--univariate",)], ids=["joint", "apart"])
def test_the_line_the_column_and_the_value_are_told(small, options, wrong, expected, apart):
    good = [v % 2 for v in GOOD] if "bernoulli" in options else GOOD
    columns = ("--time", "t", "--target", "y,z", "--horizon", "2", "--inputs", "y,z", *options, *apart)
    small.write("good.csv", table(good))
    for at in (0, 30, 59):
        small.write("bad.csv", table(swapped(good, at, wrong)))
        refused = small.small("bad.csv", *columns)
        assert refused.code == 1
        message = refused.message()
        assert f"bad.csv:{at + 2}: {wrong} in column y, expected {expected}" in message
        assert (small.small("good.csv", *columns).code) == 0
        for mode in ((), ("--score",), ("--evaluate",), ("--from", "40"), ("--from", "40", "--score")):
            done = small("predict", "m", "bad.csv", *mode)
            assert done.code == 1
            assert done.message() == message
    early = small("predict", "m", "bad.csv", "--until", "59")  # what is left out is not looked at
    assert (early.code, early.err) == (0, "")
    assert small.small("bad.csv", *columns, "--until", "59").code == 0


LOG = ("--transform", "log", "--horizon", "2")


def test_the_place_is_that_in_the_file_whatever_its_form(small, here):
    rows = table(GOOD).splitlines(keepends=True)
    turned = [rows[0], *reversed(rows[1:])]  # sorted by time when read
    small.write("good.csv", "".join(rows))
    assert small.small("good.csv", "--group", "id", "--time", "t", "--target", "y", *LOG).code == 0
    small.write("turned.csv", "".join(swapped(turned, 10, "a,50,0,1\n")))
    assert "turned.csv:11: 0 in column y" in small("predict", "m", "turned.csv").message()
    small.write("other.csv", table(swapped(GOOD, 7, -1), group="b"))
    for command in (["good.csv", "other.csv"], ["other.csv", "--state-file", "s"]):
        done = small("predict", "m", *command)
        *notes, error = done.err.splitlines()
        assert (done.code, done.out) == (1, b"")
        assert error.startswith("rnncli: other.csv:9: -1 in column y")
        assert all("series were not in training: b" in note for note in notes)
    done = here("predict", "m", "--follow", input=table(swapped(GOOD, 7, -1)).encode())
    assert "9: -1 in column y" in done.err
    assert done.code == 1

    wide = "".join(f"s{i}," + ",".join(map(str, GOOD)) + "\n" for i in range(3))
    small.write("wide.csv", wide)
    assert small.small("wide.csv", "--format", "wide", "--task", "forecast", *LOG).code == 0
    small.write("bad.csv", wide + "s4," + ",".join(map(str, swapped(GOOD, 7, 0))) + "\n")
    assert small("predict", "m", "bad.csv").err.splitlines()[-1].startswith("rnncli: bad.csv:4: 0 in column value")

    small.write("good.jsonl", json.dumps({"x": GOOD}) + "\n")
    assert small.small("good.jsonl", "--task", "forecast", *LOG).code == 0
    small.write("bad.jsonl", json.dumps({"x": GOOD}) + "\n" + json.dumps({"x": swapped(GOOD, 7, 0)}) + "\n")
    assert "bad.jsonl:2: 0 in column 1" in small("predict", "m", "bad.jsonl").message()

    np.save(small.folder / "good.npy", np.array(GOOD))
    np.save(small.folder / "bad.npy", np.array(swapped(GOOD, 7, 0)))
    assert small.small("good.npy", "--task", "forecast", *LOG).code == 0
    assert "bad.npy: row 7, counted from 0: 0 in column 1" in small("predict", "m", "bad.npy").message()
