"""Series that never fall below 0, or are never above 1: which ones they are, and that forecasts are not either."""

import itertools
import json

import numpy as np
import pytest

from rnncli.data.floor import ceilings, floors, within
from rnncli.tasks.trained import load_model
from tests.helpers import json_lines


def floor_of(*columns, stop=None):
    """That of one series, and of one never seen."""
    values = np.array(columns, float).T
    return floors(values, np.array([0, len(values)]), np.array([stop or len(values)]))


def with_zeros(count, rows=200, low=1.0):
    return [0.0] * count + [low] + [5.0] * (rows - count - 1)


def test_zeros_without_a_value_below_make_a_floor():
    assert floor_of(with_zeros(2), with_zeros(1), with_zeros(9, low=-0.1)) == [[True, False, False]] * 2
    assert floor_of(with_zeros(9, rows=1000), with_zeros(10, rows=1000)) == [[False, True]] * 2  # a hundredth of them
    assert floor_of(with_zeros(0)) == floor_of([np.nan] * 5) == []


def test_missing_values_and_rows_behind_the_stop_are_not_counted():
    gaps = [np.nan if i % 2 else value for i, value in enumerate(with_zeros(4, rows=400))]
    assert floor_of(gaps) == [[True]] * 2
    assert floor_of([0.0, 0.0, 3.0, -1.0], stop=3) == [[True]] * 2
    assert floor_of([3.0, 3.0, 0.0, 0.0], stop=3) == []


def test_a_series_never_seen_has_a_floor_where_all_have():
    """Those without values do not matter."""
    counts, other = np.array(with_zeros(3))[:, None], np.full((200, 1), 7.0)
    offsets = np.array([0, 200, 400])
    assert floors(np.vstack([counts, counts]), offsets, offsets[1:]) == [[True]] * 3
    assert floors(np.vstack([counts, other]), offsets, offsets[1:]) == [[True], [False], [False]]
    assert floors(np.vstack([counts, other * np.nan]), offsets, offsets[1:]) == [[True], [False], [True]]


def test_shares_and_bits_have_a_ceiling():
    def ceiling_of(*columns):
        values = np.array(columns, float).T
        return ceilings(values, np.array([0, len(values)]), np.array([len(values)]))

    shares = np.linspace(0.2, 0.9, 200)
    ones = [np.where(np.arange(200) < count, 1.0, shares) for count in (1, 2)]
    assert ceiling_of(*ones, np.arange(200) % 2) == [[False, True, True]] * 2
    assert ceiling_of(np.where(shares > 0.89, 1.001, ones[1]), np.where(shares > 0.89, -0.001, ones[1])) == []
    assert ceiling_of(np.arange(200) % 3) == []  # counts


def test_forecasts_are_held_within_the_bounds():
    values, none = np.array([[[-1.0, -2.0], [3.0, np.nan]]]), np.array([[False, False]])  # (1, H, K)
    for low, high in itertools.product([[True, False], [True, True], [False, False]], repeat=2):
        bounds = [np.where(low, 0.0, -np.inf), np.where(high, 1.0, np.inf)]
        expected = np.clip(values, *bounds)
        marks = np.array([low]), np.array([high])
        np.testing.assert_array_equal(within(values, *marks), expected)
        quantiles = np.stack([values, values + 1.5], axis=-1)
        expected = np.stack([expected, np.clip(values + 1.5, *bounds)], axis=-1)
        np.testing.assert_array_equal(within(quantiles, *marks), expected)
    assert within(values, none, none) is values


@pytest.fixture
def sales(here):
    """Two shops: one that often sells nothing, in one column its balance, which falls below 0."""
    rng = np.random.default_rng(0)
    rows = ["shop,t,sold,balance"]
    for shop, mean in (("a", 0.3), ("b", 40.0)):
        rows += [f"{shop},{t},{rng.poisson(mean)},{rng.normal():.2f}" for t in range(300)]
    here.write("sales.csv", "\n".join(rows) + "\n")
    return here


def test_no_forecast_of_what_never_falls_below_0_does(sales):
    options = "--group", "shop", "--time", "t", "--horizon", "3", "--epochs", "2", "--no-univariate"
    done = sales("train", "sales.csv", *options, "-o", "m")
    assert done.code == 0, done.err
    assert "3 steps ahead, some not below 0, as" in done.err
    assert "3 ahead, some not below 0, from zero" in " ".join(sales("inspect", "m").out.decode().split())
    o = load_model("m").schema.outlook
    assert o.floor == [[True, False], [False, False], [False, False]]
    for options in (["--from", "200"], ["--free-run", "40"]):
        rows = json_lines(sales("predict", "m", "sales.csv", "--to", "jsonl", *options))
        sold = [row[name] for row in rows for name in row if name.startswith("sold") and row["group"] == "a"]
        assert min(sold) == 0, options
        assert min(row["balance_q0.1"] for row in rows if row["group"] == "a") < 0


def test_a_floor_brings_forecasts_nearer_and_changes_no_weights(sales, monkeypatch):
    train = "train", "sales.csv", "--group", "shop", "--target", "sold", "--horizon", "3", "--epochs", "2"
    sales(*train, "-o", "m")
    with_floor = json.loads(sales("predict", "m", "sales.csv", "--evaluate", "--from", "200").out)
    monkeypatch.setattr("rnncli.data.outlook_fit.floors", lambda *_: [])
    sales(*train, "-o", "free")
    np.testing.assert_array_equal(load_model("m").network.theta.flat, load_model("free").network.theta.flat)
    without = json.loads(sales("predict", "free", "sales.csv", "--evaluate", "--from", "200").out)
    assert with_floor["mae"] < without["mae"]
    assert with_floor["coverage"] >= without["coverage"]


@pytest.mark.parametrize("asked", [[], ["--from", "200"], ["--free-run", "40"]])
def test_quantiles_of_0_or_1_beside_a_number_and_of_shares_are_from_0_to_1(here, asked):
    rng = np.random.default_rng(1)
    bits, far = rng.random(300) < 0.5, rng.normal(5, 1, 300)
    share = np.clip(0.9 + 0.3 * np.sin(np.arange(300) / 4) + rng.normal(0, 0.2, 300), 0.3, 1)
    rows = [f"{bit:d},{x:.3f},{s:.3f}" for bit, x, s in zip(bits, far, share, strict=True)]
    here.write("s.csv", "\n".join(["open,temperature,share", *rows]) + "\n")
    done = here("train", "s.csv", "--task", "forecast", "--horizon", "3", "--epochs", "2", "--no-univariate", "-o", "m")
    assert done.code == 0, done.err
    assert "3 steps ahead, some not below 0, some not above 1, as" in done.err
    o = load_model("m").schema.outlook
    assert (o.floor, o.ceiling) == ([[True, False, False]] * 2, [[True, False, True]] * 2)
    rows = json_lines(here("predict", "m", "s.csv", "--to", "jsonl", *asked))
    bounded = {name: [row[name] for row in rows] for name in rows[0] if name.startswith(("open", "share"))}
    assert len(bounded) == 6 and max(map(max, bounded.values())) == 1
    assert min(min(values) for name, values in bounded.items() if name.startswith("open")) >= 0
    assert min(row["temperature"] for row in rows) > 1


def test_logarithms_and_counts_need_no_floor(sales):
    for options in (["--loss", "poisson", "--target", "sold"], ["--target", "balance"]):
        done = sales("train", "sales.csv", "--group", "shop", "--epochs", "1", "-o", "m", *options)
        assert done.code == 0, done.err
        assert load_model("m").schema.outlook.floor == []


def test_a_new_series_of_a_warm_start_has_that_of_one_never_seen(sales):
    rows = [line for line in (sales.folder / "sales.csv").read_text().splitlines() if not line.startswith("b")]
    sales.write("a.csv", "\n".join(rows) + "\n")
    sales("train", "a.csv", "--group", "shop", "--time", "t", "--target", "sold", "--epochs", "1", "-o", "m")
    assert load_model("m").schema.outlook.floor == [[True], [True]]
    done = sales("train", "sales.csv", "--init", "m", "--epochs", "1", "-o", "more")
    assert done.code == 0, done.err
    assert load_model("more").schema.outlook.floor == [[True], [True], [True]]
