"""A trained forecast model and series, to forecasts, their errors, surprise, and free runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from rnncli.data.calendar import Calendar
from rnncli.data.clock import clocks_to_predict, extended, put_on_clocks, taken_once
from rnncli.data.columns import Columns, Known
from rnncli.data.limits import stops_of
from rnncli.data.past import Past
from rnncli.data.series import Part, Series, encode, melt, read_part
from rnncli.data.window import Window
from rnncli.data.zones import to_instants
from rnncli.errors import UsageError, note
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.conformal import shifted, widened
from rnncli.predictors.series_state import Carry, Joined
from rnncli.readers.columns import read_columns
from rnncli.readers.naming import listed
from rnncli.readers.source import display, reopenable
from rnncli.tasks import task_class
from rnncli.tasks.column_task import roles_of
from rnncli.tasks.forecast import numbers_of, outputs
from rnncli.tasks.target_values import refuse_values

STEPS = 128  # of a series at a time
ROWS = 32  # series side by side
UNFOLDINGS = 4  # that are kept, for the next rows of a stream


class Forecaster:
    """A model at work on series."""

    def __init__(self, model: Model, threads: int = 1):
        self.model, self.network, self.team = model, model.network, Team(threads)
        self.task = task_class("forecast")(model.schema, model.form, model.config)
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

    def read(self, paths: list[str], encoding: str | None, begin: str | None, until: str | None, ahead: int) -> "Span":
        """The files, with `ahead` steps after them; forecasts begin at the row or time `begin`."""
        return self.span(self.rows(paths, encoding), "forecast", ahead, begin, until, display(paths[0]))

    def rows(self, paths: list[str], encoding: str | None) -> Columns:
        """The rows of the files."""
        c, paths = self.model.config, [reopenable(path) for path in paths]
        roles, encoding = roles_of(c), encoding or c.encoding
        columns = read_columns(paths, self.model.form, roles, encoding, c.tokens, c.task, Known(self.numbers))
        return to_instants(columns, self.outlook.clock.zone, display(paths[0]), self.carry.last)

    def span(
        self,
        new: Columns,
        mode: str,
        ahead: int = 0,
        begin: str | None = None,
        until: str | None = None,
        name: str = "the input",
    ) -> "Span":
        """New rows, of files of this name, and `ahead` steps after them. Forecasts begin at the row or time `begin`,
        else at the end of the data; those that are to `score` or `evaluate` at the first new row.
        """
        joined = self._joined(new, name)
        self._note_unseen(new)
        self.model.schema.note_strange(new)
        rows, o = joined.columns, self.outlook
        clock = o.clock_of(rows)
        limits = [stops_of(rows, clock, text, option) for option, text in (("--from", begin), ("--until", until))]
        if begin and until:
            _refuse_reversed(limits[0], limits[1], begin, until)
        starts, stops = (np.maximum(a - rows.offsets[:-1], joined.tails) for a in limits)
        refuse_values(o, rows, list(o.columns or o.targets), stops)
        before = np.minimum(rows.lengths if begin is None else starts, stops)
        if begin is None and mode != "forecast":
            starts = joined.tails
            self.carry.note_looking_ahead(joined, name)
        return self._encoded(joined, starts, stops, before, ahead, mode == "score" and not o.known)

    def arrived(self, new: Columns, mode: str, ahead: int = 0) -> "Span":
        """Rows of a stream: a forecast is made at each of them, or it is scored."""
        refuse_values(self.outlook, new, list(self.outlook.columns or self.outlook.targets))
        joined = self._joined(new)
        starts = joined.tails + (mode == "forecast")
        span = self._encoded(joined, starts, joined.columns.lengths, starts, ahead, True)
        return replace(span, streams=True)

    def _joined(self, new: Columns, name: str = "") -> Joined:
        """After what was kept of them, each series on its clock; rows of a stream have no `name`."""
        o = self.outlook
        o.clock.refuse_others(new.times, new.time_sample)
        joined = self.carry.join(taken_once(new, name) if name and o.regular else new)
        rows = joined.columns
        clocks = clocks_to_predict(rows, o, name) if name else [o.clock_of_series(key) for key in rows.names]
        return replace(joined, columns=put_on_clocks(rows, clocks, name, joined.tails))

    def _encoded(self, joined: Joined, starts, stops, before, ahead: int, gaps: bool) -> "Span":
        """The series of these rows, of which starts to stops (groups,) count, and those `before` tell the scale of one
        never seen. With `gaps`, rows at the end without a target are not the future.
        """
        o, M = self.outlook, self.carry.beside
        whole = extended(melt(joined.columns, o.columns) if o.columns else joined.columns, ahead)
        series = encode(
            self.model.schema, whole, whole.offsets[:-1] + np.repeat(before, M), joined.scales(whole.keys, M)
        )
        offsets = whole.offsets[:-1]
        data = (np.maximum(series.ends_of_data(), offsets + np.repeat(joined.tails, M)) - offsets).reshape(-1, M)
        data = data.max(axis=1)  # a row has come as soon as one of its targets is there
        ends = stops if gaps or not o.known else np.minimum(stops, data)
        stops = offsets + np.repeat(stops, M)
        stops = stops if gaps else np.minimum(offsets + np.repeat(data, M), stops)
        starts = np.minimum(offsets + np.repeat(starts, M), stops)
        reads = np.repeat([self.carry.first_read(kept) for kept in joined.kept], M)
        groups = self.groups(joined.columns)
        return Span(series, starts, stops, offsets + reads, joined.initial(M), joined, groups, before, ends)

    def groups(self, columns: Columns) -> list[str] | None:
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

    def keep(self, span: "Span") -> None:
        """Its rows have been read: the next ones of these groups go on from there."""
        self.carry.groups |= self.carry.after(self, span)

    def _unfold(self, N: int, T: int = STEPS):
        """The network over T steps of N rows, packed."""
        unfolded = self.network.unfold(T, N, self.team)
        unfolded.pack()
        return unfolded

    def outputs(self, span: "Span", first: np.ndarray, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows, parameters) of the forecasts made at the rows first <= r < end of each series."""
        series = span.series
        part = Part(series, span.reads, first, np.maximum(end, span.reads), span.stops, span.initial)
        longest = max(1, int(part.lengths.max()))
        return outputs(self.unfold(max(1, min(ROWS, len(series))), _room(longest)), self.loss, part)

    # -- forecasts ----------------------------------------------------------------------------------------------

    def forecast(self, span: "Span", stride: int) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
        """(row, points (H, K), quantiles (H, K, Q) or None) of the forecasts after each row that counts."""
        s = span.series
        for rows, params in self.outputs(span, span.first, span.stops):
            counts = (rows - span.origin[s.series_of(rows)]) % stride == 0
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

    def surprises(self, span: "Span") -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows, nats (n, K) of what came in them, one step ahead), in the units of the values."""
        s, o, first = span.series, self.outlook, span.first
        for rows, params in self.outputs(span, first, np.maximum(span.stops - 1, first)):
            y = s.residuals(rows, span.row_stops)
            y = y.reshape(len(rows), o.horizon, -1)[:, 0].astype(np.float64)
            nats = self.loss.nats(params[:, 0], y)
            if self.loss.dense and o.scaled:
                nats += np.log(np.array(o.width)[0] * s.std[s.series_of(rows)])
                nats += s.values[rows + 1] if o.transform == "log" else 0.0
            yield rows + 1, nats

    # -- runs on its own output ---------------------------------------------------------------------------------

    def run(self, span: "Span", rows: np.ndarray, count: int, block: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Go on from these rows (B,), fed on its own points, `block` steps at a time.

        Points (B, count, K) and quantiles (B, count, K, Q) or None; known inputs are those of the rows that follow, and
        others stay as they are.
        """
        runner = _Runner(self, span.series, rows, self.states(span, rows))
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
        whole = None if quantiles[0] is None else np.stack(quantiles, axis=1)
        return np.stack(points, axis=1), whole

    def states(self, span: "Span", rows: np.ndarray) -> list[np.ndarray]:
        """The states (B, H) before these rows (B,), having read their series from where it begins to be read."""
        series = span.series.series_of(rows)
        initial = None if span.initial is None else [state[series] for state in span.initial]
        part = Part(span.series, span.reads[series], rows, rows, rows, initial)
        longest = max(1, int(part.lengths.max(initial=0)))
        u = self.unfold(max(1, min(ROWS, len(rows))), _room(longest))
        out = (
            [np.zeros((len(rows), state.shape[1]), state.dtype) for state in u.states()] if initial is None else initial
        )
        for _, inside, chosen, _ in read_part(u, part):
            for n, run in enumerate(chosen):
                steps = int(inside[:, n].sum())
                if steps:
                    for state, kept in zip(u.states(steps), out, strict=True):
                        kept[run] = state[n]
        return out


@dataclass(frozen=True)
class Span:
    """Series and the rows starts[i] <= r < stops[i] of each that are forecast; it is read from row reads[i] on."""

    series: Series
    starts: np.ndarray
    stops: np.ndarray
    reads: np.ndarray
    initial: list[np.ndarray] | None  # the states (series, H) there, if they are not zero
    joined: Joined
    groups: list[str] | None  # as rows out name them, if they do
    before: np.ndarray  # (groups,) how many rows told the scale of one never seen
    ends: np.ndarray  # (groups,) where the rows of the past end
    streams: bool = False  # whether nothing is known of what comes after a row

    @cached_property
    def row_stops(self) -> np.ndarray:
        """stops (rows,)."""
        return np.repeat(self.stops, np.diff(self.series.offsets))

    @property
    def first(self) -> np.ndarray:
        """The first row of each series that a forecast is made at."""
        return np.maximum(self.starts - 1, self.series.offsets[:-1])

    @property
    def numbers(self) -> np.ndarray:
        """The number of the first row of each series, among all that it ever had."""
        return np.repeat(self.joined.numbers, len(self.series) // max(1, len(self.joined.numbers)))

    def texts(self, row: int, steps: Iterable[int]) -> list[str]:
        """The times of the rows so many steps after this one, as they are written."""
        s, number = self.series, int(self.series.series_of(np.array(row)))
        clock = self.clock_of(number)
        if s.times is None:
            first = row - s.offsets[number] + self.numbers[number]
            return [clock.text(first + k) for k in steps]
        if self.streams:
            ahead = np.concatenate([s.times[row : row + 1], clock.ahead(s.times[row], max(steps))])
            return [clock.text(ahead[k]) for k in steps]
        return [clock.text(s.times[row + k]) for k in steps]

    def clock_of(self, number: int) -> Calendar:
        """That of a series."""
        columns = self.joined.columns
        clock = columns.clocks[number * len(columns) // len(self.series)]
        return replace(clock, sample=columns.time_sample)

    def is_put_in(self, row: int, after: int = 0) -> bool:
        """Whether the row so many steps after this one is no row of the file, but a step that was put in."""
        columns, number = self.joined.columns, int(self.series.series_of(np.array(row)))
        if columns.numbering is None:
            return False
        begin, end = columns.offsets[number * len(columns) // len(self.series) :][:2].tolist()
        at = begin + row + after - int(self.series.offsets[number])
        return at < end and bool(columns.numbering[at] < 0)

    @property
    def origin(self) -> np.ndarray:
        """The row of each series from which strides are counted."""
        return self.series.offsets[:-1] - self.numbers if self.streams else self.first


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


def _room(steps: int) -> int:
    """A size of window that has room for so many: one of a few, so that unfolded networks are found again."""
    return min(STEPS, 1 << (steps - 1).bit_length())
