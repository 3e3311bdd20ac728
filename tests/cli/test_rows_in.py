"""`train` on series in rows, below their dates: found, said, undone, and the model of a command that names it."""

import numpy as np
import pytest

MONTHS = [f"{2019 + i // 12}-{i % 12 + 1:02}" for i in range(48)]
SHORT = ("--epochs", "0.5", "--hidden", "3", "--seed", "1")
SAID = "a.csv: each row is a series, its steps are the columns from 2019-01 to 2022-12: --format table reads"


@pytest.fixture
def table(here):
    """Four shops in the folder."""
    values = 100 + 10 * np.sin(np.arange(48) / 12 * 2 * np.pi) + np.random.default_rng(0).normal(size=(4, 48))
    rows = [[f"shop {i}", *map("{:.2f}".format, row)] for i, row in enumerate(values)]
    here.write("a.csv", "".join(",".join(row) + "\n" for row in [["shop", *MONTHS], *rows]))
    return here


def test_the_model_is_that_of_a_command_that_names_it(table):
    named = ("--format", "wide", "--task", "forecast", "--group", "shop")
    done = table("train", "a.csv", *SHORT, "-o", "g"), table("train", "a.csv", *named, *SHORT, "-o", "n")
    assert [one.code for one in done] == [0, 0], done[0].err
    assert SAID in done[0].err and SAID not in done[1].err
    assert (table.folder / "g").read_bytes() == (table.folder / "n").read_bytes()


def test_forecasts_go_on_with_the_dates(table):
    assert table("train", "a.csv", "--horizon", "2", *SHORT, "-o", "m").code == 0
    rows = [line.split("\t")[:2] for line in table("predict", "m", "a.csv").out.decode().splitlines()]
    assert rows == [[f"shop {i}", month] for i in range(4) for month in ("2023-01", "2023-02")]
    text = (table.folder / "a.csv").read_text().splitlines()
    later = [",".join(line.split(",")[:1] + line.split(",")[30:]) for line in text]
    table.write("later.csv", "\n".join(later[:2]) + "\n")
    assert table("predict", "m", "later.csv").out.decode().splitlines()[0].startswith("shop 0\t2023-01")
    table.write("bare.csv", "\n".join(later[1:]) + "\n")
    done = table("predict", "m", "bare.csv")
    assert done.code == 1 and not done.out and "no time column, expected one as in training" in done.err


def test_without_times_steps_are_counted(table):
    done = table("train", "a.csv", *SHORT, "--time", "none", "-o", "m")
    assert done.code == 0
    rows = table("predict", "m", "a.csv").out.decode().splitlines()
    assert [row.split("\t")[:2] for row in rows] == [[f"shop {i}", "48"] for i in range(4)]


def test_options_undo_it(table):
    done = table("train", "a.csv", *SHORT, "--format", "table", "-o", "m")
    assert done.code == 2 and "choose what to learn" in done.err
    done = table("train", "a.csv", *SHORT, "--target", "2019-01", "-o", "m")
    assert SAID not in done.err
