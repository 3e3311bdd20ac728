"""What a forecast has to beat on the validation part: the last value, the last season, a ridge on lags and calendar.

All are compared with the network at the same rows, steps ahead and values, those that the loss is of. The ridge is that
of data/linear_forecast.py, with the place of the next step in the day, the week and the year beside the lags:
its strength is chosen, and its weights are fitted, in the training part alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.linear_forecast import Linear
from rnncli.data.ridge_fit import Trial
from rnncli.data.series import Series
from rnncli.process.phases import told, under_way
from rnncli.tasks.forecast_errors import POOLED, Errors
from rnncli.tasks.paired import Batches
from rnncli.tasks.task import Rivals

MOST = 1 << 21  # values at most that are learnt from
BLOCK = 1024  # rows at a time
KEPT = ("n", *POOLED, "mase")  # of the figures, in the model


def rivals(train: Extent, valid: Extent) -> Rivals:
    """Their mean errors: mase where several series or targets have one, else mae."""
    under_way("rivals, the ridge regression")
    sums, ridge = errors_of(valid), _ridge(train)
    batches = Batches(valid, sums.changes)
    for rows in told("rivals", "forecasts", _blocks(valid.origins.every(1))):
        guesses = sums.simple(rows)
        if ridge is not None:
            guesses["ridge"] = _forecasts(ridge, valid.series, rows)
        truth = valid.series.truth(rows, valid.limits(rows), sums.horizon)
        batches.add(rows, *sums.add(rows, *truth, guesses))
    found = sums.metrics()
    measure = "mae" if sums.changes.size == 1 or not found["mase_series"] else "mase"
    figures = {name: found[name][measure] for name in sums.sums if found[name][measure] is not None}
    return Rivals(figures, measure, batches.means())


def errors_of(valid: Extent) -> Errors:
    """Sums of errors that forecasts of the validation part are added to."""
    s = valid.series
    return Errors(s, s.outlook.horizon, s.usual_changes(valid.begins), s.only_grew(valid.begins))


def _ridge(train: Extent) -> Linear | None:
    """Fitted on the training part; None where it is too short."""
    s, o = train.series, train.series.outlook
    linear = Linear(max(2, o.season), beside=_calendar(s))
    rows = train.rows.every(max(1, -(-train.total * len(o.targets) * max(o.horizon, linear.width) // MOST)))
    limit = train.limits(rows)
    trial = Trial.of(o, linear, s.past, s.gaps, rows, limit)
    ridge = trial.best(linear, s.past)[0] if trial.enough(linear) else None
    if ridge is None:
        return None
    to_come = o.to_come(s.past.z, s.gaps, rows, limit)
    return replace(linear, weights=linear.fits(s.past, rows, to_come, (ridge,))[0])


def _forecasts(ridge: Linear, s: Series, rows: np.ndarray) -> np.ndarray:
    """Values (n, H, K) of the steps after these rows (n,)."""
    z = replace(ridge, beside=_calendar(s)).forecasts(s.past, rows)
    with np.errstate(over="ignore"):  # of logarithms
        values = s.unscaled(z, rows)
    return s.held(values, s.series_of(rows), s.still[rows])


@dataclass(frozen=True)
class _Calendar:
    """The inputs (rows, B) that tell the time of the step after each row, as `[rows]` asks for them."""

    series: Series

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, B)."""
        return self.series.total, 2 * len(self.series.outlook.periods)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self.series.places_in_time(rows)


def _calendar(s: Series) -> _Calendar | None:
    return _Calendar(s) if s.outlook.periods else None


def _blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    return (rows[at : at + BLOCK] for at in range(0, len(rows), BLOCK))
