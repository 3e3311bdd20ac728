"""The rows out of forecasts, and of their surprise: plain values, by the row of the series that they are made at."""

from collections.abc import Iterable, Iterator

import numpy as np

from rnncli.data.digits import rounded
from rnncli.data.extent import Extent
from rnncli.data.series import Series
from rnncli.predictors.alarm import Alarms
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.learning_walk import row_scores
from rnncli.predictors.row_scores import NATS
from rnncli.process.temporary import blocks
from rnncli.tasks.rows_out import told_apart
from rnncli.tasks.surprise import total_of
from rnncli.values import POINTS

POINT = 0.01  # of the deviation: a forecast without an interval is as exact as if it had one of this width

SHARES = 4  # digits that are written

#: (row of the series, points (H, K), quantiles (H, K, Q) or None)
Found = tuple[int, np.ndarray, np.ndarray | None]


#: of the rows of a back-test, last: the last row that was read, and how many steps after it this one is
BACK_TEST = ("origin", "ahead")


def row_names(
    forecaster: Forecaster, grouped: bool, scored: bool, alarms: bool = False, back_test: bool = False
) -> tuple[str, ...]:
    """Of the fields of a row: the tool's own, then what is forecast, by its name in the file, with its quantiles, of a
    `back_test` with BACK_TEST; of scored rows with `alarms` these, and the share of each column.
    """
    o, loss = forecaster.outlook, forecaster.loss
    own = [*["group"] * grouped, "time" if o.calendar["kind"] != "row" else "step"]
    targets = o.columns or o.targets
    if scored:
        return (*own, "nats", *(["excess", "alarm", *(f"share_{name}" for name in targets)] if alarms else []))
    ends = [] if o.loss in POINTS else [f"_q{loss.levels[i]:g}" for i in _quantiles_out(forecaster)]
    taken = {len(own) + i * (1 + len(ends)) for i in range(len(targets))}
    values = [name + end for name in targets for end in ("", *ends)]
    return told_apart([*own, *values, *BACK_TEST[: 2 * back_test]], taken)


def _quantiles_out(forecaster: Forecaster) -> list[int]:
    """Which quantiles have a column of their own: not the median where it is what is forecast; of counts that is the
    mean.
    """
    return [i for i, level in enumerate(forecaster.loss.levels) if level != 0.5 or not forecaster.loss.scaled]


def forecast_rows(
    forecaster: Forecaster, extent: Extent, found: Iterable[Found], steps: int, back_test: bool = False
) -> Iterator[tuple[int, list[tuple]]]:
    """A row for each step of each forecast; targets that are series of their own stand side by side."""
    s, M, kept = extent.series, max(1, len(forecaster.outlook.columns)), _quantiles_out(forecaster)
    waiting: dict[tuple[int, int], dict[int, Found]] = {}
    for forecast in found:
        row = forecast[0]
        if extent.streams and extent.is_put_in(row):
            continue
        number = s.number_of(row)
        key = number // M, row - int(s.offsets[number])
        waiting.setdefault(key, {})[number % M] = forecast
        if len(waiting[key]) == M:
            beside = waiting.pop(key)
            yield beside[0][0], list(_steps(extent, [beside[j] for j in range(M)], steps, kept, back_test))


def _steps(extent: Extent, beside: list[Found], steps: int, kept: list[int], back_test: bool) -> Iterator[tuple]:
    """The rows of the forecasts that are made at the same time."""
    row, points, _ = beside[0]
    steps = min(steps, len(points))
    group, (origin, *texts) = _group(extent, row), extent.texts(row, range(steps + 1))
    # steps of which the file tells whether they are there
    told = 0 if extent.streams else int(extent.limits(np.array([row]))[0]) - 1 - row
    cells = zip(*(_cells(extent.series, forecast, steps, kept) for forecast in beside), strict=True)
    for k, side_by_side in enumerate(cells):
        if k >= told or not extent.is_put_in(row, k + 1):
            values = (value for values in side_by_side for value in values)
            yield (*group, texts[k], *values, *(origin, k + 1)[: 2 * back_test])


def _cells(s: Series, forecast: Found, steps: int, kept: list[int]) -> Iterator[list[float]]:
    """Of each step the targets, each with its quantiles, to as many places as they say something."""
    row, points, q = forecast
    number = s.number_of(row)
    places, std = s.places[number], s.std[number]
    for k in range(steps):
        out: list[float] = []
        for target in range(points.shape[1]):
            values = [points[k, target], *([q[k, target, i] for i in kept] if q is not None else [])]
            width = POINT * std[target] if q is None else q[k, target, -1] - q[k, target, 0]
            out += [rounded(value, *places[target], width) for value in values]
        yield out


def scored_rows(
    forecaster: Forecaster, extent: Extent, alarms: Alarms | None = None
) -> Iterator[tuple[int, list[tuple]]]:
    """The surprise of each row that is scored, series by series, summed over the targets that are there; with `alarms`
    also what of it is above that of the likeliest values, whether that is an alarm, and the part of each column in it.
    """
    s, M = extent.series, max(1, len(forecaster.outlook.columns))
    found = row_scores(forecaster, extent, alarms)
    for number in range(0, len(s), M):  # targets that are series of their own stand next to each other
        first = s.offsets[number : number + M].tolist()
        for begin, end in blocks(int(s.offsets[number + 1]) - first[0]):
            nats, above = (side_by_side(one, first, begin, end) for one in (found.nats, found.excess))
            total, there = total_of(nats), found.there[first[0] + begin : first[0] + end]
            for at in np.flatnonzero(there).tolist():
                row = first[0] + begin + at
                if not extent.is_put_in(row):
                    own = _alarm(found.alarm[row], above[at]) if alarms else ()
                    name = (*_group(extent, row), *extent.texts(row, [0]))
                    yield row, [(*name, round(float(total[at]), NATS), *own)]


def side_by_side(values: np.ndarray, first: list[int], begin: int, end: int) -> np.ndarray:
    """Of values (.., K) rows begin to end, counted from the first of each of M series: (rows, M · K)."""
    return np.concatenate([values[row + begin : row + end] for row in first], axis=1)


def _alarm(alarm: float, excess: np.ndarray) -> tuple[float, ...]:
    """(excess, `alarm`, share of each column): `excess` are nats (columns,) above those of the likeliest values, NaN
    where a value is missing. The shares add up to 1; they are equal where nothing is unusual, and 0 of a value that is
    missing.
    """
    total = round(float(total_of(excess[None])[0]), NATS)  # what is an alarm goes by it as it is written
    there = ~np.isnan(excess)
    of = excess if total > 0 else np.ones(len(excess))
    shares = np.where(there, of, 0.0) / (of[there].sum() if there.any() else np.nan)
    return (total, alarm if np.isnan(alarm) else int(alarm), *np.round(shares, SHARES).tolist())


def _group(extent: Extent, row: int) -> tuple[str, ...]:
    """The group of a row, if groups are to be told; targets that are series of their own are of one."""
    return () if extent.names is None else (extent.names[extent.group_of(row)],)
