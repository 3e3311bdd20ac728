"""Chunks that tags mark, and their figures, by the default rule of seqeval 1.2.2, which is that of conlleval.

A chunk ends behind E and S, before O, B and S, and where another kind begins; what goes on (I or E) with nothing to go
on from begins one: so any sequence of tags has chunks. (seqeval's strict rule, which takes whole chunks of a scheme
only, needs both `mode="strict"` and `scheme`.) The letters of BILOU and BMES, which that rule does not know, are read
as those of IOBES.
"""

from collections import Counter

import numpy as np

from rnncli.data.schemes import OUTSIDE, Writing
from rnncli.tasks.classify import f1_of

Chunk = tuple[int, int, str]  # first and last row, kind


class ChunkCounts:
    """How many chunks of each kind are found, there, and both; found and true tags are places in `labels`, or -1 where
    there is no tag, which is outside of chunks.
    """

    def __init__(self, labels: list[str], writing: Writing):
        self.parsed = [*map(writing.parse, labels), writing.parse(OUTSIDE)]
        self.hits, self.found, self.there = Counter[str](), Counter[str](), Counter[str]()

    def add(self, found: np.ndarray, true: np.ndarray, offsets: np.ndarray) -> None:
        """Of whole sequences: found and true (rows,)."""
        mine, there = (_all_chunks(tags, self.parsed, offsets) for tags in (np.where(true == -1, -1, found), true))
        for counts, some in ((self.hits, mine & there), (self.found, mine), (self.there, there)):
            counts.update(kind for _, _, kind in some)

    def figures(self) -> dict:
        """precision, recall, f1 of all chunks and, in `per_kind`, of each kind that is found or there, beside `n`, how
        many are there; 0 for 0 / 0, as in seqeval.
        """
        totals = [sum(counts.values()) for counts in (self.hits, self.found, self.there)]
        kinds = sorted({*self.found, *self.there})
        per_kind = {
            kind: {"n": self.there[kind]} | _figures(self.hits[kind], self.found[kind], self.there[kind])
            for kind in kinds
        }
        return _figures(*totals) | {"per_kind": per_kind}


def _figures(hits: int, found: int, there: int) -> dict[str, float]:
    return {name: value or 0.0 for name, value in f1_of(hits, found, there).items()}


def _all_chunks(tags: np.ndarray, parsed: list[tuple[str, str]], offsets: np.ndarray) -> set[Chunk]:
    """Of all sequences, at their rows."""
    out: set[Chunk] = set()
    codes = tags.tolist()
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        found = chunks([parsed[tag] for tag in codes[begin:end]])
        out.update((begin + first, begin + last, kind) for first, last, kind in found)
    return out


def chunks(tags: list[tuple[str, str]]) -> list[Chunk]:
    """(first, last, kind) of the chunks of a sequence of (letter, kind), as `Writing.parse` gives them."""
    out, start, before, kind = [], 0, OUTSIDE, ""
    for i, (letter, here) in enumerate([*tags, (OUTSIDE, "_")]):
        if _ends(before, letter, kind != here):
            out.append((start, i - 1, kind))
        if _begins(before, letter, kind != here):
            start = i
        before, kind = letter, here
    return out


def _ends(before: str, letter: str, other: bool) -> bool:
    """Whether a chunk ends between two letters, of one kind or of another; seqeval takes `.` for O as well."""
    return before in "ES" or (before in "BI" and letter in "BSO") or (other and before not in "O.")


def _begins(before: str, letter: str, other: bool) -> bool:
    """Whether a chunk begins there."""
    return letter in "BS" or (before in "ESO" and letter in "EI") or (other and letter not in "O.")
