"""Quantiles moved by few residuals: against SciPy's and NumPy's parts, and by what they cover."""

import numpy as np
import pytest
from scipy import optimize, stats

from rnncli.network.conformal import enough, fitted_shifts, shifted, shifts
from rnncli.network.few_residuals import counted, growing, shifts_of_few, weighted_quantile, wider
from rnncli.network.likelihoods import LIKELIHOODS

LEVELS = (0.1, 0.5, 0.9)
LOSS = LIKELIHOODS["quantile"](LEVELS)


@pytest.mark.parametrize("seed", range(5))
def test_growing_is_isotonic_regression(seed):
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=12), rng.uniform(0.1, 3, size=12)
    right = optimize.isotonic_regression(values, weights=weights).x
    np.testing.assert_allclose(growing(values, weights), right, rtol=1e-12)


def test_a_step_without_values_is_as_the_one_before():
    assert growing(np.array([1.0, 4.0, 0.0, 0.0]), np.array([5.0, 2.0, 0.0, 0.0])).tolist() == [1, 4, 4, 4]


def test_the_quantile_is_hazens_and_a_weight_of_two_is_two_values():
    values = np.random.default_rng(0).normal(size=30)
    for share in (0.1, 0.5, 0.8):
        right = np.quantile(values, share, method="hazen")
        assert weighted_quantile(values, np.ones(30), share) == pytest.approx(right)
    many = np.random.default_rng(1).normal(size=4000)
    w = np.random.default_rng(2).integers(1, 4, size=4000)
    right = np.quantile(np.repeat(many, w), 0.8, method="hazen")
    assert weighted_quantile(many, w.astype(float), 0.8) == pytest.approx(right, abs=2e-3)


def test_the_interval_is_as_much_wider_as_that_of_a_new_value_about_a_mean():
    n = np.array([6.0, 10.0, 40.0, 1e7])
    right = stats.t.ppf(0.9, n - 1) / stats.norm.ppf(0.9) * np.sqrt(1 + 1 / n)
    np.testing.assert_allclose(wider(n, 0.9, 1), right, rtol=2e-3)
    assert wider(np.array([1.0]), 0.9, 1) == pytest.approx(stats.t.ppf(0.9, 4) / stats.norm.ppf(0.9) * 2**0.5, rel=2e-3)
    np.testing.assert_allclose(wider(n, 0.9, 2) ** 2 / wider(n, 0.9, 1) ** 2, (n + 2) / (n + 1))


def test_residuals_count_by_their_weights_and_less_further_ahead():
    y = np.ones((8, 4, 1))
    y[:4, 3] = np.nan
    assert counted(y)[:, 0].tolist() == pytest.approx([8, 4, 8 / 3, 1])
    w = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
    assert counted(y, w)[:, 0].tolist() == pytest.approx([4, 2, 4 / 3, 0])


def drawn(rng, n, H=1):
    """Quantiles of a network that takes the spread for a third of what it is, and values."""
    return np.tile(np.array([-0.4, 0.0, 0.4]), (n, H, 1, 1)), rng.normal(size=(n, H, 1))


@pytest.mark.parametrize(("n", "levels"), [(4, LEVELS), (8, LEVELS), (12, (0.025, 0.5, 0.975))])
def test_intervals_cover_what_they_say_however_few_the_residuals_are(n, levels):
    """Of normal values about a middle that is not known; by ranks (conformal.py) they cover less, or what they can."""
    rng, loss, hits = np.random.default_rng(n), LIKELIHOODS["quantile"](levels), []
    for _ in range(1500):
        q, y = drawn(rng, n + 1)
        low, middle, high = shifted(q[-1], fitted_shifts(q[:-1], y[:-1], loss))[0, 0]
        hits.append(low <= y[-1, 0, 0] <= high)
        assert low <= middle <= high
    assert np.mean(hits) == pytest.approx(levels[-1] - levels[0], abs=0.035)


def test_few_errors_of_a_random_walk_cover_every_step_ahead():
    """24 forecasts of 6 steps by the last value, whose errors, over the deviation of each step, are alike."""
    rng, hits = np.random.default_rng(3), []
    for _ in range(800):
        walk = np.cumsum(rng.normal(size=31 + 6))
        errors = np.stack([(walk[at + 1 : at + 7] - walk[at]) / np.arange(1, 7) ** 0.5 for at in (*range(24), 30)])
        q, errors = np.tile(np.array([-1.28, 0.0, 1.28]), (24, 6, 1, 1)), errors[:, :, None]
        moved = shifted(q[-1], fitted_shifts(q, errors[:-1], LOSS))[:, 0]
        hits.append((moved[:, 0] <= errors[-1, :, 0]) & (errors[-1, :, 0] <= moved[:, 2]))
    covered = np.mean(hits, axis=0)
    assert (np.abs(covered - 0.8) < 0.07).all()


def test_points_are_moved_as_by_ranks_and_enough_residuals_are_taken_by_them():
    rng = np.random.default_rng(4)
    for n, H, plenty in ((9, 1, True), (8, 1, False), (54, 6, False), (59, 6, True)):
        q, y = drawn(rng, n, H)
        for h in range(1, H):
            y[n - h :, h] = np.nan
        assert enough(y, LEVELS) == plenty
        found, ranks = fitted_shifts(q, y, LOSS), shifts(q, y, LEVELS)
        np.testing.assert_array_equal(found[..., 1], ranks[..., 1])
        assert (found == ranks).all() == plenty


@pytest.mark.parametrize("levels", [(0.1, 0.9), (0.2, 0.5, 0.9), (0.9,), (0.5,)])
def test_levels_without_an_opposite_or_a_middle(levels):
    rng = np.random.default_rng(5)
    loss, y = LIKELIHOODS["quantile"](levels), rng.normal(size=(7, 3, 2))
    q = np.sort(rng.normal(size=(7, 3, 2, len(levels))), axis=-1)
    found = shifts_of_few(q, y, loss, np.zeros((3, 2)))
    assert found.shape == (3, 2, len(levels)) and np.isfinite(found).all()
    if levels == (0.1, 0.9):
        np.testing.assert_allclose(loss.point_shift(found), 0, atol=1e-12)


def test_targets_are_apart_and_one_without_values_stays():
    q, y = drawn(np.random.default_rng(6), 7, 3)
    both = shifts_of_few(np.repeat(q, 2, axis=2), np.concatenate([y, y * np.nan], axis=2), LOSS, np.zeros((3, 2)))
    np.testing.assert_allclose(both[:, :1], shifts_of_few(q, y, LOSS, np.zeros((3, 1))))
    assert not both[:, 1].any()


def test_exact_forecasts_have_narrow_intervals():
    q = np.tile(np.array([-1.0, 0.0, 1.0]), (7, 2, 1, 1))
    moved = q[0] + shifts_of_few(q, np.zeros((7, 2, 1)), LOSS, np.zeros((2, 1)))
    np.testing.assert_allclose(moved, 0, atol=1e-9)
