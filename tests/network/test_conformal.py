"""Quantiles moved by the validation part: exact ranks, never crossing, each tail by itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncli.kernels.densities import LEAST
from rnncli.network.conformal import Calibration, later_coverage, needed, rounded, shift, shifts
from rnncli.network.likelihoods import LIKELIHOODS, inverse_squareplus

LISTS = st.lists(st.integers(1, 99), min_size=1, max_size=7, unique=True).map(
    lambda v: tuple(i / 100 for i in sorted(v))
)


@pytest.mark.parametrize(
    ("level", "right"),
    [(0.5, 5), (0.75, 8), (0.9, 9), (0.8, 8), (0.1, 1), (0.2, 2), (0.25, 2), (0.95, 9), (0.05, 0), (0.99, 9)],
)
def test_the_shift_is_the_residual_of_the_exact_rank(level, right):
    """Of 1 .. 9 the ⌈10 p⌉-th from the side of the tail; beyond them the outermost, and never inwards: 0 of 0.05."""
    assert shift(np.random.default_rng(0).permutation(np.arange(1.0, 10)), level) == right


@pytest.mark.parametrize(
    ("level", "count"), [(0.5, 1), (0.75, 3), (0.9, 9), (0.1, 9), (0.95, 19), (0.99, 99), (0.01, 99)]
)
def test_how_many_residuals_a_level_needs(level, count):
    assert needed(level) == count
    inner = np.linspace(-2, -1, count) if level >= 0.5 else np.linspace(1, 2, count)
    assert shift(inner, level) in inner
    assert shift(inner[1:], level) == 0 or level == 0.5


@given(st.integers(0, 1000), LISTS)
@settings(max_examples=40, deadline=None)
def test_a_shifted_quantile_covers_its_rank_of_what_it_was_made_of(seed, levels):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(100, 140))
    q, y = np.sort(rng.normal(size=(n, 2, 1, len(levels)))), 3 + rng.normal(size=(n, 2, 1))
    moved = q + shifts(q, y, levels)
    for i, level in enumerate(levels):
        below = (y <= moved[..., i] + 1e-12).sum(axis=0)
        exact = np.ceil((n + 1) * level - 1e-9) if level >= 0.5 else n + 1 - np.ceil((n + 1) * (1 - level) - 1e-9)
        np.testing.assert_array_equal(below, exact)


def test_new_values_are_below_a_quantile_as_often_as_it_says():
    """The mean over many validation parts of 39 values, of which the rank makes 0.75 and 0.1 exact."""
    rng = np.random.default_rng(1)
    draws = rng.exponential(size=(20000, 40))
    for level in (0.75, 0.1):
        hits = np.mean([draw[-1] <= shift(draw[:-1], level) for draw in draws])
        assert hits == pytest.approx(level, abs=0.012)


def calibrated(name, levels, seed, moved=True):
    loss, rng = LIKELIHOODS[name](levels), np.random.default_rng(seed)
    by = rng.normal(size=(2, 3, len(levels))) if moved else None
    params = rng.normal(size=(50, 2, 3, loss.width)).astype(np.float32)
    return loss, Calibration(loss, by, None)(params), by


@given(st.sampled_from(["quantile", "gaussian", "student"]), LISTS, st.integers(0, 99), st.booleans())
@settings(max_examples=100, deadline=None)
def test_nothing_crosses_whatever_the_levels(name, levels, seed, moved):
    loss, (points, q), _ = calibrated(name, levels, seed, moved)
    assert (np.diff(q, axis=-1) >= 0).all()
    for i, level in enumerate(levels):
        apart = (q[..., i] - points) * np.sign(level - 0.5)
        assert (apart >= 0).all() if level != 0.5 else (q[..., i] == points).all()


@pytest.mark.parametrize("name", ["gaussian", "student"])
def test_quantiles_have_the_scale_of_the_density(name):
    """At the smallest scale the median is the mode, and the density there tells the scale: 1 / (σ √2π)."""
    loss = LIKELIHOODS[name]((0.5, 0.84134474606854))
    params = np.array([[[0.0, inverse_squareplus(1e-6), 1e9][: loss.width]]])
    _, above = loss.quantiles(params)[0, 0]
    sigma = np.exp(loss.nats(params, np.zeros((1, 1)))[0, 0]) / np.sqrt(2 * np.pi)
    assert above == pytest.approx(sigma, rel=1e-3)
    assert above == pytest.approx(1e-6 + LEAST, rel=1e-3)


def test_the_later_half_is_covered_by_the_earlier_ones_interval():
    """A level that jumps by three deviations leaves an interval that was fitted before it."""
    rng, levels = np.random.default_rng(2), (0.1, 0.5, 0.9)
    y, q, later = rng.normal(size=(400, 1, 1)), np.zeros((400, 1, 1, 3)), np.arange(400) >= 200
    loss = LIKELIHOODS["quantile"](levels)
    calm = later_coverage(q, y, later, loss)
    earlier = np.sort(y[:200].ravel())
    low, high = earlier[200 - math.ceil(201 * 0.9)], earlier[math.ceil(201 * 0.9) - 1]
    assert calm == {"nominal": 0.8, "later": ((y[200:] >= low) & (y[200:] <= high)).mean()}
    assert abs(calm["later"] - 0.8) < 0.1
    y[200:] += 3
    assert later_coverage(q, y, later, loss)["later"] < 0.2
    assert later_coverage(q[-8:], y[-8:], later[-208:-200] | (np.arange(8) > 3), loss) is None  # 4 are too few
    assert later_coverage(q[..., 1:2], y, later, LIKELIHOODS["quantile"]((0.5,))) is None


def test_gaps_are_left_out_and_targets_and_steps_are_apart():
    q, y = np.zeros((9, 1, 2, 1)), np.array([[1.0 + i, 100.0 + i] for i in range(9)])[:, None]
    y[3, 0, 1] = np.nan
    assert shifts(q, y, (0.5,)).tolist() == [[[5.0], [105.0]]]
    assert rounded(np.array([[1 / 3, 2e-9 / 3]])) == [[0.3333333, 6.666667e-10]]
