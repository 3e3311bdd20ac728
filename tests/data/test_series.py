"""Series: scaled, their gaps filled, their targets side by side."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rnncli.data.columns import Coded, Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.scale import Scale
from rnncli.data.schema import Schema
from rnncli.data.series_encoding import encode, scaled
from rnncli.data.target_columns import melt
from rnncli.data.times.calendar import Calendar
from rnncli.process import temporary

SAME = Scale(np.zeros((2, 1)), np.ones((2, 1)), np.zeros((2, 1), bool))


def test_a_gap_takes_the_value_of_the_season_before_or_of_one_further_back():
    values = np.array([[1.0], [2.0], [3.0], [np.nan], [5.0], [np.nan], [np.nan], [8.0], [np.nan], [np.nan], [11.0]])
    found = scaled(values, SAME, np.array([0, 9, 11]), np.repeat([3, 3], [9, 2]))
    assert found[:, 0].tolist() == [1, 2, 3, 1, 5, 3, 1, 8, 3, 0, 11]  # the last series does not reach so far back
    last = scaled(values, SAME, np.array([0, 9, 11]))
    assert last[:, 0].tolist() == [1, 2, 3, 3, 5, 5, 5, 8, 8, 0, 11]


def test_targets_that_are_series_of_their_own_stand_side_by_side():
    weather = Coded(np.array([0, 1, 0], np.int32), ["hot", "cold"])
    numbers = np.array([[1.0, 10, 7], [2, 20, 8], [3, 30, 9]])
    columns = Columns(np.array([0, 2, 3]), ["u", "v", "x"], numbers, {"weather": weather}, keys=["a", "b"])
    found = melt(columns, ["u", "v"])
    assert found.names == ["a u", "a v", "b u", "b v"]
    assert found.number_names == ["value", "x"]
    assert found.numbers.tolist() == [[1, 7], [2, 8], [10, 7], [20, 8], [3, 9], [30, 9]]
    assert found.offsets.tolist() == [0, 2, 4, 5, 6]
    assert found.coded["weather"].texts() == ["hot", "cold", "hot", "cold", "hot", "hot"]
    assert found.places.tolist() == [0, 1, 0, 1, 2, 2]


def test_the_calendar_of_each_row_is_that_of_its_own_clock_however_many_rows_are_looked_at_at_once(monkeypatch):
    frames = [pd.date_range("2024-02-27 22:00", periods=40, freq=freq) for freq in ("h", "2h", "h")]
    times = [frame.to_numpy().astype("datetime64[us]") for frame in frames]
    clocks = [Calendar.of(some, np.array([0, len(some)]), "") for some in times]
    outlook = Outlook(
        ["y"], 1, "quantile", [0.5], True, periods=["day", "week"], bias=[[0.0]], width=[[1.0]], jump=[1.0]
    )
    outlook = replace(outlook, mean=[[0.0]] * 2, std=[[1.0]] * 2, flat=[[False]] * 2, keys=["a"], by_series=False)
    numbers = np.random.default_rng(0).normal(size=(120, 1))
    expected = np.concatenate([c.features(some, outlook.periods) for c, some in zip(clocks, times, strict=True)])
    for block in (1 << 16, 7):
        monkeypatch.setattr(temporary, "BLOCK", block)
        columns = Columns(np.array([0, 40, 80, 120]), ["y"], numbers, times=np.concatenate(times), clocks=clocks)
        columns.keys = ["a", "b", "c"]
        found = encode(Schema(outlook=outlook), columns, columns.offsets[1:])
        np.testing.assert_array_equal(found.X[:, -4:], expected)
        np.testing.assert_array_equal(found.X[:, 0], found.z[:, 0].astype(np.float32))
