"""Sequences and their parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data import sequences
from rnncli.data.sequences import Sequences
from rnncli.errors import RnncliError
from rnncli.process import temporary

LISTS = [[1, 2, 3], [4], [5, 6, 7, 8, 9], [10, 11]]


def of_lists(lists, dtype=np.uint16):
    lengths = np.array([len(tokens) for tokens in lists])
    return Sequences(np.array(sum(lists, []), dtype), np.cumsum(lengths) - lengths)


def lists_of(data):
    return [data.tokens[a:b].tolist() for a, b in zip(data.offsets[:-1], data.offsets[1:], strict=True)]


@pytest.fixture(params=[False, True])
def mapped(request, monkeypatch):
    """Arrays in memory, and all of them mapped; a few tokens at a time."""
    if request.param:
        monkeypatch.setattr(temporary, "LARGE", 0)
    for name in ("BLOCK", "TAKEN"):
        monkeypatch.setattr(sequences, name, 3)
    return request.param


def test_arrays_to_be_filled_are_zero_and_the_large_ones_mapped(mapped):
    for shape in (5, (2, 3)):
        array = temporary.zeros(shape, np.int16)
        assert isinstance(array, np.memmap) == mapped
        assert not array.any()
        array[...] = 7
        assert (array.sum(), array.dtype, array.shape) == (7 * array.size, np.int16, np.zeros(shape).shape)


def test_a_full_disk_is_said_before_a_mapped_array_is_written(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(temporary, "LARGE", 0)
    monkeypatch.setattr(temporary.os, "posix_fallocate", full, raising=False)
    with pytest.raises(RnncliError, match="cannot write temporary data .*no space left on device"):
        temporary.zeros(5, np.int16)


def test_sequences_know_their_ends():
    data = of_lists(LISTS)
    assert lists_of(data) == LISTS
    assert len(data) == 4
    assert data.total == 11


@pytest.mark.parametrize("indices", [[2, 0], [3], [], [0, 1, 2, 3], [1, 1]])
def test_select_takes_sequences_in_the_order_asked_for(mapped, indices):
    selected = of_lists(LISTS).select(np.array(indices, np.int64))
    assert lists_of(selected) == [LISTS[i] for i in indices]
    assert selected.tokens.dtype == np.uint16


@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.5])
def test_the_end_of_each_sequence_is_split_off(mapped, fraction):
    first, last = of_lists(LISTS).split_ends(fraction)
    held = [int(len(tokens) * fraction) for tokens in LISTS]
    assert lists_of(first) == [tokens[: len(tokens) - n] for tokens, n in zip(LISTS, held, strict=True)]
    assert lists_of(last) == [tokens[len(tokens) - n :] for tokens, n in zip(LISTS, held, strict=True)]


def test_the_digest_is_of_tokens_and_offsets_not_of_their_type():
    digest = of_lists(LISTS).digest()
    assert of_lists(LISTS, np.uint8).digest() == digest
    assert of_lists([LISTS[0] + LISTS[1], *LISTS[2:]]).digest() != digest
    assert of_lists([[1, 2, 4], *LISTS[1:]]).digest() != digest


@pytest.mark.parametrize("most", [None, 1, 6, 7, 99])
def test_tokens_are_counted_block_by_block(mapped, most):
    data = of_lists([*LISTS, [1, 1, 4]])
    np.testing.assert_array_equal(data.counts(15, most), np.bincount(data.tokens[:most], minlength=15))


@pytest.mark.parametrize(
    ("tokens", "left"), [(11, LISTS), (4, LISTS[:2]), (6, [[1, 2, 3], [4], [5, 6]]), (2, [[1, 2]])]
)
def test_the_first_tokens(tokens, left):
    assert lists_of(of_lists(LISTS).first(tokens)) == left


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(sum), st.integers(1, 12), st.integers(0, 99))
def test_pieces_in_another_order_are_the_same_tokens_and_starts(lengths, size, seed):
    ends = np.cumsum(lengths)
    data = Sequences(np.arange(ends[-1]), ends - lengths)
    found = data.reordered(size, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(found.tokens), data.tokens)
    joints = np.flatnonzero(np.diff(found.tokens) != 1) + 1  # what does not go on begins a piece
    begins = np.sort(found.tokens[np.append(0, joints)])
    assert np.isin(np.diff(begins)[1:] % size, 0).all()  # but for the first, all are as far apart as they are long
    assert set(found.tokens[found.begins == 1]) == {found.tokens[0], *data.tokens[data.begins == 1]}


def test_pieces_are_in_another_order_each_time():
    data, rng = of_lists([list(range(400))]), np.random.default_rng(0)
    orders = [tuple(data.reordered(20, rng).tokens.tolist()) for _ in range(3)]
    assert len({*orders}) == 3
    assert all((np.diff(order) != 1).sum() > 10 for order in orders)
