"""Arrays that are made block by block are those that are made at once, and large ones are files."""

import numpy as np
import pytest

from rnncli.process import temporary
from rnncli.process.temporary import in_blocks, permutation, places, repeated, sums_before, when_read


@pytest.fixture(params=[1, 3, 1000])
def block(request, monkeypatch):
    monkeypatch.setattr(temporary, "BLOCK", request.param)
    monkeypatch.setattr(temporary, "LARGE", 32)
    return request.param


@pytest.mark.parametrize("rows", [0, 1, 3, 20])
def test_rows_are_made_in_their_order(block, rows):
    found = in_blocks(rows, lambda begin, end: np.arange(2 * begin, 2 * end, dtype=np.float64).reshape(-1, 2))
    assert found.shape == (rows, 2)
    assert found.ravel().tolist() == list(range(2 * rows))
    assert isinstance(found, np.memmap) == (rows > max(block, 2))


def test_values_are_repeated_for_the_rows_of_their_series(block):
    offsets = np.array([0, 2, 2, 7, 8])
    values = np.array([[1.0, 2], [3, 4], [5, 6], [7, 8]])
    np.testing.assert_array_equal(repeated(values, offsets), np.repeat(values, np.diff(offsets), axis=0))


def test_a_permutation_and_places_are_those_of_numpy(block):
    order = permutation(20, np.random.default_rng(3))
    np.testing.assert_array_equal(order, np.random.default_rng(3).permutation(20))
    mask = order % 3 == 0
    np.testing.assert_array_equal(places(mask), np.flatnonzero(mask))
    assert places(np.zeros(0, bool)).shape == (0,)


def test_sums_before_rows_have_the_bits_of_one_sum(block):
    values = np.random.default_rng(0).normal(size=(20, 2))
    found = sums_before(20, lambda begin, end: values[begin:end])
    np.testing.assert_array_equal(found, np.concatenate([np.zeros((1, 2)), np.cumsum(values, axis=0)]))
    assert sums_before(0, np.arange).tolist() == [0]


def test_rows_are_made_when_one_of_their_block_is_read_first(monkeypatch):
    monkeypatch.setattr(temporary, "FEW", 4)
    monkeypatch.setattr(temporary, "VAST", 1)
    asked = []

    def make(begin, end):
        asked.append((begin, end))
        return np.arange(2 * begin, 2 * end, dtype=np.float32).reshape(-1, 2)

    found = when_read(10, make)
    asked.clear()
    assert found.shape == (10, 2) and len(found) == 10
    assert found.take(np.array([[9, 1], [8, 9]]), axis=0).tolist() == [[[18, 19], [2, 3]], [[16, 17], [18, 19]]]
    assert asked == [(0, 4), (8, 10)]
    assert found[np.array([2, 9])].tolist() == [[4, 5], [18, 19]]
    assert asked == [(0, 4), (8, 10)]
    monkeypatch.setattr(temporary, "VAST", 1 << 20)
    np.testing.assert_array_equal(when_read(10, make), make(0, 10))
