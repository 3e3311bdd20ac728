"""Labelled text: a sequence a row, its text and its label; lines of fastText; or, to predict, bare texts."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from rnncli.columns import Coded, Columns, Roles
from rnncli.errors import RnncliError
from rnncli.readers import sniff
from rnncli.readers.coding import code_texts, complete, merge
from rnncli.readers.forms import Form, extension_of
from rnncli.readers.naming import by_name
from rnncli.readers.source import display, reopenable, text_lines

Record = tuple[str, str, str | None]  # the line, its text, its label


@dataclass(frozen=True)
class Cutter:
    """Cuts lines of one file, as its first line shows them to be."""

    path: str
    form: Form
    text: int | None  # index of the column; None: the whole line is the text
    label: int | None
    width: int = 1
    header: bool = False  # the first line holds names

    @classmethod
    def of(cls, path: str, form: Form, roles: Roles, first: str, bare: bool = False) -> "Cutter":
        """By the form of training; fewer columns than it has are a text without its label."""
        if form.fasttext:
            return cls(path, form, None, 0 if first.startswith(sniff.FASTTEXT) and not bare else None)
        text, label = _trained_places(form, roles)
        if bare or form.separator is None:
            return cls(path, form, None, None)
        fields = _fields(form, first)
        names = [field.strip() for field in fields]
        if form.header and form.columns[text] in names and set(names) <= set(form.columns):
            where = names.index(form.columns[label]) if label is not None and form.columns[label] in names else None
            place = names.index(form.columns[text])
            return cls(path, form, place if len(names) > 1 or form.quoted else None, where, len(names), True)
        if len(fields) >= len(form.columns) > 1:
            return cls(path, form, text, label, len(form.columns))
        if label is not None and len(fields) == len(form.columns) - 1 > 1:
            return cls(path, form, text - (label < text), None, len(fields))
        return cls(path, form, None, None)

    def cut(self, line: str, at: int) -> Record:
        """The text and the label of a line that is a whole record; `at` is its number."""
        if self.form.fasttext:
            return self._fasttext(line, at)
        if self.text is None:
            return line, line, None
        return self._pick(line, _fields(self.form, line), at)

    def _pick(self, line: str, fields: list[str], at: int) -> Record:
        if len(fields) > self.width == 2 and self.label is not None and not self.form.quoted:
            fields = self._join_text(fields)
        if len(fields) != self.width:
            hint = "put texts that hold a separator in quotes" if len(fields) > self.width else "add what is missing"
            raise RnncliError(
                f"{display(self.path)}:{at}: {len(fields)} columns, expected {self.width} as above: {hint}"
            )
        label = fields[self.label].strip() if self.label is not None else None
        return line, fields[self.text], label or None

    def _join_text(self, fields: list[str]) -> list[str]:
        """Separators inside an unquoted text, beside a label, belong to the text."""
        separator = self.form.separator
        if self.label == 0:
            return [fields[0], separator.join(fields[1:])]
        return [separator.join(fields[:-1]), fields[-1]]

    def _fasttext(self, line: str, at: int) -> Record:
        if self.label is None:
            return line, line, None
        first, _, text = line.partition(" ")
        if not first.startswith(sniff.FASTTEXT) or text.lstrip().startswith(sniff.FASTTEXT):
            found = "two labels" if first.startswith(sniff.FASTTEXT) else "no label"
            raise RnncliError(f"{display(self.path)}:{at}: {found}, expected one {sniff.FASTTEXT}... and the text")
        return line, text.strip(), first.removeprefix(sniff.FASTTEXT)

    def rejoin(self, fields: list[str]) -> str:
        """The fields as one line again, in quotes where they need them."""
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.form.separator, lineterminator="\n").writerow(fields)
        return out.getvalue().removesuffix("\n")


def read_labelled(
    paths: list[str], form: Form, roles: Roles, encoding: str, tokens: str, bare: bool = False
) -> Columns:
    """All files as coded `text`, labels and the lines as keys; `bare` takes every whole line for the text."""
    keys, texts, labels = [], [], []
    for path in paths:
        found = list(records(path, form, roles, encoding, bare))
        keys += [key for key, _, _ in found]
        texts += [text for _, text, _ in found]
        coded = complete(Coded.of([label for _, _, label in found]), display(path), "row") if found else None
        labels.append(coded)
    if not texts:
        raise RnncliError(f"{display(paths[0])}: empty, expected rows of texts")
    if any(coded is None for coded in labels) and any(labels):
        without = paths[labels.index(None)]
        raise RnncliError(f"{display(without)}: no labels, but another file has them: read it by itself")
    text, offsets = code_texts(texts, tokens)
    return Columns(offsets, coded={"text": text}, keys=keys, labels=merge(labels) if labels[0] else None)


def records(path: str, form: Form, roles: Roles, encoding: str, bare: bool = False) -> Iterator[Record]:
    """Row by row: the line, its text, its label. Each is there as soon as its line is."""
    if _is_parquet(path, form):
        yield from _parquet_records(path, form, roles)
        return
    lines = text_lines(path, encoding)
    begin = []  # up to the first line with something on it, which shows what the lines are
    for line in lines:
        begin.append(line)
        if line.strip():
            break
    if not begin:
        return
    cutter = Cutter.of(path, form, roles, begin[-1], bare)
    numbered = enumerate(chain(begin, lines), 1)
    for at, line in numbered:
        if cutter.header and at == len(begin):
            continue
        if cutter.text is None and cutter.label is None:
            yield cutter.cut(line, at)
        elif line.strip():
            yield _record(cutter, line, at, numbered)


def _record(cutter: Cutter, line: str, at: int, numbered) -> Record:
    """A record that begins with this line; quotes may go on over the next ones."""
    if not cutter.form.quoted or '"' not in line:
        return cutter.cut(line, at)
    fields, whole = _quoted(cutter, line, at, numbered)
    return cutter._pick(line if line == whole else cutter.rejoin(fields), fields, at)


def _quoted(cutter: Cutter, line: str, at: int, numbered) -> tuple[list[str], str]:
    pieces = [line]

    def source():
        yield line + "\n"
        for _, more in numbered:
            pieces.append(more)
            yield more + "\n"

    try:
        fields = next(csv.reader(source(), delimiter=cutter.form.separator, strict=False))
    except csv.Error as error:
        raise RnncliError(f"{display(cutter.path)}:{at}: {error}: is a quote never closed?") from None
    return fields, "\n".join(pieces)


def _fields(form: Form, line: str) -> list[str]:
    return sniff.split_line(line, form.separator, form.quoted)


def _trained_places(form: Form, roles: Roles) -> tuple[int, int | None]:
    """The columns of text and label in the file of training."""
    named = by_name(roles, form.columns)
    label = form.columns.index(named.label) if named.label else None
    if label is None and form.label_first is not None:
        label = 0 if form.label_first else 1
    if named.text:
        return form.columns.index(named.text), label
    return next(i for i in range(len(form.columns)) if i != label), label


def _is_parquet(path: str, form: Form) -> bool:
    """Whether the file is one; it is asked only where it may be, as a growing stdin can be read but once."""
    from rnncli.readers.parquet import is_parquet

    trained = form.separator is None and not form.fasttext
    return (trained or extension_of(path) == "parquet") and is_parquet(reopenable(path))


def _parquet_records(path: str, form: Form, roles: Roles) -> Iterator[Record]:
    from rnncli.readers.parquet import parquet_texts

    text, label = (form.columns[i] if i is not None else None for i in _trained_places(form, roles))
    names, rows = parquet_texts(path)
    if text not in names:
        raise RnncliError(f"{display(path)}: no column {text}, expected the text there; it has {', '.join(names)}")
    where = names.index(label) if label in names else None
    for row in rows:
        values = ["" if value is None else value for value in row]
        yield "\t".join(values), values[names.index(text)], values[where] if where is not None else None
