"""Labels, targets and folds of the sequences of a table, which stand beside its rows."""

from typing import Any

import numpy as np

from rnncli.data.columns import Coded
from rnncli.errors import RnncliError
from rnncli.process.spool import take
from rnncli.readers.naming import listed
from rnncli.readers.related import joined_folds
from rnncli.readers.sequencing import first_of_each


class Answers:
    """Labels, targets and folds of the sequences: they may stand on every row, and must be the same on all."""

    def __init__(self, table: Any, order: np.ndarray | None, offsets: np.ndarray):
        self.table, self.order, self.offsets = table, order, offsets

    def labels(self) -> Coded | None:
        """By row for tags, else by sequence; None where the file has none."""
        roles, coders = self.table.roles, self.table.coders
        if (name := roles.tag if roles.tag in coders else roles.label) not in coders:
            return None
        found = coders[name].coded(self.order)
        there = found.codes >= 0
        if not there.any():
            return None
        if name != roles.tag:
            what = f"label {{}} in column {roles.label}"
            found.codes = self._same(found.codes, there, what, found.symbols.__getitem__)
            self._refuse_missing(found.codes < 0, f"label in column {roles.label}")
        return found

    def targets(self) -> np.ndarray | None:
        """(sequences, K), or None where the file has none."""
        names = self.table.answer_names
        if not names or len(names) < len(self.table.answers):
            return None
        rows = take(self.table.targets.array(), self.order)
        columns = [
            self._same(rows[:, i], ~np.isnan(rows[:, i]), f"target {{}} in column {name}", lambda value: f"{value:g}")
            for i, name in enumerate(names)
        ]
        targets = np.stack(columns, axis=1)
        missing = np.isnan(targets)
        if missing.all():
            return None
        gaps = missing.any(axis=1)
        lacking = [name for name, absent in zip(names, missing[int(np.argmax(gaps))], strict=True) if absent]
        self._refuse_missing(gaps, f"target in column {', '.join(lacking)}")
        return targets

    def folds(self) -> Coded | None:
        """(sequences,), or None where they are not looked at."""
        if not self.table.fold_names:
            return None
        parts = []
        for name in self.table.fold_names:
            found = self.table.coders[name].coded(self.order)
            what = f"value {{}} in column {name}"
            codes = self._same(found.codes, found.codes >= 0, what, found.symbols.__getitem__)
            parts.append(Coded(codes, found.symbols))
        return joined_folds(parts)

    def _same(self, values: np.ndarray, there: np.ndarray, what: str, name) -> np.ndarray:
        """The first value of each sequence; another one in it is an error."""
        first, other = first_of_each(values, there, self.offsets)
        if other is not None:
            sequence = int(np.searchsorted(self.offsets, other, "right")) - 1
            row = other if self.order is None else int(self.order[other])
            group = f"its group {self.table.keys[sequence]}" if self.table.roles.group else "the file"
            advice = "each sequence has one" if self.table.roles.group else self._naming(values)
            raise RnncliError(
                f"{self.table.place_of(row)}: {what.format(name(values[other]))}, but the rows of {group} before it "
                f"have {name(first[sequence])}: {advice}"
            )
        return first

    def _naming(self, values: np.ndarray) -> str:
        """What tells sequences apart: a column each value of which has one answer, or that each row is a text."""
        words = [name for name in self.table.coders if name not in (self.table.roles.label, self.table.roles.tag)]
        for name in words:
            codes = self.table.coders[name].coded(self.order).codes
            names = len(np.unique(codes))
            if 1 < names < len(codes) and len(np.unique(np.stack([codes, values], axis=1), axis=0)) == names:
                return f"--group {name} makes a sequence of the rows of each {name}"
        texts = f", or, if each row is a text, its column with --text ({listed(words)})" if words else ""
        return f"name the column of sequences with --group{texts}"

    def _refuse_missing(self, missing: np.ndarray, what: str) -> None:
        """In training; to predict, answers may be absent."""
        if self.table.known is None and missing.any():
            at = int(self.offsets[int(np.argmax(missing))])
            row = at if self.order is None else int(self.order[at])
            raise RnncliError(f"{self.table.place_of(row)}: a sequence without a {what}, others have one: add it")
