"""The season that values show by themselves: right values by construction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.own_season import season_in


def found(*series) -> int:
    offsets = np.cumsum([0, *map(len, series)])
    return season_in(np.concatenate(series).astype(float)[:, None], offsets, offsets[1:])


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
    assert season_in(y, np.array([0, len(y)]), np.array([100])) == 1
