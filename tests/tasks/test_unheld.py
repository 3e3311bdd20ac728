"""Intervals of series without a validation part, against what the noise of the series is known to be."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.network.conformal import Calibration
from rnncli.tasks.forecast import Forecast
from rnncli.tasks.trained import load_model
from rnncli.tasks.unheld import has_past


def series(n, seed=0, large=5.0):
    """A season of 6 rows that is large, and noise of 1."""
    rng = np.random.default_rng(seed)
    return large * rng.normal(size=6)[np.arange(n) % 6] + rng.normal(size=n)


def written(here, values, name="s.csv"):
    here.write(name, "y\n" + "".join(f"{value:.5f}\n" for value in values))


SHORT = ("--horizon", "6", "--season", "6", "--level", "season", "--transform", "none", "-q")


def test_an_interval_is_as_wide_as_the_errors_of_seasons_are(here):
    """A value less that of the season before has a deviation of √2, to which a network of few updates adds some. The
    first season, which has none before it, is left out: stand-ins there made the interval twice as wide.
    """
    widths, before = [], []
    for seed in range(6):
        written(here, series(60, seed, 10.0))
        here("train", "s.csv", *SHORT, "-o", "m", "--restart")
        rows = np.array([line.split(b"\t")[-3:] for line in here("predict", "m", "s.csv").out.splitlines()], float)
        assert (np.diff(rows[:, [1, 0, 2]], axis=1) > 0).all()
        o = load_model("m").schema.outlook
        widths.append((rows[:, 2] - rows[:, 1]).mean())
        before.append(np.mean(2 * 1.2816 * np.array(o.width) * np.array(o.std[0])))  # by the deviation of training
    right = 2 * 1.2816 * np.sqrt(2)
    assert right < np.mean(widths) < 1.7 * right
    assert np.mean(before) > 2 * right


def test_points_are_those_without_shifts(here):
    written(here, series(48))
    here("train", "s.csv", *SHORT, "-o", "m")
    model = load_model("m")
    loss = Forecast(model.schema, model.form, model.config).loss
    params = np.random.default_rng(0).normal(size=(3, 6, 1, 3))
    params[..., [0, 2]] += 2
    points, q = Calibration(loss, None, None)(params)
    moved, q_moved = Calibration.of(loss, model.summary)(params)
    np.testing.assert_array_equal(points, moved)
    assert (q != q_moved).any()


@pytest.mark.parametrize(("loss", "there"), [("gaussian", True), ("student", True), ("mse", False), ("poisson", False)])
def test_losses_with_quantiles_of_scaled_values_have_shifts(here, loss, there):
    written(here, np.round(np.abs(series(40))))
    here("train", "s.csv", "--horizon", "3", "--season", "6", "--loss", loss, "-q", "-o", "m")
    assert bool(load_model("m").summary.get("shifts")) == there


def test_what_a_validation_part_said_is_kept_by_a_model_that_goes_on_without_one(here):
    written(here, series(400), "long.csv")
    written(here, series(40), "short.csv")
    here("train", "long.csv", *SHORT, "--epochs", "2", "-o", "base")
    here("train", "short.csv", "--init", "base", "-q", "-o", "more")
    assert load_model("more").summary["shifts"] == load_model("base").summary["shifts"]


def test_rows_that_the_anchor_looks_back_from(tmp_path):
    for level, back in (("season", 5), ("last", 0), ("linear", 48)):
        (tmp_path / "s.csv").write_text("y\n" + "".join(f"{value:.4f}\n" for value in series(900)))
        config = TrainConfig(task="forecast", horizon=2, season=6, level=level, valid_fraction=0.0)
        s = Forecast.prepare([str(tmp_path / "s.csv")], config, None, None).train.series
        assert has_past(s, np.arange(900)).tolist() == [row >= back for row in range(900)]
        anchors = s.anchors(np.arange(900))[:, :, 0]
        if level == "season":
            np.testing.assert_array_equal(anchors[back:-1, 0], s.z[: 900 - back - 1, 0])
