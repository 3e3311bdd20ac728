"""Rows of ranges one after the other, against the list of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.ranges import Ranges
from rnncli.process import temporary

PARTS = st.lists(st.tuples(st.integers(0, 5), st.integers(-2, 9)), max_size=6)  # (gap, rows)


def made(parts) -> tuple[Ranges, list[int]]:
    begins, ends, at = [], [], 0
    for gap, rows in parts:
        begins.append(at + gap)
        ends.append(at + gap + rows)
        at = max(ends[-1], begins[-1]) + 1
    listed = [row for begin, end in zip(begins, ends, strict=True) for row in range(begin, end)]
    return Ranges(np.array(begins, np.int64), np.array(ends, np.int64)), listed


@given(PARTS, st.integers(1, 4), st.integers(1, 8))
def test_rows_are_those_of_the_list(parts, step, block):
    ranges, listed = made(parts)
    usual, temporary.BLOCK = temporary.BLOCK, block
    try:
        assert len(ranges) == len(listed)
        assert ranges.every(step).tolist() == listed[::step]
        assert [row for begin, end in ranges.blocks() for row in range(begin, end)] == listed
        assert all(end - begin <= block for begin, end in ranges.blocks())
    finally:
        temporary.BLOCK = usual
    assert ranges.at(np.arange(len(listed))).tolist() == listed
    bounds = [end for begin, end in ranges for _ in range(begin, end)]
    assert ranges.ends_of(np.array(listed, np.int64)).tolist() == bounds


@given(PARTS, st.integers(1, 9), st.integers(0, 99))
def test_a_choice_is_that_of_numpy_from_the_list(parts, most, seed):
    ranges, listed = made(parts)
    expected = listed
    if len(listed) > most:
        expected = np.sort(np.random.default_rng(seed).choice(listed, most, replace=False)).tolist()
    assert ranges.chosen(most, np.random.default_rng(seed)).tolist() == expected
