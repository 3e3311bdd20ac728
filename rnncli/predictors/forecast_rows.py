"""The rows out of forecasts, and of their surprise: plain values, by the row of the series that they are made at."""

from collections.abc import Iterable, Iterator

import numpy as np

from rnncli.data.digits import rounded
from rnncli.data.extent import Extent
from rnncli.data.series import Series
from rnncli.predictors.forecaster import Forecaster, total_of
from rnncli.tasks.rows_out import told_apart
from rnncli.values import POINTS

POINT = 0.01  # of the deviation: a forecast without an interval is as exact as if it had one of this width

#: (row of the series, points (H, K), quantiles (H, K, Q) or None)
Found = tuple[int, np.ndarray, np.ndarray | None]


def row_names(forecaster: Forecaster, grouped: bool, scored: bool) -> tuple[str, ...]:
    """Of the fields of a row: the tool's own, then what is forecast, by its name in the file, with its quantiles."""
    o, loss = forecaster.outlook, forecaster.loss
    own = [*["group"] * grouped, "time" if o.calendar["kind"] != "row" else "step"]
    if scored:
        return (*own, "nats")
    ends = [] if o.loss in POINTS else [f"_q{loss.levels[i]:g}" for i in _quantiles_out(forecaster)]
    targets = o.columns or o.targets
    taken = {len(own) + i * (1 + len(ends)) for i in range(len(targets))}
    return told_apart([*own, *(name + end for name in targets for end in ("", *ends))], taken)


def _quantiles_out(forecaster: Forecaster) -> list[int]:
    """Which quantiles have a column of their own: not the median where it is what is forecast; of counts that is the
    mean.
    """
    return [i for i, level in enumerate(forecaster.loss.levels) if level != 0.5 or not forecaster.loss.scaled]


def forecast_rows(
    forecaster: Forecaster, extent: Extent, found: Iterable[Found], steps: int
) -> Iterator[tuple[int, list[tuple]]]:
    """A row for each step of each forecast; targets that are series of their own stand side by side."""
    s, M, kept = extent.series, max(1, len(forecaster.outlook.columns)), _quantiles_out(forecaster)
    waiting: dict[tuple[int, int], dict[int, Found]] = {}
    for forecast in found:
        row = forecast[0]
        if extent.streams and extent.is_put_in(row):
            continue
        number = int(s.series_of(np.array(row)))
        key = number // M, row - int(s.offsets[number])
        waiting.setdefault(key, {})[number % M] = forecast
        if len(waiting[key]) == M:
            beside = waiting.pop(key)
            yield beside[0][0], list(_steps(extent, [beside[j] for j in range(M)], steps, kept))


def _steps(extent: Extent, beside: list[Found], steps: int, kept: list[int]) -> Iterator[tuple]:
    """The rows of the forecasts that are made at the same time."""
    row, points, _ = beside[0]
    steps = min(steps, len(points))
    group, texts = _group(extent, row), extent.texts(row, range(1, steps + 1))
    cells = zip(*(_cells(extent.series, forecast, steps, kept) for forecast in beside), strict=True)
    for k, side_by_side in enumerate(cells):
        if extent.streams or not extent.is_put_in(row, k + 1):
            yield (*group, texts[k], *(value for values in side_by_side for value in values))


def _cells(s: Series, forecast: Found, steps: int, kept: list[int]) -> Iterator[list[float]]:
    """Of each step the targets, each with its quantiles, to as many places as they say something."""
    row, points, q = forecast
    number = int(s.series_of(np.array(row)))
    places, std = s.places[number], s.std[number]
    for k in range(steps):
        out: list[float] = []
        for target in range(points.shape[1]):
            values = [points[k, target], *([q[k, target, i] for i in kept] if q is not None else [])]
            width = POINT * std[target] if q is None else q[k, target, -1] - q[k, target, 0]
            out += [rounded(value, *places[target], width) for value in values]
        yield out


def scored_rows(forecaster: Forecaster, extent: Extent) -> Iterator[tuple[int, list[tuple]]]:
    """The surprise of each row that is scored, series by series, summed over the targets that are there."""
    s, M = extent.series, max(1, len(forecaster.outlook.columns))
    surprise, is_scored = np.full(len(s.z), np.nan), np.zeros(len(s.z), bool)
    for rows, nats in forecaster.surprises(extent):
        surprise[rows], is_scored[rows] = total_of(nats), True
    for number in range(0, len(s), M):  # targets that are series of their own stand next to each other
        begin, end = s.offsets[number : number + 2]
        total = total_of(surprise[begin : s.offsets[number + M]].reshape(M, -1), axis=0)
        for row in (begin + np.flatnonzero(is_scored[begin:end])).tolist():
            if not extent.is_put_in(row):
                yield row, [(*_group(extent, row), *extent.texts(row, [0]), round(float(total[row - begin]), 5))]


def _group(extent: Extent, row: int) -> tuple[str, ...]:
    """The group of a row, if groups are to be told; targets that are series of their own are of one."""
    return () if extent.names is None else (extent.names[extent.group_of(row)],)
