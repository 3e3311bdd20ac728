"""Vocabularies: token ids and what they stand for; a class per kind of token.

Id 0 of characters and words is `<unk>`, which stands for whatever is not in the vocabulary. The line end is always a
token. What ends a sequence is a token too, which is read before a sequence and starts it: the line end of streams and
lines; of records of several lines one that no text can hold, and that is written as nothing.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import repeat
from typing import Annotated, Any, Required, TypedDict

import numpy as np

from rnncli.stored import OneOf, Range, expect, expect_distinct, read

UNKNOWN = "<unk>"
END = "<end>"  # how the end of a record is shown
NEWLINE = 10
END_CODE, END_BYTE = 0x110000, 256  # of a record: beyond all code points, and beyond all bytes
END_WORD = "end of record"  # no word holds a blank
WORDS = re.compile(r"\n|\S+")  # a word is what stands between white space; a line end is a word of its own


class Vocabulary:
    """Base of the kinds. `unknown` is the id of `<unk>` or None, `newline` the id of the line end, `end` of the token
    that ends a sequence; the ids of all others, from 1 on, are those of the `items`: code points or words.
    """

    kind: str
    unit: str  # several tokens
    unknown: int | None = 0
    newline: int
    end: int
    entry: str  # the name of the items in the model file
    seen: int | None = None  # distinct tokens of the text it was made of: rare ones too, not the end of a record

    def __init__(self, items: list):
        self.items = items

    @property
    def of_records(self) -> bool:
        """Whether a sequence ends with a token of its own, so that it may hold line ends."""
        return self.end != self.newline

    def __len__(self) -> int:
        return len(self.items) + 1

    @property
    def dtype(self) -> np.dtype:
        """The smallest type that holds every id."""
        return np.dtype(np.uint8 if len(self) <= 1 << 8 else np.uint16 if len(self) <= 1 << 16 else np.uint32)

    def encode(self, text: str | bytes) -> np.ndarray:
        """Ids of a text, or of bytes for kind "byte"."""
        raise NotImplementedError

    def decode(self, ids: Iterable[int]) -> bytes:
        """The text of the ids as UTF-8 (raw bytes for kind "byte"); <unk> of characters is U+FFFD."""
        raise NotImplementedError

    def after(self, previous: bytes, token: int) -> bytes:
        """What a token adds to the text that was written before it."""
        return self.decode([token])

    def symbol(self, index: int) -> str:
        """A printable name of one token."""
        if self.of_records and index == self.end:
            return END
        return UNKNOWN if index == self.unknown else printable(self._text(index))

    def _text(self, index: int) -> str:
        return self.items[index - 1]

    def joined(self, other: "Vocabulary", counts: dict, limit: int | None) -> "Vocabulary":
        """All tokens of this one, and those of another one that it lacks, at most `limit` in all, the most frequent by
        `counts` of their keys.
        """
        lacking = set(other.keys()) - set(self.keys())
        new = sorted(lacking, key=lambda key: (key not in (END_CODE, END_WORD), -counts.get(key, 0), key))
        return type(self)([*self.items, *(new if limit is None else new[: max(0, limit - len(self))])])

    def without_end(self) -> "Vocabulary":
        """The same for streams and lines: without the end of a record."""
        return type(self)([key for key in self.items if key not in (END_CODE, END_WORD)])

    def keys(self) -> list:
        """What each id stands for, to find it in another vocabulary; None for `<unk>`."""
        return [None, *self.items]

    def to_json(self) -> dict:
        """Plain data."""
        return {"kind": self.kind, self.entry: self.items}


class Bytes(Vocabulary):
    """The id is the byte, of records END_BYTE their end; nothing is unknown."""

    kind, unit, unknown, newline = "byte", "bytes", None, NEWLINE

    def __init__(self, of_records: bool = False):
        self.end = END_BYTE if of_records else NEWLINE

    def __len__(self) -> int:
        return END_BYTE + self.of_records

    def encode(self, text: Any) -> np.ndarray:
        return np.frombuffer(text if isinstance(text, bytes) else text.encode(), np.uint8)

    def decode(self, ids: Iterable[int]) -> bytes:
        return bytes(i for i in map(int, ids) if i != END_BYTE)

    def joined(self, other: Vocabulary, counts: dict, limit: int | None) -> Vocabulary:
        return self if self.of_records else other

    def without_end(self) -> Vocabulary:
        return Bytes()

    def keys(self) -> list:
        return list(range(len(self)))

    def symbol(self, index: int) -> str:
        if index == END_BYTE:
            return END
        return chr(index) if 32 <= index < 127 else f"\\x{index:02x}"

    def to_json(self) -> dict:
        return {"kind": self.kind} | ({"records": True} if self.of_records else {})


class Characters(Vocabulary):
    """Ids from 1 on are characters in the order of their code points, `codes`."""

    kind, unit, entry = "char", "characters", "codes"

    def __init__(self, codes: list[int]):
        super().__init__(sorted(codes))
        self.codes = np.array(self.items, np.int64)
        self.newline = int(np.searchsorted(self.codes, NEWLINE)) + 1
        self.end = len(codes) if self.items[-1:] == [END_CODE] else self.newline

    @classmethod
    def of_counts(cls, counts: dict[int, int], min_count: int, limit: int | None = None) -> "Characters":
        """The code points seen at least `min_count` times, at most `limit` ids in all."""
        return cls(_most_frequent(counts, (NEWLINE, END_CODE), min_count, limit))

    def encode_codes(self, codes: np.ndarray) -> np.ndarray:
        """Ids of code points."""
        return self._ids.take(codes, mode="clip")

    @cached_property
    def _ids(self) -> np.ndarray:
        """The id of each code point, up to one that is none of them, as all beyond are."""
        ids = np.full(int(self.codes[-1]) + 2, self.unknown, self.dtype)
        ids[self.codes] = np.arange(1, len(self))
        return ids

    def encode(self, text: Any) -> np.ndarray:
        return self.encode_codes(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4"))

    def decode(self, ids: Iterable[int]) -> bytes:
        written = (i for i in map(int, ids) if i != self.end or not self.of_records)
        return "".join(self._text(i) if i else "\ufffd" for i in written).encode("utf-8", "replace")

    def _text(self, index: int) -> str:
        return chr(self.items[index - 1])


class Words(Vocabulary):
    """Ids from 1 on are words, the most frequent first. Between words stands a space, but not beside a line end."""

    kind, unit, entry = "word", "words", "words"

    def __init__(self, words: list[str]):
        super().__init__(words)
        self.ids = {word: i for i, word in enumerate(words, start=1)}
        self.newline = self.ids["\n"]
        self.end = self.ids.get(END_WORD, self.newline)

    @classmethod
    def of_counts(cls, counts: dict[str, int], min_count: int, limit: int | None = None) -> "Words":
        """The words seen at least `min_count` times, at most `limit` ids in all. `<unk>` in a text is that token."""
        counts = {w: n for w, n in counts.items() if w != UNKNOWN}
        return cls(_most_frequent(counts, ("\n", END_WORD), min_count, limit))

    def encode_words(self, words: Iterable[str]) -> np.ndarray:
        """An id for each of the words."""
        return np.fromiter(map(self.ids.get, words, repeat(0)), self.dtype)

    def encode(self, text: Any) -> np.ndarray:
        return self.encode_words(WORDS.findall(text))

    def decode(self, ids: Iterable[int]) -> bytes:
        text = b""
        for i in map(int, ids):
            text += self.after(text, i)
        return text

    def after(self, previous: bytes, token: int) -> bytes:
        if self.of_records and token == self.end:
            return b""
        word = self._text(token) if token else UNKNOWN
        bare = not previous or previous[-1:].isspace() or word == "\n"
        return (word if bare else " " + word).encode("utf-8", "replace")


class Stored(TypedDict, total=False):
    """A vocabulary in a model file."""

    kind: Required[Annotated[str, OneOf("byte", "char", "word")]]
    records: bool
    codes: list[Annotated[int, Range(0, END_CODE)]]
    words: list[str]


def from_json(value: Any, where: str = "vocabulary") -> Vocabulary:
    """The vocabulary of a model file; Damaged if it is none."""
    found = read(Stored, value, where)
    if found["kind"] == "byte":
        return Bytes(found.get("records", False))
    kind: Any = Characters if found["kind"] == "char" else Words
    items, newline = found.get(kind.entry, []), NEWLINE if kind is Characters else "\n"
    expect(newline in items, f"{where}.{kind.entry}", f"{len(items):,} entries", "a line end among them")
    expect_distinct(items, f"{where}.{kind.entry}")
    return kind(items)


def printable(text: str) -> str:
    """Line ends, tabs and what a terminal would act on as escapes."""
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(named.get(c) or (c if c.isprintable() else f"\\u{ord(c):04x}") for c in text)


def _most_frequent(counts: dict, ends: tuple, min_count: int, limit: int | None) -> list:
    """The keys by falling count, equal ones in their own order. Of the `ends` the first one, that of a line, is always
    among them, that of a record where there are records; `<unk>` is not.
    """
    always = [key for key in ends if key == ends[0] or key in counts]
    kept = {key: count for key, count in counts.items() if count >= min_count}
    kept |= {key: counts.get(key, 0) for key in always}
    order = sorted(kept, key=lambda key: (-kept[key], key))
    if limit is not None and len(order) >= limit:
        first = [key for key in order[: limit - 1] if key not in always][: limit - 1 - len(always)]
        order = sorted([*first, *always], key=lambda key: (-kept[key], key))
    return order
