"""Quantiles of counts, held against the sum of all probabilities by lgamma, and against draws."""

import math

import numpy as np
import pytest

from rnncli.kernels.densities import LEAST
from rnncli.network.likelihoods import LIKELIHOODS, inverse_squareplus

LEVELS = (0.05, 0.1, 0.5, 0.9, 0.975, 0.99)


def quantile(mean, r, level, most=200_000):
    below = 0.0
    for y in range(most):
        if r is None:
            log_p = y * math.log(mean) - mean - math.lgamma(y + 1)
        else:
            log_p = math.lgamma(y + r) - math.lgamma(r) - math.lgamma(y + 1)
            log_p += r * math.log(r / (r + mean)) + y * math.log(mean / (r + mean))
        below += math.exp(log_p)
        if below >= level:
            return y
    raise AssertionError


@pytest.mark.parametrize("mean", [0.01, 0.3, 1.0, 4.7, 33.0, 499.0, 501.0, 3000.0])
@pytest.mark.parametrize("r", [None, 0.05, 0.5, 3.0, 200.0])
def test_the_least_number_that_is_reached_so_often(mean, r):
    loss = LIKELIHOODS["poisson" if r is None else "negbin"](LEVELS)
    params = [math.log(mean)] if r is None else [math.log(mean), inverse_squareplus(r - LEAST)]
    found = loss.quantiles(np.array([[[params]]], np.float64))[0, 0, 0]
    assert (found == np.round(found)).all() and (found >= 0).all() and (np.diff(found) >= 0).all()
    right = np.array([quantile(mean, r, level) for level in LEVELS])
    assert np.abs(found - right).max() <= (0 if mean <= 500 and right.max() < 4000 else 1 + 0.01 * right.max())


def test_shapes_and_values_of_many():
    loss, rng = LIKELIHOODS["negbin"]((0.1, 0.9)), np.random.default_rng(0)
    params = rng.normal(size=(7, 3, 2, 2)).astype(np.float32)
    found = loss.quantiles(params)
    assert found.shape == (7, 3, 2, 2)
    assert found[4, 2, 1].tolist() == loss.quantiles(params[4:5, 2:3, 1:2])[0, 0, 0].tolist()
    assert LIKELIHOODS["poisson"](()).quantiles(params[..., :1]) is None


@pytest.mark.parametrize("name", ["poisson", "negbin"])
def test_the_mean_of_a_count_is_a_number_whatever_the_network_says(name):
    kind = LIKELIHOODS[name]((0.5,))
    params = np.full((1, kind.width), 1e30, np.float32)
    assert np.isfinite(kind.point(params)).all()
