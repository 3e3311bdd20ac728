"""Token ids and what they stand for: characters, bytes, words."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.vocabulary import WORDS, Bytes, Characters, Words, from_json

ALL = "naïve 東京 😀 עברית\t\n"

# any character but the surrogates, which are half of one
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def counts_of(text):
    return {ord(char): text.count(char) for char in text}


@given(texts)
def test_text_in_any_script_comes_back(text):
    vocabulary = Characters.of_counts(counts_of(text), 1)
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == text.encode()
    assert len(ids) == len(text)
    assert vocabulary.unknown not in ids


@given(st.binary(max_size=40))
def test_bytes_come_back(data):
    vocabulary = Bytes()
    np.testing.assert_array_equal(vocabulary.encode(data), np.frombuffer(data, np.uint8))
    assert vocabulary.decode(vocabulary.encode(data)) == data
    assert len(vocabulary) == 256
    assert vocabulary.unknown is None
    assert vocabulary.newline == 10


def test_a_text_in_bytes_is_its_utf8():
    assert Bytes().encode("é").tolist() == [0xC3, 0xA9]


def test_ids_follow_the_code_points_after_unknown():
    vocabulary = Characters.of_counts(counts_of("zbéa"), 1)
    assert vocabulary.unknown == 0
    assert vocabulary.encode("\nabzé").tolist() == [1, 2, 3, 4, 5]
    assert len(vocabulary) == 6


def test_rare_characters_are_unknown_but_never_the_line_end():
    vocabulary = Characters.of_counts({ord("a"): 5, ord("b"): 2, ord("c"): 1}, min_count=2)
    assert [vocabulary.decode([i]) for i in range(len(vocabulary))] == ["\ufffd".encode(), b"\n", b"a", b"b"]
    assert vocabulary.encode("cab\n東").tolist() == [0, 2, 3, 1, 0]
    assert vocabulary.decode(vocabulary.encode("a東")) == "a\ufffd".encode()
    assert vocabulary.decode([vocabulary.newline]) == b"\n"


def test_an_empty_vocabulary_knows_the_line_end():
    vocabulary = Characters.of_counts({}, 2)
    assert len(vocabulary) == 2
    assert vocabulary.encode("x\n").tolist() == [0, vocabulary.newline]


def words_of(text, min_count=1, limit=None):
    return Words.of_counts(Counter(WORDS.findall(text)), min_count, limit)


@pytest.mark.parametrize("make", [Bytes, lambda: Characters.of_counts(counts_of(ALL), 1), lambda: words_of(ALL)])
def test_a_vocabulary_survives_json(make):
    vocabulary = make()
    again = from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert type(again) is type(vocabulary)
    assert (len(again), again.unknown, again.newline) == (len(vocabulary), vocabulary.unknown, vocabulary.newline)
    assert [again.symbol(i) for i in range(len(again))] == [vocabulary.symbol(i) for i in range(len(vocabulary))]
    np.testing.assert_array_equal(again.encode(ALL), vocabulary.encode(ALL))


@pytest.mark.parametrize(("size", "dtype"), [(200, np.uint8), (255, np.uint8), (256, np.uint16), (65536, np.uint32)])
def test_ids_have_the_smallest_type_that_holds_them(size, dtype):
    vocabulary = Characters.of_counts(dict.fromkeys(range(size), 1), 1)
    assert vocabulary.dtype == dtype
    ids = vocabulary.encode_codes(np.arange(size))
    assert ids.dtype == dtype
    np.testing.assert_array_equal(ids, np.arange(1, size + 1))


def test_symbols_are_printable():
    vocabulary = Characters.of_counts(counts_of("a\t\n\r東"), 1)
    assert [vocabulary.symbol(i) for i in range(len(vocabulary))] == ["<unk>", "\\t", "\\n", "\\r", "a", "東"]
    assert [Bytes().symbol(i) for i in (10, 65, 200)] == ["\\x0a", "A", "\\xc8"]


# -- words ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.sampled_from(["a", "bee", "東京", "N", "it's"]), max_size=5), max_size=5))
def test_words_between_single_spaces_come_back(lines):
    text = "\n".join(" ".join(line) for line in lines)
    vocabulary = words_of(text)
    ids = vocabulary.encode(text)
    assert len(ids) == len(text.split()) + text.count("\n")
    assert vocabulary.decode(ids) == text.encode()
    assert vocabulary.unknown not in ids


def test_the_most_frequent_words_come_first_and_the_line_end_is_one_of_them():
    vocabulary = words_of("b a\tb  c\nb a <unk> d\n", min_count=2)
    assert vocabulary.items == ["b", "\n", "a"]
    assert vocabulary.encode("a b c <unk>\n").tolist() == [3, 1, 0, 0, 2]
    assert vocabulary.symbol(0) == "<unk>"
    assert vocabulary.decode([1, 0, 3]) == b"b <unk> a"


def test_a_limit_keeps_the_most_frequent_and_always_the_line_end():
    counts = {word: 9 - i for i, word in enumerate("abcdefgh")} | {"\n": 1}
    for limit in range(3, 12):
        vocabulary = Words.of_counts(counts, 1, limit)
        assert len(vocabulary) == min(limit, 10)
        assert vocabulary.items == [*"abcdefgh"[: min(limit, 10) - 2], "\n"]
    assert len(Characters.of_counts({ord(w): n for w, n in counts.items()}, 1, 5)) == 5


def test_a_word_is_written_after_a_space_but_not_at_the_start_of_a_line():
    vocabulary = words_of("the end\n")
    the, end, newline = vocabulary.encode("the end\n").tolist()
    assert [vocabulary.after(before, the) for before in (b"", b"end", b"end ", b"\n")] == [
        b"the",
        b" the",
        b"the",
        b"the",
    ]
    assert vocabulary.after(b"end", newline) == b"\n"
    assert vocabulary.decode([newline, the, end, newline]) == b"\nthe end\n"


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.int64])
def test_codes_of_any_type_are_looked_up_alike(kind):
    """Blocks of a text have the smallest type that holds their codes, whatever else is in the vocabulary."""
    largest = min(np.iinfo(kind).max, 0x10FFFF)
    for codes in ([10, 65, 233], [10, 97, 8217, 0x1F600], [10, 0x110000]):
        v = Characters(codes)
        found = v.encode_codes(np.array([10, 65, 97, 0, largest], kind))
        assert found.dtype == v.dtype
        assert found.tolist() == [codes.index(c) + 1 if c in codes else 0 for c in (10, 65, 97, 0, largest)]
