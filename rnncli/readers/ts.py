"""`.ts` of aeon and sktime: tags (`@classLabel true a b`), then `@data`, then a sequence a line: its channels and its
answer with `:` between them, the values of a channel with commas.

Labels keep their case and text, and (stamp, value) pairs their signs: docs/files.md says where the libraries differ.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnncli.config import learns
from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers.naming import Widths, listed, refuse
from rnncli.readers.numerals import Writing, bare
from rnncli.readers.pairs import pairs_of
from rnncli.readers.reader import Reader, Request
from rnncli.readers.sequencing import line_of_sequence
from rnncli.readers.source import display, row_lines
from rnncli.readers.spool import RowSpool

READER = {"rank": 6, "forms": {"ts": "aeon, sktime"}, "extensions": {"ts": "ts"}}

DATA = "@data"
ANSWERS = {"@classlabel": "label", "@targetlabel": "numbers"}  # tag -> what is learnt from the last part of a line
TRUTH = {"true": True, "false": False}
UNANSWERED = ("", "?", "nan")
HAS_DATA = re.compile(rb"^[ \t]*@data[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
USUAL = Writing()


def has_data(sample: bytes) -> bool:
    """Whether there is a line `@data`: a file of TypeScript, which has the same extension, has none."""
    return bool(HAS_DATA.search(sample.replace(b"\0", b"")))  # without the zeros of UTF-16


class SeriesFile(Reader):
    """`.ts` of aeon and sktime."""

    numbered = True
    only_numbers = True

    @classmethod
    def learnt(cls, path: str, encoding: str) -> tuple[str, ...]:
        """What the header says: labels or numbers."""
        header = Header(path)
        next(header.rows(encoding), None)
        return (header.answer,) if header.answer else ()

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All sequences of one file."""
        return next(cls.pieces(path, request))

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """One file. The last part of a line is a label for classify, a number for regress, unread for forecast."""
        roles, kind = request.roles, learns(request.task)
        named = ("text", "label", "tag", "group", "time", "fold_by")
        refuse(roles, named, "--format ts", "its header says what the answer is")
        if kind == "tags" or roles.targets and kind != "series":
            option = "--task tag" if kind == "tags" else "--target"
            raise UsageError(f"{option} and --format ts cannot be combined: a line has one answer, its last part")
        file = _Lines(path, request)
        for at, line in file.header.rows(request.encoding):
            if request.is_full(len(file.at), file.size):
                yield file.taken()
            file.append(line, at)
        if not file.at:
            raise RnncliError(f"{display(path)}: no rows after {DATA}, expected a sequence a line")
        yield file.taken()


@dataclass
class Header:
    """What the tags of a file say, once its first row is read."""

    path: str
    answer: str = ""  # what is learnt from the last part of a line, as tasks declare it; "" if there is no answer
    labels: tuple[str, ...] = ()  # those that are listed
    stamped: bool = False

    def rows(self, encoding: str) -> Iterator[tuple[int, str]]:
        """The number and the text of each row."""
        self.told = inside = False
        at = 0
        for at, line in enumerate(row_lines(self.path, encoding), 1):
            line = line.strip()
            if not line or line[0] in "#%":
                continue
            if inside:
                self._settle(line)
                yield at, line
            elif line.lower() == DATA:
                inside = True
            elif line.startswith("@"):
                self._tag(line, at)
            else:
                raise self._error(at, f"a row before {DATA}", f"tags such as @classLabel true a b, then {DATA}")
        if not inside:
            raise self._error(at, f"no line {DATA} up to the end", "one between the tags and the rows")

    def _tag(self, line: str, at: int) -> None:
        """A line of the header; what else stands there changes nothing, and is not relied on."""
        tag, *words = line.split()
        tag = tag.lower()
        if tag not in (*ANSWERS, "@timestamps"):
            return
        true = TRUTH.get(words[0].lower()) if words else None
        if true is None:
            raise self._error(at, f"{line!r}", "true or false behind the tag")
        if tag == "@timestamps":
            self.stamped = true
            return
        self.told = True
        if not true:
            return
        if self.answer:
            raise self._error(at, "@classLabel and @targetLabel are both true", "one of them")
        self.answer, self.labels = ANSWERS[tag], tuple(words[1:])

    def _settle(self, row: str) -> None:
        """Without a tag for the answer, a value behind the last colon of the first row is a label, as aeon has it."""
        if self.told:
            return
        self.told, colon, last = True, *row.rpartition(":")[1:]
        if colon and not set(",)") & set(last):
            self.answer = "label"
            note(f"{display(self.path)}: no tag @classLabel or @targetLabel: what follows the last colon is a label")

    def _error(self, at: int, found: str, expected: str) -> RnncliError:
        return RnncliError(f"{display(self.path)}:{at}: {found}, expected {expected}")


class _Lines:
    """Collects the rows of one file."""

    def __init__(self, path: str, request: Request):
        self.path, self.request, self.header = path, request, Header(path)
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
        text, answer = self._parted(row)
        if self.header.stamped:
            channels = pairs_of(text, lambda found, expected: self._error(at, found, expected))
        else:
            channels = [channel.split(",") for channel in text.split(":")]
        lengths = [len(channel) for channel in channels]
        if len(set(lengths)) > 1:
            raise self._error(at, f"channels of {listed(map(str, lengths))} values", "as many values in each")
        if self.width not in (0, len(channels)):
            raise self._error(at, f"a row of {len(channels)} channels", f"{self.width} as in the rows above")
        if len(channels) not in self.widths:
            raise self._error(at, f"a row of {len(channels)} channels", f"{self.widths} as in training")
        self.width = len(channels)
        self.numbers = self.numbers or RowSpool(np.float64, (self.width,))
        self.numbers.append(np.stack([self._floats(channel, at) for channel in channels], axis=1))
        self.lengths.append(lengths[0])
        self.at.append(at)
        self.answers.append(answer)

    def _parted(self, row: str) -> tuple[str, str | None]:
        """The channels and the answer; one with a colon is known by the list of the header."""
        if not self.header.answer or ":" not in row:
            return row, None
        answer = row.rpartition(":")[2].strip()
        if answer not in self.header.labels:
            longer = [label for label in self.header.labels if ":" in label and row.endswith(f":{label}")]
            answer = max((answer, *longer), key=len)
        text = row[: row.rindex(f":{answer}")] if row.endswith(f":{answer}") else row.rpartition(":")[0]
        return text, None if answer.lower() in UNANSWERED else answer

    def _floats(self, fields: list[str], at: int) -> np.ndarray:
        """(fields,) float64, NaN where one is missing."""
        try:
            values = np.array(fields, np.float64)
        except ValueError:
            values = np.array([self._float(field.strip(), at) for field in fields], np.float64)
        if np.isinf(values).any():
            raise self._error(at, repr(fields[int(np.argmax(np.isinf(values)))].strip()), "a finite number")
        return values

    def _float(self, field: str, at: int) -> float:
        if field and USUAL.is_missing(field):
            return np.nan
        found = bare(field, ".") if field else None
        if not found or found[1]:
            expected = "a number, or ? for a missing one; (time, value) pairs need @timestamps true"
            raise self._error(at, repr(field) if field else "nothing between separators", expected)
        return float(found[0])

    def taken(self) -> Columns:
        """The sequences of the rows, which are no more here."""
        if self.header.stamped:
            note(f"{display(self.path)}: the stamps give the order of the steps, not how far they are apart")
        offsets, count = offsets_of(self.lengths), len(self.at)
        columns = Columns(offsets, [str(i + 1) for i in range(self.width)], self.numbers.array())
        columns.keys = [str(self.before + i + 1) for i in range(count)]
        columns.where = line_of_sequence(self.path, self.at, offsets)
        if self.request.answers and self.header.answer:
            self._answer(columns)
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
            raise self._error(self.at[without.index(True)], "no answer", "one, as other lines have it")
        if (self.learns or self.header.answer) == "numbers":
            columns.targets = np.array([*map(self._target, self.answers, self.at)], np.float64)[:, None]
        else:
            columns.labels = Coded.of(self.answers)
            self._say_clashes(columns.labels.symbols)

    def _target(self, answer: str | None, at: int) -> float:
        return np.nan if answer is None else float(self._floats([answer], at)[0])

    def _say_clashes(self, labels: list[str]) -> None:
        """In training: which labels aeon and sktime take for one, and which the header does not list."""
        if self.known is not None:
            return
        alike: dict[str, str] = {}
        for label in labels:
            other = alike.setdefault(label.lower(), label)
            if other != label:
                note(f"{display(self.path)}: labels {other} and {label} are two here, and one to aeon and sktime")
        unlisted = [label for label in labels if label not in self.header.labels]
        if self.header.labels and unlisted:
            note(f"{display(self.path)}: labels {listed(unlisted)} are not among those of @classLabel")

    def _error(self, at: int, found: str, expected: str) -> RnncliError:
        return RnncliError(f"{display(self.path)}:{at}: {found}, expected {expected}")
