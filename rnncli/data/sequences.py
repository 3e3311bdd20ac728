"""Sequences: all tokens of the data in one array, with where each sequence starts."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncli.data.columns import Sequenced
from rnncli.data.temporary import temporary_file

IN_MEMORY = 512 << 20  # bytes; what is larger goes to a temporary file
BLOCK = 8 << 20


class Spool:
    """An array that grows block by block, in memory while small, then in a temporary file; counts its values."""

    def __init__(self):
        self.blocks: list[np.ndarray] = []
        self.length = self.bytes = 0
        self.counts: dict[int, int] = {}

    def __len__(self) -> int:
        return self.length

    def append(self, block: np.ndarray) -> None:
        counts = np.bincount(block) if block.itemsize < 4 else np.bincount(block.astype(np.int64))
        for value in np.flatnonzero(counts).tolist():
            self.counts[value] = self.counts.get(value, 0) + int(counts[value])
        self.length += block.size
        self.bytes += block.nbytes
        self.blocks.append(block if self.bytes < IN_MEMORY else _to_file(block))

    def map(self, function: Callable[[np.ndarray], np.ndarray], dtype: np.dtype | type) -> np.ndarray:
        """One array of function(block) for all blocks."""
        large = self.length * np.dtype(dtype).itemsize >= IN_MEMORY
        out, start = _mapped(self.length, dtype) if large else np.empty(self.length, dtype), 0
        for block in self.blocks:
            out[start : start + block.size] = function(block)
            start += block.size
        return out


def _to_file(block: np.ndarray) -> np.ndarray:
    mapped = _mapped(block.size, block.dtype)
    mapped[...] = block
    return mapped


def _mapped(length: int, dtype: np.dtype | type) -> np.ndarray:
    """An array in a temporary file that goes away with it."""
    with temporary_file() as file:
        return np.memmap(file, dtype, "w+", shape=(length,))


@dataclass
class Sequences(Sequenced):
    """`tokens` of all sequences one after the other; sequence i is tokens[offsets[i] : offsets[i + 1]]."""

    tokens: np.ndarray
    offsets: np.ndarray

    def __post_init__(self) -> None:
        self.offsets = np.append(np.asarray(self.offsets, np.int64), len(self.tokens))

    def digest(self) -> str:
        """A hash of the data, whatever file or block it came from."""
        digest = hashlib.sha256(self.offsets.tobytes())
        for start in range(0, self.total, BLOCK):
            digest.update(np.ascontiguousarray(self.tokens[start : start + BLOCK], np.uint32).tobytes())
        return digest.hexdigest()

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
