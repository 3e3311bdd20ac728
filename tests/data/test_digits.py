"""Decimal places of forecasts: as many as the data and the interval ask for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.digits import EXACT, places, places_of, probability, rounded, written_with


@pytest.mark.parametrize(
    ("step", "count"), [(1, 0), (0.01, 2), (0.02, 2), (0.009, 3), (300, -2), (1000, -3), (3e-13, 13)]
)
def test_places_of_a_step(step, count):
    assert places(step) == count


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ([123458296.06, 1.5], 2),
        ([7.0, np.nan, 12.0], 0),
        ([1e13, 5.3e12], -11),
        ([2.5e-12, 0], 13),
        ([0.1 + 0.2], None),
    ],
)
def test_how_numbers_are_written(values, count):
    assert written_with(np.array(values)) == count


@pytest.mark.parametrize(
    ("value", "values", "width", "printed"),
    [
        (123458301.117018, [123458296.06], 2.0, 123458301.11702),  # a hundred-thousandth of 2 is 0.00002
        (7.5, [7.5, 7.5], 0.0, 7.5),
        (7.500000000000001, [7.5, 7.5], 0.0, 7.5),
        (116145.4321, [116145, 120000], 1e4, 116145.4),
        (5.3123456789e13, [5.3e13], 1e12, 5312346e7),
    ],
)
def test_what_is_printed(value, values, width, printed):
    assert rounded(value, *places_of(np.array(values), 1e3), width) == printed


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.integers(0, 4), st.sampled_from([1e-13, 1.0, 1e13]))
def test_the_error_is_far_below_the_interval_and_the_last_place(value, width, digits, size):
    data = np.round(np.random.default_rng(0).normal(size=50), digits) * size
    error = abs(rounded(value * size, *places_of(data, size), width * size) - value * size) / size
    assert error <= 0.5 * EXACT * width + 1e-9
    assert error <= 0.06 * 10.0**-digits


def test_a_step_of_nothing_has_places():
    assert places(0.0) == 100


@pytest.mark.parametrize(
    ("p", "least", "written"),
    [
        (0.123456789, 4, 0.1235),
        (0.123456789, 6, 0.123457),
        (0.01, 4, 0.01),
        (3.21456e-5, 4, 3.21e-5),
        (1 - 3.21456e-5, 4, 0.9999679),
        (1e-30, 4, 1e-30),
        (0.0, 4, 0.0),
        (1.0, 4, 1.0),
    ],
)
def test_a_probability_near_0_and_1_keeps_its_distance_from_them(p, least, written):
    assert probability(p, least) == written


@given(st.floats(1e-12, 1 - 1e-12), st.integers(4, 6))
def test_the_logarithm_of_a_written_probability_is_right_to_two_digits(p, least):
    written = probability(p, least)
    assert abs(np.log(written) - np.log(p)) < 6e-3
    assert abs(np.log1p(-written) - np.log1p(-p)) < 6e-3
