"""Parquet files as tables."""

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rnncli.errors import Notes, UsageError
from tests.readers.helpers import NAN, form_of, message, read

FILE = "data.csv"


def parquet(path, **columns):
    pl.DataFrame(columns).write_parquet(path)
    return path


@pytest.mark.parametrize("index", [[5, 0, 3], ["2024-01-02", "2024-01-01", "2024-01-03"]])
def test_numbers_of_rows_that_pandas_keeps_are_no_column_but_times_are(file, index):
    """They were an input of every row, or forecast, in silence."""
    index = index if isinstance(index[0], int) else pl.Series(index).str.to_datetime("%Y-%m-%d")
    path = parquet(file("", "data.parquet"), y=[1.5, 2.5, 3.5], __index_level_0__=index)
    dated = ("__index_level_0__",) * (not isinstance(index, list))
    assert form_of(path, task="forecast").columns == ("y", *dated)
    assert read(path, "forecast", time=dated[0] if dated else None).number_names == ["y"]


def test_parquet_files_have_names_and_types(file, stdin):
    path = file("", "data.parquet")
    when = pl.Series(["2024-01-02", "2024-01-01", "2024-01-03"]).str.to_datetime("%Y-%m-%d")
    parquet(path, g=[1, 1, 2], t=when, x=[1.5, None, 3.0], on=[True, False, True], c=["p", None, "q"], l=[7, 7, 8])
    form = form_of(path, group="g", time="t", label="l")
    assert form.describe() == "Parquet with header, columns g, t, x, on, c, l"
    for name in (path, "-"):
        stdin(Path(path).read_bytes())
        columns = read(name, "classify", group="g", time="t", label="l")
        assert columns.number_names == ["x", "on"]
        np.testing.assert_array_equal(columns.numbers, [[NAN, 0], [1.5, 1], [3, 1]])
        assert columns.coded["c"].texts() == [None, "p", "q"]
        assert (columns.keys, columns.labels.texts()) == (["1", "2"], ["7", "8"])
    csv = file("g,t,x,on,c,l\n1,2024-01-02,1,0,1,7\n", "new.csv")
    columns = read(csv, form=form, numbers=("x", "on"), group="g", time="t", label="l")
    assert (columns.numbers.tolist(), columns.labels.texts()) == ([[1, 0]], ["7"])


def test_decimals_of_more_digits_than_polars_reads_are_named(file):
    """They ended with a traceback."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, numbers = file("", "data.parquet"), [Decimal(1), Decimal(2)]
    pq.write_table(pa.table({"t": [0, 1], "y": pa.array(numbers, pa.decimal256(50, 3))}), path)
    found = f"{path}: column y has decimals of 50 digits, expected at most 38: save it as float64, or leave it out"
    assert message(path) == found
    pq.write_table(pa.table({"y": pa.array(numbers, pa.decimal256(38, 3))}), path)
    assert read(path, "forecast").numbers.tolist() == [[1], [2]]


def test_bytes_that_are_no_text_are_named(file):
    """The message was about numbers of training."""
    path = parquet(file("", "data.parquet"), g=[b"\xff\x00", b"\xfe"], x=[1.0, 2.0])
    assert message(path, "classify", group="g") == (
        f"{path}: column g has bytes that are no text: save them as text, such as hex digits, or leave it out"
    )


def test_parquet_files_that_cannot_be_read_are_named(file):
    path = file(b"PAR1 cut off", "data.parquet")
    assert message(path).startswith(f"{path}: not a complete Parquet file")
    path = parquet(file("", "data.parquet"), x=[[1, 2], [3]])
    assert f"{path}: column x has List(Int64), expected one value per row" in message(path)
    path = parquet(file("", "data.parquet"), x=[1.0], y=["a"])
    assert "--label z: no such column, found x, y" in message(path, kind=UsageError, label="z")
    path = parquet(path, x=[1.0, float("inf")])
    assert message(path).startswith(f"{path}:2: an infinite number in column x")


def test_other_columns_of_times_are_no_categories_in_silence(file, monkeypatch):
    said = []
    monkeypatch.setattr(Notes, "say", said.append)
    monkeypatch.setattr(Notes, "said", set())
    path, days = file("", "data.parquet"), pl.Series(["2024-01-02", "2024-01-01"]).str.to_date()
    parquet(path, x=[1.5, 2.5], born=days)
    assert read(path, "forecast").coded["born"].texts() == ["2024-01-02", "2024-01-01"]
    read_as = "read as categories, not as numbers: --inputs leaves columns out"
    assert said == [f"{path}: the times of column born are {read_as}"]
    parquet(path, x=[1.5, 2.5], took=pl.Series([1, 2]).cast(pl.Duration("us")))
    assert f"{path}: column took has durations, expected numbers" in message(path, "forecast")


def refusing(path, then):
    """A process that does this while polars is held to one line, for a file that looks like Parquet."""
    path.write_bytes(b"PAR1")
    script = f"import os\nfrom rnncli.readers.parquet import _refusing\nwith _refusing({str(path)!r}): {then}"
    return subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)


def test_an_abort_of_polars_is_one_line(tmp_path):
    found = refusing(path := tmp_path / "a.parquet", "os.abort()")
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith(f"rnncli: {path}: not a complete Parquet file") and found.stderr.count("\n") == 1


def test_an_abort_after_that_is_an_abort(tmp_path):
    assert refusing(tmp_path / "a.parquet", "pass\nos.abort()").returncode == -signal.SIGABRT


def in_zone(path, zone):
    import pyarrow as pa
    from pyarrow import parquet

    hours = [datetime(2024, 1, 1) + timedelta(hours=hour) for hour in range(3)]
    parquet.write_table(pa.table({"t": pa.array(hours, pa.timestamp("us", zone)), "x": [1.0, 2.0, 3.0]}), path)
    return str(path)


@pytest.mark.parametrize(
    ("zone", "sample"), [("+05:30", "%Y-%m-%d %H:%M:%S+05:30"), ("-09:30", "%Y-%m-%d %H:%M:%S-09:30")]
)
def test_offsets_of_half_an_hour_are_those_of_the_forecasts(tmp_path, zone, sample):
    columns = read(in_zone(tmp_path / "a.parquet", zone), "forecast", time="t", targets=("x",))
    assert columns.time_sample == sample and columns.zone == ""
    assert columns.times.tolist() == [datetime(2024, 1, 1, hour) for hour in range(3)]


def test_a_zone_that_there_is_not_is_refused(tmp_path):
    found = message(in_zone(tmp_path / "a.parquet", "Mars/Phobos"), "forecast", time="t", targets=("x",))
    assert found == "t: times of the zone Mars/Phobos, expected a place as Europe/Berlin or an offset as +05:30"
