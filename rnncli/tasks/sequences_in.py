"""Whole sequences that were read, as the two parts of a training: encoded, and with a validation part from a file."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns, Known
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema, rows_of
from rnncli.data.seen import encoded
from rnncli.errors import RnncliError
from rnncli.frozen.network import FEW, unfit
from rnncli.readers.columns import read_columns
from rnncli.readers.folders import files_of
from rnncli.readers.form import Form
from rnncli.readers.naming import listed
from rnncli.readers.source import display, reopenable
from rnncli.tasks.columns_in import request_of
from rnncli.tasks.folds_in import note_shared
from rnncli.tasks.task import Plain


@dataclass
class Sequences:
    """What was read, and which sequences of it are to be trained on, and which are held out."""

    schema: Schema
    columns: Columns
    chosen: np.ndarray
    held: np.ndarray
    folds: np.ndarray | None

    def encoded(self) -> tuple[Examples, Examples | None]:
        """The training part, and the validation part if there is one."""
        everything = replace(encoded(self.schema, self.columns), folds=self.folds)
        return everything.select(self.chosen), everything.select(self.held) if len(self.held) else None

    def plain(self, valid: Callable[[Schema], Examples] | None) -> Callable[[], Plain] | None:
        """How to have the same with numbers as they are, where far values are drawn nearer in enough sequences that
        frozen features can read; to be asked for before these are encoded. `valid` encodes a file for validation.
        """
        if not any(self.schema.unit) or len(self.chosen) < FEW or unfit(self.columns):
            return None
        numbers = self.columns.numbers.copy()  # encoding scales them where they stand

        def read() -> Plain:
            columns = replace(self.columns, numbers=numbers.copy())
            schema = self.schema.plain(columns, rows_of(columns, self.chosen))
            train, held = replace(self, schema=schema, columns=columns).encoded()
            return Plain(schema, train, valid(schema) if valid else held)

        return read


@dataclass
class ValidFile:
    """A validation part that is a file of its own."""

    path: str
    form: Form
    config: TrainConfig
    check: Callable[[Columns, str], None]

    def read(self, schema: Schema) -> Examples:
        """Its sequences, encoded."""
        return encoded(schema, self._columns(schema))

    def first(self, schema: Schema, trained: Columns) -> tuple[Examples, str]:
        """The same, with words about it; what it shares with what was `trained` is said."""
        others, name = self._columns(schema), display(self.path)
        note_shared(trained, others, self.config.fold_by, name)
        valid, how = encoded(schema, others), f"for validation from {name}"
        if strangers := schema.unheard(others):
            how += f", whose labels {listed(strangers)} are not among those of training"
        if strangers and not schema.knows_any(valid.targets):
            raise RnncliError(f"{name}: found labels {listed(strangers)}, expected some of training")
        return valid, how

    def _columns(self, schema: Schema) -> Columns:
        known = Known(tuple(schema.numbers), tuple(schema.labels), teaches=True)
        columns = read_columns(files_of([reopenable(self.path)]), request_of(self.form, self.config, known=known))
        self.check(columns, display(self.path))
        return columns
