"""Files below tags with a sequence a line: its channels, each of as many values, and its answer, if it has one."""

from collections.abc import Iterator

import numpy as np

from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.errors import RnncliError, UsageError, note
from rnncli.process.spool import RowSpool
from rnncli.readers.naming import Widths, listed, refuse
from rnncli.readers.numerals import Writing, bare
from rnncli.readers.reader import Reader, Request
from rnncli.readers.sequencing import line_of_sequence
from rnncli.readers.source import display
from rnncli.readers.tagged_header import DATA, TaggedHeader
from rnncli.registry import learns

USUAL = Writing()


class AnswersHeader(TaggedHeader):
    """The tags of such a file, and what they make of its rows."""

    lists = ""  # the tag that lists the labels

    def __init__(self, path: str):
        super().__init__(path)
        self.answer = ""  # what is learnt from the answer of a line, as tasks declare it; "" if there is none
        self.labels: tuple[str, ...] = ()  # those that are listed

    def parted(self, row: str, at: int) -> tuple[list[list[str]], str | None]:
        """The values of each channel of a row, and its answer."""
        raise NotImplementedError

    def say(self, labels: list[str]) -> None:
        """What is worth a note of the rows of a file to train on, and of the labels that occur."""
        unlisted = [label for label in labels if label not in self.labels]
        if self.labels and unlisted:
            note(f"{display(self.path)}: labels {listed(unlisted)} are not among those of {self.lists}")


class AnsweredLines(Reader):
    """Base of their readers."""

    numbered = True
    only_numbers = True
    form = ""  # its name
    header: type[AnswersHeader]

    @classmethod
    def learnt(cls, path: str, encoding: str) -> tuple[str, ...]:
        """What the header says: labels or numbers."""
        header = cls.header(path)
        header.read(encoding)
        return (header.answer,) if header.answer else ()

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All sequences of one file."""
        return next(cls.pieces(path, request))

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """One file. The answer of a line is a label for classify, a number for regress, unread for forecast."""
        roles, kind, form = request.roles, learns(request.task), f"--format {cls.form}"
        refuse(roles, ("text", "label", "tag", "group", "time", "fold_by"), form, "its header says what the answer is")
        if kind == "tags" or roles.targets and kind != "series":
            option = "--task tag" if kind == "tags" else "--target"
            raise UsageError(f"{option} and {form} cannot be combined: a line has one answer")
        file = _Lines(path, request, cls.header(path))
        for at, line in file.header.rows(request.encoding):
            if request.is_full(len(file.at), file.size):
                yield file.taken()
            file.append(line, at)
        if not file.at:
            raise RnncliError(f"{display(path)}: no rows after {DATA}, expected a sequence a line")
        yield file.taken()


class _Lines:
    """Collects the rows of one file."""

    def __init__(self, path: str, request: Request, header: AnswersHeader):
        self.path, self.request, self.header = path, request, header
        self.known, self.learns = request.numbers, learns(request.task)
        self.widths, self.before = Widths.of(request.roles, request.numbers), 0
        self.width = 0  # channels of the rows before
        self.clear()

    def clear(self) -> None:
        """No rows."""
        self.at: list[int] = []  # the line of each
        self.answers: list[str | None] = []
        self.lengths: list[int] = []
        self.numbers: RowSpool | None = None

    @property
    def size(self) -> int:
        """Values."""
        return len(self.numbers) * self.width if self.numbers else 0

    def append(self, row: str, at: int) -> None:
        """A row, which is a sequence."""
        error, (channels, answer) = self.header.error, self.header.parted(row, at)
        lengths = [len(channel) for channel in channels]
        if len(set(lengths)) > 1:
            raise error(at, f"channels of {listed(map(str, lengths))} values", "as many values in each")
        if self.width not in (0, len(channels)):
            raise error(at, f"a row of {len(channels)} channels", f"{self.width} as in the rows above")
        if len(channels) not in self.widths:
            raise error(at, f"a row of {len(channels)} channels", f"{self.widths} as in training")
        self.width = len(channels)
        self.numbers = self.numbers or RowSpool(np.float64, (self.width,))
        self.numbers.append(np.stack([floats_of(channel, at, self.header) for channel in channels], axis=1))
        self.lengths.append(lengths[0])
        self.at.append(at)
        self.answers.append(answer)

    def taken(self) -> Columns:
        """The sequences of the rows, which are no more here."""
        offsets, count = offsets_of(self.lengths), len(self.at)
        columns = Columns(offsets, [str(i + 1) for i in range(self.width)], self.numbers.array())
        columns.keys = [str(self.before + i + 1) for i in range(count)]
        columns.where = line_of_sequence(self.path, self.at, offsets)
        if self.request.answers and self.header.answer:
            self._answer(columns)
        if self.known is None:
            self.header.say(columns.labels.symbols if columns.labels else [])
        self.before += count
        self.clear()
        return columns

    def _answer(self, columns: Columns) -> None:
        """Put the answers where they belong; none at all is fine."""
        if self.learns == "series":
            note(f"{display(self.path)}: the answers are not used: a forecast reads only the channels")
            return
        without = [answer is None for answer in self.answers]
        if all(without):
            return
        if self.known is None and any(without):
            raise self.header.error(self.at[without.index(True)], "no answer", "one, as other lines have it")
        if (self.learns or self.header.answer) == "numbers":
            columns.targets = np.array([*map(self._target, self.answers, self.at)], np.float64)[:, None]
        else:
            columns.labels = Coded.of(self.answers)

    def _target(self, answer: str | None, at: int) -> float:
        return np.nan if answer is None else float(floats_of([answer], at, self.header)[0])


def floats_of(fields: list[str], at: int, header: TaggedHeader) -> np.ndarray:
    """(fields,) float64, NaN where one is missing."""
    try:
        values = np.array(fields, np.float64)
    except ValueError:
        values = np.array([_float(field.strip(), at, header) for field in fields], np.float64)
    if np.isinf(values).any():
        raise header.error(at, repr(fields[int(np.argmax(np.isinf(values)))].strip()), "a finite number")
    return values


def _float(field: str, at: int, header: TaggedHeader) -> float:
    if field and USUAL.is_missing(field):
        return np.nan
    found = bare(field, ".") if field else None
    if not found or found[1]:
        found_there = repr(field) if field else "nothing between separators"
        raise header.error(at, found_there, f"a number, or ? for a missing one{header.hint}")
    return float(found[0])
