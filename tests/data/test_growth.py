"""Whether changes grow with the level: against scipy, on series whose law is known, and what `train` makes of it."""

import json

import numpy as np
import pytest
from scipy.stats import linregress

from rnncli.data.growth import change_by_parts, far_from_zero, spread_on_level
from rnncli.data.student import student
from rnncli.tasks.trained import load_model


def walks(parts, count=4, rows=400, seed=0):
    """Random walks side by side (rows, count): steps that are parts of the level, or the same at any level."""
    steps = np.random.default_rng(seed).standard_normal((rows, count)).cumsum(axis=0)
    return 50 * np.exp(0.05 * steps) if parts else 50 + steps - steps.min(axis=0)


def whole(values):
    return np.array([0, len(values)]), np.array([len(values)])


def test_the_slope_is_that_of_a_regression_of_the_blocks():
    y = walks(True, 1)
    changes, levels = np.abs(np.diff(y[:, 0])), (y[1:, 0] + y[:-1, 0]) / 2
    s, m = (part[:392].reshape(49, 8).mean(axis=1) for part in (changes, levels))
    expected = linregress(np.log(m), np.log(s))
    found = spread_on_level(y, *whole(y), 1, 8)
    np.testing.assert_allclose(found, (expected.slope, expected.stderr, 47), rtol=1e-9)


def test_each_series_and_target_has_its_own_constant():
    """Sizes apart say nothing: the slope is that of the series beside the same series a hundred times as large."""
    y = walks(True, 1)
    alone = spread_on_level(y, *whole(y), 1, 8)[0]
    assert spread_on_level(np.hstack([y, 100 * y]), *whole(y), 1, 8)[0] == pytest.approx(alone)
    n = len(y)
    two = spread_on_level(np.vstack([y, 100 * y]), np.array([0, n, 2 * n]), np.array([n, 2 * n]), 1, 8)[0]
    assert two == pytest.approx(alone)


@pytest.mark.parametrize("seed", range(4))
def test_parts_of_the_level_are_told_from_the_same_at_any_level(seed):
    for parts in (True, False):
        y = walks(parts, seed=seed)
        assert change_by_parts(y, *whole(y), 1) == parts


def test_a_season_that_grows_is_not_enough_where_the_noise_does_not():
    """Both from row to row and from season to season."""
    t = np.arange(480)
    season, noise = np.sin(2 * np.pi * t / 12), np.random.default_rng(0).standard_normal(480)
    level = 400 + 250 * np.sin(t / 80)
    grows = (level * (1 + 0.3 * season) * np.exp(0.1 * noise))[:, None]
    flat = (level + 0.3 * level * season + 20 * noise)[:, None]
    assert change_by_parts(grows, *whole(grows), 12)
    assert not change_by_parts(flat, *whole(flat), 12)


@pytest.mark.parametrize("y", [np.full(100, 7.0), np.arange(1.0, 6.0), np.full(100, np.nan), np.full(2, 1.0)])
def test_what_says_nothing_is_left_as_it_is(y):
    assert not change_by_parts(y[:, None], *whole(y), 1)


def test_gaps_are_left_out():
    y = walks(True)
    y[np.random.default_rng(1).random(y.shape) < 0.2] = np.nan
    assert change_by_parts(y, *whole(y), 1)


def test_rows_behind_the_stop_are_not_looked_at():
    y = np.vstack([walks(False), 1e6 * walks(True)])
    offsets, stop = np.array([0, 800]), np.array([400])
    assert spread_on_level(y, offsets, stop, 1, 8) == spread_on_level(y[:400], *whole(y[:400]), 1, 8)


@pytest.mark.parametrize(("low", "far"), [(3.0, True), (1.9, False), (0.0, False), (-1.0, False)])
def test_near_zero_is_a_fiftieth_of_the_median(low, far):
    y = np.full((50, 1), 100.0)
    y[20] = low
    assert far_from_zero(y, np.array([0, 50])) == far
    assert far_from_zero(np.vstack([y, y])[10:], np.array([0, 5, 90])) == far


def trained(here, *options):
    done = here("train", "s.csv", "--horizon", "2", "--epochs", "1", "-o", "m", *options)
    assert done.code == 0, done.err
    return load_model("m").schema.outlook.transform, done.err


def test_logarithms_are_learnt_where_they_fit_and_it_is_said(here):
    here.write("s.csv", "y\n" + "".join(f"{x:.4f}\n" for x in walks(True, 1)[:, 0]))
    transform, said = trained(here)
    assert transform == "log"
    assert "changes grow with the level, so logarithms are learnt: --transform none leaves" in said
    assert "2 steps ahead, in logarithms" in said
    assert "2 ahead, in logarithms" in " ".join(here("inspect", "m").out.decode().split())
    assert json.loads(here("inspect", "m", "--json").out)["config"]["transform"] is None
    here("train", "s.csv", "--horizon", "2", "--epochs", "1", "-o", "asked", "--transform", "log")
    np.testing.assert_array_equal(load_model("m").network.theta.flat, load_model("asked").network.theta.flat)
    for options in (["--transform", "none"], ["--loss", "mse"], ["--loss", "gaussian"]):
        assert trained(here, *options)[0] == "none"


def test_a_value_near_zero_in_any_file_leaves_the_values_as_they_are(here):
    lines = [f"{x:.4f}\n" for x in walks(True, 1)[:, 0]]
    here.write("s.csv", "y\n" + "".join(lines[:300]))
    here.write("v.csv", "y\n" + "".join(lines[300:]))
    assert trained(here, "--valid", "v.csv")[0] == "log"
    here.write("v.csv", "y\n" + "".join([*lines[300:], "0\n"]))
    transform, said = trained(here, "--valid", "v.csv")
    assert transform == "none"
    assert "logarithms" not in said


def years_of(years, level, season, noise=0.02):
    """Months whose season and noise grow with the level, or the season alone, or neither."""
    t, drawn = np.arange(12 * years), np.random.default_rng(0).standard_normal(12 * years)
    swing = 20 * np.sin(2 * np.pi * t / 12)
    base = 100 * np.exp(t / 90) if level else 100 + 3.0 * t
    return (base + swing * (base / 100 if season else 1) + 100 * noise * drawn * (base / 100 if level else 1))[:, None]


@pytest.mark.parametrize(("years", "grows"), [(5, False), (6, False), (7, True), (12, True), (25, True)])
def test_of_few_blocks_the_season_has_to_grow(years, grows):
    """A year is a block and the first has no change: of the six changes of seven years four are free."""
    y = years_of(years, True, True)
    assert change_by_parts(y, *whole(y), 12) == grows
    held = np.array([0, len(y) + 16]), np.array([len(y)])  # a network is to learn it then
    assert change_by_parts(np.vstack([y, y[:16]]), *held, 12) == (years >= 22)
    apart = years_of(years, False, False)
    assert not change_by_parts(apart, *whole(apart), 12)


def test_few_blocks_whose_changes_in_a_year_speak_against_it_leave_the_values_as_they_are():
    """The season grows with the level, which rises by as much every year."""
    t, drawn = np.arange(144), np.random.default_rng(0).standard_normal(144)
    y = ((60 + t) * (1 + 0.3 * np.sin(2 * np.pi * t / 12)) + 0.1 * drawn)[:, None]
    (near, below, few), (far, error, free) = (spread_on_level(y, *whole(y), lag, 12) for lag in (1, 12))
    assert max(0.5, student(few) * below) < near < 1.5
    assert far + student(free) * error < 1
    assert not change_by_parts(y, *whole(y), 12)


def test_few_blocks_without_a_season_leave_the_values_as_they_are():
    """21 blocks tell, 20 do not: one is that of the series."""
    y = walks(True, 1)
    assert change_by_parts(y[: 21 * 8 + 1], *whole(y[: 21 * 8 + 1]), 1)
    assert not change_by_parts(y[: 20 * 8 + 1], *whole(y[: 20 * 8 + 1]), 1)
