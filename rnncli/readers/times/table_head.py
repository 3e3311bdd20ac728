"""The first rows of a table, in which the column of times is looked for among those that nobody names."""

from collections.abc import Sequence
from dataclasses import dataclass

from rnncli.data import polars as pl
from rnncli.readers.times.repeats import columns_apart

SHARED = 0.75  # of the rows have times of their own, at most, where several series share them


@dataclass(frozen=True)
class TimeColumn:
    """What was found: a column, or several that are joined."""

    name: str
    first: str  # its first value
    repeats: bool = False  # within a series
    beside: str = ""  # the column that tells series apart, if times repeat between them


@dataclass(frozen=True)
class Head:
    """Rows of a table, its columns that are free to be times, and those of the group, which tells series apart."""

    rows: "pl.DataFrame"
    free: list[str]
    keys: Sequence[str]

    def __getitem__(self, name: str) -> "pl.Series":
        return self.rows[name]

    def repeats(self, *names: str) -> bool:
        """Whether these values stand together more than once in a series, in rows that are not alike."""
        return bool(self.rows.unique().select(*self.keys, *names).is_duplicated().any())

    def beside(self, *names: str) -> str:
        """The column that tells series apart, where times come again for many rows; of a few it is by chance."""
        rows = self.rows.unique()
        if self.keys or rows.select(names).n_unique() > SHARED * len(rows):
            return ""
        return "".join(next(columns_apart(rows, names, self.free, 1), ()))
