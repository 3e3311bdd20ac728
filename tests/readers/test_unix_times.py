"""Seconds since 1970, and smaller units, are dates where their steps are of a calendar, or --time-format says it."""

import numpy as np
import pandas as pd
import pytest

from rnncli.data import polars as pl
from rnncli.data.times.stamp_writing import write_time
from rnncli.data.times.stamps import form, parse
from rnncli.errors import RnncliError
from tests.readers.helpers import read

FILE = "data.csv"
ROWS, AHEAD = 50, 4
UNITS = {"%s": 10**9, "%3s": 10**6, "%6s": 1000, "%9s": 1}


def unix(times, text="%s"):
    return times.astype("datetime64[ns]").astype("int64") // UNITS[text]


@pytest.mark.parametrize("text", UNITS)
def test_what_is_read_is_written_again(text):
    times = pd.DatetimeIndex(["1969-12-31 23:59:58", "1970-01-01", "2024-02-29 12:34:56", "2100-01-01"])
    texts = unix(times, text).astype(str).tolist()
    when, found = parse(pl.Series([*texts, "", "x", "9" * 19]), text)
    assert found == text and form(text).kind == "dated"
    assert when.to_list()[:-3] == (times.astype("datetime64[us]").astype("int64")).tolist()
    assert when.to_list()[4:6] == [None, None]
    assert [write_time(time, text) for time in times.to_numpy().astype("datetime64[us]")] == texts
    assert parse(pl.Series(["1000000001"]), "%9s")[0].to_list() == [None]  # a nanosecond would be lost


@pytest.mark.parametrize("text", UNITS)
@pytest.mark.parametrize("freq", ["MS", "ME", "QS", "B"])
def test_steps_of_a_calendar_make_dates_of_them(file, notes, freq, text):
    times = pd.date_range("2022-01-03", periods=ROWS, freq=freq)
    path = file("timestamp,y\n" + "".join(f"{t},{i}\n" for i, t in enumerate(unix(times, text))))
    columns = read(path, "forecast", time="timestamp")
    assert (columns.times == times.to_numpy().astype("datetime64[us]")).all()
    assert columns.time_sample == text
    assert any("are read as dates" in one and "--time-format number" in one for one in notes)


@pytest.mark.parametrize("freq", ["D", "h", "W", "90s"])
def test_steps_that_are_equally_long_stay_numbers(file, freq):
    times = unix(pd.date_range("2022-01-03", periods=ROWS, freq=freq))
    columns = read(file("timestamp,y\n" + "".join(f"{t},{i}\n" for i, t in enumerate(times))), "forecast", time="1")
    np.testing.assert_array_equal(columns.times, times)
    uneven = file("timestamp,y\n" + "".join(f"{1_700_000_000 + i * i * 7},{i}\n" for i in range(ROWS)))
    assert read(uneven, "forecast", time="1").times.dtype.kind != "M"


@pytest.mark.parametrize("name", ["d.csv", "d.jsonl", "d.parquet", "float.csv"])
def test_forecasts_go_on_by_the_calendar(here, tmp_path, name):
    """In months and business days, of files with types too; and a step is found by its number."""
    for freq in ("MS", "B"):
        times = unix(pd.date_range("2022-01-03", periods=ROWS + AHEAD, freq=freq)).to_numpy()
        frame = pd.DataFrame({"timestamp": times, "y": np.arange(ROWS + AHEAD) % 7 + 0.5})
        frame = frame.astype({"timestamp": float}) if name == "float.csv" else frame
        write = {"csv": "to_csv", "parquet": "to_parquet"}.get(name.split(".")[1])
        options = {"index": False} if write else {"orient": "records", "lines": True}
        getattr(frame[:ROWS], write or "to_json")(tmp_path / name, **options)
        train = ("--target", "y", "--horizon", str(AHEAD), "--hidden", "4", "--epochs", "1", "--restart", "-q")
        done = here("train", name, *train, "-o", "m", "--until", str(times[45]))
        assert done.code == 0, done.err
        rows = here("predict", "m", name).rows(4)
        assert [int(float(row[0])) for row in rows] == times[ROWS:].tolist()
        rows = here("predict", "m", name, "--from", str(times[46])).rows(6)
        assert int(float(rows[0][0])) == times[46]


def test_the_form_may_be_given(here, tmp_path):
    """Then days have the season of a week, though they are equally far apart."""
    times = unix(pd.date_range("2022-01-03", periods=ROWS))
    rows = "".join(f"{t},{i % 7 + 0.5}\n" for i, t in enumerate(times))
    (tmp_path / "a.csv").write_text(f"timestamp,y\n{rows}")
    options = ("--time", "timestamp", "--hidden", "4", "--epochs", "1", "-o", "m")
    assert here("train", "a.csv", *options, "--time-format", "%s").code == 0
    assert here("predict", "m", "a.csv").out.startswith(str(times[-1] + 86400).encode())
    done = here("train", "a.csv", *options[:-1], "n", "--time-format", "%3s")
    assert done.code == 0  # January 1970
    (tmp_path / "b.csv").write_text(f"timestamp,y\n2022-01-03,1\n{rows}")
    done = here("train", "b.csv", *options[:-1], "o", "--time-format", "%s")
    assert done.code == RnncliError.exit_code and "b.csv:2: '2022-01-03' in the time column" in done.err
