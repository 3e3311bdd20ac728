"""What is learnt of the training part of series: their scales and clocks, the anchor, and how far it is off.

The anchor is the one that comes nearest by itself, by the mean of |error| / usual change of the series in a season, as
MASE has it, so that a calm series counts as much as a lively one: linear only where there is a season, if most rows
have all that it looks back on, and with weights of the first three quarters of the training part it comes nearer in the
last one, by more than a standard error.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.floor import ceilings, floors
from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.linear_forecast import Linear
from rnncli.data.look_back import look_back
from rnncli.data.ranges import Ranges
from rnncli.data.ridge_fit import Trial, clearly_less, mean, mean_size
from rnncli.data.scale import Scale, Spread
from rnncli.data.series import missing
from rnncli.data.series_encoding import Targets, filled_anew, scaled, straightened
from rnncli.data.target_columns import target_values
from rnncli.data.usual_change import usual_changes
from rnncli.errors import RnncliError, UsageError

ANCHORS = ("zero", "last", "mean", "season")  # that are there without weights
DRIFT = 0.5  # of the deviation, between the means of the halves of a training part
SAMPLE = 4096  # rows that the anchor is chosen by
FLAT = 1e-9
CLEAR = 2.0  # standard errors of a bias
REACHED = 0.5  # of the rows that linear is tried on have all that it looks back on


def fit_outlook(
    chosen: Outlook, columns: Columns, cuts: np.ndarray, anchor: str | None, looks_back: int | None
) -> tuple[Outlook, Targets]:
    """`chosen` with all that the rows of each series before its cut (series,) say, and the targets as they are then.
    `anchor` and `looks_back` are those that were asked for, None for the best. RnncliError if there is nothing to learn
    from.
    """
    offsets = columns.offsets
    values = target_values(columns, chosen.targets)
    changes = usual_changes(values, offsets, offsets[1:], chosen.season)
    o = replace(chosen, usual=np.where(np.isnan(changes), None, changes).tolist(), **_clocks(columns))
    if o.scaled:
        o = replace(o, floor=floors(values, offsets, cuts), ceiling=ceilings(values, offsets, cuts))
    values = straightened(values, o)
    o = fit_scale(o, values, offsets, cuts, columns.names)
    scale = o.scales(values, columns, cuts)
    z, gaps = scaled(values, scale, offsets), missing(values)
    rows = Ranges(offsets[:-1], cuts - 1)
    if not len(rows):
        raise RnncliError("no rows to learn from: every series ends before its second row")
    flagged = any(bool(gaps[begin:end].any()) for begin, end in rows)
    o = replace(o, flagged=flagged, drift=o.scaled and detect_drift(z, offsets, cuts))
    moves = ~scale.flat.all(axis=1)
    moving = Ranges(offsets[:-1][moves], cuts[moves] - 1)
    rows = moving if len(moving) else rows
    past = Past.of(z, offsets, o.pace_of(columns.clocks))
    o = replace(o, look_back=looks_back or look_back(o, past, gaps, rows))
    units = Units.of(past.z, offsets, cuts, o.season)
    o = fit_anchor(o, past, gaps, rows, anchor, units)
    seasons = o.seasons_of(past)
    if seasons is not None and gaps.any():  # which fill the gaps now
        past = replace(past, z=filled_anew(past.z, gaps, offsets, seasons))
        o = fit_anchor(o, past, gaps, rows, o.anchor, units)
    return o, Targets(values, gaps, scale, past)


def _clocks(columns: Columns) -> dict[str, Any]:
    """The calendars and which of them each series has, where not all have the same."""
    found = {clock.steps: clock for clock in columns.clocks}
    numbers = {steps: i for i, steps in enumerate(found)}
    paces = [numbers[clock.steps] for clock in columns.clocks]
    return {"clocks": [clock.to_json() for clock in found.values()], "paces": paces} if len(found) > 1 else {}


def fit_scale(o: Outlook, values: np.ndarray, offsets: np.ndarray, cuts: np.ndarray, keys: list[str]) -> Outlook:
    """Mean and deviation of each series before its cut, and of all; values (rows, K) are straightened. Bits are taken
    as they are.
    """
    K = values.shape[1]
    if not o.scaled and o.loss == "bernoulli":
        scale: dict[str, Any] = {"mean": [[0.0] * K] * (len(keys) + 1), "std": [[1.0] * K] * (len(keys) + 1)}
    else:
        parts = [values[begin:cut] for begin, cut in zip(offsets[:-1], cuts, strict=True)]
        own = [Spread.of(part) for part in parts]
        every = (own[0] if len(own) == 1 else Spread.of(values, Ranges(offsets[:-1], cuts))).scale()
        scale = as_lists([spread.scale(every) for spread in own] + [every])
    o = replace(o, keys=keys, **scale)
    return replace(o, by_series=len(keys) > 1 and bool(o.number_of))


def as_lists(scales: list[Scale]) -> dict[str, Any]:
    """mean, std and flat, (series, K) each, as plain data."""
    parts = zip(*scales, strict=True) if scales else ([],) * 3
    return {name: [part.tolist() for part in each] for name, each in zip(("mean", "std", "flat"), parts, strict=True)}


@dataclass(frozen=True)
class Units:
    """The usual change in a season of each series; 1, its deviation, where there is none."""

    changes: np.ndarray  # (series, K)
    offsets: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, offsets: np.ndarray, cuts: np.ndarray, season: int) -> "Units":
        """By the rows (rows, K) of each series before its cut."""
        changes = usual_changes(z, offsets, cuts, season)
        return cls(np.where(np.isnan(changes), 1.0, changes), offsets)

    def ahead(self, rows: np.ndarray) -> np.ndarray:
        """(rows, 1, K) of the steps ahead of these."""
        return self.changes[np.searchsorted(self.offsets, rows, "right") - 1][:, None]


def fit_anchor(o: Outlook, past: Past, gaps: np.ndarray, origins: Ranges, asked: str | None, units: Units) -> Outlook:
    """Anchor, bias and width from some of the origins of training, which end a row before their targets do; errors are
    compared in `units`.
    """
    rows = origins.chosen(SAMPLE, np.random.default_rng(0))
    limit = origins.ends_of(rows) + 1
    o = replace(o, jump=[float(s) if s > FLAT else 1.0 for s in past.change(rows).std(axis=0)])
    if not o.scaled:
        return replace(o, bias=np.zeros((o.horizon, past.z.shape[1])).tolist(), width=[])
    trial = _Trial(o, past, gaps, rows, limit, units)
    o = replace(o, anchor=asked or trial.nearest())
    ridge = replace(trial, o=o).ridge() if asked in (None, "linear") else None
    if ridge:
        weights = trial.linear.fits(past, rows, trial.to_come, (ridge,))[0]
        o = replace(o, anchor="linear", weights=weights.tolist())
    rest = trial.to_come - o.anchors(past, rows)
    bias = mean(rest)
    if o.anchor != "linear":  # whose weights have a constant
        bias = np.where(clear_of_chance(rest, bias, o.season, len(origins)), bias, 0.0)
    width = np.sqrt(mean((rest - bias) ** 2))
    return replace(o, bias=bias.tolist(), width=np.where(width > FLAT, width, 1.0).tolist())


def clear_of_chance(rest: np.ndarray, bias: np.ndarray, season: int, origins: int) -> np.ndarray:
    """(K,) whether the bias (H, K) of each target, the mean of what the anchor is off, rest (rows, H, K), is more than
    CLEAR standard errors.

        t² = mean over k of bias_k² n_k / (s_k² max(k, m))     s_k the deviation, n_k the values, m the rows of a season

    Rows nearer than the step ahead, or a season, share what came between, so they count as one. The rows are some of so
    many origins.
    """
    n = (~np.isnan(rest)).sum(axis=0) * (origins / len(rest))
    span = np.maximum(np.arange(1, rest.shape[1] + 1), season)[:, None]
    spread = mean((rest - bias) ** 2)
    squares = bias**2 * np.maximum(1, n / span) / np.maximum(spread, FLAT**2)
    return squares.mean(axis=0) > CLEAR**2


@dataclass(frozen=True)
class _Trial:
    """Anchors are tried on these rows."""

    o: Outlook
    past: Past
    gaps: np.ndarray
    rows: np.ndarray
    limit: np.ndarray
    units: Units

    @cached_property
    def to_come(self) -> np.ndarray:
        """z (.., H, K) of the steps after each row."""
        return self.o.to_come(self.past.z, self.gaps, self.rows, self.limit)

    @property
    def linear(self) -> Linear:
        """The linear anchor without its weights."""
        return Linear(max(2, self.o.season))

    def nearest(self) -> str:
        """The anchor without weights that has the least mean error, less its bias."""
        o = self.o
        kinds = [k for k in ANCHORS if not (k == "zero" and o.drift or k == "season" and o.season < 2)]

        def error(kind: str) -> float:
            rest = self.to_come - o.anchors(self.past, self.rows, kind)
            return mean_size((rest - mean(rest)) / self.units.ahead(self.rows))

        return min(kinds, key=error)

    def ridge(self) -> float | None:
        """That of the linear anchor if it is to be taken."""
        o, past, linear = self.o, self.past, self.linear
        asked = o.anchor == "linear"
        if o.season < 2 and not asked:
            return None
        trial = Trial.of(o, linear, past, self.gaps, self.rows, self.limit)
        if asked and not trial.enough(linear):
            raise UsageError(f"--level linear: {len(self.rows):,} rows of training are too few: use another --level")
        if not asked and not (trial.enough(linear) and trial.reached >= REACHED):
            return None
        units = self.units.ahead(trial.after)
        ridge, rests = trial.best(linear, past, units)
        if asked:
            return ridge
        bias = mean(trial.known - o.anchors(past, trial.before))
        others = (trial.true - o.anchors(past, trial.after) - bias) / units
        return ridge if clearly_less(rests, others) else None


def detect_drift(z: np.ndarray, offsets: np.ndarray, cuts: np.ndarray) -> bool:
    """Whether the halves of most training parts have other means."""
    apart = []
    for begin, cut in zip(offsets[:-1], cuts, strict=True):
        middle = (begin + cut) // 2
        if cut - begin >= 8:
            apart.append(np.abs(z[begin:middle].mean(axis=0) - z[middle:cut].mean(axis=0)))
    return bool(apart) and float(np.median(np.concatenate(apart))) > DRIFT
