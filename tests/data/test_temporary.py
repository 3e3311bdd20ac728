"""Arrays that are made block by block are those that are made at once, and large ones are files."""

import numpy as np
import pytest

from rnncli.data import temporary
from rnncli.data.temporary import in_blocks, join, permutation, places, repeated, sums_before


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


def test_arrays_are_joined(block):
    parts = [np.arange(3.0), np.arange(9.0), np.zeros(0)]
    np.testing.assert_array_equal(join(parts), np.concatenate(parts))
    assert join(parts[:1]) is parts[0]


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
