"""Chunks that tags mark, and their figures, by the default rule of seqeval 1.2.2, which is that of conlleval.

A chunk ends behind E and S, before O, B and S, and where another kind begins; what goes on (I or E) with nothing to go
on from begins one: so any sequence of tags has chunks. (seqeval's strict rule, which takes whole chunks of a scheme
only, needs both `mode="strict"` and `scheme`.) The letters of BILOU and BMES, which that rule does not know, are read
as those of IOBES.
"""

import numpy as np

from rnncli.data.schemes import OUTSIDE, Writing
from rnncli.tasks.classify import f1_of

Chunk = tuple[int, int, str]  # first and last row, kind


def chunk_figures(
    found: np.ndarray, true: np.ndarray, labels: list[str], writing: Writing, offsets: np.ndarray
) -> dict:
    """precision, recall, f1 of all chunks and, in `per_kind`, of each kind that is found or there, beside `n`, how many
    are there; 0 for 0 / 0, as in seqeval. found and true (rows,) are places in `labels`, or -1 where there is no tag,
    which is outside of chunks.
    """
    parsed = [*map(writing.parse, labels), writing.parse(OUTSIDE)]
    mine, there = (_all_chunks(tags, parsed, offsets) for tags in (np.where(true == -1, -1, found), true))
    kinds = sorted({kind for _, _, kind in mine | there})
    return _figures(mine, there) | {
        "per_kind": {
            kind: {"n": sum(c[2] == kind for c in there)} | _figures(*_of(kind, mine, there)) for kind in kinds
        }
    }


def _of(kind: str, *chunks: set[Chunk]) -> list[set[Chunk]]:
    return [{chunk for chunk in some if chunk[2] == kind} for some in chunks]


def _figures(found: set[Chunk], there: set[Chunk]) -> dict[str, float]:
    return {name: value or 0.0 for name, value in f1_of(len(found & there), len(found), len(there)).items()}


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
