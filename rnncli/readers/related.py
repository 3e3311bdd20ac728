"""Folds as they stand in files: one column, or several that are joined; a sequence may be without."""

from collections.abc import Iterable, Sequence

import numpy as np

from rnncli.data.columns import Coded
from rnncli.data.equal_names import first_spelling
from rnncli.readers.joining import joined_keys


def folds_of(rows: Iterable[Sequence[str | None]]) -> Coded:
    """The fold of each row, a sequence, by its fields; an empty one is none."""
    parts = []
    for fields in zip(*rows, strict=True):
        spelling = first_spelling()
        parts.append(Coded.of([spelling(text.strip()) if text and text.strip() else None for text in fields]))
    return joined_folds(parts)


def joined_folds(parts: list[Coded]) -> Coded:
    """Of several columns as one; where one of them is missing there is none."""
    missing = np.any([part.codes < 0 for part in parts], axis=0)
    there = joined_keys([Coded(np.maximum(part.codes, 0), part.symbols or [""]) for part in parts])
    return Coded(np.where(missing, -1, there.codes).astype(np.int32), there.symbols)
