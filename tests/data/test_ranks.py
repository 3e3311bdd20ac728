"""Shares of values that are less, counted by hand, whatever rounding makes of ties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data import ranks
from rnncli.data.ranks import Ranks, noise

VALUES = st.lists(st.sampled_from([0.5, 0.75, 1.25, 1.5, 2.0, 3.25, 7.0]), min_size=1, max_size=60)


def less(values, x):
    """#{v < x} / n, by counting."""
    return sum(v < x for v in values) / len(values)


@given(VALUES, st.integers(0, 2**32 - 1))
def test_ties_are_exact_whatever_the_last_bits_are(values, seed):
    rng = np.random.default_rng(seed)
    e = max(noise(v, 100) for v in values)
    found = Ranks.from_json(Ranks.of(np.array(values) + rng.uniform(-e / 4, e / 4, len(values))).to_json())
    for x in {*values, 0.1, 0.9, 9.0}:
        assert found.share(x + rng.uniform(-e / 4, e / 4), noise(x, 100)) == pytest.approx(less(values, x))


def test_frequent_values_of_many_stay_exact():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.exponential(1.0, 30_000), np.full(30_000, 1.5), np.full(9_000, 2.5)])
    found = Ranks.of(values)
    assert len(found.values) <= 2 * ranks.MOST + 1
    for x in (1.5, 2.5, 0.0, 0.3, 1.0, 2.0, 3.0, values.max()):
        assert found.share(x, 1e-6) == pytest.approx(less(values, x - 1e-6), abs=1.5 / ranks.MOST)
    assert found.share(1.5, 1e-6) == pytest.approx(less(values, 1.5), abs=1e-4)


def test_models_of_before_have_quantiles():
    values = [1.0] * 69 + [2.0] * 30 + [5.0]
    old = Ranks.of_quantiles([round(float(q), 5) for q in np.quantile(values, np.linspace(0, 1, 101))])
    assert old.share(1.0, 1e-5) == 0.0
    assert old.share(2.0, 1e-5) == pytest.approx(0.69, abs=0.011)
    assert old.share(1.5) == pytest.approx(0.69, abs=0.011)
    assert old.share(6.0) == 1.0


def test_the_noise_is_that_of_float32():
    assert 1e-7 < noise(1.0, 30) < 1e-5
    assert noise(3.0, 30_000) < 1e-4
