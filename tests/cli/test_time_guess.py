"""`train` without `--time`: the column of times is found and said; the model is that of a command which names it."""

import math
from datetime import datetime, timedelta

import polars as pl
import pytest
from safetensors.numpy import load_file

from rnncli.tasks.trained import load_model

ROWS = 60
MONTHS_IN_FULL = "January February March April May June July August September October November December"
SMALL = ("--cell", "rnn", "--hidden", "3", "--epochs", "0.2", "--target", "x")


def hours(columns="timestamp,x,y", of=("",)):
    """A row an hour for each series."""
    rows = [f"2024-01-{1 + t // 24:02d} {t % 24:02d}:00,{math.sin(t / 4):.3f},{t % 5}" for t in range(ROWS)]
    return "\n".join([columns, *(row + name for row in rows for name in of)]) + "\n"


@pytest.fixture
def table(here):
    """a.csv in the folder."""
    here.write("a.csv", hours())
    return here


def test_the_model_is_that_of_a_command_that_names_it(table):
    guessed, named = (
        table("train", "a.csv", *SMALL, "-o", "g"),
        table("train", "a.csv", *SMALL, "--time", "timestamp", "-o", "n"),
    )
    assert (guessed.code, named.code) == (0, 0), guessed.err
    line = "a.csv: the times of the rows are those of column timestamp (2024-01-01 00:00, ..): --time none undoes it\n"
    assert line in guessed.err and line not in named.err
    assert (table.folder / "g").read_bytes() == (table.folder / "n").read_bytes()
    ahead = table("predict", "g", "a.csv", "--to", "csv").out.decode().splitlines()
    assert ahead[1].startswith("2024-01-03 12:00,")  # the hour after the last one


def test_a_table_of_times_and_numbers_is_forecast(table):
    done = table("train", "a.csv", "--epochs", "0.1", "--hidden", "3", "-o", "m")
    assert done.code == 0 and "x, y 1 step ahead" in done.err


def test_parquet_with_typed_times_is_forecast(here):
    begin = datetime(2024, 1, 1)
    times = [begin + timedelta(hours=t) for t in range(ROWS)]
    table = pl.DataFrame({"at": times, "x": [math.sin(t / 4) for t in range(ROWS)]})
    table.write_parquet(here.folder / "a.parquet")
    done = here("train", "a.parquet", "--epochs", "0.1", "--hidden", "3", "-o", "m")
    assert (
        done.code == 0 and "those of column at (2024-01-01 00:00:00, ..)" in done.err and "x 1 step ahead" in done.err
    )


def test_none_undoes_it(table):
    done = table("train", "a.csv", *SMALL, "--time", "none", "-o", "m")
    assert done.code == 0 and "the times of the rows" not in done.err
    assert "in column timestamp is read as a category" in done.err
    assert table("train", "a.csv", *SMALL, "--time", "none", "-o", "m", "--resume").code == 0


def test_a_model_without_times_is_gone_on_with_as_it_is(table):
    assert table("train", "a.csv", *SMALL, "--inputs", "y", "--time", "none", "-o", "old").code == 0
    done = table("train", "a.csv", "--init", "old", "--epochs", "0.1", "-o", "new")
    assert done.code == 0 and "the times of the rows" not in done.err
    assert load_model(str(table.folder / "new")).config.time in (None, "none")


def test_resume_finds_the_same(table):
    assert table("train", "a.csv", *SMALL, "-o", "m").code == 0
    again = table("train", "a.csv", *SMALL, "-o", "m", "--resume")
    assert again.code == 0 and "nothing to do" in again.err


def test_series_that_share_their_times_need_a_group(here):
    here.write("b.csv", hours("timestamp,x,y,device", (",a", ",b")))
    done = here("train", "b.csv", *SMALL)
    assert done.code == 2 and not list(here.folder.glob("*.safetensors"))
    assert done.message().endswith(
        "b.csv: times of column timestamp come again, each once for a value of column device: --group device makes "
        "these series of their own; --time none takes the rows in the order of the file\n"
    )
    assert "2 series" in here("train", "b.csv", *SMALL, "--group", "device").err


@pytest.mark.parametrize("option", [(), ("--target", "y"), ("--target", "x,y")])
def test_times_that_come_again_are_no_category(here, option):
    """As of clocks that were set back: the model is that of the same file without the column."""
    rows = hours().splitlines()
    rows[7] = ",".join([rows[6].split(",")[0], *rows[7].split(",")[1:]])
    here.write("a.csv", "\n".join(rows) + "\n")
    here.write("b.csv", "\n".join(row.partition(",")[2] for row in rows) + "\n")
    done = here("train", "a.csv", *SMALL[:-2], *option, "-o", "m")
    assert done.code == 0, done.err
    assert "times of column timestamp come again: it is not read, rows stay in the order of the file" in done.err
    assert here("train", "b.csv", *SMALL[:-2], *option, "-o", "n").code == 0
    one, other = (load_file(str(here.folder / name)) for name in "mn")
    assert all((one[name] == other[name]).all() for name in one)
    assert here("predict", "m", "a.csv").out == here("predict", "n", "b.csv").out


@pytest.mark.parametrize("option", [("--zone", "Asia/Tokyo"), ("--no-regular",)])
def test_what_is_said_of_times_is_said_of_those_that_are_found(table, option):
    done = table("train", "a.csv", *SMALL, *option, "-o", "m")
    assert done.code == 0, done.err
    assert table("train", "a.csv", *SMALL, *option, "--time", "timestamp", "-o", "n").code == 0
    one, other = ((table.folder / name).read_bytes() for name in "mn")
    assert one == other


@pytest.mark.parametrize("option", [("--time-format", "%d"), ("--zone", "UTC"), ("--no-regular",)])
def test_what_is_said_of_times_needs_them(table, option):
    done = table("train", "a.csv", *SMALL, *option, "--time", "none")
    assert done.code == 2 and "has no effect without --time" in done.err


def test_rows_with_names_of_their_own_are_no_steps(here):
    """Or they have times in a form that is not read."""
    tops = ",".join(f"d_{i * i}" for i in range(9))
    here.write("sales.csv", f"item,{tops}\n" + "".join(f"i{i}," + ",".join("123456789") + "\n" for i in range(30)))
    done = here("train", "sales.csv", "--horizon", "2", "--dry-run")
    assert done.code == 2
    assert done.err.endswith(
        "rnncli: sales.csv: column item has another word in each row (i0, ..): --format wide if each row is a series, "
        "--time item --time-format FORM if these are times, --target COLUMN if rows are steps\n"
    )
    named = here("train", "sales.csv", "--target", "d_1", *SMALL[:-2], "-o", "m.safetensors")
    assert "column item has another word in each row (i0, ..)" in named.err and "--inputs to leave it out" in named.err
    here("train", "sales.csv", "--target", "d_1", "--inputs", "d_1", *SMALL[:-2], "-o", "n.safetensors")


@pytest.mark.parametrize("names", ["Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", MONTHS_IN_FULL])
def test_columns_of_months_are_said_to_be_a_series_each(here, names):
    rows = (",".join(map(str, [1990 + i, *(12 * i + m for m in range(12))])) for i in range(20))
    here.write("a.csv", "\n".join([",".join(["Year", *names.split()]), *rows]) + "\n")
    said = f"columns {names.split()[0]} to {names.split()[-1]} are a series each, of this month of all years"
    done = here("train", "a.csv", "--epochs", "0.1", "--hidden", "3", "-o", "m")
    assert done.code == 0 and said in done.err
    done = here("train", "a.csv", "--target", names.split()[2], "--epochs", "0.1", "--hidden", "3", "-o", "n")
    assert done.code == 0 and said not in done.err


@pytest.mark.parametrize(
    ("names", "row", "said"),
    [
        (",y", "{x},{y}", "growing from row to row, and forecast too: 1: --time 1 makes it the time"),
        ("depth,y", "{x},{y}", "growing from row to row, and forecast too: depth: --time depth"),
        ("id,date,y", "{i},2024-01-{d:02d},{y}", "counting the rows, and forecast too: id: --target names"),
        ("a,b,y", "{x},{i},{y}", "growing from row to row, and forecast too: a, b: --target names"),
        ("total,date,y", "{x},2024-01-{d:02d},{y}", ""),
        ("y,z", "{y},{z}", ""),
        ("y", "{i}", ""),
    ],
)
def test_columns_that_count_are_said(here, names, row, said):
    rows = [row.format(i=i, d=i + 1, x=i * i / 2, y=i % 5 + 0.5, z=-i) for i in range(25)]
    here.write("a.csv", "\n".join([names, *rows]) + "\n")
    done = here("train", "a.csv", "--horizon", "2", "--hidden", "3", "--epochs", "0.1", "-o", "m")
    assert done.code == 0, done.err
    assert said in done.err and ("and forecast too" in done.err) == bool(said)


@pytest.mark.parametrize("missing", ["", "NA"])
def test_a_time_that_is_missing_in_some_rows_is_no_category(here, missing):
    rows = "".join(f"{missing if i % 7 == 3 else f'2024-01-{i + 1:02d}'},{i % 5 + 0.5}\n" for i in range(31))
    here.write("a.csv", f"day,y\n{rows}")
    train = ("--target", "y", "--epochs", "0.1", "--hidden", "3")
    done = here("train", "a.csv", *train, "-o", "m")
    assert done.code == 1
    assert done.message().startswith(f"rnncli: a.csv: {missing!r} in row 4 of column day, expected a time as in other")
    assert here("train", "a.csv", *train, "--time", "none", "-o", "n").code == 0
    assert here("train", "a.csv", *train, "--inputs", "y", "-o", "o").code == 0
