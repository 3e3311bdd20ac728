"""Rows in a file in place of standard output: `--save` with the ending of a table. The file is there when all rows are.

Parquet has the types of the fields: whole numbers, numbers, texts; what is missing is null.
"""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

from rnncli.data import polars as pl
from rnncli.models.output import whole_file
from rnncli.render.notes import say

#: ending -> the form of --to that the rows have
TABLES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".parquet": "csv"}
BLOCK = 1 << 16  # rows that become a frame


def table_form(path: str | None) -> str | None:
    """The form of the rows in a file of this name; None if it is no table."""
    return next((form for ending, form in TABLES.items() if path is not None and path.endswith(ending)), None)


class RowFile:
    """The file that rows go to, while there is one: `here`."""

    here: ClassVar["RowFile | None"] = None

    def __init__(self, path: str):
        self.path, self.stack = path, ExitStack()
        self.write = self.stack.enter_context(whole_file(path))
        self.typed = path.endswith(".parquet")
        self.columns: tuple[str, ...] = ()
        self.rows: list[tuple] = []
        self.frames: list[Any] = []

    def add(self, columns: tuple[str, ...], row: tuple) -> None:
        """A row of a file that has types."""
        self.columns = columns
        self.rows.append(row)
        if len(self.rows) == BLOCK:
            self._to_frame()

    def finish(self) -> None:
        """The file is there, once."""
        if self.typed and self.stack is not None:
            self._to_frame()
            buffer = io.BytesIO()
            (pl.concat(self.frames, how="vertical_relaxed") if self.frames else pl.DataFrame()).write_parquet(buffer)
            self.write(buffer.getvalue())
            self.typed = False
        self.stack.close()

    def _to_frame(self) -> None:
        if self.rows:
            fields = dict(zip(self.columns, zip(*self.rows, strict=True), strict=True))
            self.frames.append(pl.DataFrame({name: list(values) for name, values in fields.items()}, strict=False))
            self.rows = []


@contextmanager
def rows_saved(path: str | None) -> Iterator[None]:
    """Rows that are written in here go to this file, which is there at the end; with None to standard output."""
    if path is None:
        yield
        return
    RowFile.here = file = RowFile(path)
    try:
        with file.stack:
            yield
            file.finish()
    finally:
        RowFile.here = None
    say(f"{path} is written")
