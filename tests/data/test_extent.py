"""Which rows count: origins and last rows, those with a target, and where the rows out come from."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.columns import Columns
from rnncli.data.extent import Extent
from rnncli.data.forecast_targets import Outlook
from rnncli.data.series import Series
from rnncli.data.times.calendar import Calendar

OFFSETS = np.array([0, 6, 12, 16, 20])  # two groups of two targets, each a series of its own, of 6 and 4 rows
VALUES = np.arange(20.0)[:, None]


@pytest.fixture
def extent():
    """Forecasts from the third row of each series on; the second row of the second group was put in."""
    o = Outlook(["value"], 2, "mse", [0.5], True, columns=["u", "v"], bias=[[0.0]] * 2, width=[[1.0]] * 2)
    scale = np.zeros((4, 1))
    names = ["a u", "a v", "b u", "b v"]
    s = Series(o, OFFSETS, names, VALUES, VALUES, scale, scale + 1, scale > 0, VALUES.astype(np.float32), [])
    table = Columns(np.array([0, 6, 10]), numbering=np.array([0, 1, 2, 3, 4, 5, 0, -1, 1, 2]), keys=["a", "b"])
    table.clocks = [Calendar(), Calendar()]
    begin, end = OFFSETS[:-1], OFFSETS[1:]
    return Extent(s, begin, begin + 2, end, table=table, numbers=np.array([100, 7]), names=["a", "b"])


def test_an_origin_is_the_row_before_what_is_forecast(extent):
    assert extent.first.tolist() == [1, 7, 13, 17]
    assert replace(extent, starts=OFFSETS[:-1]).first.tolist() == [0, 6, 12, 16]  # a first row has none before it
    assert extent.last.tolist() == [5, 11, 15, 19]
    assert Extent.of_all(extent.series).count == 20 - 4


def test_rows_that_are_read_in_training_have_a_row_after_them(extent):
    short = replace(extent, reads=np.array([3, 6, 15, 16]))
    assert short.lengths.tolist() == [2, 5, 0, 3]
    assert short.rows.every(1).tolist() == [3, 4, 6, 7, 8, 9, 10, 16, 17, 18]
    assert (short.total, short.count) == (10, 4 + 4 + 2 + 2)


def test_targets_are_those_of_origins_before_the_stop(extent):
    rows = np.arange(6)[:, None]
    batch = replace(extent, stops=np.array([5, 12, 16, 20])).batch(rows, rows < 5, np.zeros((6, 1), np.uint8))
    expected = [[np.nan, np.nan], [2, 3], [3, 4], [4, np.nan], [np.nan, np.nan], [np.nan, np.nan]]
    np.testing.assert_array_equal(batch.y[:, 0], expected)
    assert (batch.count, batch.steps) == (5, 5)


def test_rows_of_series_are_found_in_the_table(extent):
    assert [extent.group_of(row) for row in (0, 11, 12, 19)] == [0, 0, 1, 1]
    assert [extent.place_of(row) for row in (0, 5, 6, 11, 12, 16, 19)] == [0, 5, 0, 5, 6, 6, 9]
    assert [row for row in range(20) if extent.is_put_in(row)] == [13, 17]
    assert extent.is_put_in(12, 1)
    assert not extent.is_put_in(19, 1)  # the steps after the end are forecast


def test_rows_without_times_go_by_number(extent):
    assert extent.texts(2, [1, 2]) == ["103", "104"]
    assert extent.texts(17, [1]) == ["9"]
    assert extent.counted_from.tolist() == extent.first.tolist()
    assert replace(extent, streams=True).counted_from.tolist() == [-100, -94, 5, 9]
