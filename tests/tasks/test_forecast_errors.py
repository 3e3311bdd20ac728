"""Figures of forecasts by their definitions: the table of docs/metrics.md, plain loops over random series, scales."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.scale import Scale
from rnncli.data.series import Series
from rnncli.data.series_encoding import scaled
from rnncli.data.usual_change import usual_changes
from rnncli.tasks.forecast_errors import Errors

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
NAN = math.nan


def series_of(parts, season=1, usual=None, transform="none", anchor="zero"):
    """Series of one target, with these values."""
    keys = [str(i) for i in range(len(parts))]
    o = Outlook(["y"], 1, "quantile", [0.5], True, transform=transform, season=season, keys=keys, usual=usual or [])
    o = replace(o, anchor=anchor)
    offsets = np.cumsum([0, *map(len, parts)])
    values = o.straighten(np.concatenate(parts).astype(float)[:, None])
    mean, std = np.zeros((len(parts), 1)), np.full((len(parts), 1), 2.0)
    flat = np.zeros(mean.shape, bool)
    z = scaled(values, Scale(mean, std, flat), offsets, o.seasons_of(Past.of(values, offsets, None)))
    return Series(o, offsets, keys, values, z, mean, std, flat, np.zeros((len(values), 0)), [])


def figures(train, true, guess, season=1):
    """Of one forecast after a training part."""
    s = series_of([[*train, *true]], season)
    first = np.array([len(train)])
    errors = Errors(s, len(true), s.usual_changes(first))
    true, there = s.truth(first - 1, np.array([len(s.z)]), len(true))
    points = np.array(guess, float).reshape(1, -1, 1)
    errors.add(first - 1, true, there, {"": points, **errors.simple(first - 1)})
    return errors.metrics()


TABLE = {
    "MAPE A": (([1, 2, 4, 7], [0, 2, 4], [1, 2, 5]), "mape"),
    "MAPE B": (([1, 2, 4, 7], [0, 2, 4], [0, 2, 5]), "mape"),
    "MAPE D": (([1, 2, 4, 7], [1, 2, 4], [2, 2, 2]), "mape"),
    "sMAPE A": (([1, 2, 4, 7], [0, 2, 4], [1, 2, 5]), "smape"),
    "sMAPE B": (([1, 2, 4, 7], [0, 2, 4], [0, 2, 5]), "smape"),
    "sMAPE D": (([1, 2, 4, 7], [1, 2, 4], [2, 2, 2]), "smape"),
    "sMAPE of (1, -1)": (([1, 2, 4, 7], [1], [-1]), "smape"),
    "MASE": (([1, 2, 4, 7], [1, 2, 4], [2, 2, 2]), "mase"),
    "MASE, constant train": (([3, 3, 3, 3], [1, 2, 4], [2, 2, 2]), "mase"),
    "MASE, season >= length of train": (([1, 2, 4, 7], [1, 2, 4], [2, 2, 2], 4), "mase"),
    "MAE C": (([1, 2, 4, 7], [1, NAN, 4], [1, 2, 5]), "mae"),
}
BY_HAND = {
    **{"MAPE A": (0 / 2 + 1 / 4) / 2, "MAPE B": (0 / 2 + 1 / 4) / 2, "MAPE D": (1 / 1 + 0 / 2 + 2 / 4) / 3},
    **{"sMAPE A": (2 * 1 / 1 + 0 + 2 * 1 / 9) / 3, "sMAPE B": (0 + 0 + 2 * 1 / 9) / 3},
    **{"sMAPE D": (2 * 1 / 3 + 0 + 2 * 2 / 6) / 3, "sMAPE of (1, -1)": 2 * 2 / 2},
    **{"MASE": (1 + 0 + 2) / 3 / ((1 + 2 + 3) / 3), "MASE, constant train": None},
    **{"MASE, season >= length of train": None, "MAE C": (0 + 1) / 2},
}


@pytest.mark.parametrize("name", TABLE)
def test_tiny_inputs_have_the_figures_that_the_page_prints(name):
    arguments, figure = TABLE[name]
    found = figures(*arguments)[figure]
    assert found == (None if BY_HAND[name] is None else pytest.approx(BY_HAND[name], rel=1e-12))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text().split("\n")]
    names = next(row for row in cells if "MAPE A" in row)
    ours = dict(zip(names, next(r for r in cells if r[0] == "**rnncli**" and len(r) == len(names)), strict=True))
    assert ours[name] == ("null" if found is None else f"{found:.4g}")


@pytest.mark.parametrize("anchor", ["zero", "last", "season"])
@pytest.mark.parametrize("transform", ["none", "log"])
def test_naive_forecasts_repeat_values_that_are_there_whatever_the_level(anchor, transform):
    """In a gap the level of a season took the value of a season before for the last one: naive errors were larger."""
    rng, season, horizon = np.random.default_rng(5), 4, 6
    parts = [np.where(rng.random(n) < 0.3, NAN, rng.integers(1, 99, n)).astype(float) for n in (40, 25)]
    for part in parts:
        part[:season] = rng.integers(1, 99, season)
    s = series_of(parts, season, transform=transform, anchor=anchor)
    errors = Errors(s, horizon, np.ones((2, 1)), grew=True)
    found = errors.simple(np.arange(s.total))
    for number, part in enumerate(parts):
        for t in range(season, len(part)):
            last = part[: t + 1][~np.isnan(part[: t + 1])]
            before = part[:t][~np.isnan(part[:t])][-1]
            at = s.offsets[number] + t
            np.testing.assert_allclose(found["naive"][at, :, 0], last[-1])
            grown = last[-1] + np.arange(1, horizon + 1) * (last[-1] - before)
            np.testing.assert_allclose(found["growing_naive"][at, :, 0], grown)
            for k in range(1, horizon + 1):
                place = [part[i] for i in range(t + k - season, -1, -season) if i <= t and not np.isnan(part[i])]
                np.testing.assert_allclose(found["seasonal_naive"][at, k - 1, 0], place[0])


def test_what_is_missing_and_what_is_zero_is_counted():
    found = figures([1, 2, 4, 7], [0, NAN, 4, 0], [1, 2, 5, 0])
    assert [found[key] for key in ("n", "missing", "zeros", "mape_n")] == [3, 1, 2, 1]
    assert (found["mase_series"], found["mase_undefined"]) == (1, 0)
    nothing = figures([0, 0, 0], [0, 0], [1, 1])
    assert (nothing["mape"], nothing["mape_n"], nothing["mase"], nothing["mase_undefined"]) == (None, 0, None, 1)
    assert (nothing["naive"]["mape"], nothing["naive"]["mase"], nothing["mae"]) == (None, None, 1)


VALUES = st.lists(st.sampled_from([NAN, 0.0, 0.5, 1.0, -2.0, 3.0, 7.0]), min_size=9, max_size=14)


@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(1, 4), st.integers(0, 99))
def test_random_series_have_the_figures_of_plain_loops(parts, season, seed):
    s, H = series_of(parts, season), 2
    starts = s.offsets[:-1] + 5
    rows = np.concatenate([np.arange(a - 1, b - H) for a, b in zip(starts, s.offsets[1:], strict=True)])
    guess = np.random.default_rng(seed).integers(-2, 5, (len(rows), H, 1)).astype(float)
    errors = Errors(s, H, s.usual_changes(starts))
    errors.add(rows, *s.truth(rows, s.offsets[s.series_of(rows) + 1], H), {"": guess, **errors.simple(rows)})
    whole = [float(v) for part in parts for v in part]
    pairs = [
        (int(s.series_of(np.array(row))), whole[row + 1 + k], guess[i, k, 0])
        for i, row in enumerate(rows.tolist())
        for k in range(H)
    ]
    there = [p for p in pairs if not math.isnan(p[1])]
    if not there:
        return
    found = errors.metrics()
    assert (found["n"], found["missing"]) == (len(there), len(pairs) - len(there))
    assert found["mae"] == pytest.approx(sum(abs(y - f) for _, y, f in there) / len(there))
    assert found["mae_scaled"] == pytest.approx(found["mae"] / 2)
    assert found["mse"] == pytest.approx(sum((y - f) ** 2 for _, y, f in there) / len(there))
    ratios = [abs(y - f) / abs(y) for _, y, f in there if y]
    assert found["mape"] == (pytest.approx(sum(ratios) / len(ratios)) if ratios else None)
    assert found["mape_n"] == len(ratios) == found["n"] - found["zeros"]
    sizes = [2 * abs(y - f) / (abs(y) + abs(f)) if y or f else 0 for _, y, f in there]
    assert found["smape"] == pytest.approx(sum(sizes) / len(sizes))
    each = []
    for i, part in enumerate(parts):
        mine = [abs(y - f) for j, y, f in there if j == i]
        back = [abs(b - a) for a, b in zip(part[:5], part[season:5], strict=False) if not math.isnan(b - a)]
        if mine and sum(back):
            each.append(sum(mine) / len(mine) / (sum(back) / len(back)))
    assert found["mase"] == (pytest.approx(sum(each) / len(each)) if each else None)
    assert found["mase_series"] == len(each)


@given(VALUES, st.integers(1, 3), st.sampled_from([1e-9, 1e-13, 2.0**-40, 1e13]))
def test_what_mase_divides_by_scales_with_the_values(values, season, factor):
    values, ends = np.array(values)[:, None], np.array([0, len(values)])
    plain = usual_changes(values, ends, ends[1:], season)
    other = usual_changes(values * factor, ends, ends[1:], season)
    np.testing.assert_allclose(other, plain * factor, rtol=1e-12)


def test_a_season_that_repeats_up_to_rounding_has_no_change():
    values = (np.tile([0.1, 0.2, 0.3], 5) + np.tile([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0], 1) * 1e-17)[:, None]
    values[4] = np.nextafter(values[4], 1)
    assert np.isnan(usual_changes(values, np.array([0, 15]), np.array([15]), 3)).all()
    assert usual_changes(values, np.array([0, 15]), np.array([15]), 2) == pytest.approx(4 / 30, rel=0.05)


def test_series_of_training_keep_what_they_were_divided_by_there_and_others_have_that_of_their_own_past():
    s = series_of([[1, 2, 4, 9], [1, 2, 4, 9]], usual=[[0.5]])
    s = replace(s, outlook=replace(s.outlook, keys=["a"]), keys=["a", "b"])
    assert s.usual_changes(np.array([3, 7])).tolist() == [[0.5], [1.5]]
    s = series_of([[1, 2, 4, 9]], usual=[[None]])
    assert np.isnan(s.usual_changes(np.array([3]))).all()
    assert np.isnan(series_of([[1, 2, 4]]).usual_changes(np.array([0]))).all()  # nothing before the first forecast
