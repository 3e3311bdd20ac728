"""Words of texts by number, as a dictionary has them."""

from collections import Counter

import numpy as np
import pytest

from rnncli.data.vocabulary import END_WORD, UNKNOWN, WORDS, Words
from rnncli.readers.numbered_words import NumberedWords
from rnncli.readers.text import WordCodes

SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]


def some_texts(rng, letters, most):
    """A few, of letters, line ends and white space, or of nothing."""
    pool = [*letters, *letters, *letters, *SPACES, "\n"]
    return ["".join(rng.choice(pool, rng.integers(0, most)).tolist()) for _ in range(rng.integers(0, 6))]


@pytest.mark.parametrize(
    "letters", [["a", "b"], ["a", "é", "漢", "\U0001f600", "\ud800", "\0", "\x7f"], [*"abcdefghijklmnopqrstuvwxyz"]]
)
def test_words_are_numbered_as_they_first_appear_between_white_space(letters):
    rng = np.random.default_rng(0)
    for _ in range(12):
        words, ids = NumberedWords(["\n", END_WORD]), {"\n": 0, END_WORD: 1}
        for texts in [some_texts(rng, letters, 300) for _ in range(4)]:
            numbers, lengths = words.number(texts)
            found = [WORDS.findall(text) for text in texts]
            assert lengths == [len(one) for one in found]
            assert numbers.tolist() == [ids.setdefault(word, len(ids)) for one in found for word in one]
        assert [*words.texts(np.arange(len(words)))] == [*ids]


def test_there_is_room_for_many_words_and_for_long_ones():
    """More than there is room for at first, of each of the arrays."""
    words = NumberedWords(["\n", END_WORD])
    long = ["x" * 100_000, "y" * 70_000]
    many = [f"word{i}" for i in range(30_000)]
    for block in ([" ".join(many[:9_000])], long, [" ".join(many)], [" ".join(reversed(many))], long):
        words.number(block)
    assert [*words.texts(np.arange(2, len(words)))] == [*many[:9_000], *long, *many[9_000:]]
    numbers, lengths = words.number([many[-1], "", f"{many[0]} {long[1]}"])
    assert (numbers.tolist(), lengths) == ([len(words) - 1, 2, 9_003], [1, 0, 2])


@pytest.mark.parametrize("ends", [False, True])
def test_a_limited_vocabulary_is_that_of_all_words(ends):
    """Though only those are looked at that may be in it: equal counts are decided by the words."""
    rng = np.random.default_rng(1)
    pool = np.array([*(f"w{i}" for i in range(40)), "\n", UNKNOWN])
    for _ in range(60):
        codes, text = WordCodes(), " ".join(rng.choice(pool, rng.integers(1, 120)).tolist())
        numbers, _ = codes.of_texts([text])
        numbers = np.append(numbers, np.uint32(codes.end)) if ends else numbers
        counts = Counter(WORDS.findall(text)) | ({END_WORD: 1} if ends else {})
        limit, least = int(rng.integers(3, 50)), int(rng.integers(1, 4))
        found = codes.vocabulary(np.bincount(numbers), least, limit)
        assert found.items == Words.of_counts(counts, least, limit).items, (limit, least)
        ids = codes.encoder(found)(numbers)
        symbols = [*codes.words.texts(numbers)]
        assert ids.tolist() == [found.ids.get(word, 0) for word in symbols]


def test_of_a_long_tail_few_words_are_kept(monkeypatch):
    """A text of ids, each once: with the limit of a vocabulary they are not all counted in a dictionary."""
    codes, kept, right = WordCodes(), [], WordCodes._counted
    numbers, _ = codes.of_texts([" ".join(f"id{i:05}" for i in range(5_000)) + " the" * 9])
    monkeypatch.setattr(WordCodes, "_counted", lambda *args: kept.append(args[2]) or right(*args))
    found = codes.vocabulary(np.bincount(numbers), 1, 10)
    assert found.items == ["the", *(f"id{i:05}" for i in range(7)), "\n"]
    assert sum(map(len, kept)) == 1
