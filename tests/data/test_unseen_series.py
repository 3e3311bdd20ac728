"""Series that a model to start from has not seen: their scales come behind those that are there."""

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.unseen_series import with_series

OLD = Outlook(
    *(["y"], 1, "quantile", [0.5], True),
    keys=["a", "b"],
    mean=[[1.0], [2.0], [1.5]],
    std=[[1.0], [3.0], [2.0]],
    flat=[[False], [False], [False]],
    usual=[[0.5], [None]],
)


def columns(keys, values):
    numbers = np.array(values, float).reshape(-1, 1)
    return Columns(np.arange(len(keys) + 1) * 4, ["y"], numbers, keys=keys), numbers


def test_a_new_series_is_scaled_by_its_rows_before_the_cut_and_the_last_entry_stays_that_of_all():
    data, values = columns(["b", "c"], [5, 5, 5, 5, 2, 4, 6, 99])
    found = with_series(OLD, data, values, np.array([4, 7]))
    assert found.keys == ["a", "b", "c"]
    assert found.mean == [[1.0], [2.0], [4.0], [1.5]]
    np.testing.assert_allclose(found.std[2], np.std([2, 4, 6]))
    assert found.std[3] == [2.0]
    assert found.usual == [[0.5], [None], [(2 + 2 + 93) / 3]]  # mase divides by all rows there are
    assert OLD.keys == ["a", "b"]


def test_names_that_tell_nothing_apart_bring_nothing_new():
    data, values = columns(["c", "c"], range(8))
    assert with_series(OLD, data, values, np.array([4, 8])).keys == ["a", "b"]
