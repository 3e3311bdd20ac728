"""Forecasts and free runs beside what came: the figures of `--evaluate`."""

from collections.abc import Iterator

import numpy as np

from rnncli.errors import RnncliError
from rnncli.predictors.forecast_errors import Errors
from rnncli.predictors.forecaster import Forecaster, Span, total_of

RUNS = 512  # side by side
PASSED = 0.4  # the normalised error at which a free run has lost its way (Pathak et al. 2018, arXiv 1803.04779)


def evaluate(forecaster: Forecaster, span: Span, stride: int, horizon: int | None = None) -> dict:
    """Errors over all forecasts that end in the data, of all targets and of steps up to `horizon`."""
    s, H = span.series, horizon or forecaster.outlook.horizon
    whole, first = span.stops - H, span.first
    enough = (whole >= span.starts).any()
    end = np.maximum(whole, first) if enough else np.maximum(span.stops - 1, first)
    sums = Errors(s, forecaster.loss.levels, H, s.usual_changes(span.starts), s.only_grew(span.starts))
    for rows, points, q in _forecasts(forecaster, span, first, end, stride, H):
        sums.add(rows, *s.truth(rows, span.row_stops, H), points, q)
    if not sums.n:
        raise RnncliError("no forecast ends in the data: --from is too late, or the file too short")
    found = sums.metrics()
    if not forecaster.loss.scaled:
        nats = np.concatenate([total_of(nats) for _, nats in forecaster.surprises(span)])
        found["nats_per_step"] = float(nats[~np.isnan(nats)].mean())
    return found


def compare(forecaster: Forecaster, span: Span, answers: np.ndarray) -> dict:
    """Errors of the forecasts after the last row of each series; answers (series, H, K) are what came, NaN where there
    is none.
    """
    s, H = span.series, answers.shape[1]
    sums = Errors(s, forecaster.loss.levels, H, s.usual_changes(span.stops), s.only_grew(span.stops))
    for rows, points, q in _forecasts(forecaster, span, span.first, span.stops, 1, H):
        true = answers[s.series_of(rows)]
        sums.add(rows, true, np.ones(true.shape[:2], bool), points, q)
    return sums.metrics()


def _forecasts(forecaster: Forecaster, span: Span, first, end, stride: int, H: int) -> Iterator[tuple]:
    """(rows (n,), points (n, H, K), quantiles (n, H, K, Q) or None) of forecasts made at every `stride`th row from
    `first` on; of more steps than the model was trained for, they run on.
    """
    s = span.series
    if forecaster.outlook.horizon < H:
        every = [np.arange(a, b, stride) for a, b in zip(first.tolist(), end.tolist(), strict=True)]
        rows = np.concatenate(every)
        for at in range(0, len(rows), RUNS):
            part = rows[at : at + RUNS]
            yield part, *forecaster.run(span, part, H, forecaster.outlook.horizon)
        return
    for rows, params in forecaster.outputs(span, first, end):
        counts = (rows - first[s.series_of(rows)]) % stride == 0
        if counts.any():
            points, q = forecaster.values(s, rows[counts], params[counts])
            yield rows[counts], points[:, :H], None if isinstance(q, list) else q[:, :H]


def runs(forecaster: Forecaster, span: Span, stride: int | None, count: int, block: int) -> Iterator[tuple]:
    """(row, points (count, K), quantiles (count, K, Q) or None) of runs on its own output, from every `stride`th row of
    each series on, without one from its first; of a stream from its last row, if the stride has come to it.
    """
    rows = span.stops - 1 if span.streams else span.first
    if span.streams and stride:
        rows = rows[(rows - span.origin) % stride == 0]
    elif stride:
        rows = np.concatenate(
            [np.arange(a, b, stride) for a, b in zip(rows.tolist(), span.stops.tolist(), strict=True)]
        )
    for at in range(0, len(rows), RUNS):
        points, q = forecaster.run(span, rows[at : at + RUNS], count, block)
        yield from zip(rows[at : at + RUNS].tolist(), points, [None] * len(points) if q is None else q, strict=True)


def valid_steps(forecaster: Forecaster, span: Span, count: int, starts: int) -> dict:
    """How many steps free runs stay near the truth: from `starts` places in all, shared out to the series by their
    lengths and at least one in each, evenly apart.

    The error of a step is the root of the mean over targets of ((f - y) / d)², d the deviation of the series; a run is
    valid for the steps before the first whose error is above PASSED. Steps without a true value do not count.
    """
    s = span.series
    first, last = span.first, span.stops - 1 - count
    room = np.maximum(0, last - first + 1)
    if not room.any():
        raise RnncliError(f"no {count} rows to compare with after --from: give a smaller --free-run")
    shares = np.where(room > 0, np.maximum(1, np.round(starts * room / room.sum())), 0).astype(np.int64)
    places = [np.linspace(a, b, n).round() for a, b, n in zip(first, last, shares, strict=True) if n]
    rows = np.unique(np.concatenate(places).astype(np.int64))
    found = [_steps(forecaster, span, rows[at : at + RUNS], count) for at in range(0, len(rows), RUNS)]
    valid, compared = (np.concatenate(part) for part in zip(*found, strict=True))
    valid = valid[compared > 0]
    if not len(valid):
        raise RnncliError(f"no values to compare with in the {count} rows after any start of a free run")
    return {
        "starts": len(valid),
        "series": len(np.unique(s.series_of(rows[compared > 0]))),
        "steps": count,
        "missing": int((count - compared).sum()),
        "valid_steps": float(valid.mean()),
        "least": int(valid.min()),
    }


def _steps(forecaster: Forecaster, span: Span, rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(valid steps, steps that have a true value) of the runs from these rows."""
    s = span.series
    points, _ = forecaster.run(span, rows, count, 1)
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
