"""Forecasts of a network that says nothing are their anchor, moved and scaled: plain arithmetic on the rows."""

from statistics import NormalDist

import numpy as np
import pytest

from rnncli.data.forecast_targets import Outlook
from rnncli.errors import UsageError
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.series_reader import SeriesReader
from rnncli.tasks.surprise import total_of
from tests.predictors.silent import silent

ROWS, H = 30, 3
Y = 10 + np.arange(ROWS) % 4 + np.arange(ROWS) / 8
BIAS, WIDTH = [0.1, 0.2, 0.3], [1.0, 2.0, 4.0]
MEAN, STD = 11.0, 2.0


def outlook(anchor="last", loss="mse", horizon=H, **more) -> Outlook:
    """Of one series of a known scale."""
    fitted = {"anchor": anchor, "season": 4, "bias": [[b] for b in BIAS], "width": [[w] for w in WIDTH], "jump": [1.0]}
    scale = {"keys": [""], "mean": [[MEAN], [MEAN]], "std": [[STD], [STD]], "by_series": False}
    return Outlook(["y"], horizon, loss, [0.1, 0.5, 0.9], True, **fitted | scale | more)


@pytest.fixture
def forecaster(tmp_path):
    """`forecaster(outlook, says, summary)` on the rows of a table."""
    (tmp_path / "d.csv").write_text("y\n" + "".join(f"{y}\n" for y in Y))
    path = str(tmp_path / "d.csv")

    def make(*arguments):
        model = silent(path, *arguments, target="y")
        reader = SeriesReader(model)
        return Forecaster(model), lambda begin=None, until=None, ahead=0: reader.read([path], None, begin, until, ahead)

    return make


ANCHORS = {
    "zero": lambda row, k: MEAN,
    "last": lambda row, k: Y[row],
    "mean": lambda row, k: Y[max(0, row - 3) : row + 1].mean(),
    "season": lambda row, k: Y[row + k - 4],
}


@pytest.mark.parametrize("anchor", ANCHORS)
def test_a_forecast_is_the_anchor_with_the_bias_and_what_the_network_says(forecaster, anchor):
    made, read = forecaster(outlook(anchor), 0.5)
    found = list(made.forecast(read("20"), 4))
    assert [row for row, _, _ in found] == [19, 23, 27]
    for row, points, q in found:
        expected = [ANCHORS[anchor](row, k) + STD * (0.5 * WIDTH[k - 1] + BIAS[k - 1]) for k in range(1, H + 1)]
        np.testing.assert_allclose(points[:, 0], expected, rtol=1e-6)
        assert q is None


def test_quantiles_are_those_of_the_distribution_and_shifts_move_them(forecaster):
    sigma = 0.5 * (0.5 + np.sqrt(0.25 + 4))  # squareplus of what the network says
    normal = NormalDist(0.5, sigma)
    made, read = forecaster(outlook("zero", "gaussian"), 0.5)
    [(_, points, q)] = made.forecast(read(), 3)
    levels = np.array([normal.inv_cdf(p) for p in (0.1, 0.5, 0.9)])
    expected = [MEAN + STD * (levels * w + b) for w, b in zip(WIDTH, BIAS, strict=True)]
    np.testing.assert_allclose(q[:, 0], expected, rtol=1e-3)
    np.testing.assert_allclose(points, q[..., 1], rtol=1e-6)
    moved, read = forecaster(outlook("zero", "gaussian"), 0.5, {"shifts": [[[-1.0, 0.25, 2.0]]] * H})
    [(_, points_then, q_then)] = moved.forecast(read(), 3)
    np.testing.assert_allclose(q_then - q, [[[STD * w * s for s in (-1, 0.25, 2)]] for w in WIDTH], rtol=1e-6)
    np.testing.assert_allclose(points_then - points, [[STD * w * 0.25] for w in WIDTH], rtol=1e-6)


def test_quantiles_that_were_moved_past_each_other_are_sorted_and_hold_the_point(forecaster):
    made, read = forecaster(outlook("zero", "gaussian"), 0.0, {"shifts": [[[9.0, 0.0, -9.0]]] * H})
    [(_, points, q)] = made.forecast(read(), 3)
    assert (np.diff(q, axis=-1) >= 0).all()
    assert ((points >= q[..., 1]) & (points <= q[..., 1])).all()


def test_the_surprise_is_that_of_the_next_row_in_the_units_of_the_file(forecaster):
    made, read = forecaster(outlook("last", "gaussian"), 0.0)
    found = list(made.surprises(read("5")))
    rows, nats, excess = (np.concatenate(parts) for parts in zip(*found, strict=True))
    assert rows.tolist() == list(range(5, ROWS))
    for row, nat in zip(rows, nats[:, 0], strict=True):
        scale = WIDTH[0] * STD
        density = NormalDist(Y[row - 1] + STD * BIAS[0], scale).pdf(Y[row])
        assert nat == pytest.approx(-np.log(density), rel=1e-3)
    moved = (Y[rows] - Y[rows - 1] - STD * BIAS[0]) / (WIDTH[0] * STD)
    np.testing.assert_allclose(excess[:, 0], 0.5 * moved**2, rtol=3e-3, atol=1e-6)


def test_a_free_run_is_fed_its_own_forecasts(forecaster):
    made, read = forecaster(outlook("last"), 0.0)
    points, q = made.free_run(read("10", ahead=8), np.array([9, 20]), 7, 1)
    assert q is None
    for row, own in zip((9, 20), points[..., 0], strict=True):
        np.testing.assert_allclose(own, Y[row] + STD * BIAS[0] * np.arange(1, 8), rtol=1e-6)
    points, _ = made.free_run(read("10", ahead=8), np.array([9]), 7, H)  # three steps at a time
    steps = [b + block * BIAS[2] for block in range(3) for b in BIAS][:7]
    np.testing.assert_allclose(points[0, :, 0], Y[9] + STD * np.array(steps), rtol=1e-6)


def test_rows_before_from_and_after_until_are_not_forecast(forecaster):
    made, read = forecaster(outlook(), 0.0)
    assert [row for row, _, _ in made.forecast(read("7", "10"), 1)] == [6, 7, 8, 9]
    assert [row for row, _, _ in made.forecast(read(), 1)] == [ROWS - 1]
    assert [row for row, _, _ in made.forecast(read("-3"), 2)] == [ROWS - 4, ROWS - 2]
    with pytest.raises(UsageError, match="no rows between them"):
        read("10", "7")


def test_times_of_rows_are_their_numbers_where_none_are_given(forecaster):
    made, read = forecaster(outlook(), 0.0)
    assert read("5", ahead=H).texts(9, [1, 3]) == ["10", "12"]


def test_the_surprise_of_targets_adds_up_where_there_is_one():
    nan = np.nan
    found = total_of(np.array([[1.0, 2.0], [nan, 3.0], [nan, nan]]))
    np.testing.assert_array_equal(found, [3.0, 3.0, nan])
