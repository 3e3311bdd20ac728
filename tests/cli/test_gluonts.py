"""Forecasts of JSON lines of gluonts: frequency and horizon from a metadata.json, features that are known ahead."""

import json
from datetime import datetime

import polars
import pytest


@pytest.fixture
def series(here):
    lines = []
    for i in range(2):
        feature = [float((t + i) % 3) for t in range(43)]
        target = [feature[t] + i for t in range(40)]
        one = {"target": target, "start": "2024-02-27 00:00:00", "item_id": f"s{i}", "feat_dynamic_real": [feature]}
        lines.append(json.dumps(one | {"feat_static_cat": [i]}) + "\n")
    here.write("data.json", "".join(lines))


def test_rows_carry_the_true_dates(here, series):
    here.write("metadata.json", '{"freq": "D", "prediction_length": 3}')
    done = here("train", "data.json", "--epochs", "0.2", "--hidden", "3", "-o", "m")
    assert done.code == 0, done.err
    assert "data.json: 3 steps are forecast, as metadata.json says: --horizon sets another number" in done.err
    assert "data.json: steps are D, as metadata.json says: --frequency sets others" in done.err
    assert "JSON lines of gluonts; 2 series" in done.err
    (here.folder / "metadata.json").unlink()
    rows = [line.split("\t")[:2] for line in here("predict", "m", "data.json").out.decode().splitlines()]
    times = [f"2024-04-0{day} 00:00:00" for day in (7, 8, 9)]
    assert rows == [[name, time] for name in ("s0", "s1") for time in times]


def test_the_explanation_and_a_frequency_without_effect(here, series):
    done = here("train", "data.json", "--frequency", "D", "--horizon", "3", "--explain", "-o", "m")
    told = done.out.decode()
    assert "--format gluonts" in told and "--known feat_dynamic_real_1" in told and "--target target" in told
    here.write("a.csv", "x\n" + "1\n2\n" * 20)
    done = here("train", "a.csv", "--frequency", "D")
    assert done.code == 2 and "--frequency and CSV with header, columns x cannot be combined" in done.err


def test_parquet_gives_the_forecasts_of_its_lines(here, series):
    rows = [json.loads(line) for line in (here.folder / "data.json").read_text().splitlines()]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    columns["start"] = [datetime.fromisoformat(start) for start in columns["start"]]
    polars.DataFrame(columns).write_parquet(here.folder / "data.parquet")
    call = ("--frequency", "D", "--horizon", "3", "--epochs", "0.2", "--hidden", "3", "-o", "m")
    done = here("train", "data.parquet", *call)
    assert done.code == 0 and "Parquet of gluonts; 2 series" in done.err, done.err
    out = [here("predict", "m", name).out for name in ("data.parquet", "data.json")]
    assert out[0] == out[1] and out[0].startswith(b"s0\t2024-04-07 00:00:00\t")
    piped = here("predict", "m", input=(here.folder / "data.parquet").read_bytes())
    assert piped.out == out[0], piped.err
