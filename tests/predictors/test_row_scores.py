"""Scores with alarms are those of the rows as they are, with the targets of faults replaced by their forecasts."""

import numpy as np
import pytest

from rnncli.data.ranks import Ranks
from rnncli.models.model_file import load_checkpoint
from rnncli.predictors.alarm import HOLD, PATIENCE, Alarms
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.row_scores import RowScores
from rnncli.predictors.series_reader import SeriesReader

ROWS, TRAINED = 360, 200
FAULTS = {"a": (0, range(230, 236)), "b": (1, [*range(250, 253), 259]), "c": (0, range(300, 303))}
RANKS = Ranks.of(np.random.default_rng(1).exponential(size=300))


def table(shift: int = ROWS) -> dict[str, np.ndarray]:
    """Of three groups the values of u and v, with faults; from row `shift` on u of c has another level."""
    rng, t, out = np.random.default_rng(0), np.arange(ROWS), {}
    for i, (group, (column, rows)) in enumerate(FAULTS.items()):
        values = np.stack([np.sin(t / 4 + i), np.cos(t / 5 + i)], axis=1) + 0.1 * rng.standard_normal((ROWS, 2))
        values[list(rows), column] += 4
        out[group] = values
    out["c"][shift:, 0] += 30
    out["a"][240, 1] = np.nan
    return out


def text(values: dict[str, np.ndarray]) -> str:
    """As a file, whose groups stand one after the other."""
    lines = [
        f"{group},{'' if np.isnan(u) else repr(float(u))},{'' if np.isnan(v) else repr(float(v))}\n"
        for group, rows in values.items()
        for u, v in rows
    ]
    return "g,u,v\n" + "".join(lines)


@pytest.fixture(scope="module", params=["together", "apart"])
def forecaster(request, tmp_path_factory) -> Forecaster:
    """A model of both targets, together or each a series of its own."""
    from tests.conftest import Here

    shell = Here(tmp_path_factory.mktemp("scores"))
    shell.write("d.csv", text(table()))
    small = ("--hidden", "4", "--epochs", "2", "--look-back", "3", "--level", "last", "--threads", "1", "--quiet")
    own = ("--univariate",) if request.param == "apart" else ()
    done = shell("train", "d.csv", "--target", "u,v", "--group", "g", "--until", str(TRAINED), *own, *small, "-o", "m")
    assert (done.code, done.err) == (0, "")
    return Forecaster(load_checkpoint(str(shell.folder / "m"))[0])


def read(forecaster: Forecaster, values: dict[str, np.ndarray], path) -> tuple:
    """A reader, and the extent that is scored."""
    path.write_text(text(values))
    reader = SeriesReader(forecaster.model)
    return reader, reader.extent(reader.columns([str(path)], None), "score", 0, str(TRAINED), None, path.name)


def by_group(forecaster: Forecaster, array: np.ndarray) -> dict[str, np.ndarray]:
    """(ROWS, 2) of each; of `alarm` those of its first series."""
    K = len(forecaster.outlook.targets)
    beside = array.reshape(3, 2 // K, ROWS, -1).swapaxes(1, 2).reshape(3, ROWS, -1)
    return dict(zip("abc", beside, strict=True))


def naive(forecaster: Forecaster, values: dict[str, np.ndarray], path) -> tuple[dict, dict, dict]:
    """The file is written anew at each fault, with its forecast, and all of it is scored."""
    values, faults = {group: rows.copy() for group, rows in values.items()}, {group: [] for group in values}
    nats, alarm = {}, {}
    alarms = Alarms(0.05, RANKS)
    for group in values:
        nats[group], alarm[group] = np.full((ROWS, 2), np.nan), np.full(ROWS, np.nan)
        row = TRAINED
        while row < ROWS:
            extent = read(forecaster, values, path)[1]
            plain = RowScores.as_they_are(forecaster, extent, True)
            own, excess, points = (by_group(forecaster, one)[group] for one in (plain.nats, plain.excess, plain.points))
            for at in range(row, ROWS):
                nats[group][at] = own[at]
                score = np.nan if np.isnan(excess[at]).all() else round(float(np.nansum(excess[at])), 5)
                alarm[group][at], fault = alarms.judge(group, score)
                row = at + 1
                if fault:
                    there = ~np.isnan(values[group][at])
                    values[group][at, there] = points[at, there]
                    faults[group].append(at)
                    break
    return nats, alarm, faults


@pytest.mark.parametrize("shift", [ROWS, 320])
def test_scores_are_those_of_a_file_in_which_each_fault_is_its_forecast(forecaster, tmp_path, shift):
    values = table(shift)
    nats, alarm, faults = naive(forecaster, values, tmp_path / "naive.csv")
    reader, extent = read(forecaster, values, tmp_path / "d.csv")
    alarms = Alarms(0.05, RANKS)
    found = RowScores.of(forecaster, extent, alarms)
    own, marks = by_group(forecaster, found.nats), by_group(forecaster, found.alarm)
    for group, (_, rows) in FAULTS.items():
        np.testing.assert_allclose(own[group], nats[group], rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(marks[group][:, 0], alarm[group])
        assert set(rows) <= set(faults[group])
    assert alarms.replaced
    if shift < ROWS:  # a new level is read after PATIENCE rows
        assert max(faults["c"]) < 320 + PATIENCE + HOLD
        assert max(np.diff(faults["c"])) < 20
    again = reader.again(extent)
    place = extent.series.offsets[0] + faults["a"][0]
    assert abs(again.series.values[place] - extent.series.values[place]).max() > 1


def test_a_series_whose_scale_is_still_to_be_found_is_read_as_it_is(forecaster, tmp_path):
    values = {"new": table()["a"][:100]}
    values["new"][80:86] += 50
    path = tmp_path / "new.csv"
    path.write_text(text(values))
    reader = SeriesReader(forecaster.model)
    extent = reader.extent(reader.columns([str(path)], None), "score", 0, "60", None, path.name)
    alarms = Alarms(0.05, RANKS)
    found = RowScores.of(forecaster, extent, alarms)
    assert np.nanmax(found.excess) > 100
    assert not alarms.replaced
