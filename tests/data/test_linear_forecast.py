"""The linear anchor: weights of a series that follows them, no look ahead, and when it is chosen."""

import json
from itertools import accumulate

import numpy as np
import pytest

from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.linear_forecast import Linear, spans_of
from rnncli.data.outlook_fit import Units, fit_anchor
from rnncli.data.ranges import Ranges
from rnncli.data.ridge_fit import Trial, clearly_less
from rnncli.errors import UsageError

SEASON, HORIZON, ROWS = 12, 5, 1500


def two_series(noise: float) -> tuple[np.ndarray, np.ndarray]:
    """z (rows, 1) of two series with a season whose size changes, one after the other, and where each row's begins."""
    rng, t = np.random.default_rng(1), np.arange(ROWS)
    waves = [np.sin(2 * np.pi * t / SEASON + i) * (1 + 0.5 * np.sin(t / 80 + i)) for i in range(2)]
    z = np.concatenate(waves)[:, None] + noise * rng.normal(size=(2 * ROWS, 1))
    return z, np.repeat([0, ROWS], ROWS)


def to_come(z: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return z[rows[:, None] + np.arange(1, HORIZON + 1)]


@pytest.mark.parametrize("season", [2, 7, 24, 64, 132])
def test_spans_cover_the_past_without_a_gap(season):
    spans = spans_of(season)
    assert spans[0][0] == 1
    assert all(far == near for (_, far), (near, _) in zip(spans, spans[1:], strict=False))
    assert Linear(season).memory == spans[-1][1] >= 2 * season


def test_the_means_of_spans_are_those_of_the_series_alone():
    z, first = two_series(0.3)
    past, rows = Past(z, first), np.array([0, 3, 700, ROWS, ROWS + 2, ROWS + 90])
    for near, far in spans_of(SEASON):
        for row, mean in zip(rows, past.mean(rows, near, far), strict=True):
            begin, end = max(first[row], row - far + 1), max(first[row], row - near) + 1
            np.testing.assert_allclose(mean, z[begin:end].mean(axis=0), atol=1e-12)


def test_a_series_without_noise_is_forecast():
    z, first = two_series(0.0)
    past, rows = Past(z, first), np.arange(200, ROWS - HORIZON)
    (weights,) = Linear(SEASON).fits(past, rows, to_come(z, rows), (1e-6,))
    others = rows + ROWS
    np.testing.assert_allclose(Linear(SEASON, weights).forecasts(past, others), to_come(z, others), atol=0.02)


def test_nothing_after_a_row_changes_its_forecast():
    z, first = two_series(0.1)
    rows = np.arange(200, 900)
    linear = Linear(SEASON, *Linear(SEASON).fits(Past(z, first), rows, to_come(z, rows), (1e-2,)))
    other = z.copy()
    other[901:] += 100
    np.testing.assert_array_equal(linear.forecasts(Past(other, first), rows), linear.forecasts(Past(z, first), rows))


def outlook(season: int) -> Outlook:
    return Outlook(["y"], HORIZON, "quantile", [0.1, 0.5, 0.9], True, season=season)


def fitted(z, first, season, asked=None, rows=slice(None)) -> Outlook:
    z, first, o = z[rows], first[rows], outlook(season)
    begin = np.unique(first)
    ends = np.minimum(begin + ROWS, len(z))
    units = Units.of(z, np.append(begin, len(z)), ends, season)
    return fit_anchor(o, Past(z, first), np.isnan(z), Ranges(begin, ends - 1), asked, units)


def test_it_is_the_anchor_where_it_comes_nearest_and_there_is_a_season():
    z, first = two_series(0.1)
    assert fitted(z, first, SEASON).anchor == "linear"
    assert fitted(z, first, 1).anchor != "linear"
    walk = np.cumsum(np.random.default_rng(0).normal(size=z.shape), axis=0)
    assert fitted(walk, np.zeros(len(z), int), SEASON).anchor == "last"


def test_too_few_rows_are_said_if_it_was_asked_for():
    z, first = two_series(0.1)
    with pytest.raises(UsageError, match="too few"):
        fitted(z, first, SEASON, "linear", slice(0, 100))
    assert fitted(z, first, SEASON, None, slice(0, 100)).anchor != "linear"


def test_weights_survive_the_model_file():
    z, first = two_series(0.1)
    o = fitted(z, first, SEASON)
    again, rows = Outlook(**json.loads(json.dumps(vars(o)))), np.array([400, ROWS + 300])
    past = Past(z, first)
    np.testing.assert_array_equal(again.anchors(past, rows), o.anchors(past, rows))


def test_a_calm_series_counts_as_much_as_a_lively_one():
    """Of both the mean of |error| / usual change: by |error| alone the lively one would decide."""
    rng = np.random.default_rng(0)
    calm = np.resize(rng.normal(size=SEASON), 600) + 0.01 * rng.normal(size=600)
    lively = np.array([*accumulate(rng.normal(size=600), lambda before, new: 0.9 * before + new)])
    z = np.concatenate([(y - y.mean()) / y.std() for y in (calm, lively)])[:, None]
    ends, first = np.array([0, 600, 1200]), np.repeat([0, 600], 600)
    gaps, origins = np.zeros(z.shape, bool), Ranges(ends[:-1], ends[1:] - 1)
    units = Units.of(z, ends, ends[1:], SEASON)
    changes = [np.abs(part[SEASON:] - part[:-SEASON]).mean() for part in (z[:600], z[600:])]
    np.testing.assert_allclose(units.ahead(np.array([0, 599, 600, 1199]))[:, 0, 0], np.repeat(changes, 2))
    alike = Units(np.ones((2, 1)), ends)
    kinds = [fit_anchor(outlook(SEASON), Past(z, first), gaps, origins, None, u).anchor for u in (alike, units)]
    assert kinds == ["linear", "season"]


def test_the_trial_of_a_linear_forecast_knows_no_later_level():
    """A series that is higher in its last quarter: what is counted from is the mean of the first three."""
    z, first = two_series(0.1)
    z[1200:ROWS] += 50
    past, rows = Past(z, first), np.arange(0, ROWS - 1)
    linear = Linear(SEASON)
    gaps, limit = np.zeros(z.shape, bool), np.full(len(rows), ROWS)
    trial = Trial.of(outlook(SEASON), linear, past, gaps, rows, limit)
    middle = ROWS * 3 // 4
    np.testing.assert_allclose(trial.level_after, z[:middle].mean())
    np.testing.assert_allclose(trial.level_before, z[:middle].mean())
    raised = Trial.of(outlook(SEASON), linear, Past(z + 7, first), gaps, rows, limit)
    one, other = trial.best(linear, past), raised.best(linear, Past(z + 7, first))
    assert one[0] == other[0]
    np.testing.assert_allclose(one[1], other[1], atol=1e-6)  # whatever z is counted from


def test_how_many_rows_have_all_that_is_looked_back_on():
    z, first = two_series(0.1)
    linear, length = Linear(SEASON), 120  # 8 seasons are 96 rows: of those from 90 on the last 24
    rows = np.arange(length - 1)
    trial = Trial.of(outlook(SEASON), linear, Past(z, first), np.zeros(z.shape, bool), rows, np.full(len(rows), length))
    assert trial.reached == pytest.approx((rows >= linear.memory).sum() / (rows >= 90).sum())


def test_errors_are_clearly_less_by_more_than_a_standard_error():
    rng = np.random.default_rng(0)
    other = rng.normal(size=(400, HORIZON, 1))
    assert clearly_less(0.5 * other, other)
    assert not clearly_less(other, 0.5 * other)
    assert not clearly_less(other, other)
    gaps = np.where(rng.random(other.shape) < 0.3, np.nan, other)
    assert clearly_less(0.5 * gaps, gaps)
