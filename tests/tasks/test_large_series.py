"""Series of more rows than one block: the same inputs, targets and schema; and a validation of a sample of them."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data import outlook_fit, series_encoding
from rnncli.kernels.threads import Team
from rnncli.network.network import Network
from rnncli.process import temporary
from rnncli.readers.columns import read_columns
from rnncli.tasks import forecast, series_in
from rnncli.tasks.forecast import Forecast
from rnncli.tasks.validation import SeriesValidator
from rnncli.training.search import sized

HEAD = "time,id,y,x,kind\n"


def table(path, rows=400, group="a"):
    """Hours with a season of a day, values and steps that are absent, and one series that never moves."""
    rng, lines = np.random.default_rng(3), []
    times = np.datetime64("2024-01-01T00") + np.arange(rows)
    for name in (group, "b", "c"):
        y = np.exp(np.sin(np.arange(rows) / 24 * 2 * np.pi) + 0.1 * rng.normal(size=rows))
        y = np.full(rows, 7.0) if name == "c" else y
        for t in np.flatnonzero(rng.random(rows) > 0.03):
            value = "" if rng.random() < 0.05 else f"{y[t]:.5f}"
            lines.append(f"{times[t]}:00,{name},{value},{rng.normal():.3f},{'uv'[t % 2]}\n")
    path.write_text(HEAD + "".join(lines))
    return str(path)


def prepared(path, **options):
    config = TrainConfig(time="time", group="id", target="y", horizon=3, minutes=0.1, **options)
    return sized(Forecast.prepare([path], config, None, None))


@pytest.mark.parametrize("options", [{}, {"transform": "log", "level": "linear"}, {"known": "x", "level": "season"}])
def test_blocks_change_nothing(tmp_path, monkeypatch, options):
    path = table(tmp_path / "s.csv")
    whole = prepared(path, **options)
    monkeypatch.setattr(temporary, "BLOCK", 7)
    monkeypatch.setattr(temporary, "LARGE", 64)
    parts = prepared(path, **options)
    for name in ("values", "z", "X", "gaps", "still", "first"):
        ours, other = getattr(whole.train.series, name), getattr(parts.train.series, name)
        np.testing.assert_allclose(other, ours, rtol=1e-6, atol=1e-9, err_msg=name)
    one, two = (flat(m.task.schema.to_json()) for m in (whole, parts))
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert two[name] == pytest.approx(value, rel=1e-6, abs=1e-9) if isinstance(value, float) else two[name] == value
    assert two["outlook.periods"] == ["day", "week"]


def flat(values, name=""):
    """Names of leaves -> values; lists of words are leaves."""
    if isinstance(values, dict):
        parts = [flat(value, f"{name}.{key}") for key, value in values.items()]
    elif isinstance(values, list) and not all(isinstance(value, str) for value in values):
        parts = [flat(value, f"{name}[{i}]") for i, value in enumerate(values)]
    else:
        return {name.removeprefix("."): values}
    return {key: value for part in parts for key, value in part.items()}


@pytest.fixture
def long(tmp_path, monkeypatch):
    """A series with a validation part of several stretches."""
    monkeypatch.setattr("rnncli.data.extent.STRETCH", 20)
    monkeypatch.setattr("rnncli.data.extent.WARM_SAMPLE", 10)
    path = tmp_path / "long.csv"
    y = np.sin(np.arange(4000) / 7) + 0.1 * np.random.default_rng(0).normal(size=4000)
    path.write_text("y\n" + "".join(f"{value:.5f}\n" for value in y))
    return str(path)


def of_plain(path, **options):
    return sized(Forecast.prepare([path], TrainConfig(horizon=2, season=1, hidden=8, **options), None, None))


@pytest.mark.parametrize("most", [1, 40, 100, 399, 400])
def test_a_sample_is_evenly_spaced_and_no_row_is_in_two_stretches(long, most):
    valid = of_plain(long).valid
    found = valid.sampled(most)
    if most >= valid.count:
        assert found is valid
        return
    rows = found.origins.every(1)
    assert len(np.unique(rows)) == len(rows) == found.count
    assert set(rows) <= set(valid.origins.every(1))
    assert len(found.first) == pytest.approx(max(1, min(most / 20, 10)), abs=1)  # of 20 stretches every other at most
    assert (np.diff(found.reads) > 0).all()
    assert found.counts(rows).all()
    assert (found.limits(rows) <= valid.limits(rows)).all()
    warm = np.concatenate([np.arange(a, b) for a, b in zip(found.reads, found.first, strict=True)])
    assert len(warm) == 10 * len(found.first)
    assert not found.counts(warm).any()


def test_the_loss_of_a_sample_is_the_mean_over_its_rows_alone(long):
    m = of_plain(long)
    network, part = Network.initialised(m.task.architecture(m.config), 0), m.valid.sampled(100)
    validator = SeriesValidator(network, m.valid, Team(1), m.task.loss, m.task.measure, part)
    u = network.unfold(1, 1, Team(1))
    u.pack()
    losses = []
    for begin, first, last in zip(part.reads, part.first, part.last, strict=True):
        u.set_states()
        for row in range(begin, last):
            one = np.array([[row]])
            batch = part.batch(one, np.ones((1, 1), bool), np.zeros((1, 1), np.uint8))
            assert bool(batch.count) == (row >= first)
            value = m.task.loss.losses(u, batch)
            losses += [value.sum() / batch.count] * batch.count if batch.count else []
            u.carry(1)
    assert validator.quick() == pytest.approx(np.mean(losses), rel=1e-5)
    assert validator.quick() == validator.quick()  # of windows that were kept
    whole, _ = validator.whole()
    assert whole != pytest.approx(np.mean(losses), rel=1e-9)


def test_a_validation_part_of_too_many_values_is_a_sample_that_all_are_compared_on(long, monkeypatch, capsys):
    every = of_plain(long)
    monkeypatch.setattr(forecast, "MOST_VALUES", 200)
    m = of_plain(long)
    assert m.valid.count < every.valid.count == 400
    assert f"400 held out for validation, of which {m.valid.count} are used" in m.held
    found = m.task.rivals(m.train, m.valid)
    rows, s = m.valid.origins.every(1), m.valid.series
    true, there = s.truth(rows, m.valid.limits(rows), 2)
    errors = np.abs(true - s.values[rows][:, None])[there]
    assert found.figures["naive"] == pytest.approx(errors.mean())


@pytest.fixture
def two(tmp_path):
    """Two targets of 40 rows, which are all numbers of the table."""
    (tmp_path / "two.csv").write_text("u,v\n" + "".join(f"{np.sin(t):.4f},{np.cos(t) + 3:.4f}\n" for t in range(40)))
    return str(tmp_path / "two.csv")


def test_the_targets_of_a_large_table_are_scaled_once_and_not_copied(two, monkeypatch):
    monkeypatch.setattr(temporary, "BLOCK", 16)
    read, scaled_ones = [], []
    monkeypatch.setattr(forecast, "read_columns", lambda *a: read.append(read_columns(*a)) or read[-1])
    monkeypatch.setattr(outlook_fit, "scaled", lambda *a: scaled_ones.append(a) or series_encoding.scaled(*a))
    monkeypatch.setattr(series_encoding.Targets, "of", None)
    train = Forecast.prepare([two], TrainConfig(hidden=4), None, None).train
    assert np.shares_memory(train.series.values, read[0].numbers) and len(scaled_ones) == 1
    assert train.series.past.z is train.series.z


def test_inputs_of_a_very_large_table_are_made_when_they_are_read(two, monkeypatch):
    def prepared():
        return sized(Forecast.prepare([two], TrainConfig(hidden=4), None, None))

    def window(m):
        return m.task.feed(m.train, m.config).batch(0).x.numbers

    whole = prepared()
    monkeypatch.setattr(temporary, "VAST", 1)
    monkeypatch.setattr(temporary, "FEW", 8)
    parts = prepared()
    assert not parts.train.series.X.made.any()  # they were hashed by what they are made of
    np.testing.assert_array_equal(window(parts), window(whole))
    assert whole.digests[2] == parts.digests[2] and whole.digests[0] != parts.digests[0]
    parts.train.series.sources = [whole.train.series.values]
    assert parts.train.digest() == parts.digests[0]  # the series was hashed once


@pytest.mark.parametrize(("options", "univariate"), [({}, False), ({"hidden": 4}, None), ({"univariate": True}, True)])
def test_of_many_values_it_is_not_tried_whether_each_target_is_learnt_by_itself(two, monkeypatch, options, univariate):
    said: list[str] = []
    monkeypatch.setattr(series_in, "note", said.append)
    assert Forecast.prepare([two], TrainConfig(**options), None, None).config.univariate == options.get("univariate")
    monkeypatch.setattr(series_in, "MOST_TRIED", 79)
    material = Forecast.prepare([two], TrainConfig(**options), None, None)
    assert material.config.univariate == univariate
    said = [line for line in said if "values, so" in line]
    assert said == [f"{two}: 80 values, so all targets are learnt together: --univariate learns each by itself"] * (
        univariate is False
    )
    assert bool(material.task.ways()) == (univariate is None)


def test_forecasts_and_their_quantiles_have_one_anchor(two, monkeypatch):
    material = sized(Forecast.prepare([two], TrainConfig(hidden=4), None, None))
    s, rows = material.train.series, np.arange(10, 20)
    residuals = np.random.default_rng(0).normal(size=(10, 1, 2))
    expected, anchors = s.to_values(residuals, rows), s.anchors(rows)
    monkeypatch.setattr(type(s), "anchors", None)
    np.testing.assert_array_equal(s.to_values(residuals, rows, anchors), expected)
