"""Parquet files; stdin may be one."""

import ctypes
import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rnncli.data import polars as pl
from rnncli.errors import RnncliError, describe_os_error
from rnncli.process.temporary import temporary_file
from rnncli.readers.casting import Frames, Kinds
from rnncli.readers.form import Form
from rnncli.readers.pipes import is_regular
from rnncli.readers.source import display, open_bytes

MAGIC = b"PAR1"
ROWS = 1 << 18  # of a block
MOST = 256 << 20  # bytes of a file that is held in memory
HEAD = 1 << 12  # rows that show what columns of texts hold
DIGITS = 38  # of decimals that polars reads
INDEX = re.compile(r"__index_level_\d+__")  # as pandas calls one without a name


def is_parquet(path: str) -> bool:
    """By its first bytes."""
    with open_bytes(path) as stream:
        return stream.read(len(MAGIC)) == MAGIC


def scan(path: str, lists: str | None = None, nested: bool = False) -> "pl.LazyFrame":
    """The file as a lazy frame of polars; the column `lists`, by name or number, may hold lists of values, or if it is
    `nested` any column anything. Numbers of rows, which pandas keeps of a frame that was sorted, are no column.
    """
    with _refusing(path):
        try:
            frame = pl.scan_parquet(path, glob=False) if _is_there(path) else pl.scan_parquet(_in_memory(path))
            schema = frame.collect_schema()
            index = [name for name, kind in schema.items() if INDEX.fullmatch(name) and kind.is_integer()]
            if len(index) < len(schema):
                frame = frame.drop(index)
            if not nested:
                _refuse_nested(path, schema, lists)
            _refuse_long_decimals(path, schema)
            return frame
        except OSError as error:
            raise describe_os_error(display(path), error) from None


def first_of(path: str, frame: "pl.LazyFrame") -> "pl.DataFrame":
    """The first rows of a lazy frame of the file."""
    with _refusing(path):
        return frame.head(HEAD).collect()


def key_values(path: str) -> dict[str, str]:
    """What the writer of the file noted in it."""
    with _refusing(path):
        return pl.read_parquet_metadata(path if _is_there(path) else _in_memory(path))


def _in_memory(path: str) -> io.BytesIO:
    """What polars cannot open by its name: packed, or from a pipe."""
    with open_bytes(path) as stream:
        content = io.BytesIO(stream.read(MOST + 1))
    if content.getbuffer().nbytes > MOST:
        found = f"Parquet, packed or from a pipe, of more than {MOST >> 20} MB"
        raise RnncliError(f"{display(path)}: {found}: save it to a file, unpacked")
    return content


def _is_there(path: str) -> bool:
    """Whether polars can open it by its name: no pipe, and not packed."""
    if not is_regular(path):
        return False
    with open(path, "rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def parquet_columns(path: str, lists: str | None = None) -> tuple[str, ...]:
    """The names of the columns."""
    return tuple(scan(path, lists).collect_schema())


def text_columns(path: str) -> tuple[str, ...]:
    """The names of those that hold texts."""
    kinds = scan(path).collect_schema().items()
    return tuple(name for name, kind in kinds if kind in (pl.String, pl.Categorical, pl.Enum))


def parquet_texts(path: str, lists: str | None = None) -> tuple[list[str], Iterator[tuple]]:
    """The names, and row by row all values as text (or None), lists as lists of texts."""
    frame: Any = scan(path, lists)
    kinds = {
        name: pl.List(pl.String) if kind.is_nested() else pl.String for name, kind in frame.collect_schema().items()
    }
    return list(kinds), (row for block in batches(path, frame.cast(kinds), None) for row in block.iter_rows())


def batches(path: str, frame: Any, size: int | None) -> Iterator:
    """The rows of a lazy frame, block by block."""
    with _refusing(path):
        blocks = frame.collect_batches(chunk_size=size)
    while True:
        with _refusing(path):
            block = next(blocks, None)
        if block is None:
            return
        yield block


class ParquetTable(Frames):
    """One file, which gives frames as `delimited.Delimited` does."""

    typed = True

    def __init__(self, path: str, form: Form):
        super().__init__(path, form)
        self.frame = scan(path)
        self.columns = tuple(self.frame.collect_schema())

    def frames(self, choose: Callable) -> Iterator:
        """`choose(head, columns)` says which columns, by the first rows."""
        frame = self.frame.rename(dict(zip(self.columns, map(str, range(len(self.columns))), strict=True)))
        kinds, before = choose(first_of(self.path, frame), self.columns), 0
        for block in batches(self.path, frame.select(map(str, kinds)), ROWS):
            yield self._typed(block, kinds, before)
            before += len(block)
        self.guesses.say()

    def _typed(self, block: "pl.DataFrame", kinds: Kinds, before: int) -> "pl.DataFrame":
        """The columns as they are wanted, and null for what stands for a missing number."""
        typed = {i: pl.col(str(i)).cast(kind) for i, kind in kinds.items() if i not in self.styles}
        try:
            block = block.with_columns(typed.values())
        except pl.exceptions.PolarsError as error:
            kinds_of = zip(block.columns, block.dtypes, strict=True)
            if held := [self.columns[int(name)] for name, kind in kinds_of if kind == pl.Binary]:
                found = f"column {held[0]} has bytes that are no text: save them as text, such as hex digits"
                raise RnncliError(f"{display(self.path)}: {found}, or leave it out") from None
            expected = "expected numbers as in training"
            raise RnncliError(f"{display(self.path)}: {_first_line(error)}: {expected}") from None
        numbers = pl.selectors.numeric()
        for sentinel in self.form.writing.sentinels:
            block = block.with_columns(pl.when(numbers != sentinel).then(numbers))
        return self.cast(block, kinds, lambda row: before + row + 1)

    def line_of(self, row: int) -> int:
        """Rows are counted from 1."""
        return row + 1


def _refuse_nested(path: str, schema, lists: str | None) -> None:
    for i, (name, kind) in enumerate(schema.items(), 1):
        flat = isinstance(kind, pl.List | pl.Array) and not kind.inner.is_nested()
        if kind.is_nested() and not (flat and lists in (name, str(i))):
            raise RnncliError(f"{display(path)}: column {name} has {kind}, expected one value per row: leave it out")


def _refuse_long_decimals(path: str, schema) -> None:
    for name, kind in schema.items():
        if isinstance(kind, pl.Decimal) and kind.precision > DIGITS:
            found = f"column {name} has decimals of {kind.precision} digits, expected at most {DIGITS}"
            raise RnncliError(f"{display(path)}: {found}: save it as float64, or leave it out")


@contextmanager
def _refusing(path: str) -> Iterator[None]:
    """What a damaged file does to polars is one line. A panic writes to file descriptor 2 by itself, which is held."""
    with temporary_file() as held:
        try:
            kept = os.dup(2)
        except OSError:  # stderr is closed
            kept = None
        if kept is not None:
            os.dup2(held.fileno(), 2)
        panic = False
        try:
            with _last_words(kept, f"rnncli: {_damaged(path, 'a page asks for more memory than there is')}\n"):
                yield
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            panic = True
            raise _damaged(path, error) from None
        finally:
            if kept is not None:
                os.dup2(kept, 2)
                os.close(kept)
                held.seek(0)
                if not panic and (said := held.read()):
                    os.write(2, said)


@contextmanager
def _last_words(stderr: int | None, line: str) -> Iterator[None]:
    """An abort of the process writes the line and ends with exit code 1: polars aborts where a length in a page is
    damaged, and nothing can catch that."""
    if os.name != "posix":
        yield
        return

    def end(_: int) -> None:
        if stderr is not None:
            os.write(stderr, line.encode())
        os._exit(1)

    handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(end)
    set_handler = ctypes.CDLL(None).signal
    set_handler.restype, set_handler.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p)
    before = set_handler(signal.SIGABRT, ctypes.cast(handler, ctypes.c_void_p))
    try:
        yield
    finally:
        set_handler(signal.SIGABRT, before)


def _damaged(path: str, error: BaseException | str) -> RnncliError:
    return RnncliError(f"{display(path)}: not a complete Parquet file ({_first_line(error)})")


def _first_line(error: BaseException | str) -> str:
    return str(error).partition("\n")[0]
