"""What `predict` does with a forecast model: rows of forecasts, of surprise, or one object of metrics, on stdout."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnncli.commands import FORECAST_OPTIONS, Source
from rnncli.errors import UsageError
from rnncli.forecasting import Forecaster, Span
from rnncli.kernels.team import available_cpus
from rnncli.model_file import Model
from rnncli.render.plain import RowWriter, print_json
from rnncli.render.plot import Panel, show

MOST_PANELS = 8
PAST_ROWS = 120  # that a picture begins with
UNDERSTOOD = (*FORECAST_OPTIONS, "to", "header", "json")


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


def predict(model: Model, source: Source, threads, ahead: Ahead, given, chosen, to, header: bool) -> None:
    """By default forecasts; `--score` and `--evaluate`."""
    wrong = [f"--{name.replace('_', '-')}" for name in sorted(given - set(UNDERSTOOD))]
    wrong += [name for name in chosen if name not in ("--score", "--evaluate")]
    if wrong:
        raise UsageError(f"{wrong[0]} is not for forecasts, and this model was trained to forecast")
    forecaster = Forecaster(model, threads or available_cpus())
    H = model.schema.outlook.horizon
    steps = ahead.free_run or ahead.horizon or H
    scores = "--score" in chosen or "--evaluate" in chosen
    span = forecaster.read(source.paths, source.encoding, ahead.begin, ahead.until, 0 if scores else max(steps, H))
    if scores and ahead.begin is None:
        span.starts = span.series.offsets[:-1].copy()
    if "--evaluate" in chosen:
        if ahead.free_run:
            print_json(forecaster.valid_steps(span, ahead.free_run, ahead.starts))
        else:
            print_json(forecaster.evaluate(span, ahead.stride or 1))
    elif "--score" in chosen:
        _write(("nats",), _scored(forecaster, span), forecaster, to, header)
    else:
        if ahead.free_run or steps > H:
            block = 1 if ahead.free_run else H
            found = _run(forecaster, span, steps, block)
        else:
            found = forecaster.forecast(span, ahead.stride or steps)
        if ahead.plot or ahead.save:
            show(_panels(forecaster, span, found, steps), ahead.save)
        else:
            _write(_names(forecaster), _rows(forecaster, span, found, steps), forecaster, to, header)


def _panels(forecaster: Forecaster, span: Span, found, steps: int) -> list[Panel]:
    """A picture for each target of the first series, of its first forecast."""
    o, s, panels, seen = forecaster.outlook, span.series, [], set()
    for row, points, q in found:
        number = int(s.series_of(np.array(row)))
        if number in seen or len(panels) >= MOST_PANELS:
            continue
        seen.add(number)
        begin = int(s.offsets[number])
        past = o.unstraighten(s.values[begin : row + 1])
        shown = range(max(begin, row + 1 - PAST_ROWS), row + 1)
        times = [_place(forecaster, span, at, row)[-1] for at in (*shown, row + 1, row + steps)]
        for k, name in enumerate(o.targets):
            title = s.keys[number] if o.columns else " ".join(filter(None, (s.keys[number], name)))
            low, high = (None, None) if q is None else (q[:steps, k, 0].tolist(), q[:steps, k, -1].tolist())
            panels.append(
                Panel(
                    title, past[-PAST_ROWS:, k].tolist(), points[:steps, k].tolist(), low, high, times[:-2], *times[-2:]
                )
            )
    return panels[:MOST_PANELS]


def _run(forecaster: Forecaster, span: Span, steps: int, block: int):
    """From the end of each series, or the row before --from."""
    rows = np.maximum(span.starts - 1, span.series.offsets[:-1])
    points, q = forecaster.run(span, rows, steps, block)
    return zip(rows.tolist(), points, [None] * len(rows) if q is None else q, strict=True)


def _write(names, rows, forecaster: Forecaster, to, header) -> None:
    grouped = ("group",) if forecaster.model.config.group else ()
    timed = "time" if forecaster.outlook.calendar["kind"] != "row" else "step"
    writer = RowWriter((*grouped, timed, *names), to, header)
    for row in rows:
        writer.write(*row)


def _names(forecaster: Forecaster) -> tuple[str, ...]:
    o, loss = forecaster.outlook, forecaster.loss
    ends = (
        [f"_q{level:g}" for level in loss.levels if level != 0.5]
        if o.loss in ("quantile", "gaussian", "student")
        else []
    )
    return tuple(f"{name}{end}" for name in (o.columns or o.targets) for end in ("", *ends))


def _rows(forecaster: Forecaster, span: Span, found, steps: int) -> Iterator[tuple]:
    """A row for each step of each forecast; targets that are series of their own stand side by side."""
    o, levels = forecaster.outlook, forecaster.loss.levels
    kept = [i for i, level in enumerate(levels) if level != 0.5]
    beside, cells = max(1, len(o.columns)), {}
    for row, points, q in found:
        number = int(span.series.series_of(np.array(row)))
        key = number // beside, row - int(span.series.offsets[number])
        cells.setdefault(key, {})[number % beside] = row, points, q
        if len(cells[key]) == beside:
            yield from _block(forecaster, span, cells.pop(key), steps, kept)


def _block(forecaster, span: Span, parts: dict, steps: int, kept: list[int]) -> Iterator[tuple]:
    row = parts[0][0]
    for k in range(min(steps, len(parts[0][1]))):
        cells = []
        for j in sorted(parts):
            _, points, q = parts[j]
            for target in range(points.shape[1]):
                cells.append(_digits(points[k, target]))
                cells += [_digits(q[k, target, i]) for i in kept] if q is not None else []
        yield (*_place(forecaster, span, row + 1 + k, row), *cells)


def _place(forecaster, span: Span, row: int, of: int) -> tuple:
    """Group and time of a row in the series that `of` is a row of."""
    o, s = forecaster.outlook, span.series
    number = int(s.series_of(np.array(of)))
    when = s.times[row] if s.times is not None else row - s.offsets[number]
    group = (_group(s.keys[number], o, number),) if forecaster.model.config.group else ()
    return (*group, o.clock.text(when))


def _group(key: str, outlook, number: int) -> str:
    """The group of a series, of which the name of the target is the end if each is a series of its own."""
    return key.removesuffix(f" {outlook.columns[number % len(outlook.columns)]}") if outlook.columns else key


def _digits(value: float) -> float:
    return float(f"{value:.6g}")


def _scored(forecaster: Forecaster, span: Span) -> Iterator[tuple]:
    """The surprise of each row, summed over its targets; rows before the first forecast have none."""
    beside, sums = max(1, len(forecaster.outlook.columns)), {}
    for rows, nats in forecaster.surprises(span):
        for row, value in zip(rows.tolist(), nats.sum(axis=1).tolist(), strict=True):
            number = int(span.series.series_of(np.array(row)))
            key = number // beside, row - int(span.series.offsets[number])
            total, count, first = sums.get(key, (0.0, 0, row))
            sums[key] = total + value, count + 1, first
            if count + 1 == beside:
                total, _, first = sums.pop(key)
                yield (*_place(forecaster, span, first, first), None if np.isnan(total) else round(total, 5))
