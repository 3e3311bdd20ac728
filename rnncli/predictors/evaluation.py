"""Forecasts and free runs beside what came: the figures of `--evaluate`."""

from collections.abc import Iterator

import numpy as np

from rnncli.data.extent import Extent
from rnncli.errors import RnncliError, note
from rnncli.predictors.forecaster import Forecaster
from rnncli.process.phases import told
from rnncli.tasks.forecast_errors import Errors
from rnncli.tasks.surprise import total_of

RUNS = 512  # side by side
PASSED = 0.4  # the normalised error at which a free run has lost its way (Pathak et al. 2018, arXiv 1803.04779)


class NothingCame(RnncliError):
    """No value to compare a forecast with."""


def evaluate(
    forecaster: Forecaster,
    extent: Extent,
    stride: int,
    horizon: int | None = None,
    side: str = "first",
    new: np.ndarray | None = None,
) -> dict:
    """Errors over all forecasts that end in the data, of all targets and of steps up to `horizon`; made at every
    `stride`th row, counted from the first one of each series or from the last, as `side` says. `unseen`: the same of
    steps that are `new` (rows,) alone, if there are others.
    """
    s, H = extent.series, horizon or forecaster.outlook.horizon
    full = extent.stops - H  # of these steps all may have come
    whole = full > extent.first  # which series have such an origin
    _note_short(whole, H)
    end = np.maximum(full if whole.any() else extent.last, extent.first)
    changes, grew = s.usual_changes(extent.starts), s.only_grew(extent.starts)
    sums, others = (Errors(s, H, changes, grew, forecaster.loss.levels) for _ in range(2))
    origins, ahead = Origins(extent), np.arange(1, H + 1)
    room = np.maximum(0, end - 1 - extent.first)
    start = extent.first + (room % stride if side == "last" else 0)
    for rows, points, q in told(
        "evaluating", "forecasts", _forecasts(forecaster, extent, start, end, stride, H), _count
    ):
        origins.add(rows)
        true, there = s.truth(rows, extent.limits(rows), H)
        guesses = {"": points, **sums.simple(rows)}
        sums.add(rows, true, there, guesses, q)
        if new is not None:
            others.add(rows, true, there & new.take(rows[:, None] + ahead, mode="clip"), guesses, q)
    if not sums.n:
        raise NothingCame("no forecast ends within the data: use an earlier --from, or a longer file")
    found = sums.metrics() | sums.details() | origins.figures()
    if not forecaster.loss.scaled:
        nats = np.concatenate([total_of(nats) for _, nats, _ in forecaster.surprises(extent)])
        nats = nats[~np.isnan(nats)]
        found |= {"nats_per_step": float(nats.mean()), "scored": len(nats)}
    if others.n:
        found["unseen"] = others.metrics() | others.details()
    return found


def _count(found: tuple) -> int:
    """How many forecasts."""
    return len(found[0])


def _note_short(whole: np.ndarray, H: int) -> None:
    """Say that series are left out, or that all are too short for whole forecasts."""
    left = int((~whole).sum())
    if left == len(whole):
        note(f"no forecast of {H:,} steps ends in the data: the figures are of the steps that came")
    elif left:
        note(f"{left:,} of {len(whole):,} series left out: no forecast of {H:,} steps ends in their data")


def compare(forecaster: Forecaster, extent: Extent, answers: np.ndarray) -> dict:
    """Errors of the forecasts after the last row of each series; answers (series, H, K) are what came, NaN where there
    is none.
    """
    s, H = extent.series, answers.shape[1]
    sums = Errors(s, H, s.usual_changes(extent.stops), s.only_grew(extent.stops), forecaster.loss.levels)
    origins = Origins(extent)
    for rows, points, q in _forecasts(forecaster, extent, extent.first, extent.stops, 1, H):
        origins.add(rows)
        true = answers[s.series_of(rows)]
        sums.add(rows, true, np.ones(true.shape[:2], bool), {"": points, **sums.simple(rows)}, q)
    return sums.metrics() | sums.details() | origins.figures()


class Origins:
    """The first and the last row that a forecast is made at, of all series, by their times or numbers."""

    def __init__(self, extent: Extent):
        self.extent = extent
        self.ends: list[tuple] = []  # (when, row)

    def add(self, rows: np.ndarray) -> None:
        """Forecasts are made at these rows (n,)."""
        s = self.extent.series
        when = s.times[rows] if s.times is not None else rows - s.first[rows]
        some = [(when[i], int(rows[i])) for i in (when.argmin(), when.argmax())]
        self.ends = [min(self.ends[:1] + some), max(self.ends[1:] + some)]

    def figures(self) -> dict:
        """`origins`: these two, as they are written in the file."""
        if not self.ends:
            return {}
        first, last = (self.extent.texts(row, [0])[0] for _, row in self.ends)
        return {"origins": {"first": first, "last": last}}


def _forecasts(
    forecaster: Forecaster, extent: Extent, first: np.ndarray, end: np.ndarray, stride: int, H: int
) -> Iterator[tuple]:
    """(rows (n,), points (n, H, K), quantiles (n, H, K, Q) or None) of forecasts made at every `stride`th row from
    `first` of each series to `end`; of more steps than the model was trained for, they run on.
    """
    s = extent.series
    if forecaster.outlook.horizon < H:
        for rows in _blocks(_every(first, end, stride)):
            yield rows, *forecaster.free_run(extent, rows, H, forecaster.outlook.horizon)
        return
    for rows, params in forecaster.outputs(extent, end):
        after = rows - first[s.series_of(rows)]
        counts = (after >= 0) & (after % stride == 0)
        if counts.any():
            points, q = forecaster.values(s, rows[counts], params[counts])
            yield rows[counts], points[:, :H], None if isinstance(q, list) else q[:, :H]


def free_runs(forecaster: Forecaster, extent: Extent, stride: int | None, count: int, block: int) -> Iterator[tuple]:
    """(row, points (count, K), quantiles (count, K, Q) or None) of runs on its own output, from every `stride`th row of
    each series on, without one from its first; of a stream from its last row, if the stride has come to it.
    """
    rows = extent.last if extent.streams else extent.first
    rows = rows if extent.chosen is None else rows[extent.chosen]
    if extent.streams and stride:
        rows = rows[(rows - extent.counted_from) % stride == 0]
    elif stride:
        rows = _every(rows, extent.stops, stride)
    for some in _blocks(rows):
        points, q = forecaster.free_run(extent, some, count, block)
        yield from zip(some.tolist(), points, [None] * len(points) if q is None else q, strict=True)


def _every(begin: np.ndarray, end: np.ndarray, stride: int) -> np.ndarray:
    """Every `stride`th row of each series."""
    return np.concatenate([np.arange(a, b, stride) for a, b in zip(begin.tolist(), end.tolist(), strict=True)])


def _blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    """So many rows as free runs are made from side by side."""
    return (rows[at : at + RUNS] for at in range(0, len(rows), RUNS))


def valid_steps(forecaster: Forecaster, extent: Extent, count: int, starts: int) -> dict:
    """How many steps free runs stay near the truth: from `starts` places in all, shared out to the series by their
    lengths and at least one in each, evenly apart.

    The error of a step is the root of the mean over targets of ((f - y) / d)², d the deviation of the series; a run is
    valid for the steps before the first whose error is above PASSED. Steps without a true value do not count.
    """
    s = extent.series
    first, last = extent.first, extent.last - count
    room = np.maximum(0, last - first + 1)
    if not room.any():
        raise RnncliError(f"fewer than {count} rows to compare with after --from: use a smaller --free-run")
    shares = np.where(room > 0, np.maximum(1, np.round(starts * room / room.sum())), 0).astype(np.int64)
    places = [np.linspace(a, b, n).round() for a, b, n in zip(first, last, shares, strict=True) if n]
    rows = np.unique(np.concatenate(places).astype(np.int64))
    found = [_steps(forecaster, extent, some, count) for some in _blocks(rows)]
    valid, compared = (np.concatenate(part) for part in zip(*found, strict=True))
    valid = valid[compared > 0]
    if not len(valid):
        raise RnncliError(f"no values to compare with in the {count} rows after the start of any free run")
    return {
        "starts": len(valid),
        "series": len(np.unique(s.series_of(rows[compared > 0]))),
        "steps": count,
        "missing": int((count - compared).sum()),
        "valid_steps": float(valid.mean()),
        "least": int(valid.min()),
    }


def _steps(forecaster: Forecaster, extent: Extent, rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(valid steps, steps that have a true value) of the runs from these rows."""
    s = extent.series
    points, _ = forecaster.free_run(extent, rows, count, 1)
    true = s.values[rows[:, None] + np.arange(1, count + 1)]
    known = ~np.isnan(true)
    with np.errstate(all="ignore"):  # a run that has exploded is lost
        apart = (s.outlook.straighten(points) - true) / s.std[s.series_of(rows)][:, None]
        squares = np.where(known, apart**2, 0).sum(axis=2) / np.maximum(1, known.sum(axis=2))
        lost = ~(np.sqrt(squares) <= PASSED)
    there = known.any(axis=2)
    lost &= there
    before = np.where(lost.any(axis=1), lost.argmax(axis=1), count)
    valid = (there & (np.arange(count) < before[:, None])).sum(axis=1)
    return valid, there.sum(axis=1)
