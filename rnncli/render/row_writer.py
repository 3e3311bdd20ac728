"""Rows and objects on standard output or in a file: TSV, CSV, JSON lines.

A number that is missing is `NaN` in TSV and CSV: polars, pyarrow, pandas and NumPy read it as such (an empty field is
none to NumPy, `nan` a text to polars), and null in JSON. A text that is missing is an empty field.

TSV has a row a line, and as many fields in each: in a field a line feed is written as \\n, a carriage return as \\r, a
tab as \\t. Only the last field of rows that repeat a line of the input keeps its tabs, so that `cut -f6-` gives the
line back, and one of bytes its carriage returns. A backslash is a backslash.

`csv-guarded` is CSV for spreadsheets: a text that they would take for a formula has an apostrophe before it.
"""

import csv
import io
import json
import math
from typing import Any

from rnncli.errors import UsageError
from rnncli.models.json_values import finite
from rnncli.render.escapes import data_out
from rnncli.render.row_file import RowFile

NAN = "NaN"
FORMS = ("tsv", "csv", "csv-guarded", "jsonl")
CRLF = "\r\n"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a formula begins with
ESCAPES = ((b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"))  # the tab last


def print_json(value: dict, digits: int | None = None) -> None:
    """One object on one line; numbers that JSON lacks (NaN, infinities) become null, others have so many digits."""
    data_out().write(_json_line(value, digits))


def _json_line(value: dict, digits: int | None = None) -> bytes:
    return json.dumps(finite(value, digits), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


class RowWriter:
    """Rows to stdout, or to the file of --save, in one of the FORMS. `line_last`: the last field repeats a line of the
    input, tabs and all; `continues`: they follow other rows, which have the names on top.
    """

    def __init__(
        self, columns: tuple[str, ...], to: str | None, header: bool, line_last: bool = False, continues: bool = False
    ):
        self.columns, self.to, self.line_last, self.file = columns, to or "tsv", line_last, RowFile.here
        self.out = self.file or data_out()
        if self.to not in FORMS:
            raise UsageError(f"--to {to}: expected {', '.join(FORMS[:-1])} or {FORMS[-1]} here")
        if header and self.to == "jsonl":
            raise UsageError("--header and --to jsonl cannot be combined: every object has the names of its fields")
        named = (header or self.to.startswith("csv")) and not continues
        if named and not (self.file and self.file.typed):
            self.write(*columns)

    def write(self, *values: Any) -> None:
        if self.file and self.file.typed:
            self.file.add(self.columns, tuple(map(_text, values)))
        elif self.to == "jsonl":
            self.out.write(_json_line(dict(zip(self.columns, map(_text, values), strict=True))))
        elif self.to.startswith("csv"):
            buffer, fields = io.StringIO(), [_spelled(_text(value)) for value in values]
            fields = fields if self.to == "csv" else [*map(_guarded, fields)]
            csv.writer(buffer, lineterminator=CRLF).writerow(fields)  # both of which are put in quotes then
            self.out.write(buffer.getvalue().removesuffix(CRLF).encode("utf-8", "replace") + b"\n")
        else:
            last = len(values) - 1 if self.line_last else len(values)
            self.out.write(b"\t".join(_field(value, i == last) for i, value in enumerate(values)) + b"\n")


def _field(value, is_line: bool) -> bytes:
    """A field of TSV; `is_line`: a line of the input."""
    if value is None:
        return b""
    if isinstance(value, float):
        return str(_spelled(value)).encode()
    text, escaped = value, 1
    if not isinstance(value, bytes):
        text, escaped = str(value).encode("utf-8", "replace"), 2
    for character, escape in ESCAPES[: escaped if is_line else 3]:
        if character in text:
            text = text.replace(character, escape)
    return text


def _spelled(value):
    return NAN if isinstance(value, float) and math.isnan(value) else value


def _guarded(value):
    """With an apostrophe before what looks like a formula; a number is none."""
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
