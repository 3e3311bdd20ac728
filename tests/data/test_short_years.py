"""Years of two digits are as close together as they can be."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.times.short_years import whole_years


@pytest.mark.parametrize(
    ("short", "years"),
    [
        ([60, 61, 79], [1960, 1961, 1979]),
        ([49, 60], [2049, 2060]),
        ([99, 0, 10], [1999, 2000, 2010]),
        ([20, 45], [2020, 2045]),
        ([68], [2068]),
        ([69], [1969]),
        ([68, 69], [1968, 1969]),
        ([75, 60, 2], [1975, 1960, 2002]),
        ([], []),
    ],
)
def test_years(short, years):
    assert whole_years(np.array(short, np.int64)).tolist() == years


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_no_other_centuries_are_closer_together(short):
    found = whole_years(np.array(short))
    assert (found % 100).tolist() == short and found.max() <= 2068
    ways = product(*((1900 + year, 2000 + year) for year in set(short)))
    assert found.max() - found.min() == min(max(years) - min(years) for years in ways)
