"""Extent: which rows of series are read, scored and printed.

A forecast is made at its origin, the row before the first that it is of: with the rows up to the origin read, the
network's outputs speak of the steps after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.calendar import Calendar
from rnncli.data.columns import Columns, digest_of
from rnncli.data.series import Series


@dataclass(frozen=True)
class Extent:
    """Of series i, rows reads[i] to stops[i] are read, and those from starts[i] on are forecast or scored.

    What is to be printed has the rows of the input besides, a sequence a group, whose targets may be M series each.
    """

    series: Series
    reads: np.ndarray  # (series,)
    starts: np.ndarray  # (series,)
    stops: np.ndarray  # (series,) no target lies behind it
    initial: list[np.ndarray] | None = None  # the states (series, H) before the first row read; None for zero
    table: Columns | None = None  # the rows of the input, each series on its clock
    numbers: np.ndarray | None = None  # (groups,) the number of the first row of each in its series, with steps put in
    names: list[str] | None = None  # (groups,) if the rows out name them
    scaled_by: np.ndarray | None = None  # (groups,) the rows that tell the scale of a series never seen
    past: np.ndarray | None = None  # (groups,) the rows that have come; what lies behind them is the future
    streams: bool = False  # whether nothing is known of what comes after a row

    @classmethod
    def of_all(cls, series: Series) -> "Extent":
        """All rows, each forecast from those before it."""
        return cls(series, series.offsets[:-1], series.offsets[:-1], series.offsets[1:])

    @property
    def first(self) -> np.ndarray:
        """The first origin of each series."""
        return np.maximum(self.starts - 1, self.series.offsets[:-1])

    @property
    def last(self) -> np.ndarray:
        """The last row of each series, which has no target after it."""
        return self.stops - 1

    @cached_property
    def row_stops(self) -> np.ndarray:
        """stops (rows,)."""
        return np.repeat(self.stops, np.diff(self.series.offsets))

    @cached_property
    def row_first(self) -> np.ndarray:
        """first (rows,)."""
        return np.repeat(self.first, np.diff(self.series.offsets))

    # -- training -----------------------------------------------------------------------------------------------

    @property
    def lengths(self) -> np.ndarray:
        """How many rows of each series are read that have a row after them."""
        return np.maximum(0, self.last - self.reads)

    @property
    def total(self) -> int:
        """Such rows of all series."""
        return int(self.lengths.sum())

    @property
    def count(self) -> int:
        """Origins with a target."""
        return int(np.maximum(0, self.last - self.first).sum())

    def rows(self) -> np.ndarray:
        """All rows that are read, series after series."""
        starts = np.cumsum(self.lengths) - self.lengths
        return np.arange(self.total) + np.repeat(self.reads - starts, self.lengths)

    def digest(self) -> str:
        """A hash of the data."""
        s = self.series
        return digest_of([s.offsets, self.reads, self.last, self.stops, *s.ids, s.X, s.values])

    def batch(
        self, rows: np.ndarray, inside: np.ndarray, starts: np.ndarray, targets: np.ndarray | None = None
    ) -> Batch:
        """The window of these rows (T, N), of which those `inside` count; `targets` are those of all rows, if they are
        made already.
        """
        s = self.series
        y = s.residuals(rows, self.row_stops) if targets is None else targets.take(rows, axis=0)
        y[~inside | (rows < self.row_first.take(rows))] = np.nan
        steps = int(inside.any(axis=1).sum())
        return Batch(s.window(rows, inside), y, starts, int(np.isfinite(y).sum()), steps)

    # -- rows in and out ----------------------------------------------------------------------------------------

    def group_of(self, row: int) -> int:
        """The number of the group that a row of a series is of."""
        return int(self.series.series_of(np.array(row))) * len(self.table) // len(self.series)

    def place_of(self, row: int) -> int:
        """The place of a row of a series, or of one after its end, in the table."""
        s = self.series
        return int(self.table.offsets[self.group_of(row)] + row - s.first[row])

    @cached_property
    def clocks(self) -> list[Calendar]:
        """Those of the series of each group, with times as the input has them."""
        return [replace(clock, sample=self.table.time_sample) for clock in self.table.clocks]

    def texts(self, row: int, steps: Iterable[int]) -> list[str]:
        """The times of the rows so many steps after this one, as they are written."""
        s, group = self.series, self.group_of(row)
        clock = self.clocks[group]
        if s.times is None:
            number = row - s.first[row] + self.numbers[group]
            return [clock.text(number + k) for k in steps]
        if self.streams:
            ahead = np.concatenate([s.times[row : row + 1], clock.ahead(s.times[row], max(steps))])
            return [clock.text(ahead[k]) for k in steps]
        return [clock.text(s.times[row + k]) for k in steps]

    def is_put_in(self, row: int, after: int = 0) -> bool:
        """Whether the row so many steps after this one is no row of the file, but a step that was put in."""
        numbering = self.table.numbering
        if numbering is None:
            return False
        at = self.place_of(row) + after
        return bool(at < self.table.offsets[self.group_of(row) + 1] and numbering[at] < 0)

    @property
    def counted_from(self) -> np.ndarray:
        """The row of each series from which strides are counted."""
        if not self.streams:
            return self.first
        return self.series.offsets[:-1] - np.repeat(self.numbers, len(self.series) // len(self.numbers))
