"""Rows of a stream: which go together, and which one by one."""

import os
import sys

import numpy as np
import pytest

from rnncli.errors import RnncliError
from rnncli.predictors.following import follow
from rnncli.predictors.series_reader import SeriesReader
from tests.predictors.silent import silent
from tests.predictors.test_series_state import keep_rows, outlook


@pytest.fixture
def following(tmp_path, monkeypatch):
    """`following(rows, mode, ahead)`: the rows that come, as (what came together, by its place)."""
    (tmp_path / "d.csv").write_text("t,g,y\n1,a,1\n2,a,2\n")
    model = silent(str(tmp_path / "d.csv"), outlook(), target="y", group="g", time="t")

    def run(rows, mode="score", ahead=0):
        end, begin = os.pipe()
        os.write(begin, ("t,g,y\n" + "".join(f"{row}\n" for row in rows)).encode())
        os.close(begin)
        monkeypatch.setattr(sys, "stdin", os.fdopen(end))
        reader, found = SeriesReader(model), []
        for arrived in follow(reader, "-", None, mode, ahead):
            extent = arrived.extent
            scored = [np.arange(*ends) for ends in zip(extent.starts, extent.stops, strict=True)]
            found.append(sorted(arrived.place(int(row)) for row in np.concatenate(scored)))
            keep_rows(reader, extent)
        return reader, found

    return run


ROWS = ["1,a,1", "1,b,2", "2,a,3", "2,b,4", "3,a,5"]


def test_rows_that_are_there_go_together_and_are_told_by_the_place_they_came_at(following):
    reader, found = following(ROWS)
    assert found == [[0, 1, 2, 3, 4]]
    assert {key: kept.count for key, kept in reader.carry.groups.items()} == {"a": 3, "b": 2}


def test_rows_go_one_by_one_where_a_scale_is_found_meanwhile_or_forecasts_run_on(following):
    assert len(following([*ROWS, "1,new,7"])[1]) == 6
    assert len(following(ROWS, "forecast", 9)[1]) == 5


def test_a_row_that_comes_late_is_refused_after_those_before_it(following):
    with pytest.raises(RnncliError, match=r":6: a row of group b at 2, and one at 2 was read before it"):
        following([*ROWS[:4], "2,b,5"])
