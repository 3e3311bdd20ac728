"""Sequences: all tokens of the data in one array, with where each sequence starts."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from rnncli.data.columns import Sequenced, digest_of
from rnncli.process.temporary import sums_before, zeros

BLOCK = 1 << 20  # tokens at a time
TAKEN = 1 << 20  # tokens of short sequences brought into another order at a time


@dataclass
class Sequences(Sequenced):
    """`tokens` of all sequences one after the other; sequence i is tokens[offsets[i] : offsets[i + 1]]."""

    tokens: np.ndarray
    offsets: np.ndarray

    def __post_init__(self) -> None:
        given = self.offsets
        self.offsets = zeros(len(given) + 1, np.int64)
        self.offsets[:-1], self.offsets[-1] = given, len(self.tokens)

    @property
    def begins(self) -> np.ndarray:
        """1 where a sequence begins (total,)."""
        found, starts = zeros(self.total, np.uint8), self.offsets[:-1]
        found[starts[starts < self.total]] = 1
        return found

    def digest(self) -> str:
        """A hash of the data, whatever file or block it came from."""
        starts = range(0, self.total, BLOCK)
        return digest_of(chain([self.offsets], (self.tokens[at : at + BLOCK].astype(np.uint32) for at in starts)))

    def select(self, indices: np.ndarray) -> "Sequences":
        """The sequences of these indices, in this order."""
        offsets = sums_before(len(indices), lambda a, b: self.offsets[indices[a:b] + 1] - self.offsets[indices[a:b]])
        tokens, begin, first = zeros(int(offsets[-1]), self.tokens.dtype), 0, 0
        while first < len(indices):
            last = max(first + 1, int(np.searchsorted(offsets[1:], begin + TAKEN, side="right")))
            end = int(offsets[last])
            whole = slice(*self.offsets[indices[first] : indices[first] + 2])  # a long one is not copied by its rows
            tokens[begin:end] = self.tokens[whole if last == first + 1 else self.rows_of(indices[first:last])]
            begin, first = end, last
        return Sequences(tokens, offsets[:-1])

    def reordered(self, size: int, rng: np.random.Generator) -> "Sequences":
        """Cut into pieces of `size` tokens, the first and the last shorter, which are put in another order. A sequence
        starts where one did, and at the first token; a piece that begins within one goes on from the piece before.
        """
        begins = np.unique(np.append(0, np.arange(rng.integers(size), self.total, size)))
        order = rng.permutation(len(begins))
        found = Sequences(self.tokens, begins).select(order)
        places = np.empty_like(begins)
        places[order] = found.offsets[:-1]
        starts = self.offsets[:-1][self.offsets[:-1] < self.total]
        piece = np.searchsorted(begins, starts, side="right") - 1
        return Sequences(found.tokens, np.unique(np.append(0, places[piece] + starts - begins[piece])))

    def first(self, tokens: int) -> "Sequences":
        """The first of them: so many tokens, the last sequence cut off there."""
        return Sequences(self.tokens[:tokens], self.offsets[: np.searchsorted(self.offsets[:-1], tokens)])

    def counts(self, size: int, most: int | None = None) -> np.ndarray:
        """How often each of `size` tokens occurs (size,), among the first `most`."""
        total = np.zeros(size, np.int64)
        for at in range(0, min(self.total, most or self.total), BLOCK):
            total += np.bincount(self.tokens[at : min(at + BLOCK, most or self.total)], minlength=size)
        return total

    def split_ends(self, fraction: float) -> tuple["Sequences", "Sequences"]:
        """The first part of each sequence, and the last `fraction` of it."""
        cuts = self.offsets[1:] - (self.lengths * fraction).astype(np.int64)
        return self.parts(self.offsets[:-1], cuts), self.parts(cuts, self.offsets[1:])

    def parts(self, begins: np.ndarray, ends: np.ndarray) -> "Sequences":
        """Stretches of tokens, each a sequence."""
        if len(begins) == 1:
            return Sequences(self.tokens[begins[0] : ends[0]], np.zeros(1, np.int64))
        offsets = np.append(0, np.cumsum(ends - begins))
        tokens = zeros(int(offsets[-1]), self.tokens.dtype)
        for i, at in enumerate(offsets[:-1]):
            tokens[at : offsets[i + 1]] = self.tokens[begins[i] : ends[i]]
        return Sequences(tokens, offsets[:-1])
