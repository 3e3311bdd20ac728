"""What `predict` does with a forecast model: rows of forecasts, of surprise, or one object of metrics, on stdout."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from rnncli.commands.source import Source, carried
from rnncli.config import POINTS, option_name
from rnncli.data.digits import rounded
from rnncli.data.extent import Extent
from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.answers import read_answers
from rnncli.predictors.evaluation import compare, evaluate, free_runs, valid_steps
from rnncli.predictors.following import follow
from rnncli.predictors.forecaster import Forecaster, total_of
from rnncli.predictors.known_ahead import refuse_short
from rnncli.readers.source import display
from rnncli.render.files import check_form
from rnncli.render.plain import RowWriter, print_json
from rnncli.render.plot import Panel, show
from rnncli.tasks.rows_out import told_apart

FIRST = itemgetter(0)
MOST_PANELS = 8
POINT = 0.01  # of the deviation: a forecast without an interval is as exact as if it had one of this width
PAST_ROWS = 120  # that a picture begins with
#: option that a stream has no use for -> why
IDLE_ON_STREAMS = {
    "begin": "every row that comes is forecast; what came before it goes in by --state",
    "until": "a stream is read until it ends",
    "plot": "a picture shows a whole series",
    "save": "a picture shows a whole series",
}


@dataclass
class Ahead:
    """What is forecast."""

    begin: str | None
    until: str | None
    horizon: int | None
    stride: int | None
    free_run: int | None
    starts: int
    plot: bool = False
    save: str | None = None
    hold_known: bool = False
    answers: str | None = None


def predict(
    model: Model,
    source: Source,
    threads: int | None,
    ahead: Ahead,
    state: str | None,
    chosen: list[str],
    to: str | None,
    header: bool,
) -> None:
    """By default forecasts; `--score` and `--evaluate`."""
    if ahead.save:
        check_form(ahead.save)
    forecaster = Forecaster(model, threads or usable_cpus())
    file = StateFile(state, model, forecaster.carry) if state else None
    with carried(forecaster.carry, source.follow, file) as rows_are_written:
        job = Job(forecaster, ahead, chosen[0].removeprefix("--") if chosen else "forecast", to, header)
        if source.follow:
            job.follow(source, rows_are_written)
        else:
            job.whole(source, bool(state))


def refuse(model: Model, follow: bool, state: bool, hold_known: bool, idle: list[str]) -> None:
    """Models whose rows cannot come one by one, options that are `idle` then, and one that a model has no use for."""
    if hold_known and not model.schema.outlook.known:
        raise UsageError("--hold-known is for models with inputs that are known ahead, and this one has no --known")
    asked = "--follow" if follow else "--state"
    if (follow or state) and model.form.name != "table":
        raise UsageError(f"{asked} is for tables, whose rows come one by one; this model reads {model.form.describe()}")
    if not follow:
        return
    for name in idle:
        raise UsageError(f"--follow and {option_name(name)} do not go together: {IDLE_ON_STREAMS[name]}")
    if known := model.schema.outlook.known:
        raise UsageError(
            f"--follow and a model with --known {','.join(known)} do not go together: its next rows are needed to "
            "forecast, and they are not there yet; give what is known as a file, with --state from day to day"
        )


class Job:
    """What is done with the rows that come in."""

    def __init__(self, forecaster: Forecaster, ahead: Ahead, mode: str, to: str | None, header: bool):
        self.forecaster, self.ahead, self.mode, self.to, self.header = forecaster, ahead, mode, to, header
        self.steps = ahead.free_run or ahead.horizon or forecaster.outlook.horizon
        self.runs = mode == "forecast" and bool(ahead.free_run or self.steps > forecaster.outlook.horizon)

    def whole(self, source: Source, keeps: bool) -> None:
        """All rows of the files, after those that a state holds."""
        forecaster, ahead = self.forecaster, self.ahead
        new = forecaster.columns(source.paths, source.encoding)
        if keeps:
            forecaster.carry.refuse_unnamed(new)
            for _, what in forecaster.carry.late(new):
                raise RnncliError(f"{display(source.paths[0])}: {what}: give --state the rows that it has not seen")
        mode = "forecast" if ahead.answers else self.mode
        steps = max(self.steps, forecaster.outlook.horizon) if mode == "forecast" else 0
        extent = forecaster.extent(new, mode, steps, ahead.begin, ahead.until, display(source.paths[0]))
        if mode == "forecast" and forecaster.outlook.known and ahead.begin is None and not ahead.hold_known:
            refuse_short(forecaster, extent, self.steps, display(source.paths[0]))
        if self.mode == "evaluate":
            print_json(self.figures(extent, source.encoding))
        elif ahead.plot or ahead.save:
            show(_panels(forecaster, extent, self.found(extent), self.steps), ahead.save)
        else:
            one_each, found = self.mode == "forecast" and ahead.begin is None, self.rows(extent)
            self.write(self.writer(extent.names is not None), sorted(found, key=FIRST) if one_each else found)
        if keeps:
            forecaster.keep(extent)

    def follow(self, source: Source, rows_are_written: Callable[[], None]) -> None:
        """Each row as it comes."""
        forecaster = self.forecaster
        writer = self.writer(bool(forecaster.model.config.group))
        rows_are_written()  # the names on top, if there are any
        for arrived in follow(forecaster, source.paths[0], source.encoding, self.mode, self.steps if self.runs else 0):
            self.write(writer, sorted(((arrived.place(row), out) for row, out in self.rows(arrived.extent)), key=FIRST))
            forecaster.keep(arrived.extent)
            rows_are_written()

    def write(self, writer: RowWriter, found: Iterable[tuple[int, list[tuple]]]) -> None:
        """What `rows` gave."""
        for _, out in found:
            for row in out:
                writer.write(*row)

    def figures(self, extent: Extent, encoding: str | None) -> dict:
        """`--evaluate`: errors of forecasts, or how long free runs stay near the truth."""
        if path := self.ahead.answers:
            return compare(self.forecaster, extent, read_answers(self.forecaster, path, encoding, extent, self.steps))
        if self.ahead.free_run:
            return valid_steps(self.forecaster, extent, self.ahead.free_run, self.ahead.starts)
        return evaluate(self.forecaster, extent, self.ahead.stride or 1, self.ahead.horizon)

    def writer(self, grouped: bool) -> RowWriter:
        """For rows of forecasts or of surprise."""
        timed = "time" if self.forecaster.outlook.calendar["kind"] != "row" else "step"
        own = (*["group"] * grouped, timed)
        names = (*own, "nats") if self.mode == "score" else _names(self.forecaster, own)
        return RowWriter(names, self.to, self.header)

    def rows(self, extent: Extent) -> Iterator[tuple[int, list[tuple]]]:
        """(row of the series, rows out) of each forecast, or row that is scored."""
        if self.mode == "score":
            return _scored(self.forecaster, extent)
        return _rows(self.forecaster, extent, self.found(extent), self.steps)

    def found(self, extent: Extent) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
        """(row, points (H, K), quantiles (H, K, Q) or None) of each forecast."""
        if not self.runs:
            return self.forecaster.forecast(extent, self.ahead.stride or (1 if extent.streams else self.steps))
        block = 1 if self.ahead.free_run else self.forecaster.outlook.horizon
        return free_runs(self.forecaster, extent, self.ahead.stride, self.steps, block)


def _panels(forecaster: Forecaster, extent: Extent, found, steps: int) -> list[Panel]:
    """A picture for each target of the first series, of its first forecast."""
    o, s, panels, seen = forecaster.outlook, extent.series, [], set()
    for row, points, q in found:
        number = int(s.series_of(np.array(row)))
        if number in seen or len(panels) >= MOST_PANELS:
            continue
        seen.add(number)
        begin = int(s.offsets[number])
        past = o.unstraighten(s.values[begin : row + 1])
        shown = range(max(begin, row + 1 - PAST_ROWS), row + 1)
        times = extent.texts(row, [*(at - row for at in shown), 1, steps])
        for k, name in enumerate(o.targets):
            title = s.keys[number] if o.columns else " ".join(filter(None, (s.keys[number], name)))
            low, high = (None, None) if q is None else (q[:steps, k, 0].tolist(), q[:steps, k, -1].tolist())
            panels.append(
                Panel(
                    title, past[-PAST_ROWS:, k].tolist(), points[:steps, k].tolist(), low, high, times[:-2], *times[-2:]
                )
            )
    return panels[:MOST_PANELS]


def _names(forecaster: Forecaster, own: tuple[str, ...]) -> tuple[str, ...]:
    """Of the fields of a row: the tool's `own`, then what is forecast, by its name in the file, with its quantiles."""
    o, loss = forecaster.outlook, forecaster.loss
    ends = [] if o.loss in POINTS else [f"_q{loss.levels[i]:g}" for i in _kept(forecaster)]
    targets = o.columns or o.targets
    names = [*own, *(name + end for name in targets for end in ("", *ends))]
    taken = {len(own) + i * (1 + len(ends)) for i in range(len(targets))}
    return told_apart(names, taken)


def _kept(forecaster: Forecaster) -> list[int]:
    """Which quantiles have a column of their own: not the median where it is what is forecast; of counts that is the
    mean.
    """
    return [i for i, level in enumerate(forecaster.loss.levels) if level != 0.5 or not forecaster.loss.scaled]


def _rows(forecaster: Forecaster, extent: Extent, found, steps: int) -> Iterator[tuple[int, list[tuple]]]:
    """A row for each step of each forecast; targets that are series of their own stand side by side."""
    o, kept = forecaster.outlook, _kept(forecaster)
    beside, cells = max(1, len(o.columns)), {}
    for row, points, q in found:
        number = int(extent.series.series_of(np.array(row)))
        if extent.streams and extent.is_put_in(row):
            continue
        key = number // beside, row - int(extent.series.offsets[number])
        cells.setdefault(key, {})[number % beside] = row, points, q
        if len(cells[key]) == beside:
            parts = cells.pop(key)
            yield parts[0][0], list(_block(extent, parts, steps, kept))


def _block(extent: Extent, parts: dict, steps: int, kept: list[int]) -> Iterator[tuple]:
    row, points, _ = parts[0]
    steps = min(steps, len(points))
    group, texts = _group(extent, row), extent.texts(row, range(1, steps + 1))
    for k in range(steps):
        if not extent.streams and extent.is_put_in(row, k + 1):
            continue
        cells = []
        for j in sorted(parts):
            at, points, q = parts[j]
            number = int(extent.series.series_of(np.array(at)))
            places, std = extent.series.places[number], extent.series.std[number]
            for target in range(points.shape[1]):
                width = POINT * std[target] if q is None else q[k, target, -1] - q[k, target, 0]
                found = [points[k, target], *([q[k, target, i] for i in kept] if q is not None else [])]
                cells += [rounded(value, *places[target], width) for value in found]
        yield (*group, texts[k], *cells)


def _group(extent: Extent, row: int) -> tuple[str, ...]:
    """The group of a row, if groups are to be told; targets that are series of their own are of one."""
    return () if extent.names is None else (extent.names[extent.group_of(row)],)


def _scored(forecaster: Forecaster, extent: Extent) -> Iterator[tuple[int, list[tuple]]]:
    """The surprise of each row that is scored, series by series, summed over the targets that are there."""
    s, beside = extent.series, max(1, len(forecaster.outlook.columns))
    surprise, is_scored = np.full(len(s.z), np.nan), np.zeros(len(s.z), bool)
    for rows, nats in forecaster.surprises(extent):
        surprise[rows], is_scored[rows] = total_of(nats), True
    for number in range(0, len(s), beside):  # targets that are series of their own stand next to each other
        begin, end = s.offsets[number : number + 2]
        total = total_of(surprise[begin : s.offsets[number + beside]].reshape(beside, -1), axis=0)
        for row in (begin + np.flatnonzero(is_scored[begin:end])).tolist():
            if extent.is_put_in(row):
                continue
            nats = float(total[row - begin])
            yield row, [(*_group(extent, row), *extent.texts(row, [0]), round(nats, 5))]
