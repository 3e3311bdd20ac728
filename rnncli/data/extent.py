"""Extent: which rows of series are read, scored and printed.

A forecast is made at its origin, the row before the first that it is of: with the rows up to the origin read, the
network's outputs speak of the steps after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.columns import Columns
from rnncli.data.ranges import Ranges
from rnncli.data.series import Series
from rnncli.data.times.calendar import Calendar
from rnncli.process.temporary import WhenRead

#: Rows that are read before the first with a target, as predictions read all, for what a state keeps of them; of a
#: sample before each stretch
WARM, WARM_SAMPLE = 1 << 14, 256
STRETCH = 512  # rows of a sample that follow each other, or FULL times the horizon
FULL = 4


@dataclass(frozen=True)
class Extent:
    """Of series i, rows reads[i] to stops[i] are read, and those from starts[i] on are forecast or scored. Of a sample
    (`sampled`) there may be none or several such stretches of a series.

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
    settled: np.ndarray | None = None  # (groups,) whether that scale will stay as it is
    past: np.ndarray | None = None  # (groups,) the rows that have come; what lies behind them is the future
    streams: bool = False  # whether nothing is known of what comes after a row
    of: np.ndarray | None = None  # (stretches,) the series of each; None: one of each series
    cuts: np.ndarray | None = None  # (series,) `starts` of that which this is a sample of
    chosen: np.ndarray | None = None  # (series,) whether it is forecast or scored; None: all are

    @classmethod
    def of_all(cls, series: Series) -> "Extent":
        """All rows, each forecast from those before it."""
        return cls(series, series.offsets[:-1], series.offsets[:-1], series.offsets[1:])

    def only(self, begin: int, end: int) -> "Extent":
        """With forecasts and scores of the groups begin to end alone: of all others no row is read."""
        group = np.arange(len(self.series)) * len(self.table) // len(self.series)
        chosen = (begin <= group) & (group < end)
        reads, starts = (np.where(chosen, rows, self.stops) for rows in (self.reads, self.starts))
        return replace(self, reads=reads, starts=starts, chosen=chosen)

    @property
    def begins(self) -> np.ndarray:
        """(series,) where the rows begin that are forecast or scored."""
        return self.starts if self.cuts is None else self.cuts

    @property
    def first(self) -> np.ndarray:
        """The first origin of each series."""
        begins = self.series.offsets[:-1] if self.of is None else self.series.offsets[self.of]
        return np.maximum(self.starts - 1, begins)

    @property
    def last(self) -> np.ndarray:
        """The last row of each series, which has no target after it."""
        return self.stops - 1

    def limits(self, rows: np.ndarray) -> np.ndarray:
        """The stops of rows (..) that are read."""
        return self.stops[self.stretch_of(rows)]

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Whether rows (..) that are read are origins."""
        return rows >= self.first[self.stretch_of(rows)]

    def in_later_half(self, rows: np.ndarray) -> np.ndarray:
        """Whether origins (n,) are in the later half of those of their stretch."""
        number = self.stretch_of(rows)
        return 2 * (rows - self.first[number]) >= (self.last - self.first)[number]

    def stretch_of(self, rows: np.ndarray) -> np.ndarray:
        """The number of the stretch that rows (..) are read in."""
        return np.searchsorted(self.reads, rows, "right") - 1

    @property
    def origins(self) -> Ranges:
        """All that have a target."""
        return Ranges(self.first, self.last)

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
        return len(self.origins)

    @property
    def rows(self) -> Ranges:
        """All rows that are read and have a row after them, series after series."""
        return Ranges(self.reads, self.last)

    def sampled(self, most: int) -> "Extent":
        """About `most` of the origins, in stretches that are evenly far apart; the same if there are no more.

        A stretch begins with rows that warm its state, and its targets end where it does.
        """
        if self.count <= most:
            return self
        first, length = self.first, max(STRETCH, FULL * self.series.outlook.horizon)
        blocks = Ranges.of_lengths(-(-np.maximum(0, self.last - first) // length))
        every = max(2, -(-len(blocks) * length // max(1, most)))  # so that what warms one is not of the one before
        every = min(every, len(blocks))
        of, number = blocks.places(np.arange(every // 2, len(blocks), every))
        begin = first[of] + number * length
        stops = np.minimum(begin + length + 1, self.stops[of])
        reads = np.maximum(self.reads[of], begin - WARM_SAMPLE)
        series = of if self.of is None else self.of[of]
        return replace(self, reads=reads, starts=begin + 1, stops=stops, of=series, cuts=self.begins)

    def digest(self) -> str:
        """A hash of the data."""
        return self.series.digest([self.series.offsets, self.reads, self.last, self.stops])

    def batch(
        self, rows: np.ndarray, inside: np.ndarray, starts: np.ndarray, targets: np.ndarray | WhenRead | None = None
    ) -> Batch:
        """The window of these rows (T, N), of which those `inside` count; `targets` are those of all rows, if they are
        made already.
        """
        s = self.series
        y = s.residuals(rows, self.limits(rows)) if targets is None else targets.take(rows, axis=0)
        y[~(inside & self.counts(rows))] = np.nan
        steps = int(inside.any(axis=1).sum())
        return Batch(s.window(rows, inside), y, starts, int(np.isfinite(y).sum()), steps)

    # -- rows in and out ----------------------------------------------------------------------------------------

    def group_of(self, row: int) -> int:
        """The number of the group that a row of a series is of."""
        return self.series.number_of(row) * len(self.table) // len(self.series)

    def place_of(self, row: int) -> int:
        """The place of a row of a series, or of one after its end, in the table."""
        s = self.series
        return int(self.table.offsets[self.group_of(row)] + row - s.first[row])

    @cached_property
    def clocks(self) -> list[Calendar]:
        """Those of the series of each group, with times as the input has them."""
        return [replace(clock, sample=self.table.time_sample) for clock in self.table.clocks]

    def texts(self, row: int, steps: Iterable[int], iso: bool = False) -> list[str]:
        """The times of the rows so many steps after this one, as they are written, or dates as ISO 8601 does."""
        s, group = self.series, self.group_of(row)
        clock = self.clocks[group].in_iso() if iso else self.clocks[group]
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
