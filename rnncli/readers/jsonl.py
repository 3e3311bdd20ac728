"""JSON lines: an object on each line, with a sequence under one key, `x`, and its answer under another, `y`."""

import json
import math
from collections.abc import Iterator

import numpy as np

from rnncli.data import label_sets
from rnncli.data.columns import Coded, Columns, Roles, offsets_of
from rnncli.errors import NoRows, RnncliError, UsageError, note
from rnncli.process.spool import RowSpool
from rnncli.readers import sniff
from rnncli.readers.arrays import WIDE, few_said, few_whole
from rnncli.readers.documents import object_in
from rnncli.readers.naming import NoColumn, Widths, answer_names, parts_of, refuse, refuse_unknown_answer
from rnncli.readers.objects import first_values, object_lines
from rnncli.readers.reader import Reader, Request
from rnncli.readers.related import folds_of
from rnncli.readers.sequencing import line_of_sequence
from rnncli.readers.source import display
from rnncli.readers.text_codes import code_lists, code_texts
from rnncli.registry import learns

READER = {"rank": 6, "forms": {"jsonl": "a JSON object a line"}, "extensions": {"jsonl": "jsonl", "ndjson": "jsonl"}}

LARGEST = float(np.finfo(np.float64).max)


class JsonLines(Reader):
    """A sequence a line."""

    numbered = True

    @classmethod
    def learnt(cls, path: str, encoding: str) -> tuple[str, ...]:
        """As the first lines show it: texts and whole numbers under y are labels, others are numbers to predict."""
        values = first_values(sniff.sample_lines(sniff.read_sample(path), encoding))
        answers = [value["y"] for value in values if isinstance(value, dict) and {"x", "y"} <= set(value)]
        answers = [answer for answer in answers if answer is not None]
        if not answers or len(answers) < len(values):
            return ()
        floats = all(map(_is_number, answers)) and any(isinstance(answer, float) for answer in answers)
        if floats and all(float(answer).is_integer() for answer in answers):
            few = few_whole(np.array(answers, np.float64))
            note(few_said(path, few, "begins with")) if few else None
            return ("label",) if few else ()
        if floats:
            what, found = "numbers with fractions, which are learnt as such", "numbers"
        elif all(isinstance(answer, str | int) for answer in answers):
            what, found = "labels, which are learnt", "label"
        else:
            return ()
        note(f"{display(path)}: y holds {what}: --task says otherwise")
        return (found,)

    @classmethod
    def inputs(cls, roles: Roles) -> tuple[str, ...]:
        """The others are keys."""
        return tuple(filter(str.isdecimal, roles.inputs))

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All lines of one file."""
        return next(cls.pieces(path, request))

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """One file. Answers are labels for classify (tag: one for each step), numbers for regress; for auto by their
        type. To predict, the sequences must fit the columns of training, and some may be without an answer.
        """
        refuse(request.roles, ("group", "time"), "JSON lines", "a line is a sequence, its steps are in order")
        file = _Lines(path, request)
        for at, line in object_lines(path, request.encoding):
            if request.is_full(len(file.keys), file.size):
                yield file.taken(request)
            file.append(line, at)
        if not file.keys:
            raise NoRows(f"{display(path)}: empty, {file.expected}")
        yield file.taken(request)


class _Lines:
    """Collects the lines of one file."""

    def __init__(self, path: str, request: Request):
        roles, numbers = request.roles, request.numbers
        self.path, self.roles, self.learns, self.known = path, roles, learns(request.task), numbers
        self.x, self.y = self._x(), answer_names(roles, request.task)  # keys: of the sequence, of its answer or answers
        self.found: dict[str, None] = {}  # all keys of the objects
        self.kind = "numbers" if numbers else None  # or text, or tokens
        self.like = "in the lines above" if numbers is None else "in training"
        self.widths = Widths.of(roles, numbers)
        self.fold_keys = parts_of(roles.fold_by, ())
        self.clear()
        x, y = json.dumps(self.x), ", ".join(map(json.dumps, self.y))
        self.expected = f"expected {{{x}: numbers, rows of numbers, a text or words, {y}: its answer}}"

    def clear(self) -> None:
        """No lines."""
        self.keys: list[str] = []
        self.at: list[int] = []  # the number of each line
        self.texts: list = []
        self.numbers: RowSpool | None = None
        self.lengths: list[int] = []
        self.answers: list = []
        self.related: list[tuple] = []  # what each has for a fold
        self.size = 0  # characters

    def taken(self, request: Request) -> Columns:
        """The sequences of the lines, which are no more here."""
        columns = self.columns(request.tokens, request.form.words)
        if request.folded and (request.known is None or set(self.fold_keys) <= set(self.found)):
            columns.folds = self.folds()
        if request.answers and self.learns != "series":
            self.answer(columns)
        self.clear()
        return columns

    def _say_odd(self, x: list | str, at: int) -> None:
        """Numbers in quotes are words; and more columns than steps may be channels."""
        place = f"{display(self.path)}:{at}: {self.x} holds"
        if self.kind == "tokens" and all(isinstance(word, str) and sniff.is_any_number(word) for word in x):
            note(f"{place} numbers in quotes, {x[0]!r} and others, which are words: write them without quotes")
        if self.kind == "numbers" and isinstance(x[0], list) and len(x[0]) > WIDE * len(x):
            note(f"{place} {len(x)} steps, each of {len(x[0])} columns: if the channels come first, transpose it")

    def _x(self) -> str:
        """The key of the sequence; numbers in --inputs are columns of it."""
        named = [self.roles.text] if self.roles.text else []
        named += [name for name in self.roles.inputs if not name.isdecimal()]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)}: two keys of sequences, expected one")
        return named[0] if named else "x"

    def append(self, line: str, at: int) -> None:
        """A line, which is a sequence."""
        value = object_in(self.path, at, line, self.x, not self.found, self.expected)
        self.found |= dict.fromkeys(value)
        x = value[self.x]
        if x == []:
            raise self._error(at, f"{self.x} holds no steps")
        self._check_kind(_kind(x), at)
        if not self.keys and self.known is None:
            self._say_odd(x, at)
        self._append_numbers(x, at) if self.kind == "numbers" else self.texts.append(x)
        self.keys.append(line)
        self.size += len(line)
        self.at.append(at)
        self.related.append(tuple(map(value.get, self.fold_keys)))
        answer = [None if _is_nan(value.get(name)) else value.get(name) for name in self.y]
        self.answers.append(answer[0] if len(answer) == 1 else None if answer == [None] * len(answer) else answer)

    def _check_kind(self, kind: str | None, at: int) -> None:
        if kind is None:
            raise self._error(at, f"{self.x} is neither of these")
        if self.kind is None and self.known == () and kind == "numbers":
            raise self._error(at, f"{self.x} is numbers, in training text")
        if self.kind not in (None, kind):
            raise self._error(at, f"{self.x} is {kind}, {self.like} {self.kind}")
        self.kind = kind

    def _append_numbers(self, x: list, at: int) -> None:
        try:
            with np.errstate(over="ignore"):
                rows = np.array([[step] if not isinstance(step, list) else step for step in x], np.float64)
        except (ValueError, TypeError, OverflowError):
            raise self._error(at, f"{self.x} holds what is no number, or rows of unequal length") from None
        if rows.ndim != 2 or 0 in rows.shape:
            raise self._error(at, f"{self.x} is no list of rows")
        if np.isinf(rows).any():
            raise self._error(at, f"{self.x} holds an infinite number")
        width = rows.shape[1]
        if width not in self.widths:
            raise self._error(at, f"rows of {width} numbers, {self.like} of {self.widths}")
        if self.numbers is None:
            self.numbers, self.widths = RowSpool(np.float64, rows.shape[1:]), Widths(width, width)
        self.numbers.append(rows)
        self.lengths.append(len(rows))

    def columns(self, tokens: str, rule: str) -> Columns:
        """The sequences."""
        if self.kind == "numbers":
            numbers = self.numbers.array()
            names = [str(i) for i in range(1, numbers.shape[1] + 1)]
            offsets = offsets_of(self.lengths)
            where = line_of_sequence(self.path, self.at, offsets)
            return Columns(offsets, names, numbers, keys=self.keys, where=where)
        named, texts = "token" if self.learns == "tags" else "text", self.texts if self.kind == "text" else None
        text, offsets = code_lists(self.texts) if texts is None else code_texts(texts, tokens, rule)
        return Columns(offsets, coded={named: text}, texts=texts, keys=self.keys)

    def answer(self, columns: Columns) -> None:
        """Put the answers where they belong; none at all is fine."""
        if self.known is None:
            self._check_all()
        if all(answer is None for answer in self.answers):
            return
        numbers = self.learns == "numbers" or not self.learns and all(map(_is_answer_number, self.answers))
        if numbers:
            columns.targets = self._targets()
        elif self.learns == "tags":
            columns.labels = self._tags(columns.lengths)
        else:
            sets = [self._labels(*pair) for pair in zip(self.answers, self.at, strict=True)]
            as_sets = any(isinstance(answer, list) for answer in self.answers)
            lines = self.at
            label_sets.put(columns, sets, as_sets, lambda i: f"{display(self.path)}:{lines[i]}")

    def folds(self) -> Coded:
        """What the keys of folds say (sequences,)."""
        if absent := [key for key in self.fold_keys if key not in self.found]:
            raise NoColumn("--fold-by", absent[0], tuple(self.found))
        return folds_of(map(self._fold, self.related, self.at))

    def _fold(self, values: tuple, at: int) -> list[str | None]:
        """The values of a line as text."""
        for key, value in zip(self.fold_keys, values, strict=True):
            if isinstance(value, list | dict):
                raise self._error(at, f"{key} is {sniff.shortened(json.dumps(value))}, which names no fold")
        return [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]

    def _check_all(self) -> None:
        """To train, a key that was named is there, and every line has an answer or none has."""
        refuse_unknown_answer(self.roles, self.y, tuple(self.found), "key")
        without = [answer is None for answer in self.answers]
        if any(without) and not all(without):
            raise self._error(self.at[without.index(True)], f"no {', '.join(self.y)}, other lines have one")

    def _targets(self) -> np.ndarray:
        """(sequences, K) float64, NaN where one is missing."""
        first = next(answer for answer in self.answers if answer is not None)
        width = len(first) if isinstance(first, list) else 1
        rows = []
        for answer, at in zip(self.answers, self.at, strict=True):
            row = [None] * width if answer is None else answer if isinstance(answer, list) else [answer]
            numbers = [value for value in row if value is not None or self.known is None]
            if len(row) != width or not row or not all(map(_is_number, numbers)):
                found = f"{', '.join(self.y)} is {json.dumps(answer)}"
                wanted = f"a list of {width} numbers" if isinstance(first, list) else "a number"
                raise self._error(at, f"{found}, not {wanted}")
            rows.append(row)
        return np.array(rows, np.float64)

    def _tags(self, lengths: np.ndarray) -> Coded:
        tags = []
        for answer, at, length in zip(self.answers, self.at, lengths.tolist(), strict=True):
            if answer is None:
                answer = [None] * length
            if not isinstance(answer, list) or len(answer) != length:
                raise self._error(at, f"{self.y[0]} is no list of {length} tags, one for each step of {self.x}")
            tags += [None if tag is None else self._label(tag, at) for tag in answer]
        return Coded.of(tags)

    def _labels(self, answer, at: int) -> tuple[str, ...] | None:
        """One, or those of a list; None where there is no answer."""
        labels = [self._label(label, at) for label in (answer if isinstance(answer, list) else [answer])]
        return None if None in labels else tuple(labels)

    def _label(self, answer, at: int) -> str | None:
        """A label as text, without the blanks around it: 1 and 1.0 are `1`. Null, NaN and a text of nothing but blanks
        are none.
        """
        absent = answer is None or _is_nan(answer) or (isinstance(answer, str) and not answer.strip())
        if absent and self.known is not None:
            return None
        if isinstance(answer, float) and answer.is_integer():
            return str(int(answer))
        if isinstance(answer, str) and not absent:
            return answer.strip()
        if absent or isinstance(answer, list | dict) or (isinstance(answer, float) and math.isinf(answer)):
            raise self._error(at, f"{self.y[0]} is {json.dumps(answer)}, which is no label")
        return json.dumps(answer)

    def _error(self, at: int, found: str) -> RnncliError:
        return RnncliError(f"{display(self.path)}:{at}: {found}, {self.expected}")


def _kind(x) -> str | None:
    if isinstance(x, str):
        return "text"
    if not isinstance(x, list):
        return None
    return "tokens" if x and all(isinstance(step, str) for step in x) else "numbers"


def _is_number(value) -> bool:
    """Whether it is one, and finite."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_nan(value) -> bool:
    """Whether it is what pandas and Python write for nothing."""
    return isinstance(value, float) and math.isnan(value)


def _is_answer_number(value) -> bool:
    """Whether an answer that nobody explained is a number to find: it has a fraction, or is a list."""
    return isinstance(value, float) or (isinstance(value, list) and all(map(_is_number, value)))
