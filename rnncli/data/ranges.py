"""Ranges: rows begin[i] to end[i] for each i, one range after the other, without a list of them."""

from collections.abc import Iterator

import numpy as np

from rnncli.process.temporary import blocks, in_blocks


class Ranges:
    """`len(ranges)` rows; an empty range has an end at or before its begin."""

    def __init__(self, begin: np.ndarray, end: np.ndarray):
        self.begin, self.lengths = begin, np.maximum(0, end - begin)
        self.ends = np.cumsum(self.lengths)

    @classmethod
    def of_lengths(cls, lengths: np.ndarray) -> "Ranges":
        """Of each range the numbers from 0 on."""
        return cls(np.zeros(len(lengths), np.int64), lengths)

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    def places(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The range, and the place in it, of these places (n,) in all of them."""
        i = np.searchsorted(self.ends, at, "right")
        return i, at - (self.ends[i] - self.lengths[i])

    def at(self, at: np.ndarray) -> np.ndarray:
        """The rows at these places (n,)."""
        i, place = self.places(at)
        return self.begin[i] + place

    def ends_of(self, rows: np.ndarray) -> np.ndarray:
        """The ends of the ranges that these rows (..) are in; ranges ascend."""
        return self.begin[i := np.searchsorted(self.begin, rows, "right") - 1] + self.lengths[i]

    def chosen(self, most: int, rng: np.random.Generator) -> np.ndarray:
        """So many rows at most, at random, in their order."""
        count = len(self)
        return self.every(1) if count <= most else self.at(np.sort(rng.choice(count, most, replace=False)))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of each."""
        return zip(self.begin.tolist(), (self.begin + self.lengths).tolist(), strict=True)

    def blocks(self) -> Iterator[tuple[int, int]]:
        """The same in pieces of a block at most."""
        return ((begin + a, begin + b) for begin, end in self for a, b in blocks(end - begin))

    def every(self, step: int) -> np.ndarray:
        """Every `step`th row."""
        return in_blocks(-(-len(self) // step), lambda begin, end: self.at(np.arange(begin, end) * step))
