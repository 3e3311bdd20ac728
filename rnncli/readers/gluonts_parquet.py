"""Parquet of gluonts: a series a row, its `target` a list, its `start` a time, as the keys of the JSON lines.

Arrays of several rows are lists of lists, or one list and its shape in a column `target._np_shape` beside it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnncli.data import polars as pl
from rnncli.errors import RnncliError
from rnncli.readers.parquet import batches, key_values, scan
from rnncli.readers.source import display

SHAPE = "._np_shape"
ROWS = 1 << 8  # of a block: each is a series


def has_series(path: str, target: str, start: str) -> bool:
    """Whether there is a column of lists, and one of what they start with."""
    schema = scan(path, nested=True).collect_schema()
    return start in schema and isinstance(schema.get(target), pl.List | pl.Array)


def said_beside(path: str) -> dict[str, Any]:
    """What the file says of itself under its keys, numbers as such."""
    return {key: int(value) if value.isdecimal() else value for key, value in key_values(path).items()}


def objects(path: str, start: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each row, from 1 on, and its values by their columns; a start as text."""
    frame = scan(path, nested=True)
    schema = frame.collect_schema()
    if start in schema:
        frame = frame.with_columns(_as_text(start, schema[start]))
    at = 0
    for block in batches(path, frame, ROWS):
        for found in block.iter_rows(named=True):
            at += 1
            yield at, _shaped(path, {key: value for key, value in found.items() if value is not None}, at)


def _as_text(name: str, kind: "pl.DataType") -> "pl.Expr":
    """A time as text, in UTC where it has a zone; fractions of seconds where there are any."""
    column = pl.col(name)
    if kind == pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    if not isinstance(kind, pl.Datetime):
        return column
    zone = "Z" if kind.time_zone else ""
    column = column.dt.convert_time_zone("UTC") if zone else column
    whole = column.dt.truncate("1s") == column
    fraction = "%.9f" if kind.time_unit == "ns" else "%.6f"
    plain, exact = (column.dt.to_string(f"%Y-%m-%d %H:%M:%S{part}{zone}") for part in ("", fraction))
    return pl.when(whole.all()).then(plain).otherwise(exact).alias(name)


def _shaped(path: str, found: dict[str, Any], at: int) -> dict[str, Any]:
    """Flat lists in the shape that stands beside them."""
    for key in [key for key in found if key.endswith(SHAPE)]:
        shape, name = found.pop(key), key.removesuffix(SHAPE)
        try:
            found[name] = np.reshape(np.array(found[name], np.float64), shape).tolist()
        except (KeyError, ValueError, TypeError):
            where = f"{display(path)}:{at}: column {name}"
            raise RnncliError(f"{where} has not the shape {shape} of column {key}, expected as many values") from None
    return found
