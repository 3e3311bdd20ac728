"""Wide tables: a sequence a row, of any length, as the M4 files have them; one number a step."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

import numpy as np

from rnncli.data.columns import Coded, Columns, Known, Roles, offsets_of
from rnncli.data.equal_names import plain_name
from rnncli.errors import NoRows, RnncliError, UsageError, note
from rnncli.process.spool import RowSpool
from rnncli.readers import sniff
from rnncli.readers.form import Form
from rnncli.readers.forms import lines_above
from rnncli.readers.guesses import Guesses
from rnncli.readers.joining import escaped
from rnncli.readers.names_again import NamesAgain
from rnncli.readers.naming import by_name, listed, parts_of, refuse
from rnncli.readers.numerals import Style, bare, unflagged
from rnncli.readers.quoting import is_quoted_after_all
from rnncli.readers.reader import Reader, Request
from rnncli.readers.related import folds_of
from rnncli.readers.sequencing import line_of_sequence
from rnncli.readers.source import display, row_lines
from rnncli.readers.timed_steps import TimedSteps, timed_steps
from rnncli.registry import learns

READER = {"rank": 2, "forms": {"wide": "a sequence a row"}}

VALUE = "value"
NAMELESS = re.compile(r"(Unnamed: 0(\.\d+)?)?")  # and as pandas calls a column without a name
FIRST = 64  # rows that show which columns are there


class Wide(Reader):
    """A sequence a row."""

    named = True

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All rows of one file."""
        return next(cls.pieces(path, request))

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """One file. The first column is the key where it holds no numbers; empty cells at the end are no steps."""
        roles, form = request.roles, request.form
        refuse(roles, ("inputs", "time", "tag"), "--format wide", "the columns are the steps")
        if roles.targets and learns(request.task) != "numbers":
            only = "are combined only by --task regress: the columns are the steps"
            raise UsageError(f"--target and --format wide {only}")
        if not form.quoted and is_quoted_after_all(path, request.encoding, form.separator):
            form = replace(form, quoted=True)
        file = _Wide(path, form, by_name(roles, form.columns), request.known)
        file.timed = learns(request.task) == "series" and request.timed
        for at, fields in file.shown(file.rows(request.encoding)):
            if request.is_full(len(file.keys), len(file.numbers)):
                yield file.taken(request)
            file.append(fields, at)
        if not file.keys:
            raise NoRows(f"{display(path)}: no rows, expected one sequence per row")
        file.guesses.say()
        yield file.taken(request)


class _Wide:
    """Collects the rows of one file."""

    def __init__(self, path: str, form: Form, roles: Roles, known: Known | None):
        self.path, self.form, self.roles, self.known = path, form, roles, known
        self.folds = parts_of(roles.fold_by, form.columns)
        self.named, self.before = False, 0  # before: rows that were taken
        self.places: dict[str, int] | None = None  # of the columns that are no steps
        self.key: tuple[int, ...] | None = None  # the places of those that name a row, once they are known
        self.timed = False  # whether times on top are looked for
        self.steps: TimedSteps | None = None
        self.guesses, self.usual = Guesses(path), Style()
        self.marks: dict[str, str] = {}  # what is on the steps, and on the targets: % or a sign of currency
        self.clear()

    def clear(self) -> None:
        """No rows."""
        self.numbers = RowSpool(np.float64, (1,))
        self.keys: list[str] = []
        self.at: list[int] = []  # the line of each row
        self.labels: list[str | None] = []
        self.targets: list[list[float]] = []
        self.related: list[list[str]] = []  # the fields of folds
        self.lengths: list[int] = []
        self.times: list[np.ndarray] = []

    def rows(self, encoding: str) -> Iterator[tuple[int, list[str]]]:
        """The fields of each row, and its line."""
        again, above = NamesAgain(self.path, ()), lines_above(self.path, encoding)
        for at, line in enumerate(row_lines(self.path, encoding), 1):
            if at <= above or not line.strip():
                continue
            fields = sniff.split_line(line, self.form.separator, self.form.quoted)
            if self.places is None:
                names = [field.strip() for field in fields]
                if self.timed and self.form.header:
                    self.steps = timed_steps(self.path, tuple(names), at, self.form, self.known is None)
                shared = bool(set(names) & set(self.form.columns))
                self.named = self.form.header and (self.steps is not None or shared)
                self._place(names if self.named else list(self.form.columns))
                counted = not self.named and self._is_counted(encoding)
                if self.named or counted:
                    self._find_row_names(names)
                if self.named:
                    again = NamesAgain(self.path, names, numeric=True)
                    self._say_idle(names)
                    continue
                if counted:
                    continue
            if not again.leaves_out(fields, at):
                yield at, fields
        again.say()

    def _is_counted(self, encoding: str) -> bool:
        """Whether a file to predict begins with 0,1,2, the names of pandas, which training need not have had."""
        if self.known is None:
            return False
        lines = [line for line in sniff.sample_lines(sniff.read_sample(self.path), encoding) if line.strip()]
        found = sniff.are_counted(sniff.split_lines(lines[: sniff.HEAD], self.form.separator, self.form.quoted))
        if found:
            note(f"{display(self.path)}: the numbers on top count the columns, and are no row")
        return found

    def _find_row_names(self, names: list[str]) -> None:
        """The first column without a name on top, below the others' names, as pandas and R write it: no step."""
        if not NAMELESS.fullmatch(names[0]) or not all(names[1:]):
            return
        if not self.named and len(names) == len(self.form.columns) + 1:  # training had all the others
            self.places = {name: place + 1 for name, place in self.places.items()}
            self.key = self.key and tuple(place + 1 for place in self.key)
        elif 0 in self.places.values():
            return
        self.places[""] = 0
        self.key = self.key or (0,)
        if self.known is None or self.form.columns[0] not in ("1", "1_", names[0]):
            note(f"{display(self.path)}: the first column, without a name, names the rows, and is no step")

    def shown(self, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        """All rows; the first of them show which columns are no steps."""
        first = list(islice(rows, FIRST))
        if first and not self.named and self.known is not None:
            self._leave_out_absent([fields for _, fields in first])
        for at, fields in chain(first, rows):
            if self.key is None:
                self._find_key(fields)
            yield at, fields

    def _leave_out_absent(self, rows: list[list[str]]) -> None:
        """Place the columns of a file without names, which may lack the folds, the answers or both."""
        widths, full = {len(fields) for fields in rows}, len(self.form.columns)
        folds, answers = ({name for name in some if name in self.places} for some in (self.folds, self._answers))
        if folds and answers and widths == {full - len(folds) - len(answers)} and not self._has_known_labels(rows):
            self._place_without({*folds, *answers})
        elif folds and widths == {full - len(folds)} and not self._has_folds(rows):
            self._place_without(folds)
            if len(folds) == len(answers) and not self._has_known_labels(rows):
                if self.roles.label is None:
                    raise RnncliError(
                        f"{display(self.path)}: {full - len(folds)} columns, without {listed(folds)} or without "
                        f"{listed(answers)}, expected {full} as in training: leave out both, or add names on top"
                    )
                self._place_without(answers)
        elif self._lacks_answers(rows):
            self._place_without(answers)
        for what, names, other in (("answers", answers, ""), ("folds", folds, " other")):
            if names and not names & set(self.places):
                note(f"{display(self.path)}: no {what}, so all{other} fields are steps")

    def _has_folds(self, rows: list[list[str]]) -> bool:
        """Whether words, which are no steps, stand in the places of folds, and known labels in theirs."""
        fields = [row[self.places[name]] for row in rows for name in self.folds if len(row) > self.places[name]]
        words = not all(sniff.is_missing(field) or sniff.is_number(field, self.form.decimal_comma) for field in fields)
        return words and (self.roles.label is None or self._has_known_labels(rows))

    @property
    def _answers(self) -> tuple[str, ...]:
        return tuple(name for name in (self.roles.label, *self.roles.targets) if name is not None)

    def _place_without(self, absent: set[str]) -> None:
        self._place([name for name in self.form.columns if name not in absent])

    def _lacks_answers(self, rows: list[list[str]]) -> bool:
        """Whether the column of the label, or those of targets, are not there.

        With known labels in its place it is there, whatever the number of fields.
        """
        answers = [self.places[name] for name in self._answers if name in self.places]
        least = max(answers, default=-1) + 1
        widths = {len(fields) for fields in rows}
        if not answers or widths == {len(self.form.columns)}:
            return False
        if min(widths) < least:
            return all(width == len(self.form.columns) - len(answers) for width in widths)
        if self.roles.label not in self.places:
            return widths == {len(self.form.columns) - len(answers)}
        return not self._has_known_labels(rows)

    def _has_known_labels(self, rows: list[list[str]]) -> bool:
        """Whether most of what stands in the place of the label is one that training had, or nothing."""
        known = set(map(plain_name, self.known.labels))
        place = self.places.get(self.roles.label, len(self.form.columns))
        found = [fields[place].strip() for fields in rows if len(fields) > place]
        return sum(not label or plain_name(label) in known for label in found) * 2 > len(rows)

    def _place(self, columns: list[str]) -> None:
        groups = parts_of(self.roles.group, self.form.columns)
        self.places = {name: columns.index(name) for name in (*self._answers, *self.folds, *groups) if name in columns}
        self.key = tuple(self.places[name] for name in groups if name in self.places) or None

    def _find_key(self, fields: list[str]) -> None:
        """The first column, if it has no other meaning, and is no number or stands before the times on top."""
        number = sniff.is_missing(fields[0]) or sniff.is_number(fields[0], self.form.decimal_comma)
        is_step = self.steps.first == 0 if self.steps else number
        self.key = () if is_step or 0 in self.places.values() else (0,)

    def _say_idle(self, names: list[str]) -> None:
        """Which columns before those of steps name nothing."""
        read = {*self.places.values(), *(self.key or (0,))}
        idle = [name for i, name in enumerate(names[: self.steps.first]) if i not in read] if self.steps else []
        if idle and self.known is None:
            note(
                f"{display(self.path)}: columns {listed(idle)} are not read: --group names those that tell series apart"
            )

    def append(self, fields: list[str], at: int) -> None:
        """A row, which is a sequence."""
        last = max((*self.places.values(), *self.key), default=-1)
        if len(fields) <= last:
            raise self._error(at, f"{len(fields)} columns", f"at least {last + 1}")
        self.keys.append(self._key_of(fields))
        self.at.append(at)
        if self.roles.label in self.places:
            self.labels.append(fields[self.places[self.roles.label]].strip() or None)
        targets = [fields[self.places[name]] for name in self.roles.targets if name in self.places]
        self.targets.append(self._floats(targets, at, "targets").tolist())
        self.related.append([fields[self.places[name]] for name in self.folds if name in self.places])
        steps = self._steps_of(fields, at)
        self.lengths.append(len(steps))
        self.numbers.append(self._floats(steps, at, "steps")[:, None])

    def _key_of(self, fields: list[str]) -> str:
        """The name of a row, or its number."""
        parts = [fields[place].strip() for place in self.key]
        if len(parts) > 1:
            return "/".join(map(escaped, parts))
        return parts[0] if parts else str(self.before + len(self.keys) + 1)

    def _steps_of(self, fields: list[str], at: int) -> list[str]:
        """The fields of the steps: not those that are missing at the end, nor, with times on top, at the beginning."""
        out = {*self.key, *self.places.values()}
        is_missing, begin = self.form.writing.is_nothing, self.steps.first if self.steps else 0
        steps = [field for i, field in enumerate(fields[begin:], begin) if i not in out]
        while steps and is_missing(steps[-1]):
            self._guess(steps.pop(), "steps")
        if not steps:
            raise self._error(at, "a row without numbers", "at least one")
        if self.steps is None:
            return steps
        if len(steps) > len(self.steps.times):
            raise self._error(at, f"{len(fields)} columns", f"{begin + len(self.steps.times)} as on top")
        start = next(i for i, field in enumerate(steps) if not is_missing(field))
        for field in steps[:start]:
            self._guess(field, "steps")
        self.times.append(self.steps.times[start : len(steps)])
        return steps[start:]

    def _floats(self, fields: list[str], at: int, what: str) -> np.ndarray:
        """(fields,) float64 with NaN where one is missing; of the steps or the targets, which have one sign or none."""
        try:
            if self.form.decimal_comma or self.form.missing or self.marks.get(what):
                raise ValueError
            values = np.array(fields, np.float64) if fields else np.empty(0, np.float64)
            if fields:
                self.marks[what] = ""
        except ValueError:
            values = np.array([self._float(field, at, what) for field in fields], np.float64)
        if np.isinf(values).any():
            raise self._error(at, repr(fields[int(np.argmax(np.isinf(values)))].strip()), "a finite number")
        return values

    def _float(self, field: str, at: int, what: str) -> float:
        if self.form.writing.is_missing(field):
            return np.nan
        self._guess(field, what)
        if self.form.writing.is_nothing(field):
            return np.nan
        found = bare(unflagged(field), "," if self.form.decimal_comma else ".")
        if found and found[1] != (mark := self.marks.setdefault(what, found[1])):
            raise self._error(at, repr(field.strip()), f"a number with {mark}" if mark else "one without a sign")
        if not found:
            raise self._error(at, repr(field.strip()), "a number, or by --missing what stands for a missing one")
        return float(found[0])

    def _guess(self, field: str, what: str) -> None:
        self.guesses.count_one(f"the {what}", field, self.usual)

    def _error(self, at: int, found: str, expected: str) -> RnncliError:
        return RnncliError(
            f"{display(self.path)}:{at}: {found}, expected {expected}: a row is a sequence, a field a step"
        )

    def taken(self, request: Request) -> Columns:
        """The sequences of the rows, which are no more here."""
        columns = self.columns()
        if request.folded and set(self.folds) <= set(self.places):
            columns.folds = folds_of(self.related)
        self.before += len(columns)
        self.clear()
        return columns

    def columns(self) -> Columns:
        """The sequences."""
        offsets = offsets_of(self.lengths)
        where = line_of_sequence(self.path, self.at, offsets)
        columns = Columns(offsets, [VALUE], self.numbers.array(), keys=self.keys, where=where)
        if self.steps:
            columns.times, columns.time_sample = np.concatenate(self.times), self.steps.sample
        if self.known is None or self.known.answers:
            labels, targets = Coded.of(self.labels), np.array(self.targets, np.float64)
            if self.labels and self._answered(labels.codes < 0, "label"):
                columns.labels = labels
            if targets.size and self._answered(np.any(np.isnan(targets), axis=1), "target"):
                columns.targets = targets
        return columns

    def _answered(self, missing: np.ndarray, what: str) -> bool:
        """Whether the rows have answers; in training all must."""
        if self.known is None and missing.any() and not missing.all():
            raise self._error(self.at[int(np.argmax(missing))], f"no {what}", "one, as other rows have it")
        return not missing.all()
