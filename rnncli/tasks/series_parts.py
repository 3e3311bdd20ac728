"""The two parts of series: the rows to learn from, and those to validate on, later ones or those of another file."""

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns, Known
from rnncli.data.extent import WARM, Extent
from rnncli.data.schema import Schema
from rnncli.data.series_encoding import Targets, encode
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.folders import files_of
from rnncli.readers.form import Form
from rnncli.readers.source import display, reopenable
from rnncli.tasks.columns_in import request_of
from rnncli.tasks.series_in import refuse_missing

LEAST_ROWS = 8  # to learn from


def of_file(path: str, form: Form, config: TrainConfig, numbers: tuple[str, ...], names: list[str]) -> Columns:
    """The series of a file for validation, with the targets of these names."""
    others = read_columns(files_of([reopenable(path)]), request_of(form, config, known=Known(numbers)))
    refuse_missing(others, names, display(path))
    return others


def extents(
    schema: Schema, columns: Columns, targets: Targets | None, cuts: np.ndarray, others: Columns | None, name: str
) -> tuple[Extent, Extent]:
    """The rows of each series before its cut, and those that it is validated on: the rest, or `others`."""
    series = encode(schema, columns, cuts, targets=targets)
    begin, end = series.offsets[:-1], series.offsets[1:]
    train = Extent(series, begin, begin, cuts)
    if train.total < LEAST_ROWS:
        raise RnncliError(f"{name}: {train.total} rows in the training part, expected at least {LEAST_ROWS}")
    if others is not None:
        return train, Extent.of_all(encode(schema, others, others.offsets[1:]))
    return train, Extent(series, np.maximum(begin, cuts - 1 - WARM), cuts, end)
