"""Token ids and what they stand for, sequences and their parts, and the spool that data grows in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli import sequences
from rnncli.sequences import Sequences, Spool, Vocabulary

ALL = "naïve 東京 😀 עברית\t\n"

# any character but the surrogates, which are half of one
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def counts_of(text):
    return {ord(char): text.count(char) for char in text}


@given(texts)
def test_text_in_any_script_comes_back(text):
    vocabulary = Vocabulary.of_counts(counts_of(text), 1)
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text.encode()
    assert len(ids) == len(text)
    assert vocabulary.unknown not in ids


@given(st.binary(max_size=40))
def test_bytes_come_back(data):
    vocabulary = Vocabulary.of_bytes()
    np.testing.assert_array_equal(vocabulary.encode(data), np.frombuffer(data, np.uint8))
    assert vocabulary.decode(vocabulary.encode(data)) == data
    assert len(vocabulary) == 256
    assert vocabulary.unknown is None
    assert vocabulary.newline == 10


def test_a_text_in_bytes_is_its_utf8():
    assert Vocabulary.of_bytes().encode("é").tolist() == [0xC3, 0xA9]


def test_ids_follow_the_code_points_after_unknown():
    vocabulary = Vocabulary.of_counts(counts_of("zbéa"), 1)
    assert vocabulary.unknown == 0
    assert vocabulary.encode("\nabzé").tolist() == [1, 2, 3, 4, 5]
    assert len(vocabulary) == 6


def test_rare_characters_are_unknown_but_never_the_line_end():
    vocabulary = Vocabulary.of_counts({ord("a"): 5, ord("b"): 2, ord("c"): 1}, min_count=2)
    assert [vocabulary.decode([i]) for i in range(len(vocabulary))] == ["\ufffd".encode(), b"\n", b"a", b"b"]
    assert vocabulary.encode("cab\n東").tolist() == [0, 2, 3, 1, 0]
    assert vocabulary.decode(vocabulary.encode("a東")) == "a\ufffd".encode()
    assert vocabulary.decode([vocabulary.newline]) == b"\n"


def test_an_empty_vocabulary_knows_the_line_end():
    vocabulary = Vocabulary.of_counts({}, 2)
    assert len(vocabulary) == 2
    assert vocabulary.encode("x\n").tolist() == [0, vocabulary.newline]


@pytest.mark.parametrize("make", [Vocabulary.of_bytes, lambda: Vocabulary.of_counts(counts_of(ALL), 1)])
def test_a_vocabulary_survives_json(make):
    vocabulary = make()
    again = Vocabulary.from_json(vocabulary.to_json())
    assert again.kind == vocabulary.kind
    assert again.codes.tolist() == vocabulary.codes.tolist()
    assert (again.unknown, again.first, again.newline) == (vocabulary.unknown, vocabulary.first, vocabulary.newline)


@pytest.mark.parametrize(("size", "dtype"), [(200, np.uint8), (255, np.uint8), (256, np.uint16), (65536, np.uint32)])
def test_ids_have_the_smallest_type_that_holds_them(size, dtype):
    vocabulary = Vocabulary.of_counts(dict.fromkeys(range(size), 1), 1)
    assert vocabulary.dtype == dtype
    ids = vocabulary.encode_codes(np.arange(size))
    assert ids.dtype == dtype
    np.testing.assert_array_equal(ids, np.arange(1, size + 1))


def test_symbols_are_printable():
    vocabulary = Vocabulary.of_counts(counts_of("a\t\n\r東"), 1)
    assert [vocabulary.symbol(i) for i in range(len(vocabulary))] == ["<unk>", "\\t", "\\n", "\\r", "a", "東"]
    assert [Vocabulary.of_bytes().symbol(i) for i in (10, 65, 200)] == ["\\x0a", "A", "\\xc8"]


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


def test_a_part_of_the_sequences_is_split_off_by_seed():
    lists = [[i] * (1 + i % 4) for i in range(50)]
    first, last = of_lists(lists).split_sequences(0.3, seed=7)
    ours, theirs = lists_of(first), lists_of(last)
    assert sorted(ours + theirs) == lists
    assert len(theirs) == 15
    assert ours == sorted(ours)
    assert theirs == sorted(theirs)
    assert lists_of(of_lists(lists).split_sequences(0.3, seed=7)[1]) == theirs
    assert lists_of(of_lists(lists).split_sequences(0.3, seed=8)[1]) != theirs


def test_the_digest_is_of_tokens_and_offsets_not_of_their_type():
    digest = of_lists(LISTS).digest()
    assert of_lists(LISTS, np.uint8).digest() == digest
    assert of_lists([LISTS[0] + LISTS[1], *LISTS[2:]]).digest() != digest
    assert of_lists([[1, 2, 4], *LISTS[1:]]).digest() != digest


def blocks():
    rng = np.random.default_rng(0)
    return [
        rng.integers(0, 90, size).astype(dtype) for size, dtype in ((50, np.uint8), (7, np.uint32), (80, np.uint16))
    ]


@pytest.mark.parametrize("in_memory", [sequences.IN_MEMORY, 60])
def test_a_spool_gives_back_its_blocks_from_memory_and_from_a_file(in_memory, monkeypatch):
    monkeypatch.setattr(sequences, "IN_MEMORY", in_memory)
    spool, everything = Spool(), np.concatenate(blocks())
    for block in blocks():
        spool.append(block)
    assert len(spool) == everything.size
    assert spool.counts == {int(v): int((everything == v).sum()) for v in np.unique(everything)}
    assert isinstance(spool.blocks[-1], np.memmap) == (in_memory == 60)
    mapped = spool.map(lambda block: block + 1, np.uint16)
    np.testing.assert_array_equal(mapped, everything + 1)
    assert mapped.dtype == np.uint16
    assert isinstance(mapped, np.memmap) == (in_memory == 60)


def test_an_empty_spool_is_an_empty_array():
    assert len(Spool()) == 0
    assert Spool().map(lambda block: block, np.uint8).size == 0
