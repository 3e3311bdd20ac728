"""tanh, sigmoid and exp as compiled code: accurate, saturating, and honest about NaN."""

import numpy as np
import pytest

from rnncli.kernels.activations import exp, sigmoid, tanh
from rnncli.kernels.compiler import kernel
from rnncli.kernels.machine import cpu

ACCURATE = 5e-7
ROUNDING = 1.2e-7  # of float32 at 1


@kernel("void(real[::1], real[::1], real[::1], real[::1])")
def apply(x, tanh_out, sigmoid_out, exp_out):
    for i in range(x.shape[0]):
        tanh_out[i] = tanh(x[i])
        sigmoid_out[i] = sigmoid(x[i])
        exp_out[i] = exp(x[i])


def activations(x):
    """tanh, sigmoid and exp of x in float32."""
    x = np.asarray(x, np.float32)
    out = np.empty((3, x.size), np.float32)
    apply(x, *out)
    return out


def wide_range(limit):
    """Both signs, from tiny to `limit`: evenly spread, and evenly spread in magnitude."""
    small = np.geomspace(1e-30, limit, 20_000)
    return np.concatenate([-small, [0.0], small, np.linspace(-limit, limit, 200_001)]).astype(np.float32)


def exact(x):
    return x.astype(np.float64)


def test_tanh_is_accurate():
    x = wide_range(30)
    x = x[x != 0]
    assert np.abs(activations(x)[0] / np.tanh(exact(x)) - 1).max() < ACCURATE


def test_sigmoid_is_accurate():
    x = wide_range(60)
    assert np.abs(activations(x)[1] - 1 / (1 + np.exp(-exact(x)))).max() < ACCURATE


def test_exp_is_accurate():
    x = wide_range(87)
    assert np.abs(activations(x)[2] / np.exp(exact(x)) - 1).max() < ACCURATE


def test_they_are_exact_at_zero():
    assert activations([0.0]).tolist() == [[0.0], [0.5], [1.0]]


@pytest.mark.parametrize("function", [0, 1])
def test_nan_stays_nan(function):
    y = activations([1.0, np.nan, -1.0])[function]
    assert np.isnan(y).tolist() == [False, True, False]


def test_tanh_and_sigmoid_stay_in_their_range_and_saturate():
    x = np.linspace(-40, 40, 800_001).astype(np.float32)
    t, s, _ = activations(x)
    roundings = 1 if "+fma" in cpu()[2] else 2  # p and q are rounded after each product where none is fused
    assert np.abs(t).max() <= 1 + roundings * ROUNDING
    assert s.min() >= -ROUNDING
    assert s.max() <= 1 + ROUNDING
    np.testing.assert_array_equal(activations(-x)[0], -t)
    for y, low in ((t, -1), (s, 0)):
        for end, limit in ((y[x <= -20], low), (y[x >= 20], 1)):
            assert np.ptp(end) == 0  # far out it is one number
            assert abs(end[0] - limit) <= ROUNDING


def test_they_never_fall_by_more_than_their_error():
    x = np.linspace(-40, 40, 400_001).astype(np.float32)
    t, s, e = exact(activations(x))
    assert np.diff(t).min() > -ACCURATE
    assert np.diff(s).min() > -ACCURATE
    assert np.diff(np.log(e)).min() > -ACCURATE


def test_infinities_saturate():
    t, s, e = activations([-np.inf, np.inf])
    np.testing.assert_allclose(t, [-1, 1], rtol=1e-6)
    np.testing.assert_allclose(s, [0, 1], atol=1e-6)
    assert 0 <= e[0] < 2e-38
    assert 1e38 < e[1] < np.inf


@kernel("void(real[::1], real[::1], real[::1])")
def apply_64(x, tanh_out, sigmoid_out):
    for i in range(x.shape[0]):
        tanh_out[i] = tanh(x[i])
        sigmoid_out[i] = sigmoid(x[i])


def activations_64(x):
    """tanh and sigmoid of x in float64."""
    x = np.asarray(x, np.float64)
    out = np.empty((2, x.size))
    apply_64(x, *out)
    return out


def test_in_float64_they_are_those_of_the_library_but_for_roundings():
    small = np.geomspace(1e-300, 40, 20_000)
    x = np.concatenate([-small, small, np.linspace(-40, 40, 200_001)])
    x = x[x != 0]
    t, s = activations_64(x)
    assert np.abs(t / np.tanh(x) - 1).max() < 1e-15
    assert np.abs(s - 1 / (1 + np.exp(-x))).max() < 5e-16
    np.testing.assert_array_equal(activations_64(-x)[0], -t)
    assert activations_64([0.0, 1e9, -np.inf, np.inf]).tolist() == [[0, 1, -1, 1], [0.5, 1, 0, 1]]
    assert np.isnan(activations_64([np.nan])).all()
