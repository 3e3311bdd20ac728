"""Whether one forecast is better or was lucky, against SciPy's paired t-test and SciPy's quantiles."""

import numpy as np
import pytest
from scipy import stats

from rnncli.tasks.paired import STUDENT, told_apart


@pytest.mark.parametrize("count", [2, 3, 7, 10])
def test_told_apart_is_the_paired_t_test_at_5_percent(count):
    rng = np.random.default_rng(count)
    found = []
    for _ in range(200):
        a = rng.standard_normal(count)
        b = a + 0.7 + rng.standard_normal(count)
        found.append(told_apart(a.tolist(), b.tolist()))
        assert found[-1] == (stats.ttest_rel(a, b).pvalue < 0.05)
    assert any(found) and not all(found)


def test_one_batch_tells_nothing_nor_do_numbers_of_a_damaged_file():
    assert not told_apart([1.0], [9.0])
    assert not told_apart([1e308, -1e308], [-1e308, 1e308])
    assert not told_apart([1.0] * 99, [2.0] * 99)


def test_quantiles_are_those_of_student():
    assert STUDENT[1:] == pytest.approx(stats.t.ppf(0.975, range(1, len(STUDENT))), abs=6e-4)
