"""Sequences and their parts."""

import numpy as np
import pytest

from rnncli.data.sequences import Sequences

LISTS = [[1, 2, 3], [4], [5, 6, 7, 8, 9], [10, 11]]


def of_lists(lists, dtype=np.uint16):
    lengths = np.array([len(tokens) for tokens in lists])
    return Sequences(np.array(sum(lists, []), dtype), np.cumsum(lengths) - lengths)


def lists_of(data):
    return [data.tokens[a:b].tolist() for a, b in zip(data.offsets[:-1], data.offsets[1:], strict=True)]


def test_sequences_know_their_ends():
    data = of_lists(LISTS)
    assert lists_of(data) == LISTS
    assert len(data) == 4
    assert data.total == 11


@pytest.mark.parametrize("indices", [[2, 0], [3], [], [0, 1, 2, 3], [1, 1]])
def test_select_takes_sequences_in_the_order_asked_for(indices):
    selected = of_lists(LISTS).select(np.array(indices, np.int64))
    assert lists_of(selected) == [LISTS[i] for i in indices]
    assert selected.tokens.dtype == np.uint16


@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.5])
def test_the_end_of_each_sequence_is_split_off(fraction):
    first, last = of_lists(LISTS).split_ends(fraction)
    held = [int(len(tokens) * fraction) for tokens in LISTS]
    assert lists_of(first) == [tokens[: len(tokens) - n] for tokens, n in zip(LISTS, held, strict=True)]
    assert lists_of(last) == [tokens[len(tokens) - n :] for tokens, n in zip(LISTS, held, strict=True)]


def test_the_digest_is_of_tokens_and_offsets_not_of_their_type():
    digest = of_lists(LISTS).digest()
    assert of_lists(LISTS, np.uint8).digest() == digest
    assert of_lists([LISTS[0] + LISTS[1], *LISTS[2:]]).digest() != digest
    assert of_lists([[1, 2, 4], *LISTS[1:]]).digest() != digest
