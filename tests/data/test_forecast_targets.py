"""Inputs, anchors and targets of forecasts by their definitions, in plain loops."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.columns import Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.series import Series

H, SEASON = 4, 3
Z = np.random.default_rng(1).normal(size=(25, 2))
FIRST = np.repeat([0, 10], [10, 15])
PAST, ROWS = Past(Z, FIRST), np.array([0, 2, 9, 10, 17, 24])
LEARNT = Outlook(["u", "v"], H, "quantile", [0.1, 0.5, 0.9], True, season=SEASON, keys=["a", "b"], jump=[2.0, 4.0])


def local_mean(row):
    return Z[max(FIRST[row], row - SEASON + 1) : row + 1].mean(axis=0)


ANCHORS = {
    "zero": lambda row, k: np.zeros(2),
    "last": lambda row, k: Z[row],
    "mean": lambda row, k: local_mean(row),
    "season": lambda row, k: Z[at] if (at := row + k - SEASON * -(-k // SEASON)) >= FIRST[row] else Z[row],
}


@pytest.mark.parametrize("kind", ANCHORS)
def test_an_anchor_is_what_its_name_says(kind):
    expected = [[ANCHORS[kind](row, k) for k in range(1, H + 1)] for row in ROWS]
    np.testing.assert_allclose(LEARNT.anchors(PAST, ROWS, kind), expected, rtol=1e-12)
    assert LEARNT.anchors(PAST, ROWS, kind, 2).shape == (6, 2, 2)


@pytest.mark.parametrize("kind", ANCHORS)
def test_no_anchor_and_no_input_knows_what_comes_later(kind):
    o, later = replace(LEARNT, anchor=kind, drift=True), Z.copy()
    later[18:] += 100
    rows = np.arange(18)
    np.testing.assert_array_equal(o.anchors(Past(later, FIRST), rows), o.anchors(PAST, rows))
    np.testing.assert_array_equal(o.inputs(Past(later, FIRST), rows), o.inputs(PAST, rows))


@pytest.mark.parametrize("drift", [False, True])
def test_inputs_are_the_values_their_changes_and_those_of_the_last_season(drift):
    o = replace(LEARNT, drift=drift)
    expected = []
    for row in ROWS:
        base = local_mean(row) if drift else 0
        before = [Z[max(row - lag, FIRST[row])] for lag in range(SEASON)]
        change = (Z[row] - before[1]) / [2.0, 4.0]
        expected.append(np.concatenate([Z[row] - base, change, before[1] - base, before[2] - base]))
    np.testing.assert_allclose(o.inputs(PAST, ROWS), expected, rtol=1e-5, atol=1e-6)
    assert o.own_width == len(expected[0]) == 8


@pytest.mark.parametrize(("season", "values"), [(1, 4), (3, 5), (3, 2), (70, 3)])
def test_a_look_back_is_read_beside_the_season(season, values):
    o = replace(LEARNT, season=season, look_back=values)
    lags = range(1, max(season, values)) if season < 70 else [1, 2, 69]
    expected = [np.concatenate([Z[max(row - lag, FIRST[row])] for lag in lags]) for row in ROWS]
    np.testing.assert_allclose(o.inputs(PAST, ROWS)[:, 4:], expected, rtol=1e-6)
    assert o.own_width == 4 + len(expected[0])
    assert o.memory > max(lags)
    assert replace(o, scaled=False).lags == []


@pytest.mark.parametrize(("longer", "lags"), [(6, [2, 3, 4, 5]), (3, [1, 2]), (1, [])])
def test_what_followed_a_longer_season_ago_is_read(longer, lags):
    o = replace(LEARNT, season=1, longer=longer)  # the steps ahead, H of them, lie so far back there
    expected = [np.concatenate([Z[row], *[Z[max(row - lag, FIRST[row])] for lag in lags]]) for row in ROWS]
    np.testing.assert_allclose(np.delete(o.inputs(PAST, ROWS), [2, 3], axis=1), expected, rtol=1e-6)
    assert o.memory > max(lags, default=0) and o.own_width == 4 + 2 * len(lags)
    assert len(replace(o, horizon=100, longer=1000).lags) == 64


def test_a_target_is_what_is_left_of_the_anchor_and_the_way_back_gives_the_value():
    bias, width = np.arange(8.0).reshape(4, 2) / 10, np.arange(1.0, 9).reshape(4, 2)
    o = replace(LEARNT, anchor="last", bias=bias.tolist(), width=width.tolist())
    values, limit, scale = Z.copy(), np.repeat([10, 24], [10, 15]), np.ones((2, 2))
    values[5, 1] = np.nan
    s = Series(o, np.array([0, 10, 25]), o.keys, values, Z, 0 * scale, scale, scale == 0, Z.astype(np.float32), [])
    found = s.residuals(ROWS, limit[ROWS]).reshape(6, H, 2)
    for i, row in enumerate(ROWS):
        for k in range(H):
            at = row + 1 + k
            for j in range(2):
                if at >= limit[row] or (at, j) == (5, 1):
                    assert np.isnan(found[i, k, j])
                else:
                    assert found[i, k, j] == pytest.approx((Z[at, j] - Z[row, j] - bias[k, j]) / width[k, j], rel=1e-5)
    assert np.isnan(found[[2, 5]]).all()  # nothing comes after the last row
    mean, std = np.full((6, 1, 2), 7.0), np.full((6, 1, 2), 3.0)
    values = o.unscale(found.astype(np.float64), o.anchors(PAST, ROWS), mean, std)
    np.testing.assert_allclose(values[0, 0], Z[1] * 3 + 7, rtol=1e-5)


def test_the_logarithm_and_the_way_back():
    o = replace(LEARNT, transform="log")
    assert np.isnan(o.straighten(np.array([0.0, -1.0]))).all()
    assert o.straighten(np.array([np.e])).tolist() == [1.0]
    assert o.unstraighten(np.array([0.0, 1.0])) == pytest.approx([1.0, np.e])
    assert LEARNT.straighten(np.array([-1.0])).tolist() == [-1.0]


def test_series_of_training_keep_their_scale_and_others_have_that_of_their_rows():
    scale = {"mean": [[1.0], [5.0], [3.0]], "std": [[2.0], [4.0], [3.0]], "flat": [[False], [True], [False]]}
    o = replace(LEARNT, targets=["u"], **scale)
    values, offsets = np.array([1.0, 9, 9, 4, 8, 100, 6, 10, 200])[:, None], np.array([0, 3, 6, 9])
    found = o.scales(values, Columns(offsets, keys=["a", "b", "new"]), np.array([3, 5, 8]))
    assert found.mean[:, 0].tolist() == [1, 6, 8]  # b did not move in training; the last row of each says nothing
    assert found.std[:, 0].tolist() == [2, 2, 2]
    assert [o.finds_scale(key) for key in ("a", "b", "new")] == [False, True, True]
    assert o.unseen(["a", "b", "new"]) == ["new"]


@pytest.mark.parametrize(
    ("horizon", "known", "steps"),
    [(3, 1, [1, 2, 3]), (1, 1, [1]), (1000, 256, [1, 1000]), (5, 600, [1]), (3, 0, [])],
)
def test_known_inputs_are_read_ahead_as_far_as_there_is_room(horizon, known, steps):
    assert replace(LEARNT, horizon=horizon, known=[f"k{i}" for i in range(known)]).looks_ahead == steps
