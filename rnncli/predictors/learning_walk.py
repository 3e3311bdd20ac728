"""The surprise of the rows of series which are learnt from after they were scored, see training/adaptation.py.

Each group learns by itself, whatever other groups do. Its rows are scored up to the end of the piece under way, as the
rows of a part of a stream are; then that piece is learnt from, one step ahead, which is what was scored. A fault of
`--alarm` is not learnt from. Nothing is learnt from rows before the first that is scored, nor from a series whose scale
is still to be found.
"""

from dataclasses import replace

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.extent import Extent
from rnncli.predictors.alarm import Alarms
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.row_scores import RowScores, Walk


class LearningWalk(Walk):
    """From piece to piece, one group after the other."""

    def __init__(self, forecaster: Forecaster, extent: Extent, alarms: Alarms | None):
        super().__init__(forecaster, extent, alarms, RowScores.empty(forecaster, extent))
        self.adaptation, names = forecaster.adaptation, extent.table.names
        self.distinct, self.learns, self.fault = len(set(names)) == len(names), True, False

    def scores(self) -> RowScores:
        """Those of all rows; the states after them go to the forecaster's `reached`."""
        self.to_the_end()
        return self.found

    def groups(self, groups: np.ndarray) -> None:
        """One after the other."""
        for group in groups.tolist():
            self._group(group)

    def _group(self, group: int) -> None:
        e, name, M = self.extent, self.extent.table.names[group], self.M
        self.adaptation.use(name)
        self.learns = e.settled is None or bool(e.settled[group])
        first = int(e.series.offsets[group * M])
        begin, stop = int(e.starts[group * M]) - first, int(e.stops[group * M]) - first
        count = stop - begin if not self.learns else min(stop - begin, self.adaptation.left(name))
        begin += self._first(group, begin, count)
        while begin < stop:
            self.adaptation.use(name)
            count = min(stop - begin, self.adaptation.left(name))
            begin = int(self._piece(*(np.array([one]) for one in (group, begin, count)))[0])
        if name in self.reader.carry.groups:
            self.forecaster.reached[name] = self.reader.carry.groups[name].states
        if not self.distinct:
            self.adaptation.learnt.pop(name, None)

    def _first(self, group: int, begin: int, count: int) -> int:
        """Score so many rows from `begin` on as they stand in the extent; how many were scored."""
        e, M = self.extent, self.M
        mine = np.arange(len(e.series)) // M == group
        stops = np.where(mine, e.series.offsets[:-1] + begin + max(0, count), e.stops)
        one = replace(e, reads=np.where(mine, e.reads, stops), starts=np.where(mine, e.starts, stops), stops=stops)
        found = RowScores.as_they_are(self.forecaster, one, True)
        number = np.array([group])
        reached = int(self._judge(one, found, number, np.array([begin]), number, np.array([begin]))[0])
        for i in range(group * M, (group + 1) * M):
            at = int(e.series.offsets[i]) + begin
            self.found.take(at, found, at, reached - begin)
        past, begins = np.zeros(len(e.table), np.int64), np.zeros(len(e.table), np.int64)
        past[group], begins[group] = reached, begin
        self._scored(one, begins, past)
        return reached - begin

    def _replace(self, extent: Extent, number: int, row: int, values: np.ndarray) -> None:
        super()._replace(extent, number, row, values)
        self.fault = True

    def _scored(self, piece: Extent, begins: np.ndarray, ends: np.ndarray) -> None:
        """Keep what the next piece goes on from, by the weights that this one was scored by; then learn from it."""
        fault, self.fault = self.fault, False
        if not ends.any():
            return
        (group,) = np.flatnonzero(ends)
        offsets = piece.series.offsets[group * self.M : (group + 1) * self.M]
        begin, end = int(begins[group]), int(ends[group])
        origins = offsets + max(0, begin - 1)  # of the first row that is scored
        steps = end - 1 - max(0, begin - 1)
        states = self.forecaster.states(piece, origins) if steps > 0 and self.learns else []
        self._keep(piece, ends)
        if states:
            self.adaptation.read(piece.table.names[group], self._batch(piece, origins, steps, fault), states)

    def _batch(self, piece: Extent, origins: np.ndarray, steps: int, fault: bool) -> Batch:
        """So many steps (T, M) from these origins on, of which the last may be of a `fault`; of what is to come the
        next step alone, which was scored.
        """
        s, rows = piece.series, origins + np.arange(steps)[:, None]
        y = s.residuals(rows, piece.limits(rows))
        y[..., y.shape[-1] // self.forecaster.outlook.horizon :] = np.nan
        y[steps - fault :] = np.nan
        x = s.window(rows, np.ones(rows.shape, bool))
        return Batch(x, y, np.zeros(rows.shape, np.uint8), int(np.isfinite(y).sum()), steps)


def row_scores(forecaster: Forecaster, extent: Extent, alarms: Alarms | None) -> RowScores:
    """Of all rows, learnt from where the forecaster does."""
    if forecaster.adaptation:
        return LearningWalk(forecaster, extent, alarms).scores()
    return RowScores.of(forecaster, extent, alarms)
