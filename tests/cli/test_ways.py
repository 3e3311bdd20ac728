"""Forecasts of several targets: together or each by itself, as the validation part says."""

import json
import signal

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted
from rnncli.tasks.trained import load_model
from rnncli.training import search
from rnncli.training.experiment import Experiment
from rnncli.training.reports import CheckpointDue, Progress, Trying

WAYS = ["all targets together", "each target by itself"]


@pytest.fixture
def table(here, monkeypatch):
    """pair.csv, whose second column is the first one a step later; trainings are short."""
    monkeypatch.setattr(search, "SERIES_UPDATES", 60)
    a = np.random.default_rng(0).standard_normal(400)
    rows = [f"{x:.3f},{y:.3f}" for x, y in zip(a[1:], a[:-1], strict=True)]
    return here.write("pair.csv", "a,b\n" + "\n".join(rows))


def trained(here, *arguments):
    done = here("train", *arguments, "--quiet", "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_the_better_way_is_taken_and_trained_as_if_it_had_been_asked_for(here, table):
    trained(here, table, "--task", "forecast", "-o", "m")
    model = load_model("m")
    errors = model.summary["ways"]["errors"]
    assert list(errors) == WAYS
    assert errors[WAYS[0]] < errors[WAYS[1]]  # one column tells the other
    assert model.config.univariate is None
    read_out = trained(here, table, "--task", "forecast", "--no-univariate", "--learn", "readout", "-o", "read")
    assert errors[WAYS[0]] <= read_out["metrics"][model.summary["ways"]["measure"]]  # which is tried beside
    asked = trained(here, table, "--task", "forecast", "--no-univariate", "-o", "asked")
    np.testing.assert_array_equal(model.network.theta.flat, load_model("asked").network.theta.flat)
    assert "ways" not in load_model("asked").summary
    shown = here("inspect", "m").out.decode()
    assert f"{WAYS[0]}: {model.summary['ways']['measure']} {errors[WAYS[0]]:.4g}, kept" in " ".join(shown.split())
    assert here("inspect", "m", "--json").json()["ways"]["errors"] == errors
    assert asked["valid_loss"] == model.summary["valid_loss"]


def test_each_by_itself_is_the_model_that_univariate_makes(here, table, monkeypatch):
    monkeypatch.setattr("rnncli.training.choice.Choice.best", property(lambda self: WAYS[1]))
    trained(here, table, "--task", "forecast", "-o", "m")
    trained(here, table, "--task", "forecast", "--univariate", "-o", "asked")
    model, asked = load_model("m"), load_model("asked")
    assert model.config == asked.config
    np.testing.assert_array_equal(model.network.theta.flat, asked.network.theta.flat)
    for way in ((), ("--evaluate",)):
        assert here("predict", "m", table, *way).out == here("predict", "asked", table, *way).out


@pytest.mark.parametrize("options", [("--hidden", "4"), ("--target", "a"), ("--valid-fraction", "0")])
def test_nothing_is_tried_where_there_is_no_choice(here, table, options):
    trained(here, table, "--task", "forecast", *options, "-o", "m")
    assert "ways" not in load_model("m").summary


def test_a_stopped_run_goes_on_the_way_that_was_taken(here, table, monkeypatch):
    monkeypatch.setattr("rnncli.training.choice.Choice.best", property(lambda self: WAYS[1]))
    monkeypatch.setattr("rnncli.training.loop.REPORT_SECONDS", 0.0)
    trained(here, table, "--task", "forecast", "-o", "whole")
    early = Experiment([table], TrainConfig(task="forecast"), "m", 1)
    with pytest.raises(Interrupted, match="stopped before training began; nothing was written"):
        for report in early.reports():
            if isinstance(report, Trying) and report.number == 1:
                early.stop(signal.SIGINT)
    assert here.files() == ["pair.csv", "whole"]
    late = Experiment([table], TrainConfig(task="forecast"), "m", 1)
    with pytest.raises(Interrupted, match=r"m\.checkpoint"):
        for report in late.reports():
            if isinstance(report, Progress) and late.training is not None:
                late.stop(signal.SIGINT)
            assert not isinstance(report, CheckpointDue)
    done = here("train", table, "--task", "forecast", "-o", "m", "--resume")
    assert "continuing from update" in done.err
    assert "trying" not in done.err
    assert here.read("m") == here.read("whole")
