"""Quantiles of Student's t, against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from rnncli.data.growth import FEWEST, LEAST
from rnncli.data.student import CLEAR, STUDENT, student, student_quantiles
from rnncli.network.likelihoods import normal_quantiles


def test_those_of_few_degrees_of_freedom_are_kept():
    assert STUDENT[1:] == pytest.approx(stats.t.ppf(0.975, range(1, len(STUDENT))), abs=6e-4)
    assert [student(free) for free in range(len(STUDENT))] == [*STUDENT]
    assert student(len(STUDENT)) == student(1000) == CLEAR


def test_the_degrees_of_freedom_of_slopes_have_one_each():
    assert [student(free) for free in range(FEWEST, LEAST - 1)] == [*STUDENT[FEWEST:]]
    assert student(LEAST - 1) == CLEAR


@pytest.mark.parametrize("level", [0.025, 0.1, 0.25, 0.75, 0.9, 0.95, 0.975])
def test_the_expansion_is_within_half_a_hundredth(level):
    free = np.array([4.0, 5.0, 9.5, 30.0, 1e6])
    found = student_quantiles(free, normal_quantiles((level,)))
    np.testing.assert_allclose(found, stats.t.ppf(level, free), rtol=5e-3)
