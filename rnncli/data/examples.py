"""Examples: whole sequences as numbers and ids, and what is to be predicted of them."""

from dataclasses import dataclass

import numpy as np

from rnncli.data.columns import Sequenced, digest_of, offsets_of
from rnncli.data.label_sets import NOT_KNOWN
from rnncli.data.ranges import Ranges
from rnncli.process.temporary import in_blocks


@dataclass
class Examples(Sequenced):
    """Row r of the arrays is one time step; sequence i is rows offsets[i] to offsets[i + 1].

    `ids` holds an array (rows,) int32 for each category, and last, if there are `grams`, the number of each word in
    them: its n-grams are grams[1][grams[0][w] : grams[0][w + 1]]. `targets` is (sequences,) int32 for classes,
    (sequences, K) float32 for numbers, (rows,) int32 for tags; -1 or NaN where it is missing; None if there is none. Of
    sets of labels it is (sequences, labels) uint8, see label_sets.py, and `unheard` names those behind the model's own.
    `folds` (sequences,) numbers what is related, where that is known; `hashes` (sequences,) tell one from another, and
    `related` (sequences,) one fold from another.
    """

    offsets: np.ndarray
    ids: list[np.ndarray]
    numbers: np.ndarray  # (rows, D) float32
    grams: tuple[np.ndarray, np.ndarray] | None = None
    targets: np.ndarray | None = None
    unheard: tuple[str, ...] = ()  # labels of which training had none; a class of them has the id UNHEARD or less
    folds: np.ndarray | None = None
    hashes: np.ndarray | None = None  # see seen.py
    related: np.ndarray | None = None

    @property
    def by_step(self) -> bool:
        """Whether every step has a target."""
        return self.targets is not None and len(self.targets) == self.total != len(self)

    @property
    def are_sets(self) -> bool:
        """Whether each sequence has a set of labels."""
        return self.targets is not None and self.targets.dtype.kind == "u"

    def answered(self) -> np.ndarray:
        """Whether a sequence has an answer, or one of its steps (sequences,)."""
        if self.targets is None:
            return np.zeros(len(self), bool)
        if self.are_sets:
            return self.targets[:, 0] != NOT_KNOWN
        there = self.targets != -1 if self.targets.dtype.kind == "i" else np.isfinite(self.targets).any(axis=1)
        return np.logical_or.reduceat(there, self.offsets[:-1]) if self.by_step else there

    def digest(self) -> str:
        """A hash of the data."""
        folds = [] if self.folds is None else [self.folds]
        return digest_of([self.offsets, *self.ids, self.numbers, self.targets, *folds])

    def select(self, indices: np.ndarray) -> "Examples":
        """The sequences of these indices, in this order."""
        rows = Ranges(self.offsets[indices], self.offsets[indices + 1])

        def taken(column: np.ndarray) -> np.ndarray:
            return in_blocks(len(rows), lambda begin, end: column[rows.at(np.arange(begin, end))])

        targets = self.targets
        if targets is not None:
            targets = taken(targets) if self.by_step else targets[indices]
        ids = [taken(ids) for ids in self.ids]
        others = [None if one is None else one[indices] for one in (self.folds, self.hashes, self.related)]
        return Examples(offsets_of(rows.lengths), ids, taken(self.numbers), self.grams, targets, self.unheard, *others)
