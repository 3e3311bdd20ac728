"""JSON lines: an object with `x`, the sequence, and `y`, its answer, on each line."""

import json

import numpy as np

from rnncli.columns import Coded, Columns
from rnncli.errors import RnncliError
from rnncli.readers.coding import code_lists, code_texts, offsets_of
from rnncli.readers.source import display, text_lines
from rnncli.readers.spool import RowSpool

EXPECTED = 'expected {"x": numbers, rows of numbers, a text or words, "y": its answer}'


def read_jsonl(path: str, encoding: str, tokens: str, task: str) -> Columns:
    """One file. `y` are labels for classify (tag: one for each step), numbers for regress; for auto by their type."""
    file = _Lines(path, task)
    for at, line in enumerate(text_lines(path, encoding), 1):
        if line.strip():
            file.append(line, at)
    if not file.keys:
        raise RnncliError(f"{display(path)}: empty, {EXPECTED}")
    return file.columns(tokens)


class _Lines:
    """Collects the lines of one file."""

    def __init__(self, path: str, task: str):
        self.path, self.task = path, task
        self.keys: list[str] = []
        self.at: list[int] = []  # the number of each line
        self.kind: str | None = None  # numbers, text or tokens
        self.texts: list = []
        self.numbers: RowSpool | None = None
        self.lengths: list[int] = []
        self.answers: list = []

    def append(self, line: str, at: int) -> None:
        """A line, which is a sequence."""
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._error(at, f"not JSON ({error})") from None
        if not isinstance(value, dict) or "x" not in value:
            raise self._error(at, "no x")
        kind = _kind(value["x"])
        if kind is None:
            raise self._error(at, "x is neither of these")
        if self.kind not in (None, kind):
            raise self._error(at, f"x is {kind}, in the lines above {self.kind}")
        self.kind = kind
        self._append_numbers(value["x"], at) if kind == "numbers" else self.texts.append(value["x"])
        self.keys.append(line)
        self.at.append(at)
        self.answers.append(value.get("y"))

    def _append_numbers(self, x: list, at: int) -> None:
        try:
            rows = np.array([[step] if not isinstance(step, list) else step for step in x], np.float32)
        except (ValueError, TypeError, OverflowError):
            raise self._error(at, "x holds what is no number, or rows of unequal length") from None
        if rows.ndim != 2 or 0 in rows.shape:
            raise self._error(at, "x holds no steps" if not x else "x is no list of rows")
        if np.isinf(rows).any():
            raise self._error(at, "x holds an infinite number")
        if self.numbers is None:
            self.numbers = RowSpool(np.float32, rows.shape[1:])
        if rows.shape[1:] != self.numbers.shape:
            raise self._error(at, f"rows of {rows.shape[1]} numbers, in the lines above of {self.numbers.shape[0]}")
        self.numbers.append(rows)
        self.lengths.append(len(rows))

    def columns(self, tokens: str) -> Columns:
        """The sequences."""
        if self.kind == "numbers":
            numbers = self.numbers.array()
            names = [str(i) for i in range(1, numbers.shape[1] + 1)]
            columns = Columns(offsets_of(self.lengths), names, numbers, keys=self.keys)
        else:
            text, offsets = code_texts(self.texts, tokens) if self.kind == "text" else code_lists(self.texts)
            columns = Columns(offsets, coded={"token" if self.task == "tag" else "text": text}, keys=self.keys)
        if self.task != "forecast":
            self._answer(columns)
        return columns

    def _answer(self, columns: Columns) -> None:
        """Put the answers where they belong; none at all is fine."""
        without = [answer is None for answer in self.answers]
        if all(without):
            return
        if any(without):
            raise self._error(self.at[without.index(True)], "no y, other lines have one")
        task = self.task
        if task == "auto":
            task = "regress" if all(map(_is_answer_number, self.answers)) else "classify"
        if task == "regress":
            columns.targets = self._targets()
        elif task == "tag":
            columns.labels = self._tags(columns.lengths)
        else:
            columns.labels = Coded.of(
                [self._label(answer, at) for answer, at in zip(self.answers, self.at, strict=True)]
            )

    def _targets(self) -> np.ndarray:
        rows = [answer if isinstance(answer, list) else [answer] for answer in self.answers]
        for row, at in zip(rows, self.at, strict=True):
            if not row or len(row) != len(rows[0]) or not all(map(_is_number, row)) or not np.isfinite(row).all():
                raise self._error(at, f"y is {json.dumps(row)}, which is not {len(rows[0])} numbers as above")
        return np.array(rows, np.float32)

    def _tags(self, lengths: np.ndarray) -> Coded:
        for answer, at, length in zip(self.answers, self.at, lengths.tolist(), strict=True):
            if not isinstance(answer, list) or len(answer) != length:
                raise self._error(at, f"y is no list of {length} tags, one for each step of x")
        pairs = zip(self.answers, self.at, strict=True)
        return Coded.of([self._label(tag, at) for answer, at in pairs for tag in answer])

    def _label(self, answer, at: int) -> str:
        """A label as text: 1 and 1.0 are `1`."""
        if isinstance(answer, float) and answer.is_integer():
            return str(int(answer))
        if isinstance(answer, str):
            return answer
        if answer is None or isinstance(answer, list | dict):
            raise self._error(at, f"y is {json.dumps(answer)}, which is no label")
        return json.dumps(answer)

    def _error(self, at: int, found: str) -> RnncliError:
        return RnncliError(f"{display(self.path)}:{at}: {found}, {EXPECTED}")


def _kind(x) -> str | None:
    if isinstance(x, str):
        return "text"
    if not isinstance(x, list):
        return None
    return "tokens" if x and all(isinstance(step, str) for step in x) else "numbers"


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_answer_number(value) -> bool:
    """Whether an answer that nobody explained is a number to find: it has a fraction, or is a list."""
    return isinstance(value, float) or (isinstance(value, list) and all(map(_is_number, value)))
