"""Which sequences a model has seen: a hash of the inputs of each, and a bounded sample of the hashes.

Of n hashes, spread evenly, the MOST least distinct ones are kept (a bottom-k sketch: Cohen and Kaplan 2007,
doi:10.1145/1281100.1281133). Up to MOST of them all are known. Of more, it is known of every hash up to the largest
that is kept whether it is one of them: a share of the hashes that depends on nothing else, so that the share of seen
ones among those of it is an unbiased estimate of that among all.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from itertools import chain
from typing import Required, TypedDict

import numpy as np

from rnncli.data.columns import Coded, Columns, Sequenced
from rnncli.data.equal_names import plain_name
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.process.phases import told
from rnncli.process.temporary import blocks, in_blocks, zeros
from rnncli.stored import expect, read

MOST = 4096  # hashes of a sample
FEW = 30  # of which it is told whether they were seen; of fewer nothing follows for all
BYTES = 6  # of a hash in a file, 8 characters
BLOCK = 1 << 16  # rows, or hashes, at a time
EVEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / the golden ratio, odd
ALL = np.uint64(2**64 - 1)  # no hash is larger
MISSING = np.uint64(0x7FF8000000000000)  # what stands for every NaN, and for a text that is missing


@dataclass
class Seen:
    """A sample of hashes: text in base64 of ascending numbers of BYTES bytes; `whole` if there are no others."""

    hashes: str
    whole: bool

    @classmethod
    def of(cls, hashes: Iterable[np.ndarray], before: "Seen | None" = None) -> "Seen":
        """A sample of these, which come in blocks (n,) uint64, and of those of a sample from `before`."""
        kept, whole = (before.numbers(), before.whole) if before else (np.zeros(0, np.uint64), True)
        bound, waiting = ALL if whole else kept[-1], list[np.ndarray]()
        for block in chain(hashes, [None]):
            if block is not None:
                waiting.append(block[block <= bound])  # what is above it is not kept any more
                whole = whole and len(waiting[-1]) == len(block)
            if block is None or sum(map(len, waiting)) > MOST:  # many blocks have few of these
                kept, waiting = np.unique(np.concatenate([kept, *waiting])), []
                whole, kept = whole and len(kept) <= MOST, kept[:MOST]
                bound = kept[-1] if len(kept) == MOST else bound
        rows = kept.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - BYTES :]
        return cls(base64.b64encode(rows.tobytes()).decode(), whole)

    def numbers(self) -> np.ndarray:
        """The hashes (n,) uint64, ascending."""
        rows = np.frombuffer(base64.b64decode(self.hashes), np.uint8).reshape(-1, BYTES)
        return np.pad(rows, ((0, 0), (8 - BYTES, 0))).view(">u8").reshape(-1).astype(np.uint64)

    def refuse_damage(self, where: str) -> None:
        """Damaged, unless these are hashes."""
        try:
            size = len(base64.b64decode(self.hashes, validate=True))
        except (binascii.Error, ValueError):
            size = -1
        sound = size >= 0 and size % BYTES == 0 and size <= MOST * BYTES
        expect(sound, f"{where}.hashes", self.hashes, f"at most {MOST:,} hashes of {BYTES} bytes in base64")
        numbers = self.numbers()
        expect((numbers[1:] > numbers[:-1]).all(), f"{where}.hashes", self.hashes, "ascending hashes")
        expect(self.whole or len(numbers), f"{where}.whole", self.whole, "true where there is no hash")


class SeenParts(TypedDict, total=False):
    """What a model keeps of its training part and of the validation part, and of the folds of both."""

    trained: Required[Seen]
    validated: Required[Seen]
    related: Seen


Hashes = Iterable[np.ndarray]  # in blocks


def seen_parts(trained: Hashes, validated: Hashes, before: dict | None, related: Hashes | None = None) -> dict:
    """The hashes of both parts as plain data, and of folds that they are `related` by, together with those of a model
    from `before`.
    """
    earlier = read(SeenParts, before, "seen") if before else {}
    parts = {"trained": trained, "validated": validated}
    if related is not None or "related" in earlier:
        parts["related"] = related or ()
    return {name: asdict(Seen.of(told("hashing", "pieces", part), earlier.get(name))) for name, part in parts.items()}


def in_pieces(hashes: np.ndarray) -> Iterator[np.ndarray]:
    """These (n,) as they are sampled."""
    return (hashes[begin:end] for begin, end in blocks(len(hashes)))


class Known:
    """What the samples of a model tell of hashes: which were trained on, which chose the model, and which others are of
    a fold that was there.
    """

    @classmethod
    def of(cls, summary: dict) -> "Known | None":
        """By the summary of a model; those of before have no samples."""
        return cls(summary["seen"]) if "seen" in summary else None

    def __init__(self, parts: dict):
        found = read(SeenParts, parts, "seen")
        self.samples = [found["trained"].numbers(), found["validated"].numbers()]
        bounds = [one.numbers()[-1] for name, one in found.items() if not one.whole and name != "related"]
        self.whole, self.bound = not bounds, min(bounds, default=ALL)
        self.folds = found.get("related")
        self.n = self.checked = self.new = 0
        self.counts = [0, 0, 0]
        self.by_fold = False  # whether folds were looked at

    def look_at(self, hashes: np.ndarray, folds: np.ndarray | None = None) -> np.ndarray:
        """Count these (n,), with the hashes of their folds where there are some; whether each is known to be one of
        either, or of such a fold (n,).
        """
        trained, validated = (np.isin(hashes, numbers) for numbers in self.samples)
        told, related = self.are_told(hashes), np.zeros(len(hashes), bool)
        if folds is not None and self.folds is not None:
            kept, self.by_fold = self.folds.numbers(), True
            related = np.isin(folds, kept)
            if not self.folds.whole:
                told &= folds <= kept[-1]
                self.whole = False
        self.n, self.checked = self.n + len(hashes), self.checked + int(told.sum())
        known = trained | validated
        for i, there in enumerate((trained, validated & ~trained, related & ~known)):  # what was both, was trained on
            self.counts[i] += int((there & told).sum())
        known |= related
        self.new += len(known) - int(known.sum())
        return known

    def are_told(self, hashes: np.ndarray) -> np.ndarray:
        """Whether it can be told of these (n,) if the model has seen them."""
        return hashes <= self.bound

    @property
    def tells_apart(self) -> bool:
        """Whether there were both, and of everything it is known which it is."""
        return self.whole and 0 < self.new < self.n

    @property
    def tells_some(self) -> bool:
        """Whether there were both among those of which it is known, and enough of these where it is not of all."""
        seen = sum(self.counts)
        return 0 < seen < self.checked and (self.whole or self.checked - seen >= FEW)

    def figures(self) -> dict:
        """How many were trained on, how many others chose the model, and how many more are of folds that were there, if
        folds are known: estimates by the share of those `checked`, unless these are all; None where none is.
        """
        counts = [round(self.n * count / self.checked) if self.checked else None for count in self.counts]
        names = ("trained", "validated", "related")[: 2 + self.by_fold]
        return {"n": self.n, "checked": self.checked} | dict(zip(names, counts, strict=False))


def encoded(schema: Schema, columns: Columns) -> Examples:
    """The examples of these columns, with their hashes."""
    hashes = hashes_of(columns, schema)  # first: numbers are scaled where they stand
    return replace(schema.encode(columns), hashes=hashes, related=_hashes_of_folds(columns.folds, hashes))


def _hashes_of_folds(folds: Coded | None, hashes: np.ndarray) -> np.ndarray | None:
    """A hash of the fold of each sequence (sequences,), where folds are read; one without a fold is its own."""
    if folds is None:
        return None
    return np.where(folds.codes < 0, hashes, shortened(_table(folds, False)[folds.codes]))


def hashes_of(columns: Columns, schema: Schema) -> np.ndarray:
    """A hash of what the model reads of each sequence (sequences,), before it is encoded: numbers as float64, texts as
    they are.
    """
    names = [name for name in schema.categories if name in columns.coded]
    tables = [(columns.coded[name].codes, _table(columns.coded[name], name == schema.word)) for name in names]
    places = [columns.number_names.index(name) for name in schema.numbers if name in columns.number_names]

    def rows(begin: int, end: int) -> np.ndarray:
        found = np.zeros(end - begin, np.uint64)
        for codes, table in tables:
            found = mixed(found + EVEN + table[codes[begin:end]])
        for place in places:
            found = mixed(found + EVEN + bits_of(columns.numbers[begin:end, place]))
        return found

    return of_sequences(columns, rows)


def of_sequences(data: Sequenced, rows: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """A hash of BYTES bytes of each sequence (sequences,) from those of its rows, which are asked for in blocks:
    h = mix(length + the sum over steps t of mix(row_t + mix(t))), modulo 2^64; mix is the finaliser of SplitMix64
    (Steele et al. 2014, doi:10.1145/2660193.2660195).
    """
    found = zeros(len(data), np.uint64)
    for begin in range(0, data.total, BLOCK):
        end = min(begin + BLOCK, data.total)
        first = int(np.searchsorted(data.offsets, begin, "right")) - 1
        last = int(np.searchsorted(data.offsets, end, "left"))
        starts, sizes = data.offsets[first:last], data.lengths[first:last]
        steps = np.arange(begin, end) - np.repeat(starts, np.minimum(starts + sizes, end) - np.maximum(starts, begin))
        there = sizes > 0  # of an empty one there is nothing to sum up
        hashes = mixed(rows(begin, end) + mixed(steps.astype(np.uint64)))
        found[first:last][there] += np.add.reduceat(hashes, np.maximum(starts[there], begin) - begin)
    return finished(found, data.lengths)


def finished(sums: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The hashes of sequences from the sums over their steps (sequences,)."""
    return in_blocks(len(sums), lambda a, b: shortened(mixed(sums[a:b] + lengths[a:b].astype(np.uint64))))


def shortened(hashes: np.ndarray) -> np.ndarray:
    """Of 64 bits, the BYTES bytes that are kept."""
    return hashes >> np.uint64(64 - 8 * BYTES)


def _table(coded: Coded, are_words: bool) -> np.ndarray:
    """A hash of each text of a column (texts + 1,); the last one is that of a missing one, whose code is -1. Of other
    than words 7.0 is 7, as it is read.
    """
    texts = coded.symbols if are_words else map(plain_name, coded.symbols)
    return np.append(hashes_of_texts(texts), MISSING)


def hashes_of_texts(texts: Iterable[str]) -> np.ndarray:
    """A hash of each (texts,) uint64."""
    digests = b"".join(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def bits_of(values: np.ndarray) -> np.ndarray:
    """Of float64 (n,), all zeros alike and all NaN alike."""
    values = values.astype(np.float64) + 0.0
    return np.where(np.isnan(values), MISSING, values.view(np.uint64))


def mixed(z: np.ndarray) -> np.ndarray:
    """One to one, every bit of the result from every bit of z."""
    found = z >> np.uint64(30)  # in place from here on, as it is done to every token of a text
    found ^= z
    found *= np.uint64(0xBF58476D1CE4E5B9)
    shifted = found >> np.uint64(27)
    found ^= shifted
    found *= np.uint64(0x94D049BB133111EB)
    found ^= np.right_shift(found, np.uint64(31), out=shifted)
    return found
