"""Hashes by which texts are known again: of each line or record, and of every stretch of so many tokens of a stream.

A stretch may begin anywhere, so a part of a text is known in any other file that has it. The hash of the STRETCH tokens
from i on is made by doubling from those of the tokens, see kernels/hashes.py.
"""

from collections.abc import Iterator

import numpy as np

from rnncli.data.seen import EVEN, finished, hashes_of_texts, in_pieces, shortened
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.kernels.hashes import add_up_lines, hash_stretches
from rnncli.process.temporary import zeros

#: tokens of a stretch, powers of 2: long enough that hardly any is in other texts of the kind by chance
STRETCH = {"char": 128, "byte": 128, "word": 32}
NEW, SEEN = 1, 2
BLOCK = 1 << 15  # tokens at a time: their hashes fit into a cache


class SeenText:
    """Hashes of texts that a vocabulary encodes: of whole sequences, or, of `streams`, of their stretches."""

    def __init__(self, vocabulary: Vocabulary, streams: bool):
        self.table = hashes_of_texts(map(repr, vocabulary.keys())).view(np.int64)
        self.stretch = STRETCH[vocabulary.kind] if streams else 0
        self.room = np.empty((2, BLOCK + self.stretch), np.int64)
        self.begin()

    def begin(self) -> None:
        """A new stream."""
        self.before = np.zeros(0, np.uint8)  # its last tokens, fewer than a stretch

    def of(self, part: Sequences) -> Iterator[np.ndarray]:
        """Those of all sequences, each a stream, in blocks."""
        if not self.stretch:
            yield from in_pieces(self.of_lines(part))
            return
        for begin, end in zip(part.offsets[:-1], part.offsets[1:], strict=True):
            self.begin()
            yield from self.of_stream(part.tokens[begin:end])

    def of_lines(self, part: Sequences) -> np.ndarray:
        """Those of whole sequences (sequences,)."""
        sums = zeros(len(part), np.int64)
        add_up_lines(np.ascontiguousarray(part.tokens), self.table, part.offsets, sums)
        return finished(sums.view(np.uint64), part.lengths)

    def of_stream(self, tokens: np.ndarray) -> Iterator[np.ndarray]:
        """Those of the stretches that end in the next tokens of the stream, in blocks."""
        for at in range(0, len(tokens), BLOCK):
            held = np.concatenate([self.before, tokens[at : at + BLOCK]])
            count = len(held) - self.stretch + 1
            self.before = held[max(0, count) :].copy()
            if count > 0:
                found = np.empty(count, np.int64)
                hash_stretches(held, self.table, self.stretch, int(EVEN.view(np.int64)), *self.room, found)
                yield shortened(found.view(np.uint64))


class Covered:
    """Which tokens of a stream, that comes in parts, are in a stretch the model is known not to have seen, and in none
    that it has; what is told of each stretch is told at its last token.
    """

    def __init__(self, stretch: int):
        self.stretch = stretch
        self.held = np.zeros(0, np.int8)  # of the last tokens, whose stretches have not all come

    def add(self, new: np.ndarray, seen: np.ndarray, tokens: int) -> np.ndarray:
        """So many tokens more, and what is told of the stretches (n,) that end with the last n of them; whether of the
        next tokens each is such a one.
        """
        told = np.where(seen, SEEN, np.where(new, NEW, 0)).astype(np.int8)
        self.held = np.concatenate([self.held, np.zeros(tokens - len(told), np.int8), told])
        return self._taken(max(0, len(self.held) - self.stretch + 1))

    def rest(self) -> np.ndarray:
        """The same of the last tokens, when the stream has ended."""
        count = len(self.held)
        self.held = np.pad(self.held, (0, self.stretch - 1))
        found, self.held = self._taken(count), self.held[:0]
        return found

    def _taken(self, count: int) -> np.ndarray:
        most, size = self.held, 1  # by doubling, as the hashes
        while size < self.stretch and len(most) > size:
            most = np.maximum(most[:-size], most[size:])
            size *= 2
        self.held = self.held[count:]
        return most[:count] == NEW
