"""Columns: what a file of tables, labelled or tagged text holds, before it is scaled and encoded.

A row is a time step. The rows of all sequences stand one after the other; sequence i is rows offsets[i] to
offsets[i + 1]. Numbers are one matrix; words, characters and categories are codes into a list of what occurs.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import numpy as np

from rnncli.data.equal_names import first_spelling, plain_name
from rnncli.data.ranges import Ranges
from rnncli.errors import RnncliError
from rnncli.process.phases import under_way
from rnncli.process.temporary import in_blocks


@dataclass
class Coded:
    """A column of texts: `symbols[codes[row]]`, or nothing where the code is -1."""

    codes: np.ndarray  # (rows,) int32
    symbols: list[str]

    @classmethod
    def of(cls, texts: list[str | None]) -> "Coded":
        """Codes by first appearance."""
        seen: dict[str, int] = {}
        codes = np.fromiter(
            (-1 if text is None else seen.setdefault(text, len(seen)) for text in texts), np.int32, len(texts)
        )
        return cls(codes, list(seen))

    @classmethod
    def named(cls, names: list[str]) -> "Coded":
        """The same of names, of which 1.0 and 1 are one, written as the first of them is."""
        return cls.of([*map(first_spelling(), names)])

    def texts(self, rows: np.ndarray | slice = slice(None)) -> list[str | None]:
        """What stands in these rows."""
        return [None if code < 0 else self.symbols[code] for code in self.codes[rows].tolist()]


@dataclass(frozen=True)
class Roles:
    """Columns that the user named, by name, or by number from 1 on where no header names them."""

    text: str | None = None
    label: str | None = None
    tag: str | None = None
    targets: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    group: str | None = None
    time: str | None = None
    fold_by: str | None = None


@dataclass(frozen=True)
class Known:
    """What training found, by which files to predict are read."""

    numbers: tuple[str, ...] = ()  # the columns that hold numbers
    labels: tuple[str, ...] = ()
    answers: bool = True  # whether they are looked at; some or all may be absent
    teaches: bool = False  # whether it is read for training too: lines of fastText without a label are left out


class Sequenced:
    """Rows, or tokens, of sequences one after the other: sequence i is those from offsets[i] to offsets[i + 1]."""

    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Of each sequence."""
        return np.diff(self.offsets)

    @property
    def total(self) -> int:
        """The rows of all sequences."""
        return int(self.offsets[-1])

    def rows_of(self, sequences: np.ndarray) -> np.ndarray:
        """The rows of these sequences, one after the other."""
        lengths = self.offsets[sequences + 1] - self.offsets[sequences]
        starts = np.cumsum(lengths) - lengths
        return np.arange(lengths.sum()) + np.repeat(self.offsets[sequences] - starts, lengths)


@dataclass
class Columns(Sequenced):
    """All columns that a task may need. Labels have a value for each row, or for each sequence."""

    offsets: np.ndarray  # (sequences + 1,) int64
    number_names: list[str] = field(default_factory=list)
    numbers: np.ndarray | None = None  # (rows, D) float64, NaN where a value is missing
    coded: dict[str, Coded] = field(default_factory=dict)
    texts: list[str] | None = None  # in training, of the sequences that are texts: for the choice of tokens
    keys: list[str] | None = None  # what a row out repeats of each sequence: its group, or its line of the file
    labels: Coded | None = None  # (sequences,) for classify, (rows,) for tag; None if the file has none
    label_bounds: np.ndarray | None = None  # (sequences + 1,) where the labels of each begin, if there may be several
    label_where: Callable[[int], str] | None = None  # file:line of a sequence with labels
    targets: np.ndarray | None = None  # (sequences, K) float64 for regress
    folds: Coded | None = None  # (sequences,) what --fold-by says of each, where it is read
    times: np.ndarray | None = None  # (rows,) float64 or datetime64[us], if a column of times was named
    time_sample: str = ""  # one of them as it is written
    order: np.ndarray | None = None  # (rows,) the place of each row in the input; None if they are in its order
    numbering: np.ndarray | None = None  # (rows,) the number of each in its series; -1 of a step put in; None: 0, 1, ..
    clocks: list | None = None  # (sequences,) the Calendar of each, once it is known
    where: Callable[[int], str] | None = None  # file:line of a row, by its place in the input
    zone: str = ""  # the place whose clock they are of, if it is known: they are instants then
    other_offset: str = ""  # file:line: the first time whose offset from UTC is not that of the rows before
    asides: list[tuple[int, str]] = field(default_factory=list)  # lines of tagged text that are no steps
    before: int = 0  # sequences of the input before these, of one that is read piece by piece

    @property
    def row_numbers(self) -> np.ndarray:
        """`numbering` (rows,)."""
        if self.numbering is not None:
            return self.numbering
        return Ranges.of_lengths(self.lengths).every(1)

    @property
    def places(self) -> np.ndarray:
        """The place of each row in the input."""
        return in_blocks(self.total, np.arange) if self.order is None else self.order

    def place_of(self, row: int) -> str:
        """file:line of a row, or its number where that is not known."""
        place = row if self.order is None else int(self.order[row])
        return self.where(place) if self.where else f"row {place:,}, counted from 0"

    @property
    def numbers_from_one(self) -> range:
        """The number of each sequence in the input, from 1 on."""
        return range(self.before + 1, self.before + len(self) + 1)

    @property
    def marks(self) -> Sequence[str] | range:
        """What a row out repeats of each sequence: its key, or else its number."""
        return self.keys or self.numbers_from_one

    @property
    def names(self) -> list[str]:
        """Of each sequence; a single one needs none."""
        return self.keys or [""] * len(self)

    def part(self, begin: int, end: int, asides: list[tuple[int, str]]) -> "Columns":
        """Sequences begin to end, to predict, with some of the `asides`: answers are not kept."""
        first, last = self.offsets[begin].item(), self.offsets[end].item()
        return self.taken(
            np.arange(first, last),
            self.lengths[begin:end],
            np.arange(begin, end),
            before=self.before + begin,
            asides=[(row - first, token) for row, token in asides],
            **dict.fromkeys(("labels", "label_bounds", "targets", "folds", "texts")),
        )

    def taken(
        self, rows: np.ndarray, lengths: np.ndarray, sequences: np.ndarray | None = None, **changed: Any
    ) -> "Columns":
        """These rows, as sequences of these lengths, and what else is `changed`; the `sequences` are those that are
        left, None for all.
        """

        def at(column: np.ndarray) -> np.ndarray:
            return in_blocks(len(rows), lambda begin, end: column[rows[begin:end]])

        kept = {"order": self.places, "numbers": self.numbers, "times": self.times, "numbering": self.numbering}
        kept = {name: column for name, column in kept.items() if name not in changed}
        found: dict[str, Any] = {name: column if column is None else at(column) for name, column in kept.items()}
        found["coded"] = {name: replace(coded, codes=at(coded.codes)) for name, coded in self.coded.items()}
        if sequences is not None:
            found["keys"] = [self.keys[i] for i in sequences] if self.keys else None
            found["clocks"] = [self.clocks[i] for i in sequences] if self.clocks else None
        return replace(self, offsets=offsets_of(lengths), **found | changed)


def refuse_lacking(names: Iterable[str], there: Collection[str], use: str, where: str = "") -> None:
    """The first of these names of columns that is not among those that are `there`; the model has a `use` for it."""
    if lacking := [name for name in names if name not in there]:
        raise RnncliError(
            f"{where}no column {lacking[0]}, which the model {use}: found {', '.join(there) or 'none of its columns'}"
        )


def digest_of(arrays: Iterable[np.ndarray | None]) -> str:
    """A hash of the data, one array after the other."""
    under_way("hashing the data")
    found = sha256()
    for array in arrays:
        found.update(b"-" if array is None else np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def offsets_of(lengths: Sequence[int] | np.ndarray) -> np.ndarray:
    """Where sequences of these lengths start, and the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def upto(columns: Columns, stops: np.ndarray) -> Columns:
    """The rows of each sequence before its stop; those of which nothing is left are no more."""
    lengths = stops - columns.offsets[:-1]
    kept = np.flatnonzero(lengths)
    return columns.taken(Ranges(columns.offsets[:-1], stops).every(1), lengths[kept], kept)


def stretch_of(columns: Columns, i: int, begin: int, end: int) -> Columns:
    """Rows begin to end of sequence i, which alone is left."""
    rows = int(columns.offsets[i]) + np.arange(begin, end)
    coded = {}
    for name, column in columns.coded.items():
        codes, at = np.unique(column.codes[rows], return_inverse=True)
        symbols = [column.symbols[code] for code in codes.tolist() if code >= 0]
        coded[name] = Coded((at - (len(codes) - len(symbols))).astype(np.int32), symbols)
    return columns.taken(rows, np.array([end - begin]), np.array([i]), coded=coded)


def series_names(keys: list[str], targets: list[str]) -> list[str]:
    """The names of the series of these groups, if each of the targets is one; else of the groups."""
    return [f"{plain_name(key)} {name}".strip() for key in keys for name in targets or [""]]
