"""Schema: the scale of columns comes from the training part alone, and of constant ones from no rounding error."""

import numpy as np
import pytest

from rnncli.data.columns import Coded, Columns
from rnncli.data.schema import UNHEARD, Schema


def table(*numbers, **more):
    matrix = np.stack(numbers, axis=1).astype(np.float64)
    return Columns(np.array([0, len(matrix)]), [f"x{d}" for d in range(len(numbers))], matrix, **more)


def fit(columns, rows=slice(None)):
    mask = np.zeros(columns.total, bool)
    mask[rows] = True
    return Schema.fit(columns, mask, None, 0, 1)


@pytest.mark.parametrize("value", [99.9, -3e7, 1e-9, 0.1, 12345.678])
def test_a_constant_column_has_the_unit_of_its_values(value):
    schema = fit(table(np.full(1000, value)))
    assert schema.std == [abs(value)]
    assert schema.mean == [value]


def test_the_scale_of_a_small_spread_on_a_large_mean_is_exact():
    x = np.float32(1e6) + np.random.default_rng(0).integers(0, 8, 5000).astype(np.float32)
    schema = fit(table(x))
    assert schema.mean[0] == pytest.approx(x.astype(np.float64).mean(), rel=1e-12)
    assert schema.std[0] == pytest.approx(x.astype(np.float64).std(), rel=1e-9)


def test_nothing_outside_the_training_part_has_a_say():
    rng = np.random.default_rng(1)
    x, other = rng.normal(size=(2, 300))
    gaps = x.copy()
    gaps[250:] = np.nan
    other[250:] = 1e6
    alone, whole = fit(table(x[:200], other[:200])), fit(table(gaps, other), slice(0, 200))
    assert alone.to_json() == whole.to_json()
    assert whole.unflagged(table(gaps, other)) == ["x0"]


def test_gaps_in_the_training_part_get_a_flag():
    x = np.arange(6.0)
    x[[0, 3]] = np.nan
    columns = table(x)
    schema = fit(columns)
    encoded = schema.encode(columns).numbers
    assert schema.unflagged(columns) == []
    assert encoded[:, 1].tolist() == [1, 0, 0, 1, 0, 0]
    assert encoded[0, 0] == 0 and encoded[3, 0] == encoded[2, 0]


def test_labels_that_were_not_heard_of_are_told_apart():
    columns = table(np.arange(5.0))
    columns.offsets, columns.labels = np.arange(6), Coded.of(["b", "a", "z", None, "y"])
    schema = fit(columns)
    schema.labels = ["a", "b"]
    assert schema.unheard(columns) == ["z", "y"]
    assert schema.encode(columns).targets.tolist() == [1, 0, UNHEARD, -1, UNHEARD - 1]


def test_a_column_with_values_far_from_all_others_is_straightened():
    rng = np.random.default_rng(2)
    counts = np.exp(rng.normal(0, 3, 2000))
    columns = table(counts, rng.normal(size=2000))
    schema = fit(columns)
    unit = np.quantile(counts, 0.25)
    assert schema.unit == [pytest.approx(unit, rel=1e-6), 0.0]
    found = schema.encode(columns).numbers[:, 0] * schema.std[0] + schema.mean[0]
    np.testing.assert_allclose(found, np.arcsinh(counts / unit), rtol=1e-4, atol=1e-5)


def words(*texts):
    return Columns(np.array([0, len(texts)]), [], None, {"x": Coded.of(list(texts))})


def test_categories_are_the_same_as_names_are_and_new_ones_are_told():
    trained = words("True", "7", "7.0", "true", "007", "7", "False")
    schema = fit(trained)
    assert sorted(schema.categories["x"]) == ["007", "7", "False", "True"]
    ids = {value: i for i, value in enumerate(schema.categories["x"], start=1)}
    assert schema.strange(trained) == {}
    other = words("true", "7.0", "007", "07", "FALSE", "7")
    expected = [ids["True"], ids["7"], ids["007"], 0, ids["False"], ids["7"]]
    assert schema.encode(other).ids[0].tolist() == expected
    assert schema.strange(other) == {"x": ["07"]}
    schema.categories["x"] = ["7", "7.0"]  # a model of before
    assert schema.encode(words("7", "7.0", "7.00")).ids[0].tolist()[:2] == [1, 2]
