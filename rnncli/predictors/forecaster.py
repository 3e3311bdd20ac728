"""A trained forecast model and series, to forecasts, their errors, surprise, and free runs."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

from rnncli.data.clock import clocks_to_predict, extended, put_on_clocks, taken_once
from rnncli.data.columns import Columns, Known
from rnncli.data.extent import Extent
from rnncli.data.limits import stops_of
from rnncli.data.past import Past
from rnncli.data.series import Series, encode, melt
from rnncli.data.series_windows import read
from rnncli.data.window import Window
from rnncli.data.zones import to_instants
from rnncli.errors import UsageError, note
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.conformal import shifted, widened
from rnncli.network.network import Unfolded
from rnncli.predictors.series_state import Carry
from rnncli.readers.columns import read_columns
from rnncli.readers.naming import listed
from rnncli.readers.reader import Request
from rnncli.readers.source import display, reopenable
from rnncli.tasks import task_class
from rnncli.tasks.columns_in import roles_of
from rnncli.tasks.forecast import outputs
from rnncli.tasks.series_in import numbers_of
from rnncli.tasks.target_values import refuse_values

STEPS = 128  # of a series at a time
ROWS = 32  # series side by side
UNFOLDINGS = 4  # that are kept, for the next rows of a stream


class Forecaster:
    """A model at work on series."""

    def __init__(self, model: Model, threads: int = 1):
        self.model, self.network, self.team = model, model.network, Team(threads)
        self.task = task_class(model.config.task)(model.schema, model.form, model.config)
        self.loss, self.outlook = self.task.loss, model.schema.outlook
        self.carry = Carry(model)
        shifts, spread = model.summary.get("shifts"), model.summary.get("spread")
        self.shifts = np.array(shifts) if shifts else None
        self.spread = np.array(spread)[:, None, :] if spread else None  # factors of files of before there were shifts
        self.unfold = lru_cache(UNFOLDINGS)(self._unfold)

    # -- input --------------------------------------------------------------------------------------------------

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns of numbers."""
        return numbers_of(self.model.schema)

    def read(self, paths: list[str], encoding: str | None, begin: str | None, until: str | None, ahead: int) -> Extent:
        """The files, with `ahead` steps after them; forecasts begin at the row or time `begin`."""
        return self.extent(self.columns(paths, encoding), "forecast", ahead, begin, until, display(paths[0]))

    def columns(self, paths: list[str], encoding: str | None) -> Columns:
        """The input as it stands in the files."""
        c, paths = self.model.config, [reopenable(path) for path in paths]
        roles, encoding = roles_of(c), encoding or c.encoding
        columns = read_columns(paths, Request(self.model.form, roles, encoding, c.tokens, c.task, Known(self.numbers)))
        return to_instants(columns, self.outlook.clock.zone, display(paths[0]), self.carry.last)

    def extent(
        self,
        new: Columns,
        mode: str,
        ahead: int = 0,
        begin: str | None = None,
        until: str | None = None,
        name: str = "the input",
    ) -> Extent:
        """New rows, of files of this name, and `ahead` steps after them. Forecasts begin at the row or time `begin`,
        else at the end of the data; scores and metrics at the first new row.
        """
        table, tails = self._table(new, name), self.carry.tails(new.names)
        self._note_unseen(new)
        self.model.schema.note_strange(new)
        o = self.outlook
        clock = o.clock_of(table)
        limits = [stops_of(table, clock, text, option) for option, text in (("--from", begin), ("--until", until))]
        if begin and until:
            _refuse_reversed(limits[0], limits[1], begin, until)
        starts, stops = (np.maximum(limit - table.offsets[:-1], tails) for limit in limits)
        refuse_values(o, table, list(o.columns or o.targets), stops)
        scaled_by = np.minimum(table.lengths if begin is None else starts, stops)
        if begin is None and mode != "forecast":
            starts = tails
            self.carry.note_looking_ahead(table.names, name)
        return self._encoded(table, starts, stops, scaled_by, ahead, mode == "score" and not o.known)

    def arrived(self, new: Columns, mode: str, ahead: int = 0) -> Extent:
        """Rows of a stream: a forecast is made at each of them, or it is scored."""
        refuse_values(self.outlook, new, list(self.outlook.columns or self.outlook.targets))
        table = self._table(new)
        starts = self.carry.tails(new.names) + (mode == "forecast")
        return replace(self._encoded(table, starts, table.lengths, starts, ahead, True), streams=True)

    def _table(self, new: Columns, name: str = "") -> Columns:
        """New rows after what was kept of their series, each on its clock; rows of a stream have no `name`."""
        o = self.outlook
        o.clock.refuse_others(new.times, new.time_sample)
        rows = self.carry.join(taken_once(new, name) if name and o.regular else new)
        clocks = clocks_to_predict(rows, o, name) if name else [o.clock_of_series(key) for key in rows.names]
        return put_on_clocks(rows, clocks, name, self.carry.tails(rows.names))

    def _encoded(self, table: Columns, starts, stops, scaled_by, ahead: int, gaps: bool) -> Extent:
        """The series of these rows, of which starts to stops (groups,) count, and those before `scaled_by` tell the
        scale of one never seen. With `gaps`, rows at the end without a target are not the future.
        """
        o, carry, names = self.outlook, self.carry, table.names
        M, tails = carry.beside, carry.tails(names)
        columns = extended(melt(table, o.columns) if o.columns else table, ahead)
        offsets = columns.offsets[:-1]
        series = encode(self.model.schema, columns, offsets + np.repeat(scaled_by, M), carry.scales(names))
        data = (np.maximum(series.ends_of_data(), offsets + np.repeat(tails, M)) - offsets).reshape(-1, M)
        data = data.max(axis=1)  # a row has come as soon as one of its targets is there
        past = stops if gaps or not o.known else np.minimum(stops, data)
        stops = offsets + np.repeat(stops if gaps else np.minimum(data, stops), M)
        return Extent(
            series,
            reads=offsets + np.repeat(carry.reads(names), M),
            starts=np.minimum(offsets + np.repeat(starts, M), stops),
            stops=stops,
            initial=carry.initial(names),
            table=table,
            numbers=carry.numbers(names),
            names=self.names(table),
            scaled_by=scaled_by,
            past=past,
        )

    def names(self, columns: Columns) -> list[str] | None:
        """What tells the series of these rows: names, or numbers from 1 on; None for a single one without a name."""
        if self._is_named(columns):
            return columns.names
        return [str(i + 1) for i in range(len(columns))] if len(columns) > 1 else None

    def _note_unseen(self, new: Columns) -> None:
        """Say which series training had not, where names tell series apart."""
        if self._is_named(new) and (unseen := self.outlook.unseen(new.names)):
            note(f"{len(unseen):,} of {len(new):,} series were not in training: {listed(tuple(unseen), 3)}")

    def _is_named(self, columns: Columns) -> bool:
        """Whether series have names of their own, not numbers."""
        return bool(self.model.config.group) or (self.model.form.name == "wide" and not columns.names[0].isdecimal())

    def keep(self, extent: Extent) -> None:
        """Its rows have been read: the next ones of these groups go on from there."""
        self.carry.keep(extent, self.states(extent, self.carry.origins(extent)))

    # -- the network --------------------------------------------------------------------------------------------

    def _unfold(self, N: int, T: int = STEPS) -> Unfolded:
        """The network over T steps of N rows, packed."""
        unfolded = self.network.unfold(T, N, self.team)
        unfolded.pack()
        return unfolded

    def _room_for(self, lengths: np.ndarray) -> Unfolded:
        """An unfolded network to read so many rows side by side: of one of a few sizes, so that it is found again."""
        longest = max(1, int(lengths.max(initial=0)))
        return self.unfold(max(1, min(ROWS, len(lengths))), min(STEPS, 1 << (longest - 1).bit_length()))

    def outputs(self, extent: Extent, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows, parameters) of the forecasts made at the rows first <= r < end of each series."""
        return outputs(self._room_for(end - extent.reads), self.loss, extent, end)

    def states(self, extent: Extent, rows: np.ndarray) -> list[np.ndarray]:
        """The states (B, H) before these rows (B,), having read their series from where it begins to be read."""
        s, series = extent.series, extent.series.series_of(rows)
        begin, initial = extent.reads[series], extent.initial
        u = self._room_for(rows - begin)
        if initial is None:
            out = [np.zeros((len(rows), state.shape[1]), state.dtype) for state in u.states()]
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
        points, q = self.calibrated(params)
        points = s.to_values(points, rows)
        return points, [None] * len(rows) if q is None else widened(s.to_values(q, rows), points, s.holes(rows))

    def calibrated(self, params: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Points and quantiles, or None, of the outputs (n, H, K, W), as the validation part says; they never cross."""
        points, q, levels = self.loss.point(params), self.loss.quantiles(params), self.loss.levels
        if q is None:
            return points, None
        if self.shifts is not None:
            q, points = shifted(q, self.shifts), points + self.loss.point_shift(self.shifts)
            below = np.searchsorted(levels, 0.5, "right")
            points = points if below == 0 else np.maximum(points, q[..., below - 1])
            above = np.searchsorted(levels, 0.5)
            points = points if above == len(levels) else np.minimum(points, q[..., above])
        elif self.spread is not None:
            middle = q[..., len(levels) // 2, None]
            q = middle + (q - middle) * self.spread
        return points, q

    def surprises(self, extent: Extent) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows, nats (n, K) of what came in them, one step ahead), in the units of the values."""
        s, o = extent.series, self.outlook
        for rows, params in self.outputs(extent, np.maximum(extent.last, extent.first)):
            y = s.residuals(rows, extent.row_stops)
            y = y.reshape(len(rows), o.horizon, -1)[:, 0].astype(np.float64)
            nats = self.loss.nats(params[:, 0], y)
            if self.loss.dense and o.scaled:
                nats += np.log(np.array(o.width)[0] * s.std[s.series_of(rows)])
                nats += s.values[rows + 1] if o.transform == "log" else 0.0
            yield rows + 1, nats

    # -- free runs ----------------------------------------------------------------------------------------------

    def free_run(
        self, extent: Extent, rows: np.ndarray, count: int, block: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Go on from these rows (B,), fed on its own points, `block` steps at a time.

        Points (B, count, K) and quantiles (B, count, K, Q) or None; known inputs are those of the rows that follow, and
        others stay as they are.
        """
        runner = _Runner(self, extent.series, rows, self.states(extent, rows))
        points: list[np.ndarray] = []
        quantiles: list[np.ndarray | None] = []
        while len(points) < count:
            z, p, q = runner.look()
            for k in range(min(block, count - len(points))):
                points.append(p[:, k])
                quantiles.append(None if q is None else q[:, k])
                if k:
                    runner.look()
                runner.feed(z[:, k])
        return np.stack(points, axis=1), None if quantiles[0] is None else np.stack(quantiles, axis=1)


class _Runner:
    """B runs side by side; a step reads a row, of which the targets are the run's own."""

    def __init__(self, forecaster: Forecaster, s: Series, rows: np.ndarray, states: list[np.ndarray]):
        self.forecaster, self.s, self.rows, self.o = forecaster, s, rows.copy(), s.outlook
        self.fed = False
        self.u = forecaster.unfold(len(rows), 1)
        for state, start in zip(self.u.states(), states, strict=True):
            state[...] = start
        memory = self.o.memory
        back = np.arange(memory - 1, -1, -1)
        self.z = s.z[np.maximum(rows[:, None] - back, s.first[rows][:, None])]  # (B, memory, K)
        schema, flags = forecaster.model.schema, self.o.own_width  # of the run's own values none is missing
        self.flags = slice(flags, flags + self.o.flagged * len(self.o.targets))
        names = [*schema.numbers, *(schema.numbers[d] for d in schema.flagged)]
        self.columns = self.flags.stop + np.array([i for i, n in enumerate(names) if n not in self.o.known], np.int64)
        self.start, self.ids = s.X[rows], [ids[rows] for ids in s.ids]
        self.series, self.last = s.series_of(rows), s.offsets[1:][s.series_of(rows)] - 1
        self.still = s.still[rows]
        self.now = np.arange(1, len(rows) + 1) * memory - 1
        self.first = np.repeat(np.arange(len(rows)) * memory, memory)
        self.pace = None if s.pace is None else np.repeat(s.pace[rows], memory)

    def look(self):
        """Read the present row; z, points (B, H, K) and quantiles (B, H, K, Q) or None of what follows."""
        s, o, u = self.s, self.o, self.u
        past = Past(self.z.reshape(-1, self.z.shape[2]), self.first, self.pace)
        X = s.X[self.rows].copy()
        X[:, : o.own_width] = o.inputs(past, self.now)
        X[:, self.columns] = self.start[:, self.columns]
        X[:, self.flags] = 0.0 if self.fed else self.start[:, self.flags]
        u.step(Window([np.ascontiguousarray(ids[None]) for ids in self.ids], X[None]))
        params = u.logits[0].reshape(len(self.rows), o.horizon, self.z.shape[2], -1)
        point, q = self.forecaster.calibrated(params)
        mean, std = s.mean[self.series][:, None], s.std[self.series][:, None]
        if o.scaled:
            anchor = o.anchors(past, self.now)
            z = point * np.array(o.width) + np.array(o.bias) + anchor
            point, q = o.unscale(point, anchor, mean, std), None if q is None else o.unscale(q, anchor, mean, std)
        else:
            z = (point - mean) / std
        z = np.where(self.still[:, None], 0.0, z)
        return z, s.held(point, self.still, mean), None if q is None else s.held(q, self.still, mean)

    def feed(self, z: np.ndarray) -> None:
        """The next row has these values (B, K)."""
        self.z = np.concatenate([self.z[:, 1:], z[:, None]], axis=1)
        self.rows, self.fed = np.minimum(self.rows + 1, self.last), True


def total_of(nats: np.ndarray, axis: int = 1) -> np.ndarray:
    """The surprise of all targets that are there, whose likelihoods multiply; NaN where none is."""
    return np.where(np.isnan(nats).all(axis=axis), np.nan, np.nansum(nats, axis=axis))


def _refuse_reversed(first: np.ndarray, stops: np.ndarray, begin: str, until: str) -> None:
    """Where --from lies behind --until; series that end before both, or begin after, say nothing."""
    if (first > stops).any() and not (first < stops).any():
        raise UsageError(f"--from {begin} --until {until}: nothing lies between them, expected --from before --until")
