"""The rivals of a forecast against pandas and scikit-learn, and which rows and measure they are compared by."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnncli.config import TrainConfig
from rnncli.data.linear_forecast import RIDGES, spans_of
from rnncli.tasks import forecast_rivals
from rnncli.tasks.forecast import Forecast

ROWS, HELD, HORIZON, SEASON = 420, 42, 5, 24
SIZES = {"a": 1.0, "b": 10.0}


def hourly() -> pd.DataFrame:
    """Two series with a daily and a weekly wave, one ten times the other."""
    rng, hours = np.random.default_rng(3), pd.date_range("2024-03-01", periods=ROWS, freq="h")
    week = np.sin(2 * np.pi * (np.arange(ROWS) + 9) / 168)
    frames = []
    for key, size in SIZES.items():
        walk = 0.1 * np.cumsum(rng.normal(size=ROWS))
        y = size * (5 + np.sin(2 * np.pi * np.arange(ROWS) / SEASON) + week + walk)
        frames.append(pd.DataFrame({"time": hours, "place": key, "load": y.round(4)}))
    return pd.concat(frames)


def prepared(frame: pd.DataFrame, folder, **options):
    frame.to_csv(folder / "d.csv", index=False)
    config = TrainConfig(task="forecast", target="load", time="time", horizon=HORIZON, **options)
    return Forecast.prepare([str(folder / "d.csv")], config, None, None)


def design(y: pd.Series, times: pd.Series) -> pd.DataFrame:
    """What the ridge reads at each row of one series."""
    columns = {"now": y}
    for near, far in spans_of(SEASON):
        mean = y.shift(near).rolling(far - near, min_periods=1).mean() if far - near > 1 else y.shift(near)
        columns[f"{near} to {far}"] = mean.fillna(y.iloc[0]) - y
    after = pd.DatetimeIndex(times + pd.Timedelta("1h"))
    for length, place in (("day", after.hour / 24), ("week", (after.day_of_week + after.hour / 24) / 7)):
        columns |= {f"{length} {f.__name__}": f(2 * np.pi * np.asarray(place)) for f in (np.sin, np.cos)}
    return pd.DataFrame(columns)


def fitted(X: pd.DataFrame, Y: pd.DataFrame, ridge: float):
    rows = Y.notna().all(axis=1)
    return make_pipeline(StandardScaler(), Ridge(alpha=ridge * rows.sum())).fit(X[rows].to_numpy(), Y[rows].to_numpy())


def ridge_errors(parts: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Of each series |error| (origins, H): the strength is tried on the last quarter of the training part."""
    cut, quarter, steps = ROWS - HELD, int(0.75 * (ROWS - HELD)), range(1, HORIZON + 1)
    std = {key: part["load"][:cut].std(ddof=0) for key, part in parts.items()}
    z = {key: (part["load"] - part["load"][:cut].mean()) / std[key] for key, part in parts.items()}

    def targets(stop: int) -> pd.DataFrame:
        """What comes of all series, as far as it lies before a row."""
        return pd.concat(
            [pd.concat([one[:stop].shift(-k).reindex(one.index) - one for k in steps], axis=1) for one in z.values()]
        )

    X, train = pd.concat([design(z[key], part["time"]) for key, part in parts.items()]), targets(cut)
    tried = (X.index >= max(quarter, spans_of(SEASON)[-1][1])) & (X.index < cut - 1)
    errors = [
        np.nanmean(np.abs(train - fitted(X, targets(quarter), ridge).predict(X.to_numpy()))[tried]) for ridge in RIDGES
    ]
    model = fitted(X, train, RIDGES[int(np.argmin(errors))])
    apart = np.abs(targets(ROWS) - model.predict(X.to_numpy())).to_numpy().reshape(len(parts), ROWS, HORIZON)
    return {key: apart[i, cut - 1 : -1] * std[key] for i, key in enumerate(parts)}


def simple_errors(part: pd.Series, season: int) -> pd.DataFrame:
    """|error| of the value a season before each step, of as many seasons as it takes to be known."""
    steps = range(1, HORIZON + 1)
    guess = pd.concat([part.shift(-k + season * -(-k // season)) for k in steps], axis=1)
    truth = pd.concat([part.shift(-k) for k in steps], axis=1)
    return (truth - guess).abs()[ROWS - HELD - 1 : ROWS - 1]


def test_each_figure_is_that_of_pandas_and_scikit_learn(tmp_path):
    frame = hourly()
    m = prepared(frame, tmp_path, group="place")
    assert m.task.schema.outlook.periods == ["day", "week"]
    found = m.task.rivals(m.train, m.valid)
    assert found.measure == "mase"
    parts = {key: part.reset_index(drop=True) for key, part in frame.groupby("place")}
    y = {key: part["load"] for key, part in parts.items()}
    usual = {key: values.diff(SEASON).abs().mean() for key, values in y.items()}
    errors = {
        name: {k: simple_errors(v, s) for k, v in y.items()} for name, s in (("naive", 1), ("seasonal_naive", 24))
    }
    errors["ridge"] = ridge_errors(parts)
    for name, each in errors.items():
        mase = np.mean([np.nanmean(each[key]) / usual[key] for key in SIZES])
        assert found.figures[name] == pytest.approx(mase, rel=1e-5), name
        halves = [np.nanmean(each[key] / usual[key]) for key in SIZES]  # of the batches, the first ones are of "a"
        assert np.mean(found.batches[name]) == pytest.approx(np.mean(halves), rel=0.02), name
    assert list(found.figures) == list(found.batches) == list(errors)
    assert found.figures["ridge"] < found.figures["naive"]


def test_one_series_is_compared_in_the_unit_of_its_target(tmp_path):
    frame = hourly().query("place == 'b'").drop(columns="place")
    m = prepared(frame, tmp_path)
    found = m.task.rivals(m.train, m.valid)
    y = frame["load"].reset_index(drop=True)
    assert found.measure == "mae"
    assert found.figures["naive"] == pytest.approx(float(np.nanmean(simple_errors(y, 1))))
    errors = simple_errors(y, SEASON)
    assert found.figures["seasonal_naive"] == pytest.approx(float(np.nanmean(errors)))
    edges = HELD * np.arange(5) // 4  # 42 origins, of two horizons of 5 at least
    each = [float(np.nanmean(errors[a:b])) for a, b in zip(edges, edges[1:], strict=False)]
    assert found.batches["seasonal_naive"] == pytest.approx(each)


def test_nothing_of_the_validation_part_is_learnt_from(tmp_path):
    frame = hourly()
    m = prepared(frame, tmp_path, group="place")
    frame["load"] += 1000 * (np.arange(len(frame)) % ROWS >= ROWS - HELD)
    other = prepared(frame, tmp_path, group="place")
    ridges = [forecast_rivals._ridge(one.train).weights for one in (m, other)]
    np.testing.assert_allclose(*ridges, rtol=1e-6)


def test_too_few_rows_have_no_ridge_and_bits_no_rivals(tmp_path):
    m = prepared(hourly()[:170].drop(columns="place"), tmp_path)
    assert list(m.task.rivals(m.train, m.valid).figures) == ["naive", "seasonal_naive"]
    bits = "a,b\n" + "".join(f"{t % 2},{t % 3 % 2}\n" for t in range(300))
    (tmp_path / "bits.csv").write_text(bits)
    m = Forecast.prepare([str(tmp_path / "bits.csv")], TrainConfig(task="forecast"), None, None)
    assert m.task.rivals(m.train, m.valid).figures == {}


@pytest.mark.parametrize("gaps", [False, True])
def test_the_figures_of_the_simple_rivals_are_those_of_pandas_where_values_are_zero(tmp_path, gaps):
    """Zeros that were scaled and back were 1e-17: sMAPE of 0 beside 0 was 2, where it is 0."""
    rng = np.random.default_rng(4)
    y = pd.Series(np.where(rng.random(400) < 0.7, 0.0, rng.integers(1, 30, 400) * 0.7).round(1))
    y[rng.random(400) < 0.1 * gaps] = np.nan
    y.to_csv(tmp_path / "z.csv", header=["load"], index=False)
    m = Forecast.prepare([str(tmp_path / "z.csv")], TrainConfig(task="forecast", target="load", season=7), None, None)
    sums, rows = forecast_rivals.errors_of(m.valid), m.valid.origins.every(1)
    true = m.valid.series.truth(rows, m.valid.limits(rows), 1)
    sums.add(rows, *true, sums.simple(rows))
    held = slice(400 - 40, 400)
    season = pd.concat([y.shift(7 * k) for k in range(1, 9)], axis=1).bfill(axis=1)[0]
    for name, guess in (("naive", y.ffill().shift(1)), ("seasonal_naive", season.fillna(y.ffill().shift(1)))):
        a, b = y[held].dropna(), guess[held][y[held].notna()]
        smape = (2 * (a - b).abs() / (a.abs() + b.abs())).fillna(0.0).mean()
        found = sums.metrics()[name]
        assert found["smape"] == pytest.approx(smape, rel=1e-12), name
        assert found["mae"] == pytest.approx((a - b).abs().mean(), rel=1e-12)
        assert found["mse"] == pytest.approx(((a - b) ** 2).mean(), rel=1e-12)
        assert found["mape"] == pytest.approx(((a - b).abs() / a)[a != 0].mean(), rel=1e-12)
