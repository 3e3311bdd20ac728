"""A trained forecast model and series, to forecasts, their errors, surprise, and free runs."""

from collections.abc import Iterator
from functools import lru_cache
from math import prod

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.ranks import Ranks
from rnncli.data.series import Series
from rnncli.data.series_windows import read
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.conformal import Calibration, widened
from rnncli.network.cost import best_threads
from rnncli.network.unfolding import Unfolding
from rnncli.predictors.free_run import FreeRun
from rnncli.predictors.long_series import LongSeries
from rnncli.tasks import task_of
from rnncli.tasks.forecast_outputs import outputs

ROWS = 32  # series side by side
STEPS = 128  # of so many at a time; of fewer series as many more
UNFOLDINGS = 8  # that are kept, for the next rows of a stream


class Forecaster:
    """A model at work on series."""

    def __init__(self, model: Model, threads: int = 1, adapt: float | None = None):
        """`adapt` is the rate at which it learns from what was scored; 0 and None: it learns nothing."""
        self.model, self.network, self.team, self.alone = model, model.network, Team(threads), Team(1)
        self.task, self.adaptation = task_of(model), None
        self.reached: dict[str, list[np.ndarray]] = {}  # the states after what was learnt from, by group
        self.loss, self.outlook = self.task.loss, model.schema.outlook
        self.calibration = Calibration.of(self.loss, model.summary)
        found = model.summary.get("row_ranks")
        self.ranks = Ranks.from_json(found) if found else None
        self.unfolded = lru_cache(UNFOLDINGS)(self._unfold)
        if adapt:
            from rnncli.training.adaptation import Adaptation

            beside = max(1, len(self.outlook.columns))
            self.adaptation = Adaptation(model, self.loss, adapt, self.task.chance(), beside, self.team)
            self.network = self.adaptation.network

    # -- the network --------------------------------------------------------------------------------------------

    def _unfold(self, T: int, N: int) -> Unfolding:
        pay = best_threads(self.network.architecture, N, T, self.team.threads) > 1  # not for a row of a narrow network
        unfolded = self.network.unfold(T, N, self.team if pay else self.alone)
        unfolded.extra["version"] = None
        return unfolded

    def unfold(self, T: int, N: int) -> Unfolding:
        """The network over T steps of N rows, packed."""
        unfolded, version = self.unfolded(T, N), self.adaptation.version if self.adaptation else 0
        if unfolded.extra["version"] != version:
            unfolded.pack()
            unfolded.extra["version"] = version
        return unfolded

    def _room_for(self, lengths: np.ndarray) -> Unfolding:
        """An unfolded network to read so many rows side by side: of one of a few sizes, so that it is found again."""
        longest, rows = max(1, int(lengths.max(initial=0))), max(1, min(ROWS, int((lengths > 0).sum())))
        return self.unfold(min(STEPS * ROWS // rows, 1 << (longest - 1).bit_length()), rows)

    def outputs(self, extent: Extent, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows, parameters) of the forecasts made at the rows first <= r < end of each series."""
        u, o = self._room_for(end - extent.reads), self.outlook
        shape = (o.horizon, len(o.targets), self.loss.width)
        number = self._long(end - extent.reads, prod(shape))
        if number is not None:
            long = LongSeries(self.unfold, u, extent, number, prod(shape))
            yield from ((rows, found.reshape(-1, *shape)) for rows, found in long.until(int(end[number])))
            return
        for rows, params in outputs(u, self.loss, extent, end):
            if self.adaptation:
                self.adaptation.refuse_no_numbers(params)
            yield rows, params

    def _long(self, lengths: np.ndarray, outputs: int) -> int | None:
        """Which series is read in pieces side by side, of so many rows of each, with so many outputs; None: none is."""
        return None if self.adaptation else LongSeries.only(lengths, outputs)

    def states(self, extent: Extent, rows: np.ndarray) -> list[np.ndarray]:
        """The states (B, ..) before these rows (B,), having read their series from where it begins to be read."""
        s, series = extent.series, extent.series.series_of(rows)
        begin, initial = extent.reads[series], extent.initial
        u = self._room_for(rows - begin)
        if len(rows) == 1 and self._long(rows - begin, 0) is not None:
            return LongSeries(self.unfold, u, extent, int(series[0]), 0).states(int(rows[0]))
        if initial is None:
            out = [np.zeros((len(rows), *state.shape[1:]), state.dtype) for state in u.states()]
        else:
            initial = out = [state[series] for state in initial]
        for _, inside, chosen, _ in read(u, s, begin, rows, initial):
            for n, number in enumerate(chosen):
                steps = int(inside[:, n].sum())
                if steps:
                    for state, kept in zip(u.states(steps), out, strict=True):
                        kept[number] = state[n]
        return out

    # -- forecasts ----------------------------------------------------------------------------------------------

    def forecast(self, extent: Extent, stride: int) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
        """(row, points (H, K), quantiles (H, K, Q) or None) of the forecasts after each row that counts."""
        s, begin = extent.series, extent.counted_from
        for rows, params in self.outputs(extent, extent.stops):
            counts = (rows - begin[s.series_of(rows)]) % stride == 0
            if counts.any():
                yield from zip(rows[counts].tolist(), *self.values(s, rows[counts], params[counts]), strict=True)

    def values(self, s: Series, rows: np.ndarray, params: np.ndarray) -> tuple[np.ndarray, np.ndarray | list[None]]:
        """Points (n, H, K), and quantiles (n, H, K, Q) or a list of None."""
        points, q = self.calibration(params)
        anchors = s.anchors(rows) if self.outlook.scaled else None
        points = s.to_values(points, rows, anchors)
        if q is None:
            return points, [None] * len(rows)
        q = widened(s.unbounded(q, rows, anchors), points, s.holes(rows))
        return points, s.held(q, s.series_of(rows), s.still[rows])

    def surprises(self, extent: Extent) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """(rows, nats (n, K) of what came in them, one step ahead, in the units of the values, and those above the
        nats of the likeliest values).
        """
        for rows, params in self.outputs(extent, np.maximum(extent.last, extent.first)):
            yield rows + 1, *self.surprise(extent, rows, params)

    def surprise(self, extent: Extent, rows: np.ndarray, params: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(nats, those above the likeliest) (n, K) of what came after these rows (n,), where outputs are `params`."""
        s, o = extent.series, self.outlook
        y = s.residuals(rows, extent.limits(rows))
        y = y.reshape(len(rows), o.horizon, -1)[:, 0].astype(np.float64)
        nats, excess = self.loss.nats(params[:, 0], y), self.loss.excess(params[:, 0], y)
        if self.loss.dense and o.scaled:
            nats += np.log(np.array(o.width)[0] * s.std[s.series_of(rows)])
            nats += s.values[rows + 1] if o.transform == "log" else 0.0
        return nats, excess

    # -- free runs ----------------------------------------------------------------------------------------------

    def free_run(
        self, extent: Extent, rows: np.ndarray, count: int, block: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Go on from these rows (B,), fed on its own points, `block` steps at a time.

        Points (B, count, K) and quantiles (B, count, K, Q) or None; known inputs are those of the rows that follow, and
        others stay as they are.
        """
        u = self.unfold(1, len(rows))
        u.set_states(self.states(extent, rows))
        return FreeRun(u, self.calibration, self.model.schema, extent.series, rows).ahead(count, block)
