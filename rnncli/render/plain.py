"""Rows and objects for pipes: TSV, CSV, JSON lines.

A number that is missing is `NaN` in TSV and CSV: polars, pyarrow, pandas and NumPy read it as such (an empty field is
none to NumPy, `nan` a text to polars), and null in JSON. A text that is missing is an empty field.
"""

import csv
import io
import json
import math
import sys

from rnncli.errors import UsageError
from rnncli.models.plain import finite

NAN = "NaN"
LINE_ENDS = {"\n": "\\n", "\r": "\\r"}
IN_LAST = str.maketrans(LINE_ENDS)
IN_OTHERS = str.maketrans(LINE_ENDS | {"\t": "\\t"})


def print_json(value: dict) -> None:
    """One object on one line; numbers that JSON lacks (NaN, infinities) become null."""
    sys.stdout.buffer.write(_json_line(value))


def _json_line(value: dict) -> bytes:
    return json.dumps(finite(value), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


class RowWriter:
    """Rows to stdout: tsv (line ends in a field as \\n, tabs in other fields than the last as \\t), csv or jsonl."""

    def __init__(self, columns: tuple[str, ...], to: str | None, header: bool):
        self.columns, self.to, self.out = columns, to or "tsv", sys.stdout.buffer
        if self.to not in ("tsv", "csv", "jsonl"):
            raise UsageError(f"--to {to}: expected tsv, csv or jsonl here")
        if header and self.to == "jsonl":
            raise UsageError("--header and --to jsonl do not go together: every object names its fields")
        if header or self.to == "csv":
            self.write(*columns)

    def write(self, *values) -> None:
        if self.to == "jsonl":
            self.out.write(_json_line(dict(zip(self.columns, map(_text, values), strict=True))))
        elif self.to == "csv":
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerow([_spelled(_text(value)) for value in values])
            self.out.write(buffer.getvalue().encode("utf-8", "replace"))
        else:
            self.out.write(b"\t".join(self._field(v, i == len(values) - 1) for i, v in enumerate(values)) + b"\n")

    @staticmethod
    def _field(value, last: bool) -> bytes:
        """The last field keeps its tabs, so that `cut -f6-` gives the input line back."""
        if isinstance(value, bytes):
            return value
        if value is None:
            return b""
        return str(_spelled(value)).translate(IN_LAST if last else IN_OTHERS).encode("utf-8", "replace")


def _spelled(value):
    return NAN if isinstance(value, float) and math.isnan(value) else value


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
