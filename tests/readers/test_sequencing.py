"""Rows to sequences, block by block: the orders and answers of NumPy."""

import numpy as np
import pytest

from rnncli.data.columns import offsets_of
from rnncli.data.digits import written_with
from rnncli.process import temporary
from rnncli.readers.sequencing import first_of_each, in_order


@pytest.fixture(params=[1, 3, 1000])
def block(request, monkeypatch):
    monkeypatch.setattr(temporary, "BLOCK", request.param)


@pytest.mark.parametrize("times", ["none", "ascending", "any"])
def test_rows_are_ordered_by_group_and_time(block, times):
    rng = np.random.default_rng(5)
    for count in (2, 7, 60):
        groups = np.append(np.arange(3), rng.integers(0, 3, count)).astype(np.int32)
        when = {"none": None, "ascending": np.arange(len(groups)) // 2, "any": rng.integers(0, 9, len(groups))}[times]
        order, offsets = in_order(groups, when, len(groups))
        expected = np.argsort(groups, kind="stable") if when is None else np.lexsort((when, groups))
        np.testing.assert_array_equal(np.arange(len(groups)) if order is None else order, expected)
        np.testing.assert_array_equal(offsets, offsets_of(np.bincount(groups)))


def test_the_first_answer_of_each_sequence_and_the_first_other_one(block):
    values, offsets = np.array([4, 5, 5, 7, 7, 7, 8, 7, 1]), np.array([0, 3, 5, 8, 9])
    there = np.array([False, True, True, True, True, True, False, True, False])
    first, other = first_of_each(values, there, offsets)
    assert (first.tolist(), other) == ([5, 7, 7, 1], None)
    there[6:8] = True
    assert first_of_each(values, there, offsets)[1] == 6


def test_digits_are_those_of_the_last_values_that_are_there(block):
    values = np.array([1.2345, 2.5, np.nan, 3.25, np.nan, np.nan, 4.0])
    found = [written_with(values, most) for most in (1, 2, 3, 4, 9)]
    assert found == [0, 2, 2, 4, 4]
    assert written_with(np.log2(values), 2, np.exp2) == 2
