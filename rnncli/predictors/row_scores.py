"""The surprise of the rows of series. With alarms, what is scored after a fault reads it as missing: the network's own
forecast takes the place of its targets.

First all rows are scored at once, as they are. From its first fault on a series goes on in pieces, as the parts of a
stream do: short ones after a fault, longer ones where there is none.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.ranges import Ranges
from rnncli.predictors.alarm import Alarms
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.series_reader import SeriesReader
from rnncli.predictors.series_state import LEARNING
from rnncli.process.temporary import in_blocks
from rnncli.tasks.surprise import total_of

NATS = 5  # digits that are written
LEAST, MOST = 32, 4096  # rows of a piece


@dataclass(frozen=True)
class RowScores:
    """Of all rows of the series of an extent."""

    nats: np.ndarray  # (rows, K)
    excess: np.ndarray  # (rows, K) what of them is above those of the likeliest values
    points: np.ndarray  # (rows, K) the forecasts, of scores with alarms
    alarm: np.ndarray  # (rows,) of the first series of a group: 1 or 0, NaN where there is no score
    there: np.ndarray  # (rows,) whether a row is scored

    @classmethod
    def of(cls, forecaster: Forecaster, extent: Extent, alarms: Alarms | None) -> "RowScores":
        """Of rows as they are, or with alarms."""
        found = cls.as_they_are(forecaster, extent, bool(alarms))
        if alarms:
            Walk(forecaster, extent, alarms, found).to_the_end()
        return found

    @classmethod
    def empty(cls, forecaster: Forecaster, extent: Extent) -> "RowScores":
        """Of rows that are still to be scored."""
        rows, K = len(extent.series.z), len(forecaster.outlook.targets)
        nats, excess, points = (in_blocks(rows, lambda a, b: np.full((b - a, K), np.nan)) for _ in range(3))
        return cls(nats, excess, points, in_blocks(rows, lambda a, b: np.full(b - a, np.nan)), np.zeros(rows, bool))

    @classmethod
    def as_they_are(cls, forecaster: Forecaster, extent: Extent, points: bool) -> "RowScores":
        """Faults too; with the forecasts if `points` are asked for."""
        s, found = extent.series, cls.empty(forecaster, extent)
        for origins, params in forecaster.outputs(extent, np.maximum(extent.last, extent.first)):
            rows = origins + 1
            found.nats[rows], found.excess[rows] = forecaster.surprise(extent, origins, params)
            found.there[rows] = True
            if points:
                found.points[rows] = forecaster.values(s, origins, params)[0][:, 0]
        return found

    def take(self, at: int, other: "RowScores", begin: int, count: int) -> None:
        """So many rows of another one, from its row `begin` on, are rows `at`, .. of this one."""
        for name in (field.name for field in fields(self)):
            getattr(self, name)[at : at + count] = getattr(other, name)[begin : begin + count]


class Walk:
    """From fault to fault, all groups side by side. Rows are counted from the first of their group in the extent."""

    def __init__(self, forecaster: Forecaster, extent: Extent, alarms: Alarms | None, found: RowScores):
        self.forecaster, self.extent, self.alarms, self.found = forecaster, extent, alarms, found
        o = forecaster.outlook
        self.M = max(1, len(o.columns))
        self.targets = [extent.table.number_names.index(name) for name in o.columns or o.targets]
        self.reader = SeriesReader(forecaster.model)  # what is kept between two pieces

    def to_the_end(self) -> None:
        """Groups of the same name are told apart by going one after the other."""
        names, every = self.extent.table.names, np.arange(len(self.extent.table))
        if len(set(names)) == len(names):
            self.groups(every)
        else:
            for group in every[:, None]:
                self.reader = SeriesReader(self.forecaster.model)
                self.groups(group)

    def groups(self, groups: np.ndarray) -> None:
        e, first = self.extent, self.extent.series.offsets[: -1 : self.M]
        begins, stops = e.starts[:: self.M] - first, e.stops[:: self.M] - first
        ends = begins.copy()
        ends[groups] = self._judge(e, self.found, groups, begins[groups], groups, begins[groups])
        left = groups[ends[groups] < stops[groups]]
        past = np.zeros(len(ends), np.int64)
        past[left] = ends[left]
        self._keep(e, past)
        size = np.full(len(ends), LEAST)
        while len(left):
            counts = np.minimum(stops[left] - ends[left], size[left])
            reached = self._piece(left, ends[left], counts)
            size[left] = np.where(reached == ends[left] + counts, np.minimum(MOST, 2 * size[left]), LEAST)
            ends[left] = reached
            left = left[reached < stops[left]]

    def _piece(self, groups: np.ndarray, begins: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Score `counts` rows of groups from `begins` on, up to the first fault of each; the row behind it."""
        table, carry, M = self.extent.table, self.reader.carry, self.M
        until = np.minimum(begins + counts + carry.again, table.lengths[groups])  # known inputs are read ahead
        rows = Ranges(table.offsets[groups] + begins, table.offsets[groups] + until).every(1)
        new = table.taken(rows, until - begins, groups)
        tails = carry.tails(new.names)
        piece = self.reader.piece(new, tails + counts)
        found = RowScores.as_they_are(self.forecaster, piece, True)
        ends = self._judge(piece, found, np.arange(len(groups)), tails, groups, begins)
        self._scored(piece, tails, tails + ends - begins)
        for i, group in enumerate(groups.tolist()):
            for m in range(M):
                at = int(self.extent.series.offsets[group * M + m] + begins[i])
                self.found.take(at, found, int(piece.series.offsets[i * M + m] + tails[i]), int(ends[i] - begins[i]))
        return ends

    def _scored(self, piece: Extent, begins: np.ndarray, ends: np.ndarray) -> None:
        """Rows begins to ends (groups,) of a piece have been scored."""
        self._keep(piece, ends)

    def _keep(self, extent: Extent, past: np.ndarray) -> None:
        """So many rows (groups,) of an extent have been read; none, those that were kept."""
        if past.any():
            carry = self.reader.carry
            extent = replace(extent, past=past, scaled_by=np.full(len(past), LEARNING))
            carry.keep(extent, self.forecaster.states(extent, carry.origins(extent)))

    def _judge(
        self, e: Extent, found: RowScores, numbers: np.ndarray, at: np.ndarray, groups: np.ndarray, begins: np.ndarray
    ) -> np.ndarray:
        """Judge the rows `at`, .. of the groups of these `numbers` in an extent, up to the first fault of each. In the
        whole they are rows `begins`, .. of `groups`; there, the row behind the last one.
        """
        ends = begins.copy()
        for i, (number, begin) in enumerate(zip(numbers.tolist(), at.tolist(), strict=True)):
            first = e.series.offsets[number * self.M : (number + 1) * self.M]
            stop = int(e.stops[number * self.M] - first[0])
            if self.alarms is None:
                ends[i] += max(0, stop - begin)
                continue
            excess = np.concatenate([found.excess[a + begin : a + stop] for a in first.tolist()], axis=1)
            for row, score in enumerate(np.round(total_of(excess), NATS).tolist(), begin):
                found.alarm[first[0] + row], fault = self.alarms.judge(e.table.names[number], score)
                if fault and (e.settled is None or e.settled[number]):
                    values = found.points[first + row].ravel()
                    self._replace(e, number, row, values)
                    if e is not self.extent:
                        self._replace(self.extent, int(groups[i]), row - begin + int(begins[i]), values)
                    stop = row + 1
                    break
            ends[i] += max(0, stop - begin)
        return ends

    def _replace(self, extent: Extent, number: int, row: int, values: np.ndarray) -> None:
        """The targets of a row that have a value have these (targets,) from now on."""
        if not self.forecaster.loss.scaled:
            values = np.rint(values)  # counts and bits
        mine = extent.table.numbers[extent.table.offsets[number] + row]
        mine[self.targets] = np.where(np.isnan(mine[self.targets]) | ~np.isfinite(values), np.nan, values)
        self.alarms.replaced = True
