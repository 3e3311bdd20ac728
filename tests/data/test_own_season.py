"""The season that values show by themselves: right values by construction."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.changes_season import _correlations, changes_season
from rnncli.data.own_season import Seasons, seasons_in


def found(*series) -> int:
    offsets = np.cumsum([0, *map(len, series)])
    return seasons_in(np.concatenate(series).astype(float)[:, None], offsets, offsets[1:]).season


RANDOM = np.random.default_rng(0)
T = np.arange(300)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=30), st.floats(1e-9, 1e9), st.floats(-1e6, 1e6))
def test_the_shortest_period_of_what_repeats_whatever_its_scale(pattern, scale, level):
    shortest = next(
        L
        for L in range(1, len(pattern) + 1)
        if np.array_equal(pattern, np.resize(pattern[:L], len(pattern)))
        and np.array_equal(np.tile(pattern, 2), np.resize(pattern[:L], 2 * len(pattern)))
    )
    y = np.tile(pattern, 6) * scale
    assert found(y) == shortest
    assert found(y + np.round(level / scale) * scale) == shortest


@pytest.mark.parametrize(
    ("y", "season"),
    [
        (np.sin(2 * np.pi * T / 12) + 0.05 * RANDOM.normal(size=300), 12),
        (np.sin(2 * np.pi * T / 99), 99),
        (T % 10 == 0, 10),
        (RANDOM.normal(size=300), 1),
        (RANDOM.normal(size=300).cumsum(), 1),
        (T, 1),
        (np.ones(300), 1),
        (RANDOM.random(300) < 0.05, 1),
        (np.tile([1, 2, 3], 1), 1),
        (np.full(300, np.nan), 1),
    ],
    ids=["noisy", "long", "spikes", "noise", "walk", "trend", "constant", "rare", "too short", "missing"],
)
def test_seasons_of_kinds_of_series(y, season):
    assert found(y) == season


def test_missing_values_and_several_series():
    y = np.tile([5.0, 1.0, 3.0, 8.0], 20)
    y[[3, 17, 40]] = np.nan
    assert found(y) == 4
    assert found(y, 100 * y, np.ones(50)) == 4
    assert found(y, np.tile(RANDOM.normal(size=7), 20)) == 1  # 28 rows are too many for the first


def test_what_comes_after_the_training_part_is_not_looked_at():
    y = np.concatenate([RANDOM.normal(size=100), np.tile([1.0, 5.0, 2.0], 200)])[:, None]
    assert seasons_in(y, np.array([0, len(y)]), np.array([100])) == Seasons(1)


HOURS = np.arange(24 * 60)
DAILY = 2 + np.sin(2 * np.pi * HOURS / 24)
WEEKLY = DAILY * np.where(HOURS // 24 % 7 < 5, 1.0, 0.4)  # quieter at weekends


def seasons(horizon, *series, season=None) -> Seasons:
    offsets = np.cumsum([0, *map(len, series)])
    return seasons_in(np.concatenate(series)[:, None], offsets, offsets[1:], horizon, season)


def test_a_smooth_series_has_a_season_for_those_who_look_far_ahead():
    y = DAILY + 0.1 * RANDOM.normal(size=len(HOURS))
    assert seasons(1, y) == Seasons(1)  # the last value is as good a forecast of the next one
    assert seasons(12, y) == seasons(48, y) == Seasons(24)


def test_it_is_the_best_of_those_that_lie_beside_each_other():
    t = np.arange(3000)
    y = np.sin(2 * np.pi * t / 288) + 0.05 * RANDOM.normal(size=len(t))  # 287 and 289 are nearly as good
    assert seasons(96, y) == Seasons(288)


@pytest.mark.parametrize("horizon", [1, 12, 48])
def test_a_smooth_walk_has_none_however_far_one_looks(horizon):
    assert seasons(horizon, RANDOM.normal(size=3000).cumsum().cumsum()) == Seasons(1)


def test_a_week_of_days_is_longer_than_the_season():
    noise = [0.02 * RANDOM.normal(size=len(HOURS)) for _ in range(20)]
    assert seasons(48, *(DAILY + noisy for noisy in noise)) == Seasons(24, 1)
    assert seasons(48, *(WEEKLY + noisy for noisy in noise[:4]), *(DAILY + noisy for noisy in noise[4:])) == (24, 168)
    assert seasons(48, *(WEEKLY + noisy for noisy in noise)) == (24, 168)
    one = WEEKLY + noise[0], *(DAILY + noisy for noisy in noise[1:])
    assert seasons(48, *one, season=24) == (24, 1)
    assert seasons(48, WEEKLY[: 3 * 168 - 1], season=24) == Seasons(24, 1)  # fewer than three weeks


def test_of_a_season_that_is_known_only_the_longer_one_is_looked_for():
    assert seasons(1, WEEKLY, season=24) == Seasons(24, 168)
    assert seasons(1, WEEKLY, season=1) == Seasons(1, 1)
    assert seasons(1, RANDOM.normal(size=500), season=7) == Seasons(7, 1)


def test_changes_have_a_season_where_values_do_not_repeat():
    walks = [np.cumsum(RANDOM.normal(size=240) + 2 * np.resize(MONTHS, 240)) for _ in range(3)]
    assert found(walks[0]) == found(*walks) == 12
    assert found(np.exp(0.05 * walks[0])) == 12  # they grow with the level
    walks[1][[7, 100, 101]] = np.nan
    assert found(*walks, RANDOM.normal(size=240).cumsum()) == 12
    assert found(walks[0], *(RANDOM.normal(size=240).cumsum() for _ in range(19))) == 1
    assert seasons(1, walks[0], season=1) == Seasons(1)  # none was asked for


MONTHS = np.array([1, -1, 0.5, 2, -2, 1, 0, -0.5, 1, -1, -2, 1.0])


def test_chance_makes_no_season_of_changes():
    for seed in range(60):
        random = np.random.default_rng(seed)
        noise = random.standard_t(3, size=int(random.choice([40, 120, 600])))
        alternating = noise.copy()
        for t in range(1, len(noise)):
            alternating[t] -= 0.8 * alternating[t - 1]
        for y in (noise, noise.cumsum(), alternating, np.exp(0.02 * noise.cumsum()), noise > 2):
            assert changes_season([np.asarray(y, float)], 400) == 1


def test_correlations_of_changes_are_those_of_pandas():
    y = RANDOM.normal(size=200).cumsum()
    changes = pd.Series(np.diff(y)).clip(-2, 2)
    found, _, _ = _correlations([((changes - changes.mean()) / changes.std(ddof=0)).to_numpy()], 40)
    n, lags = len(changes), range(1, len(found))
    full = [changes.autocorr(lag) for lag in lags]  # whose means and deviations are those of the overlap
    np.testing.assert_allclose(found[1:], full, atol=0.06)
    centred = changes - changes.mean()
    exact = [(centred * centred.shift(lag)).sum() / (n - lag) / (centred**2).mean() for lag in lags]
    np.testing.assert_allclose(found[1:], exact, rtol=1e-9)
