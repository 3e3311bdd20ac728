"""Sequences: all tokens of the data in one array, with where each sequence starts."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from rnncli.data.columns import Sequenced, digest_of

BLOCK = 8 << 20


@dataclass
class Sequences(Sequenced):
    """`tokens` of all sequences one after the other; sequence i is tokens[offsets[i] : offsets[i + 1]]."""

    tokens: np.ndarray
    offsets: np.ndarray

    def __post_init__(self) -> None:
        self.offsets = np.append(np.asarray(self.offsets, np.int64), len(self.tokens))

    def digest(self) -> str:
        """A hash of the data, whatever file or block it came from."""
        starts = range(0, self.total, BLOCK)
        return digest_of(chain([self.offsets], (self.tokens[at : at + BLOCK].astype(np.uint32) for at in starts)))

    def select(self, indices: np.ndarray) -> "Sequences":
        """The sequences of these indices, in this order."""
        lengths = self.lengths[indices]
        return Sequences(self.tokens[self.rows_of(indices)], np.cumsum(lengths) - lengths)

    def split_ends(self, fraction: float) -> tuple["Sequences", "Sequences"]:
        """The first part of each sequence, and the last `fraction` of it."""
        cuts = self.offsets[1:] - (self.lengths * fraction).astype(np.int64)
        parts = []
        for begins, ends in ((self.offsets[:-1], cuts), (cuts, self.offsets[1:])):
            pieces = [self.tokens[b:e] for b, e in zip(begins, ends, strict=True)]
            lengths = np.array([len(piece) for piece in pieces])
            tokens = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            parts.append(Sequences(tokens, np.cumsum(lengths) - lengths))
        return parts[0], parts[1]
