"""The two parts of series: the rows to learn from, and those to validate on, later ones or those of another file."""

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns, Known
from rnncli.data.extent import WARM, Extent
from rnncli.data.schema import Schema
from rnncli.data.series_encoding import Targets, encode
from rnncli.data.target_columns import target_values
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.folders import files_of
from rnncli.readers.form import Form
from rnncli.readers.source import display, reopenable
from rnncli.tasks.columns_in import request_of
from rnncli.tasks.series_in import are_bits, refuse_missing
from rnncli.tasks.task import split

LEAST_ROWS = 8  # to learn from
LEAST_PIECES = 20  # series; of fewer their later rows are held out


def of_file(path: str, form: Form, config: TrainConfig, numbers: tuple[str, ...], names: list[str]) -> Columns:
    """The series of a file for validation, with the targets of these names."""
    others = read_columns(files_of([reopenable(path)]), request_of(form, config, known=Known(numbers)))
    refuse_missing(others, names, display(path))
    return others


def pieces(columns: Columns, names: list[str], config: TrainConfig) -> tuple[Columns, Columns] | None:
    """Series to learn from, and whole ones to validate on, drawn by seed, where each is a piece of its own such as a
    tune or a session: their targets are bits, their rows are numbered anew in each or not at all, and they have several
    lengths. What comes next in a piece repeats what came before, so its later rows do not tell whether a network knows
    more than the pieces. None where the series are no pieces.
    """
    other = config.loss not in (None, "bernoulli") or config.univariate or config.until
    if other or not config.valid_fraction or len(columns) < LEAST_PIECES or np.ptp(columns.lengths) == 0:
        return None
    begins = columns.offsets[:-1]
    if columns.times is not None and (columns.times.dtype.kind == "M" or np.ptp(columns.times[begins]) != 0):
        return None
    if not are_bits(target_values(columns, names)):
        return None
    parts = split(len(columns), config.valid_fraction, config.seed)
    train, held = (columns.taken(columns.rows_of(part), columns.lengths[part], part) for part in parts)
    return train, held


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
