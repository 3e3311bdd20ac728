"""Sequences: all tokens of the data in one array, with where each sequence starts; and the vocabulary."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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

    def map(self, function: Callable[[np.ndarray], np.ndarray], dtype) -> np.ndarray:
        """One array of function(block) for all blocks."""
        out = _empty(self.length, np.dtype(dtype))
        start = 0
        for block in self.blocks:
            out[start : start + block.size] = function(block)
            start += block.size
        return out


def _empty(length: int, dtype: np.dtype) -> np.ndarray:
    return np.empty(length, dtype) if length * dtype.itemsize < IN_MEMORY else _mapped(length, dtype)


def _to_file(block: np.ndarray) -> np.ndarray:
    mapped = _mapped(block.size, block.dtype)
    mapped[...] = block
    return mapped


def _mapped(length: int, dtype: np.dtype) -> np.ndarray:
    """An array in a temporary file that goes away with it."""
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype, "w+", shape=(length,))


@dataclass
class Sequences:
    """`tokens` of all sequences one after the other; sequence i is tokens[offsets[i] : offsets[i + 1]]."""

    tokens: np.ndarray
    offsets: np.ndarray

    def __post_init__(self):
        self.offsets = np.append(np.asarray(self.offsets, np.int64), len(self.tokens))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def total(self) -> int:
        return len(self.tokens)

    def digest(self) -> str:
        """A hash of the data, whatever file or block it came from."""
        digest = hashlib.sha256(self.offsets.tobytes())
        for start in range(0, self.total, BLOCK):
            digest.update(np.ascontiguousarray(self.tokens[start : start + BLOCK], np.uint32).tobytes())
        return digest.hexdigest()

    def select(self, indices: np.ndarray) -> "Sequences":
        """The sequences of these indices, in this order."""
        lengths = np.diff(self.offsets)[indices]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        positions = np.arange(starts[-1]) + np.repeat(self.offsets[indices] - starts[:-1], lengths)
        return Sequences(self.tokens[positions], starts[:-1])

    def split_ends(self, fraction: float) -> tuple["Sequences", "Sequences"]:
        """The first part of each sequence, and the last `fraction` of it."""
        cuts = self.offsets[1:] - (np.diff(self.offsets) * fraction).astype(np.int64)
        parts = []
        for begins, ends in ((self.offsets[:-1], cuts), (cuts, self.offsets[1:])):
            pieces = [self.tokens[b:e] for b, e in zip(begins, ends, strict=True)]
            lengths = np.array([len(piece) for piece in pieces])
            tokens = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            parts.append(Sequences(tokens, np.cumsum(lengths) - lengths))
        return parts[0], parts[1]

    def split_sequences(self, fraction: float, seed: int) -> tuple["Sequences", "Sequences"]:
        """All but `fraction` of the sequences, and the rest, drawn by seed; both in the order of the data."""
        order = np.random.default_rng([seed, 1]).permutation(len(self))
        held = int(len(self) * fraction)
        return self.select(np.sort(order[held:])), self.select(np.sort(order[:held]))


class Vocabulary:
    """Token ids and what they stand for.

    kind "char": id 0 is `<unk>`, then characters in the order of their code points; the line end is always there.
    kind "byte": the id is the byte, nothing is unknown. A sequence is preceded by the line end, which starts it.
    """

    def __init__(self, kind: str, codes: list[int]):
        self.kind = kind
        self.codes = np.array(codes, np.int64)  # ascending; without <unk>
        self.unknown = 0 if kind == "char" else None
        self.first = 1 if kind == "char" else 0
        self.newline = int(np.searchsorted(self.codes, 10)) + self.first

    @classmethod
    def of_bytes(cls) -> "Vocabulary":
        return cls("byte", list(range(256)))

    @classmethod
    def of_counts(cls, counts: dict[int, int], min_count: int) -> "Vocabulary":
        """The codes seen at least `min_count` times."""
        return cls("char", sorted({code for code, count in counts.items() if count >= min_count} | {10}))

    def __len__(self) -> int:
        return len(self.codes) + self.first

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint8 if len(self) <= 1 << 8 else np.uint16 if len(self) <= 1 << 16 else np.uint32)

    def encode_codes(self, codes: np.ndarray) -> np.ndarray:
        """Ids of code points or bytes."""
        if self.kind == "byte":
            return codes
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[place] == codes, place + self.first, self.unknown).astype(self.dtype)

    def encode(self, text: str | bytes) -> np.ndarray:
        """Ids of a text, or of bytes for kind "byte"."""
        if self.kind == "byte":
            return np.frombuffer(text if isinstance(text, bytes) else text.encode(), np.uint8)
        return self.encode_codes(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4"))

    def decode(self, ids) -> bytes:
        """UTF-8 (or raw bytes) of the ids; <unk> is written as U+FFFD."""
        if self.kind == "byte":
            return bytes(int(i) for i in ids)
        return "".join(chr(self.codes[i - 1]) if i else "\ufffd" for i in map(int, ids)).encode("utf-8", "replace")

    def symbol(self, index: int) -> str:
        """A printable name of one token."""
        if self.unknown is not None and index == self.unknown:
            return "<unk>"
        code = int(self.codes[index - self.first])
        if self.kind == "byte":
            return chr(code) if 32 <= code < 127 else f"\\x{code:02x}"
        named = {10: "\\n", 9: "\\t", 13: "\\r"}.get(code)
        return named or (chr(code) if chr(code).isprintable() else f"\\u{code:04x}")

    def to_json(self) -> dict:
        return {"kind": self.kind, "codes": [] if self.kind == "byte" else self.codes.tolist()}

    @classmethod
    def from_json(cls, value: dict) -> "Vocabulary":
        if value["kind"] not in ("char", "byte"):
            raise ValueError(f"unknown kind of vocabulary {value['kind']!r}")
        return cls.of_bytes() if value["kind"] == "byte" else cls("char", value["codes"])
