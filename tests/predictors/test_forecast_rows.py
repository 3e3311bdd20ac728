"""Rows out of forecasts: their names, targets side by side, steps that were put in, digits; by plain arithmetic."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.forecast_targets import Outlook
from rnncli.data.ranks import Ranks
from rnncli.data.times.calendar import Calendar
from rnncli.predictors.alarm import Alarms
from rnncli.predictors.forecast_rows import forecast_rows, row_names, scored_rows
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.series_reader import SeriesReader
from tests.predictors.silent import silent

LEVELS = [0.1, 0.5, 0.9]


def outlook(targets=("u", "v"), loss="mse", scaled=True, **more) -> Outlook:
    """Two steps ahead from the last value, of any series alike."""
    K = len(targets)
    scale = {
        "mean": [[0.0] * K] * 2,
        "std": [[1.0] * K] * 2,
        "keys": ["x"],
        "by_series": False,
        "calendar": Calendar().to_json(),
    }
    fitted = {"anchor": "last", "jump": [1.0] * K, "bias": [[0.25] * K, [0.5] * K], "width": [[1.0] * K] * 2}
    return Outlook(list(targets), 2, loss, LEVELS, scaled, **scale | fitted | more)


def apart(**more) -> Outlook:
    """The same of u and v as series of their own."""
    return outlook(("value",), columns=["u", "v"], **more)


@pytest.fixture
def forecaster(tmp_path):
    """`forecaster(outlook, begin)`: it, and a table that is read, with forecasts from `begin` on."""
    path = str(tmp_path / "d.csv")
    (tmp_path / "d.csv").write_text("t,g,u,v\n" + "".join(f"{t},{g},{t},{10 * t}\n" for g in "ab" for t in (1, 2, 4)))

    def make(o, begin=None, until=None):
        model = silent(path, o, target="u,v", group="g", time="t", inputs="u,v")
        return Forecaster(model), SeriesReader(model).read([path], None, begin, until, 2)

    return make


@pytest.mark.parametrize(
    ("o", "scored", "names"),
    [
        (outlook(), False, "group step u v"),
        (apart(), False, "group step u v"),
        (outlook(), True, "group step nats"),
        (outlook(loss="gaussian"), False, "group step u u_q0.1 u_q0.9 v v_q0.1 v_q0.9"),
        (outlook(("step",), "gaussian"), False, "group step_ step step_q0.1 step_q0.9"),  # the file's name stays
        (outlook(("n",), "poisson", False, ranges=True), False, "group step n n_q0.1 n_q0.5 n_q0.9"),
        (outlook(calendar=Calendar("number").to_json()), False, "group time u v"),
    ],
)
def test_the_names_of_the_fields(tmp_path, o, scored, names):
    (tmp_path / "d.csv").write_text("t,g,u,v\n1,a,1,1\n2,a,2,2\n")
    made = Forecaster(silent(str(tmp_path / "d.csv"), o, target="u,v", group="g", time="t"))
    assert " ".join(row_names(made, True, scored)) == names
    assert " ".join(row_names(made, False, scored)) == names.removeprefix("group ")
    if not scored:
        assert " ".join(row_names(made, True, scored, back_test=True)) == f"{names} origin ahead"


def test_a_target_keeps_its_name_beside_the_fields_of_a_back_test(tmp_path):
    (tmp_path / "d.csv").write_text("ahead,origin\n1,1\n2,2\n")
    made = Forecaster(silent(str(tmp_path / "d.csv"), outlook(("ahead", "origin")), target="ahead,origin"))
    assert row_names(made, False, False, back_test=True) == ("step", "ahead", "origin", "origin_", "ahead_")


@pytest.mark.parametrize("o", [outlook(), apart()])
def test_a_row_for_each_step_has_all_targets_side_by_side(forecaster, o):
    made, extent = forecaster(replace(o, calendar=Calendar("number").to_json()))
    found = list(forecast_rows(made, extent, made.forecast(extent, 1), 2))
    assert [rows for _, rows in found] == [
        [(g, "5", 4.25, 40.25), (g, "6", 4.5, 40.5)] for g in ("a", "b")
    ]  # the last values, and the bias of each step
    [(_, short), _] = forecast_rows(made, extent, made.forecast(extent, 1), 1)
    assert short == [("a", "5", 4.25, 40.25)]
    [(_, told), _] = forecast_rows(made, extent, made.forecast(extent, 1), 2, back_test=True)
    assert told == [("a", "5", 4.25, 40.25, "4", 1), ("a", "6", 4.5, 40.5, "4", 2)]


@pytest.mark.parametrize("o", [outlook(), apart()])
def test_steps_that_were_put_in_are_not_printed(forecaster, o):
    made, extent = forecaster(replace(o, calendar=Calendar("number", regular=True).to_json()), "1")
    found = sorted(forecast_rows(made, extent, made.forecast(extent, 1), 2))
    times = [[row[1] for row in rows] for _, rows in found]
    assert times == 2 * [["2"], ["4"], ["4", "5"], ["5", "6"]]  # there is no row 3
    scored = [row[1] for _, rows in scored_rows(made, extent) for row in rows]
    assert scored == 2 * ["2", "4"]


@pytest.mark.parametrize("o", [outlook(), apart()])
def test_all_steps_from_until_on_are_printed(forecaster, o):
    """What is absent later in the file is nothing that a forecast made before it knows: its step was left out."""
    made, extent = forecaster(replace(o, calendar=Calendar("number", regular=True).to_json()), None, "time:3")
    rows = [rows for _, rows in forecast_rows(made, extent, made.forecast(extent, 1), 2)]
    assert [[row[1] for row in one] for one in rows] == 2 * [["3", "4"]]


def test_the_surprise_of_a_row_is_summed_over_its_targets(forecaster):
    for o in (outlook(), apart()):
        made, extent = forecaster(replace(o, calendar=Calendar("number").to_json()))
        extent = replace(extent, starts=extent.series.offsets[:-1])
        found = [row for _, rows in scored_rows(made, extent) for row in rows]
        nats = [
            sum(0.5 * (d - 0.25) ** 2 + 0.5 * math.log(2 * math.pi) for d in change) for change in ((1, 10), (2, 20))
        ]
        expected = [(g, t, pytest.approx(n, abs=1e-4)) for g in "ab" for t, n in zip(("2", "4"), nats, strict=True)]
        assert found == expected


@pytest.mark.parametrize("o", [outlook(), apart()])
def test_the_excess_of_a_row_is_that_above_the_likeliest_value_and_each_column_has_its_share(forecaster, o):
    made, extent = forecaster(replace(o, calendar=Calendar("number").to_json()))
    extent = replace(extent, starts=extent.series.offsets[:-1])
    alarms = Alarms(0.5, Ranks.of(np.array([1.0, 50.0, 60.0])))
    assert row_names(made, False, True, True)[1:] == ("nats", "excess", "alarm", "share_u", "share_v")
    found = [row[3:] for _, rows in scored_rows(made, extent, alarms) for row in rows]
    expected = []
    for change in ((1, 10), (2, 20)):
        parts = [0.5 * (d - 0.25) ** 2 for d in change]  # of squared errors the likeliest value is the mean
        shares = [pytest.approx(part / sum(parts), abs=1e-4) for part in parts]
        expected.append((pytest.approx(sum(parts), abs=1e-4), int(sum(parts) > 50), *shares))
    assert found == 2 * expected


def test_the_share_of_a_missing_value_is_nothing_and_without_excess_all_are_equal(forecaster, tmp_path):
    made, _ = forecaster(outlook())
    (tmp_path / "d.csv").write_text("t,g,u,v\n1,a,1,10\n2,a,,20\n3,a,,\n4,a,1.25,20.25\n")
    o = outlook(calendar=Calendar("number").to_json(), bias=[[0.25] * 2, [0.5] * 2])
    model = silent(str(tmp_path / "d.csv"), o, target="u,v", group="g", time="t", inputs="u,v")
    extent = SeriesReader(model).read([str(tmp_path / "d.csv")], None, "1", None, 0)
    alarms = Alarms(0.5, Ranks.of(np.array([1.0, 40.0, 60.0])))  # 47.5 is no fault
    one, none, level = ([*row[3:]] for _, rows in scored_rows(Forecaster(model), extent, alarms) for row in rows)
    assert one[1:] == [1, 0.0, 1.0]
    assert all(map(math.isnan, none))
    assert level == [0.0, 0, 0.5, 0.5]
