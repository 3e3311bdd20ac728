"""Labelled text: a sequence a row, its text and its label or numbers; lines of fastText; or, to predict, bare texts."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import starmap
from typing import NamedTuple

import numpy as np

from rnncli.data import label_sets
from rnncli.data.columns import Columns, Roles
from rnncli.data.equal_names import plain_name
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import fasttext, sniff
from rnncli.readers.encodings import Reading
from rnncli.readers.form import Form
from rnncli.readers.forms import extension_of
from rnncli.readers.labelled_numbers import numbers
from rnncli.readers.longest import CLOSE, QUOTE, Longest, too_long, unclosed
from rnncli.readers.names_again import NamesAgain
from rnncli.readers.naming import by_name, listed, parts_of
from rnncli.readers.reader import Reader, Request
from rnncli.readers.related import folds_of
from rnncli.readers.separators import find_separator
from rnncli.readers.source import display, reopenable, row_lines
from rnncli.readers.text_codes import code_texts
from rnncli.readers.told_separator import below_it
from rnncli.registry import learns

READER = {"rank": 3, "forms": {"labelled": "a text and its label a row"}}

WHICH = "name the columns with --text and --label"
SEPARATORS = ("\t", ",", ";")  # that a file to predict may have, whatever that of training had


class Record(NamedTuple):
    """A row of the file."""

    at: int  # the line that it begins on
    line: str
    text: str
    answers: tuple[str, ...] | None  # its label, its labels or its numbers
    listed: bool = False  # the labels are a list
    related: tuple[str, ...] = ()  # its fold


@dataclass(frozen=True)
class Meaning:
    """The columns of the file of training, and how an answer looks."""

    form: Form
    text: int
    answers: tuple[int, ...]
    numeric: bool
    labels: frozenset[str] | None  # that the model knows; None in training
    folds: tuple[int, ...] = ()

    @classmethod
    def of(cls, form: Form, roles: Roles, task: str, labels: Sequence[str] | None) -> "Meaning":
        """As the user named them; else the label is the one of two columns that has fewer values."""
        named = by_name(roles, form.columns)
        numeric = learns(task) == "numbers"
        answers = named.targets if numeric else (named.label,) if named.label else ()
        places = tuple(map(form.columns.index, answers))
        if not numeric and not places and form.label_first is not None:
            places = (0 if form.label_first else 1,)
        folds = tuple(map(form.columns.index, parts_of(named.fold_by, form.columns)))
        left = (i for i in range(len(form.columns)) if i not in (*places, *folds))
        text = form.columns.index(named.text) if named.text else next(left, 0)
        known = None if labels is None else frozenset(map(plain_name, labels))
        return cls(form, text, places, numeric, known, folds)

    def is_missing(self, answer: str) -> bool:
        """Whether no answer stands there; the word none may be a label."""
        return sniff.is_missing(answer) if self.numeric else not answer

    def is_answered(self, record: Record) -> bool:
        """Whether a row has all its answers."""
        return record.answers is not None and not any(map(self.is_missing, record.answers))

    def is_answer(self, field: str) -> bool:
        """Whether it is a number, or a label that the model knows, or several of them, or empty."""
        answer = field.strip()
        if self.numeric:
            return self.is_missing(answer) or sniff.is_number(answer, self.form.decimal_comma)
        parts = answer.split(self.form.label_separator) if self.form.label_separator else [answer]
        return all(not part.strip() or plain_name(part.strip()) in self.labels for part in parts)


@dataclass(frozen=True)
class Cutter:
    """Cuts lines of one file, as its first lines show them to be."""

    path: str
    form: Form  # of this file
    text: int | None = None  # index of the column; None: the whole line is the text
    answers: tuple[int, ...] = ()
    width: int = 1
    names: tuple[str, ...] = ()  # that the first line holds
    folds: tuple[int, ...] = ()

    @classmethod
    def of(cls, path: str, meaning: Meaning, lines: list[str]) -> "Cutter":
        """By the names of training, if that of the text is on top; else in their order, if the answers are there; else
        every line is a text.
        """
        lines = [line for line in lines if line.strip()]
        if not lines:
            return cls(path, meaning.form)
        forms = list(_forms(meaning.form, lines))
        cut = [(form, sniff.split_lines(lines, form.separator, form.quoted)) for form in forms]
        for find in (cls._named, cls._in_order):
            for form, rows in cut:
                if cutter := find(path, form, meaning, rows):
                    return cutter
        return cls(path, meaning.form)

    @classmethod
    def _named(cls, path: str, form: Form, meaning: Meaning, rows: sniff.Rows) -> "Cutter | None":
        trained, least = form.columns, 1 + (len(rows) == 1)  # a line alone is hardly a name
        names = sniff.spelt_as(trained, [field.strip() for field in rows[0]], least)
        if not form.header or trained[meaning.text] not in names:
            return None
        there = tuple(names.index(trained[i]) for i in meaning.answers if trained[i] in names)
        answers = there if len(there) == len(meaning.answers) else ()
        text = names.index(trained[meaning.text]) if len(names) > 1 or form.quoted else None
        folds = tuple(names.index(trained[i]) for i in meaning.folds if trained[i] in names)
        return cls(path, form, text, answers, len(names), tuple(names), folds)

    @classmethod
    def _in_order(cls, path: str, form: Form, meaning: Meaning, rows: sniff.Rows) -> "Cutter | None":
        """If most rows have an answer at its place; one that is not heard of is a mistake of the model then. Bare texts
        may hold commas, but hardly tabs, which tell columns without the answers.
        """
        text, answers, width = meaning.text, meaning.answers, len(form.columns)
        whole = cls(path, form, text, answers, width, folds=meaning.folds)
        if width == 1 and meaning.labels is not None and not form.quoted:
            return None  # texts alone, and what separates is a part of them
        if meaning.labels is None:
            usual = _most(len(row) >= width for row in rows)
            return whole if form.separator == meaning.form.separator and usual else None
        for absent in dict.fromkeys(((), meaning.folds, answers, (*answers, *meaning.folds))):
            left = [i for i in range(width) if i not in absent]
            there = tuple(left.index(i) for i in answers if i in left)
            cutter = cls(path, form, left.index(text), there, len(left))
            if there == () != answers:
                found = form.separator == "\t" and len(left) > 1 and _most(len(row) == len(left) for row in rows)
            else:
                found = _most(cutter._has_answers(row, meaning) for row in rows)
            if found:
                return (cutter if absent else whole)._below_names(rows, meaning)
        return None

    def _below_names(self, rows: sniff.Rows, meaning: Meaning) -> "Cutter":
        """The same, if the first row is other names than those of training: its answer is one of no other row."""
        first = [field.strip() for field in rows[0]]
        if not self.answers or len(first) != self.width or any(meaning.is_answer(first[i]) for i in self.answers):
            return self
        answered = meaning.form.header and all(self._has_answers(row, meaning) for row in rows[1:])
        if not sniff.are_names(first, [row[self.text] for row in rows[1:]] if answered else []):
            return self
        note(f"{display(self.path)}: {listed(first)} on top are read as names of columns")
        return replace(self, names=tuple(first))

    def _has_answers(self, fields: list[str], meaning: Meaning) -> bool:
        fields = self._whole(fields)
        return len(fields) == self.width and all(meaning.is_answer(fields[i]) for i in self.answers)

    @property
    def bare(self) -> bool:
        """Whether every line is a text, an empty one too."""
        return self.text is None and not self.answers

    def pick(self, line: str, fields: list[str], at: int) -> Record:
        """The record of these fields."""
        fields = self._whole(fields)
        if len(fields) != self.width:
            hint = "quote texts that contain a separator" if len(fields) > self.width else "add the missing fields"
            hint = 'write quotes within texts as "", not \\"' if '\\"' in line and self.form.quoted else hint
            more = f" as above: {hint}: {sniff.shortened(line)}"
            raise sniff.wrong_width(self.path, at, len(fields), self.width, self.form.separator, more)
        answers = tuple(fields[i].strip() for i in self.answers) if self.answers else None
        return Record(at, line, fields[self.text], answers, related=tuple(fields[i] for i in self.folds))

    def _whole(self, fields: list[str]) -> list[str]:
        """Separators inside an unquoted text, beside a label, belong to the text."""
        if not (len(fields) > self.width == 2 and self.answers and not self.form.quoted):
            return fields
        separator = self.form.separator
        if self.answers[0] == 0:
            return [fields[0], separator.join(fields[1:])]
        return [separator.join(fields[:-1]), fields[-1]]

    def rejoin(self, fields: list[str]) -> str:
        """The fields as one line again, in quotes where they need them."""
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.form.separator, lineterminator="\n").writerow(fields)
        return out.getvalue().removesuffix("\n")


class Labelled(Reader):
    """Texts with labels or numbers."""

    together, no_rows = True, "empty, expected rows of texts"

    @classmethod
    def read_all(cls, paths: list[str], request: Request) -> Columns:
        """All files as coded `text`, labels or targets, and the lines as keys."""
        form, known, meaning = request.form, request.known, cls._meaning(paths[0], request)
        files = [list(records(path, meaning, request.encoding, request.answers)) for path in paths]
        if form.fasttext and (known is None or known.teaches):
            files = [fasttext.only_labelled(path, file) for path, file in zip(paths, files, strict=True)]
        rows = [(path, record) for path, file in zip(paths, files, strict=True) for record in file]
        if not rows:
            raise RnncliError(f"{display(paths[0])}: {cls.no_rows}")
        return cls._columns(rows, meaning, request)

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """The same of one file to predict; nothing of one without rows."""
        meaning, rows, size = cls._meaning(path, request), list[tuple[str, Record]](), 0
        for record in records(path, meaning, request.encoding, request.answers):
            if request.is_full(len(rows), size):
                yield cls._columns(rows, meaning, request)
                rows, size = [], 0
            rows.append((path, record))
            size += len(record.line)
        if rows:
            yield cls._columns(rows, meaning, request)

    @staticmethod
    def _meaning(path: str, request: Request) -> Meaning:
        form, known = request.form, request.known
        meaning = Meaning.of(form, request.roles, request.task, known.labels if known else None)
        if meaning.text in meaning.answers:
            beside = "the numbers" if meaning.numeric else "the label"
            there = f"{sniff.columns_counted(len(form.columns))}, no column of texts beside {beside}"
            raise RnncliError(f"{display(path)}: {there}: {WHICH}")
        if {meaning.text, *meaning.answers} & set(meaning.folds):
            raise UsageError(f"--fold-by {request.roles.fold_by} is the column of the texts or the answers: {WHICH}")
        return meaning

    @staticmethod
    def _columns(rows: list[tuple[str, Record]], meaning: Meaning, request: Request) -> Columns:
        texts = [record.text for _, record in rows]
        text, offsets = code_texts(texts, request.tokens, request.form.words)
        columns = Columns(offsets, coded={"text": text}, texts=texts, keys=[record.line for _, record in rows])
        if request.folded and all(len(record.related) == len(meaning.folds) for _, record in rows):
            columns.folds = folds_of(record.related for _, record in rows)
        if request.answers:
            _answer(columns, rows, meaning)
        return columns


def _answer(columns: Columns, rows: list[tuple[str, Record]], meaning: Meaning) -> None:
    """Labels or targets, if there are any, of the records and their files. In training all must have them."""
    if meaning.labels is None and all(record.answers == (record.text.strip(),) for _, record in rows):
        note(f"{display(rows[0][0])}: text and label are equal in all rows: {WHICH}")
    without = [(path, record) for path, record in rows if not meaning.is_answered(record)]
    if len(without) == len(rows):
        return
    if without and meaning.labels is None:
        place, what = f"{display(without[0][0])}:{without[0][1].at}", "number" if meaning.numeric else "label"
        raise RnncliError(f"{place}: no {what}, expected one as in other rows: add it, or remove the row")
    if meaning.numeric:
        columns.targets = _targets(rows, meaning)
    else:
        answers = [record.answers if meaning.is_answered(record) else None for _, record in rows]
        as_sets = any(record.listed for _, record in rows)
        label_sets.put(columns, answers, as_sets, lambda i: f"{display(rows[i][0])}:{rows[i][1].at}")


def records(path: str, meaning: Meaning, encoding: str, answered: bool = False) -> Iterator[Record]:
    """Row by row. Of lines of fastText an empty one is a text, unless what is asked for are the answers."""
    from rnncli.readers.parquet import is_parquet

    path = reopenable(path)
    if meaning.form.fasttext:
        yield from starmap(Record, fasttext.records(path, encoding, answered))
        return
    if is_parquet(path):
        yield from _parquet_records(path, meaning)
        return
    first = [*below_it(sniff.sample_lines(sniff.read_sample(path), encoding))]
    cutter = Cutter.of(path, meaning, first)
    if cutter.bare:
        _note_columns(path, meaning.form, first)
    lines = row_lines(path, encoding)
    numbered = enumerate(lines if cutter.bare else below_it(lines), 1)
    again = NamesAgain(path, cutter.names)
    if cutter.names:
        for at, line in numbered:
            if line.strip():
                _fields(cutter, line, at, numbered)
                break
    for at, line in numbered:
        if cutter.bare:
            again.leaves_out([line], at)
            yield Record(at, line, line, None)
        elif line.strip():
            if (record := _fields(cutter, line, at, numbered)) is None:
                break
            fields, whole = record
            if not again.leaves_out(fields, at):
                yield cutter.pick(whole, fields, at)
    again.say()


def _note_columns(path: str, form: Form, lines: list[str]) -> None:
    """Bare texts may well hold separators; but not alike in all lines of a file whose name says that it has columns."""
    extension = extension_of(path)
    if extension not in ("csv", "tsv"):
        return
    separator = find_separator(lines, extension)
    width, usual = sniff.usual_width(sniff.split_lines(lines, separator, sniff.has_quoting(lines, separator)))
    if width > 1 and usual >= sniff.MANY:
        found = f"{sniff.columns_counted(width)} by {sniff.by(separator)}"
        note(
            f"{display(path)}: {found}, which are not those of training ({listed(form.columns)}): each line is read as "
            "one text, separators too"
        )


def _fields(cutter: Cutter, line: str, at: int, numbered) -> tuple[list[str], str] | None:
    """Those of a record that begins with this line, and the record as one line; quotes may go on over the next ones.
    None where the lines ended in it, before bytes that are no text.
    """
    if not cutter.form.quoted or '"' not in line:
        return sniff.split_line(line, cutter.form.separator, cutter.form.quoted), line
    pieces = [line]

    def source():
        yield line + "\n"
        size = len(line)
        for _, more in numbered:
            pieces.append(more)
            size += len(more)
            if size > Longest.line:
                raise too_long(display(cutter.path), at, QUOTE, CLOSE)
            yield more + "\n"

    try:
        fields = next(csv.reader(source(), delimiter=cutter.form.separator, strict=True))
    except csv.Error as error:
        if Reading.postpones and Reading.failure:
            return None
        if len(pieces) > 1 or "end of data" in str(error):
            raise unclosed(display(cutter.path), at, error) from None
        try:  # with quotes inside fields as characters
            fields = next(csv.reader([line], delimiter=cutter.form.separator))
        except csv.Error:
            place = f"{display(cutter.path)}:{at}"
            raise RnncliError(f"{place}: a carriage return outside the quotes of a row: remove it") from None
    return fields, line if len(pieces) == 1 else cutter.rejoin(fields)


def _forms(form: Form, lines: list[str]) -> Iterator[Form]:
    """That of training, and the same with other separators."""
    if form.separator is not None:
        yield form
    for separator in SEPARATORS:
        if separator != form.separator:
            yield replace(form, separator=separator, quoted=sniff.has_quoting(lines, separator))


def _most(values: Iterable[bool]) -> bool:
    values = list(values)
    return sum(values) * 2 > len(values)


def _targets(rows: list[tuple[str, Record]], meaning: Meaning) -> np.ndarray:
    """(rows, K); NaN, all of a row, where one is missing."""
    there = [i for i, (_, record) in enumerate(rows) if meaning.is_answered(record)]
    targets = np.full((len(rows), len(meaning.answers)), np.nan)
    for k, place in enumerate(meaning.answers):
        answers = [(rows[i][0], rows[i][1].at, rows[i][1].answers[k]) for i in there]
        targets[there, k] = numbers(answers, meaning.form, meaning.form.columns[place], meaning.labels is None)
    return targets


def _parquet_records(path: str, meaning: Meaning) -> Iterator[Record]:
    from rnncli.readers.parquet import parquet_texts

    columns = meaning.form.columns
    text, answers = columns[meaning.text], [columns[i] for i in meaning.answers]
    folds = [columns[i] for i in meaning.folds]
    names, rows = parquet_texts(path, answers[0] if answers else None)
    if text not in names:
        raise RnncliError(f"{display(path)}: no column {text}, expected the text there; found {', '.join(names)}")
    places, related = ([*map(names.index, some)] if set(some) <= set(names) else [] for some in (answers, folds))
    for at, row in enumerate(rows, 1):
        values = ["" if value is None else value for value in row]
        line = "\t".join(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values)
        listed = bool(places) and isinstance(values[places[0]], list)
        found = [label or "" for label in values[places[0]]] if listed else [values[i] for i in places]
        labels = tuple(label.strip() for label in found) if places else None
        yield Record(at, line, values[names.index(text)], labels, listed, tuple(values[i] for i in related))
