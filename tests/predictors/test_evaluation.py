"""Figures of other horizons are those of the rows that predict prints; free runs are judged over all series."""

import json

import numpy as np
import pytest

from rnncli.data.forecast_targets import Outlook
from rnncli.data.series import Series
from rnncli.predictors.evaluation import PASSED, valid_steps

T, FROM = 120, 90


@pytest.fixture
def sine(here):
    y = np.sin(np.arange(T) / 3) + 0.05 * np.random.default_rng(0).normal(size=T)
    y[[97, 110]] = np.nan
    lines = [f"{t},{'' if np.isnan(v) else round(v, 4)},{t % 2}\n" for t, v in enumerate(y)]
    here.write("d.csv", "t,y,x\n" + "".join(lines))
    columns = ("--time", "t", "--target", "y", "--horizon", "4", "--until", str(FROM))
    done = here("train", "d.csv", *columns, "--epochs", "3", "--hidden", "6", "-o", "m", "-q")
    assert done.code == 0, done.err
    here.truth = y.round(4)
    return here


@pytest.mark.parametrize("horizon", [1, 3, 4, 9])
def test_a_horizon_is_evaluated_as_it_is_printed(sine, horizon):
    options = ("d.csv", "--from", str(FROM), "--horizon", str(horizon))
    found = sine("predict", "m", *options, "--evaluate").json()
    printed = [json.loads(line) for line in sine("predict", "m", *options, "--stride", "1", "--json").out.splitlines()]
    assert len(printed) == horizon * (T - FROM + 1)
    blocks = [printed[i : i + horizon] for i in range(0, len(printed), horizon)]
    whole = [row for block in blocks if int(block[-1]["time"]) < T for row in block]
    errors = np.abs([row["y"] - sine.truth[int(row["time"])] for row in whole])
    assert (found["n"], found["missing"]) == ((~np.isnan(errors)).sum(), np.isnan(errors).sum())
    assert found["mae"] == pytest.approx(np.nanmean(errors), rel=1e-4)


def test_a_run_sees_no_inputs_that_are_not_known_ahead(sine):
    options = ("--from", str(FROM), "--until", "100", "--horizon", "9", "--json")
    plain = sine("predict", "m", "d.csv", *options)
    lines = sine.read("d.csv").decode().splitlines()
    sine.write("odd.csv", "\n".join([*lines[: FROM + 1], *(line[:-1] + "7" for line in lines[FROM + 1 :])]) + "\n")
    assert sine("predict", "m", "odd.csv", *options).out == plain.out
    assert plain.code == 0


class Fake:
    """A forecaster whose runs are off by so much, in deviations, at each step ahead."""

    def __init__(self, off):
        self.off = np.array(off, float)

    def free_run(self, extent, rows, count, block):
        s = extent.series
        at = rows[:, None] + np.arange(1, count + 1)
        off = self.off[s.series_of(rows)][:, :count, None] * s.std[s.series_of(rows)][:, None]
        return np.nan_to_num(s.values[at]) + off, None


class FakeExtent:
    def __init__(self, series):
        self.series, self.first, self.last = series, series.offsets[:-1], series.offsets[1:] - 1


def fake(parts, off, starts=8, count=3):
    o = Outlook([f"y{k}" for k in range(parts[0].shape[1])], 1, "mse", [0.5], True)
    offsets, values = np.cumsum([0, *map(len, parts)]), np.concatenate(parts)
    std = np.full((len(parts), values.shape[1]), 3.0)
    series = Series(
        o,
        offsets,
        [str(i) for i in range(len(parts))],
        values,
        values,
        0 * std,
        std,
        np.zeros(std.shape, bool),
        values,
        [],
    )
    return valid_steps(Fake(off), FakeExtent(series), count, starts)


GOOD, BAD = [0.0, 0.0, 0.0], [0.0, PASSED + 0.01, 0.0]


def test_free_runs_of_all_series_are_pooled_in_whatever_order():
    parts = [np.ones((20, 1)), np.ones((20, 1))]
    found = fake(parts, [GOOD, BAD])
    assert found == fake(parts, [BAD, GOOD])
    assert found == {"starts": 8, "series": 2, "steps": 3, "missing": 0, "valid_steps": (3 + 1) / 2, "least": 1}
    long = fake([np.ones((4, 1)), np.ones((40, 1)), np.ones((3, 1))], [BAD, GOOD, BAD])
    assert (long["starts"], long["series"]) == (9, 2)  # 8 shared out, one at least; the last is too short
    assert long["valid_steps"] == pytest.approx((8 * 3 + 1) / 9)


@pytest.mark.parametrize(("off", "valid"), [(GOOD, 2), (BAD, 1), ([9, 0, 0], 0), ([np.inf] * 3, 0), ([np.nan] * 3, 0)])
def test_missing_truth_counts_neither_way_and_warns_of_nothing(off, valid):
    part = np.ones((4, 1))
    part[3] = np.nan  # one start, three steps, the last without truth
    assert fake([part], [off]) == {
        **{"starts": 1, "series": 1, "steps": 3, "missing": 1},
        **{"valid_steps": valid, "least": valid},
    }


def test_the_error_of_a_step_is_over_the_targets_that_are_there():
    part = np.ones((4, 2))
    part[2, 0] = np.nan
    assert fake([part], [BAD])["valid_steps"] == 1
    assert fake([part], [BAD])["missing"] == 0


def test_starts_without_any_truth_are_no_starts():
    part = np.ones((30, 1))
    part[4:] = np.nan
    found = fake([part], [GOOD], starts=27)  # from every row
    assert found["starts"] == 3
    assert found["missing"] == 27 * 3 - (3 + 2 + 1)
