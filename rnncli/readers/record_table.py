"""Tables whose rows are records: JSON, an object a row with a value under each key, and ARFF, whose header names them.

Each gives its rows as texts, so that they are read as those of any other table: numbers, words, times.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from rnncli.data import polars as pl
from rnncli.data.columns import Roles
from rnncli.errors import RnncliError, UsageError
from rnncli.readers import json_documents, sniff
from rnncli.readers.arff import counted
from rnncli.readers.arff_dates import iso
from rnncli.readers.arff_header import ArffHeader
from rnncli.readers.casting import Frames, Kinds, plain_columns
from rnncli.readers.documents import MARKS
from rnncli.readers.encodings import sample_text
from rnncli.readers.form import Form
from rnncli.readers.json_documents import DECODER
from rnncli.readers.objects import first_object, object_lines
from rnncli.readers.parquet import HEAD
from rnncli.readers.pipes import is_regular
from rnncli.readers.source import display

Row = list[str | None]

ROWS = 1 << 14  # of a block
IS_ARFF = re.compile(rb"\s*(%[^\n]*\n\s*)*@(relation|attribute)\b", re.IGNORECASE)


#: of files that were read whole for them: they are looked at several times before training
_KEYS: dict[tuple | None, tuple[str, ...]] = {}


class JsonRecords:
    """Rows of JSON; the columns are all keys that occur, in this order."""

    words: frozenset[str] = frozenset()

    def __init__(self, path: str, encoding: str):
        self.path, self.encoding = path, encoding
        stamp = os.stat(path) if is_regular(path) else None
        key = (path, encoding, stamp.st_size, stamp.st_mtime_ns, stamp.st_ino) if stamp else None
        if key is None or key not in _KEYS:
            _KEYS[key] = tuple({name: None for _, found in self._objects() for name in found})
        self.columns = _KEYS[key]

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for at, found in self._objects():
            yield at, [self._text(found, name, at) if name in found else None for name in self.columns]

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        if rows := json_documents.rows_of(self.path, self.encoding, sniff.read_sample(self.path)):
            yield from ((1, row) for row in rows())
            return
        for at, line in object_lines(self.path, self.encoding):
            try:
                found = DECODER.decode(line)
            except (ValueError, RecursionError) as error:
                raise RnncliError(f"{display(self.path)}:{at}: not JSON ({error}), expected an object") from None
            if not isinstance(found, dict):
                raise RnncliError(f"{display(self.path)}:{at}: {sniff.shortened(line)}, expected an object")
            yield at, found

    def _text(self, found: dict[str, Any], name: str, at: int) -> str | None:
        """As it is written; true and false are words."""
        value = found[name]
        if isinstance(value, dict | list):
            what = sniff.shortened(json.dumps(value))
            raise RnncliError(
                f"{display(self.path)}:{at}: column {name} has {what}, expected one value a row: jq -c 'del(.{name})' "
                "leaves it out"
            )
        return str(value).lower() if isinstance(value, bool) else value


class ArffRecords:
    """Rows of ARFF."""

    def __init__(self, path: str, encoding: str):
        self.header = ArffHeader(path)
        self.header.read(encoding)
        self.encoding, self.kinds = encoding, [one.kind for one in self.header.attributes]
        self.columns = tuple(one.name for one in self.header.attributes)
        self.words = frozenset(one.name for one in self.header.attributes if one.kind in ("nominal", "string"))
        if "relational" in self.kinds:
            raise RnncliError(
                f"{display(path)}: a relational attribute beside several others, expected one value of each"
            )

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        header = ArffHeader(self.header.path)
        dates = [i for i, one in enumerate(self.header.attributes) if one.kind == "date"]
        for at, row in header.rows(self.encoding):
            values = header.values(row, at)
            for i in dates:
                values[i] = iso(values[i], header.attributes[i].pattern, at, header)
            yield at, values


RECORDS: dict[str, Callable[[str, str], Any]] = {"json": JsonRecords, "arff": ArffRecords}


class RecordTable(Frames):
    """One file, which gives frames as `delimited.Delimited` does."""

    def __init__(self, path: str, form: Form, encoding: str, kind: str):
        super().__init__(path, form)
        self.records = RECORDS[kind](path, encoding)
        self.columns = self.records.columns

    def frames(self, choose: Callable) -> Iterator["pl.DataFrame"]:
        """`choose(texts, columns)` says which columns, by the first rows; words of ARFF are no numbers."""
        head = head_of(self.records)
        head = head.with_columns(pl.col(name).cast(pl.Categorical) for name in self.records.words)
        head.columns = [str(i) for i in range(len(self.columns))]
        kinds: Kinds = choose(head, self.columns)
        records = iter(self.records)
        while rows := list(islice(records, ROWS)):
            texts = {str(i): pl.Series([row[i] for _, row in rows], dtype=pl.String) for i in kinds}
            yield self.cast(pl.DataFrame(texts), kinds, [at for at, _ in rows].__getitem__)
        self.guesses.say()

    def line_of(self, row: int) -> int:
        """The line that it begins on."""
        return next(islice(self.records, row, None))[0]


def head_of(records: Any) -> "pl.DataFrame":
    """The first rows, and those with the first value of columns that have none in them."""
    rows, lacking = list[Row](), set(range(len(records.columns)))
    for _, row in records:
        found = {i for i in lacking if row[i] is not None}
        if len(rows) < HEAD or found:
            rows.append(row)
        elif not lacking:
            break
        lacking -= found
    return pl.DataFrame(
        {name: pl.Series([row[i] for row in rows], dtype=pl.String) for i, name in enumerate(records.columns)}
    )


def first_records(path: str, form: Form, encoding: str) -> "pl.DataFrame":
    """The first rows of a file, as texts."""
    return head_of(RECORDS[form.records](path, encoding))


def word_columns(path: str, form: Form, encoding: str) -> list[str]:
    """The columns whose first rows hold words, or whose header says so."""
    records = RECORDS[form.records](path, encoding)
    plain = plain_columns(head_of(records))
    return [name for name in records.columns if name in records.words or name not in plain]


def kind_of(path: str, encoding: str, sample: bytes) -> str:
    """Which records a file has that begins so; "" if none."""
    if IS_ARFF.match(sample.lstrip(MARKS)):
        return "arff"
    text = sample_text(sample, encoding, True) if sample.lstrip(MARKS)[:1] in (b"{", b"[") else ""
    return "json" if first_object(text) or json_documents.rows_of(path, encoding, sample) else ""


def recognised(path: str, asked: str, roles: Roles, encoding: str, sample: bytes) -> Form | None:
    """The form of a table of records; None if the file has none, or its records are sequences or texts."""
    kind = kind_of(path, encoding, sample) if asked in ("auto", "table") else ""
    if not kind or asked == "auto" and _is_of_sequences(path, kind, roles, encoding, sample):
        return None
    if roles.text:
        raise UsageError(f"--text and {display(path)}, a table of records, cannot be combined: use CSV or JSON lines")
    return Form("table", header=True, columns=RECORDS[kind](path, encoding).columns, records=kind)


def _is_of_sequences(path: str, kind: str, roles: Roles, encoding: str, sample: bytes) -> bool:
    """Whether each record is a sequence, or a text."""
    if kind == "arff":
        header = ArffHeader(path)
        header.read(encoding)
        bags = [one for one in header.attributes if one.kind == "relational"]
        steps = bags or counted(header.attributes)
        return bool(steps) and len(header.attributes) - len(steps) <= 1
    if json_documents.rows_of(path, encoding, sample):
        return False
    first = first_object(sample_text(sample, encoding, True))
    nested = any(isinstance(value, dict | list) for value in first.values())
    return nested or bool(roles.text) or isinstance(first.get("x"), str)
