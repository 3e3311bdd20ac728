"""Parquet of gluonts: the same series as of its JSON lines, whatever type a start has and however arrays are stored."""

import json
from datetime import date, datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest

from rnncli.data.times.steps import MICRO
from rnncli.errors import UsageError
from rnncli.readers.form import Form
from rnncli.readers.gluonts import Gluonts
from tests.readers.helpers import form_of, message, read

FILE = "x.parquet"
DAILY = Form("gluonts", frequency="D", records="parquet")
ROWS = [
    {"target": [1.0, None, 3.5], "start": "2024-02-28 06:00:00", "item_id": "a", "feat_dynamic_real": [[1.0, 2, 3, 4]],
     "feat_static_cat": [3], "feat_static_real": [0.5]},
    {"target": [-2.0, 1e-3], "start": "2024-12-31 00:00:00", "item_id": "7", "feat_dynamic_real": [[5.0, 6, 7]],
     "feat_static_cat": [1], "feat_static_real": [1.5]},
]  # fmt: skip


@pytest.fixture
def parquet(tmp_path):
    """`parquet(columns)` is the path of a file with them."""

    def write(columns, metadata=None):
        pl.DataFrame(columns).write_parquet(tmp_path / FILE, metadata=metadata)
        return str(tmp_path / FILE)

    return write


def columns_of(rows):
    return {key: [row[key] for row in rows] for key in rows[0]}


def assert_same(one, other):
    np.testing.assert_array_equal(one.numbers, other.numbers)
    np.testing.assert_array_equal(one.times, other.times)
    np.testing.assert_array_equal(one.offsets, other.offsets)
    assert (one.number_names, one.keys) == (other.number_names, other.keys)
    assert [coded.texts() for coded in one.coded.values()] == [coded.texts() for coded in other.coded.values()]


@pytest.mark.parametrize("flat", [False, True])
def test_series_are_those_of_the_json_lines(file, parquet, flat):
    columns = columns_of(ROWS)
    columns["start"] = [datetime.fromisoformat(start) for start in columns["start"]]
    if flat:  # as gluonts writes them
        columns["feat_dynamic_real._np_shape"] = [[1, len(rows[0])] for rows in columns["feat_dynamic_real"]]
        columns["feat_dynamic_real"] = [sum(rows, []) for rows in columns["feat_dynamic_real"]]
    path = parquet(columns)
    assert form_of(path) == Form("gluonts", records="parquet") and form_of(path, asked="gluonts") == form_of(path)
    lines = file("".join(json.dumps(row) + "\n" for row in ROWS), "x.jsonl")
    found = read(path, "forecast", form=DAILY)
    assert_same(found, read(lines, "forecast", form=DAILY))
    assert found.numbers[:3, 0].tolist()[::2] == [1, 3.5] and found.times[0] == np.datetime64("2024-02-28T06")
    assert found.where(4).endswith("x.parquet:2")
    known = read(path, "forecast", form=DAILY, numbers=("target", "feat_dynamic_real_1"))
    assert known.numbers[:4, 1].tolist() == [1, 2, 3, 4]  # features beyond the target


ZONE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("start", "kind", "first"),
    [
        (datetime(2024, 1, 31, 12), pl.Datetime("ns"), "2024-01-31T12"),
        (datetime(2024, 1, 31, 12), pl.Datetime("ms"), "2024-01-31T12"),
        (datetime(2024, 1, 31, 12, 0, 0, 250), pl.Datetime("us"), "2024-01-31T12:00:00.00025"),
        (datetime(2024, 1, 31, tzinfo=ZONE), pl.Datetime("us", "Europe/Helsinki"), "2024-01-30T22"),
        (date(2024, 1, 31), pl.Date, "2024-01-31"),
        ("2024-01-31", pl.String, "2024-01-31"),
    ],
)
def test_a_start_of_any_type_is_the_true_one(parquet, start, kind, first):
    path = parquet({"target": [[1.0, 2.0]], "start": pl.Series([start], dtype=kind)})
    columns = read(path, "forecast", form=DAILY)
    step = np.timedelta64(1, "D")
    assert columns.times.tolist() == np.array([np.datetime64(first), np.datetime64(first) + step], MICRO).tolist()
    assert columns.keys == ["1"]


def test_its_metadata_tell_frequency_and_horizon(parquet, tmp_path, said):
    columns = {"target": [[1.0]], "start": [datetime(2024, 1, 1)]}
    path = parquet(columns, {"freq": "30min", "prediction_length": "48"})
    assert Gluonts.frequency(path) == "30min" and Gluonts.horizon(path, "utf-8")[0] == 48
    assert "steps are 30min, as its metadata says: --frequency sets others" in said[0]
    path = parquet(columns)
    assert Gluonts.frequency(path) == ""
    (tmp_path / "metadata.json").write_text('{"freq": "H"}')
    assert Gluonts.frequency(path) == "H"


def test_other_files_are_tables(parquet):
    assert form_of(parquet({"target": [1.0, 2.0], "start": [datetime(2024, 1, 1)] * 2})).name == "table"
    nested = parquet({"target": [[1.0, 2.0]], "when": [datetime(2024, 1, 1)]})
    assert "column target has List(Float64), expected one value per row" in message(nested)


def test_what_is_wrong_is_told_by_its_row(parquet):
    start = [datetime(2024, 1, 1)] * 2
    shape = {"target._np_shape": [[2, 1], [2, 2]]}
    found = message(parquet({"target": [[1.0, 2.0]] * 2, "start": start} | shape), form=DAILY)
    assert "x.parquet:2: column target has not the shape [2, 2] of column target._np_shape" in found
    assert "x.parquet:1: target holds what is no number" in message(
        parquet({"target": [["a"]], "start": start[:1]}), form=DAILY
    )
    assert "x.parquet:1: start is 5" in message(parquet({"target": [[1.0]], "start": [5]}), form=DAILY)
    assert "x.parquet:2: no target" in message(parquet({"target": [[1.0], None], "start": start}), form=DAILY)
    path = parquet({"target": [[1.0]], "start": start[:1]})
    assert "--group and --format gluonts cannot be combined" in message(path, form=DAILY, group="a", kind=UsageError)
