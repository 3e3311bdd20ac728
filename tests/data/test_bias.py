"""The bias of an anchor: what it is off on average, unless that may be chance."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.outlook_fit import CLEAR, Units, clear_of_chance, fit_anchor
from rnncli.data.ranges import Ranges

ROWS, HORIZON = 100, 6


def walk(drift, seed, rows=ROWS):
    return (np.random.default_rng(seed).standard_normal(rows) + drift).cumsum()[:, None]


def fitted(z, season=1, asked="last"):
    """An anchor of one series z (rows, K), of all its rows."""
    K = z.shape[1]
    o = Outlook([f"y{k}" for k in range(K)], HORIZON, "quantile", [0.5], scaled=True, season=season)
    past = Past(z, np.zeros(len(z), int))
    ends = np.array([0, len(z)])
    return fit_anchor(o, past, np.isnan(z), Ranges(ends[:1], ends[1:] - 1), asked, Units.of(z, ends, ends[1:], season))


def test_of_one_step_it_is_the_statistic_of_a_t_test():
    """But for the deviation, which is that of the sample here."""
    for seed in range(20):
        changes = np.random.default_rng(seed).standard_normal((50, 1, 1)) + 0.25
        t = ttest_1samp(changes[:, 0, 0], 0).statistic * np.sqrt(50 / 49)
        assert clear_of_chance(changes, changes.mean(axis=0), 1, 50) == [abs(t) > CLEAR]


def test_a_walk_without_a_drift_has_a_bias_by_chance_and_seldom_two_standard_errors():
    taken = sum(any(map(any, fitted(walk(0.0, seed)).bias)) for seed in range(100))
    assert 0 < taken < 15
    assert all(all(map(any, fitted(walk(0.6, seed)).bias)) for seed in range(100))


def test_the_bias_that_is_left_out_counts_to_the_width():
    o, z = fitted(walk(0.0, 3)), walk(0.0, 3)
    assert not any(map(any, o.bias))
    ahead = z[4:, 0] - z[:-4, 0]
    assert o.width[3][0] == pytest.approx(np.sqrt((ahead**2).mean()))


def test_the_bias_that_is_clear_is_the_mean_error_of_each_step():
    z = walk(0.6, 0)
    np.testing.assert_allclose(fitted(z).bias, [[(z[k:] - z[:-k]).mean()] for k in range(1, HORIZON + 1)])


def test_each_target_has_its_own():
    bias = np.array(fitted(np.hstack([walk(0.6, 0), walk(0.0, 3)])).bias)
    assert bias[:, 0].all()
    assert not bias[:, 1].any()


def test_rows_of_one_season_are_one_observation():
    """A year that is larger than the one before in all its months is one year that is larger."""
    years = np.random.default_rng(1).standard_normal(8).cumsum()
    z = (np.repeat(years, 12) + np.tile(np.arange(12.0), 8))[:, None]
    rest = (z[12:] - z[:-12])[:, None]
    assert not clear_of_chance(rest, rest.mean(axis=0), 12, len(rest))
    assert clear_of_chance(rest, rest.mean(axis=0), 1, len(rest))
    assert not any(map(any, fitted(z, 12, "season").bias))


def test_rows_that_are_a_sample_count_as_all():
    changes = np.random.default_rng(0).standard_normal((100, 1, 1)) + 0.1
    assert not clear_of_chance(changes, changes.mean(axis=0), 1, 100)
    assert clear_of_chance(changes, changes.mean(axis=0), 1, 10_000)


def test_a_series_that_rises_evenly_has_its_rise():
    np.testing.assert_allclose(np.array(fitted(np.arange(50.0)[:, None]).bias)[:, 0], range(1, HORIZON + 1))
    assert not any(map(any, fitted(np.zeros((50, 1))).bias))
