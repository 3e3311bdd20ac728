"""Text: a stream per file (`text`), or a sequence per line (`lines`) or record, as characters, bytes or words.

A file is read into codes (code points, bytes, or numbers of words by first appearance); when all is read and counted,
the vocabulary is made, and the codes become ids.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from heapq import nsmallest
from typing import Any

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import (
    END_BYTE,
    END_CODE,
    END_WORD,
    NEWLINE,
    Bytes,
    Characters,
    Vocabulary,
    Words,
)
from rnncli.errors import RnncliError, note
from rnncli.process.phases import told, under_way
from rnncli.process.spool import CodeSpool, RowSpool
from rnncli.readers import records
from rnncli.readers.fasttext import watched
from rnncli.readers.form import Form
from rnncli.readers.longest import Longest, too_long
from rnncli.readers.numbered_words import NumberedWords
from rnncli.readers.reader import Reader, Request
from rnncli.readers.source import byte_blocks, display, text_blocks
from rnncli.readers.text_codes import code_texts

READER = {
    "rank": 0,
    "forms": {
        "text": "a stream",
        "lines": "a sequence a line",
        "blocks": "a sequence up to an empty line",
        "fasta": "a sequence after each > of FASTA",
    },
}

MOST_WORDS = 1 << 24  # that are told apart: the largest vocabulary
SPARE = 3  # beside the limit of a vocabulary: `<unk>` and the two ends
TOGETHER = 1 << 20  # characters of records that are coded at once

Seen = Callable[[Iterator], Iterator]  # the same blocks; looks at what goes by


class Codes:
    """What stands for the tokens of files while they are read, and how their ids follow from it."""

    newline: int
    end: int  # of a record

    texts: Any = staticmethod(records.texts)

    def source(self, path: str, encoding: str) -> Iterator:
        """A file in blocks."""
        return text_blocks(path, encoding)

    def codes_of(self, text: Any) -> np.ndarray:
        """Of a block, in the smallest type that holds them."""
        raise NotImplementedError

    def blocks(self, path: str, encoding: str, seen: Seen) -> Iterator[np.ndarray]:
        return (self.codes_of(block) for block in seen(self.source(path, encoding)) if block)

    def of_texts(self, texts: list) -> tuple[np.ndarray, list[int]]:
        """The codes of all texts, one after the other; and how many each has."""
        return self.codes_of(texts[0][:0].join(texts)), list(map(len, texts))

    def keyed(self, counts: np.ndarray, least: int = 1) -> dict:
        """Counts (codes,) by what the codes stand for, as in Vocabulary.keys: those of `least` at least."""
        seen = np.flatnonzero(counts >= least)
        return dict(zip(seen.tolist(), counts[seen].tolist(), strict=True))

    def forget(self) -> None:
        """Begin to number words anew."""


class ByteCodes(Codes):
    """The codes are the bytes."""

    newline, end = NEWLINE, END_BYTE
    texts = staticmethod(records.byte_texts)

    def source(self, path: str, encoding: str) -> Iterator[bytes]:
        return byte_blocks(path)

    def codes_of(self, text: bytes) -> np.ndarray:
        return np.frombuffer(text, np.uint8)

    def vocabulary(self, counts: np.ndarray, min_count: int, limit: int | None) -> Vocabulary:
        return Bytes(len(counts) > END_BYTE)

    def encoder(self, vocabulary: Bytes) -> Callable[[np.ndarray], np.ndarray]:
        return lambda codes: codes


class CharacterCodes(Codes):
    """The codes are code points."""

    newline, end = NEWLINE, END_CODE

    def codes_of(self, text: str) -> np.ndarray:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        return codes.astype(np.min_scalar_type(codes.max(initial=0)))

    def vocabulary(self, counts: np.ndarray, min_count: int, limit: int | None) -> Vocabulary:
        return Characters.of_counts(self.keyed(counts), min_count, limit)

    def encoder(self, vocabulary: Characters) -> Callable[[np.ndarray], np.ndarray]:
        return vocabulary.encode_codes


class WordCodes(Codes):
    """The codes number the words as they first appear, the line end and the end of a record first."""

    newline, end = 0, 1

    def __init__(self):
        self.forget()

    def forget(self) -> None:
        self.words = NumberedWords(["\n", END_WORD])

    def of_texts(self, texts: list[str]) -> tuple[np.ndarray, list[int]]:
        found = self.words.number(texts)
        if len(self.words) > MOST_WORDS:
            raise RnncliError(
                f"more than {MOST_WORDS:,} different words: use --tokens char, which needs no list of them"
            )
        return found

    def blocks(self, path: str, encoding: str, seen: Seen) -> Iterator[np.ndarray]:
        for text in whole_words(seen(self.source(path, encoding)), path):
            codes, _ = self.of_texts([text])
            if codes.size:
                yield codes

    def keyed(self, counts: np.ndarray, least: int = 1) -> dict:
        seen = counts >= least
        seen[:2] = counts[:2] > 0  # the ends, however rare
        return self._counted(counts, np.flatnonzero(seen))

    def _counted(self, counts: np.ndarray, numbers: np.ndarray) -> dict[str, int]:
        return dict(zip(self.words.texts(numbers), counts[numbers].tolist(), strict=True))

    def vocabulary(self, counts: np.ndarray, min_count: int, limit: int | None) -> Vocabulary:
        """Only words that may be in it are looked at, which may be few of those of a long text."""
        most = len(counts) if limit is None else limit + SPARE
        if len(counts) <= most or (rarest := int(np.partition(counts, -most)[-most])) < min_count:
            return Words.of_counts(self.keyed(counts, min_count), min_count, limit)
        tied = np.flatnonzero(counts == rarest)
        first = nsmallest(most, self.words.texts(tied)) if rarest else []
        found = self.keyed(counts, rarest + 1) | dict.fromkeys(first, rarest)
        return Words.of_counts(found, min_count, limit)

    def encoder(self, vocabulary: Words) -> Callable[[np.ndarray], np.ndarray]:
        ids = vocabulary.encode_words(self.words.texts(np.arange(len(self.words))))
        return lambda codes: ids[codes]


CODES = {"byte": ByteCodes, "char": CharacterCodes, "word": WordCodes}


def whole_words(texts: Iterable[str], path: str) -> Iterator[str]:
    """A text in other blocks, which cut no word."""
    rest, line = "", 1
    for text in texts:
        text = rest + text
        cut = max(text.rfind(" "), text.rfind("\n")) + 1
        line += text.count("\n", 0, cut)
        rest = text[cut:]
        if len(rest) > Longest.line:
            raise too_long(display(path), line, "a word", "use --tokens char")
        yield text[:cut]
    yield rest


class Text(Reader):
    """Texts of a language model, which have no columns; or whole ones, whose labels their files tell."""

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        if not request.label_from:
            return super().read(path, request)
        texts = list(records.whole(path, request.form, request.encoding, request.known is not None))
        if not texts or request.known is None and not any(map(str.strip, texts)):
            raise RnncliError(f"{display(path)}: empty, expected text: leave the file out")
        text, offsets = code_texts(texts, request.tokens, request.form.words)
        return Columns(offsets, coded={"text": text}, texts=texts)


def language_sequences(
    paths: Iterable[str],
    form: str | Form | Sequence[Form],
    tokens: str,
    encoding: str,
    vocabulary: Vocabulary | None,
    min_count: int = 1,
    limit: int | None = None,
    kept: Vocabulary | None = None,
) -> tuple[Sequences, Vocabulary]:
    """Read the files, of one form or each of its own; encode by the vocabulary, or by a new one of the codes seen at
    least `min_count` times, and of all that are in the vocabulary that is `kept`.
    """
    codes: Any = CODES[tokens]()
    spool, paths = CodeSpool(), list(paths)
    offsets = RowSpool(np.int64)
    forms = [Form(form) if isinstance(form, str) else form] * len(paths) if isinstance(form, str | Form) else form
    for path, its_form in zip(paths, forms, strict=True):
        before = len(spool)
        if its_form.name in ("text", "lines"):
            seen = iter if vocabulary is not None else partial(watched, path)
            blocks = told(f"reading {display(path)}", "tokens", codes.blocks(path, encoding, seen))
            _read_file(blocks, its_form.name, codes.newline, spool, offsets)
        else:
            read = codes.texts(path, its_form, encoding, vocabulary is not None)
            groups = told(f"reading {display(path)}", "records", records.groups_of(read, TOGETHER))
            empty, count = _read_records(codes, groups, spool, offsets)
            if empty and vocabulary is None:
                note(f"{display(path)}: {empty:,} of {count:,} records are empty: only their end is learnt")
        if len(spool) == before:
            raise RnncliError(f"{display(path)}: empty, expected text")
    under_way("choosing the vocabulary")
    if vocabulary is None:
        vocabulary = codes.vocabulary(spool.counts, min_count, None if kept else limit)
        if kept is not None:
            vocabulary = kept.joined(vocabulary, codes.keyed(spool.counts), limit)
        vocabulary.seen = int(np.count_nonzero(spool.counts)) - bool(spool.counts[codes.end : codes.end + 1].any())
    return Sequences(spool.map(codes.encoder(vocabulary), vocabulary.dtype), offsets.array()), vocabulary


def _read_file(blocks, form: str, newline: int, spool: CodeSpool, offsets: RowSpool) -> None:
    """Append a file to the spool, and where each of its sequences starts to the offsets."""
    if form != "lines":
        offsets.append(np.array([len(spool)]))
    starts_line = True
    for block in blocks:
        if form == "lines":
            ends = np.flatnonzero(block == newline) + 1
            begins = ends[ends < block.size] if not starts_line else np.append(0, ends[ends < block.size])
            offsets.append(begins + len(spool))
            starts_line = block[-1] == newline
        spool.append(block)
    if form == "lines" and not starts_line:
        spool.append(np.array([newline], np.uint8))


def _read_records(codes, groups: Iterable[list], spool: CodeSpool, offsets: RowSpool) -> tuple[int, int]:
    """Append groups of texts, each with its end; how many have no tokens, and how many there are."""
    empty = count = 0
    for group in groups:
        block, starts, lengths = codes_of_records(codes, group)
        offsets.append(starts + len(spool))
        spool.append(block)
        empty += lengths.count(0)
        count += len(group)
    return empty, count


def codes_of_records(codes: Any, group: list) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """The codes of a group of texts, each with its end, where each starts, and its length without the end."""
    block, lengths = codes.of_texts(group)
    ends = np.cumsum(lengths)
    starts = np.concatenate([[0], ends[:-1]]) + np.arange(len(ends))
    wide = block.astype(np.promote_types(block.dtype, np.min_scalar_type(codes.end)))
    return np.insert(wide, ends, codes.end), starts, lengths
