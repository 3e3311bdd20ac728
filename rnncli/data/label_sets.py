"""Several labels a sequence: codes of all of them, sequence after sequence, and bounds, where those of each begin."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.data.equal_names import ByName, plain_name
from rnncli.data.ranges import Ranges
from rnncli.errors import RnncliError

NOT_KNOWN = 255  # in a row of bits: the sequence has no answer


def put(columns: Columns, sets: list[tuple[str, ...] | None], as_sets: bool, where: Callable[[int], str]) -> None:
    """The labels of each sequence, None where it has no answer; bounds if they are to be sets, or some has several.

    `where` tells file:line of a sequence.
    """
    distinct = [(None,) if labels is None else labels if len(labels) < 2 else _distinct(labels) for labels in sets]
    as_sets = as_sets or any(len(labels) > 1 for labels in distinct)
    columns.labels = Coded.of([label for labels in distinct for label in labels])
    columns.label_bounds = offsets_of([len(labels) for labels in distinct]) if as_sets else None
    columns.label_where = where


def _distinct(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({plain_name(label): label for label in labels}.values())


def split(columns: Columns, separator: str) -> Columns:
    """With each label cut into those that it lists; what was empty stays without an answer."""
    if columns.labels is None:
        return columns
    texts, columns = columns.labels.texts(), replace(columns)
    parts = [text if text is None else tuple(filter(None, map(str.strip, text.split(separator)))) for text in texts]
    put(columns, parts, True, columns.label_where)
    return columns


def joined(files: list[Columns]) -> np.ndarray | None:
    """The bounds of all files; of one without, a label for each of its sequences. None if none has any."""
    if all(file.label_bounds is None for file in files):
        return None
    return offsets_of(np.concatenate([counts(file) for file in files]))


def counts(columns: Columns) -> np.ndarray:
    """How many labels, or gaps in their place, each sequence has."""
    if columns.label_bounds is None:
        return np.ones(len(columns), np.int64)
    return np.diff(columns.label_bounds)


def unanswered(columns: Columns) -> np.ndarray:
    """Whether each sequence (sequences,) has a gap in the place of its labels."""
    gaps = Ranges.of_lengths(counts(columns)).places(np.flatnonzero(columns.labels.codes < 0))[0]
    return np.isin(np.arange(len(columns)), gaps)


def of_sequences(columns: Columns, chosen: np.ndarray) -> dict[str, Any]:
    """`labels`, `label_bounds` and `label_where` of the `chosen` sequences alone."""
    lengths, where = counts(columns), columns.label_where
    begin = offsets_of(lengths)[:-1]
    codes = columns.labels.codes[Ranges(begin[chosen], (begin + lengths)[chosen]).every(1)]
    return {
        "labels": replace(columns.labels, codes=codes),
        "label_bounds": None if columns.label_bounds is None else offsets_of(lengths[chosen]),
        "label_where": (lambda i: where(int(chosen[i]))) if where else None,
    }


def are_single(columns: Columns) -> bool:
    """Whether each sequence has one label, or a gap in its place."""
    return bool((counts(columns) == 1).all())


def refuse_sets(columns: Columns) -> None:
    """RnncliError if a sequence has several, or an empty list, where one is expected."""
    odd = np.flatnonzero(counts(columns) != 1)
    if len(odd):
        i = int(odd[0])
        place = columns.label_where(i) if columns.label_where else f"sequence {i + 1:,}"
        raise RnncliError(
            f"{place}: {counts(columns)[i]} labels, expected one, since this model gives one to each sequence; "
            "--task multilabel learns several"
        )


def bits(columns: Columns, labels: list[str], unheard: list[str]) -> np.ndarray:
    """(sequences, labels and unheard ones) uint8: 1 where a sequence has the label, NOT_KNOWN if it has no answer."""
    place = ByName({label: i for i, label in enumerate([*labels, *unheard])})
    table = np.array([place[symbol] for symbol in columns.labels.symbols] + [-1], np.int64)
    sequence = np.repeat(np.arange(len(columns)), counts(columns))
    label = table[columns.labels.codes]
    out = np.zeros((len(columns), len(place)), np.uint8)
    out[sequence[label >= 0], label[label >= 0]] = 1
    out[sequence[label < 0]] = NOT_KNOWN
    return out


def as_numbers(rows: np.ndarray) -> np.ndarray:
    """Bits as float32, NaN where the sequence has no answer."""
    return np.where(rows == NOT_KNOWN, np.float32(np.nan), rows.astype(np.float32))
