"""What is kept of series: rows that the next ones look back on, counts, scales; and the same again from tensors."""

import numpy as np
import pytest

from rnncli.data.columns import Coded, Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.errors import UsageError
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.series_reader import SeriesReader
from rnncli.predictors.series_state import LEARNING, Kept
from tests.predictors.silent import silent

SEASON = 2


def outlook(keys=("a", "b")) -> Outlook:
    n = len(keys)
    scale = {"keys": list(keys), "mean": [[1.0]] * (n + 1), "std": [[2.0]] * (n + 1)}
    fitted = {"anchor": "last", "season": SEASON, "jump": [1.0], "width": [[1.0]], "bias": [[0.0]]}
    return Outlook(["y"], 1, "mse", [0.5], True, **fitted | scale)


@pytest.fixture
def reader(tmp_path):
    (tmp_path / "d.csv").write_text("t,g,y\n1,a,1\n2,a,2\n")
    return SeriesReader(silent(str(tmp_path / "d.csv"), outlook(), target="y", group="g", time="t"))


def rows_of(reader, tmp_path, rows) -> Columns:
    (tmp_path / "new.csv").write_text("t,g,y\n" + "".join(f"{row}\n" for row in rows))
    return reader.columns([str(tmp_path / "new.csv")], None)


def keep_rows(reader, extent):
    """As the command does it."""
    reader.carry.keep(extent, Forecaster(reader.model).states(extent, reader.carry.origins(extent)))


def keep(reader, tmp_path, rows, begin=None):
    keep_rows(reader, reader.extent(rows_of(reader, tmp_path, rows), "score", 0, begin, None, "the input"))


def test_new_rows_stand_behind_those_of_their_series_that_were_kept(reader, tmp_path):
    keep(reader, tmp_path, [f"{t},{g},{t}" for g in "ab" for t in range(1, 10)])
    tail = reader.carry.groups["a"].tail
    reach = reader.carry.reach
    assert tail.times.tolist() == list(range(10 - reach, 10))
    new = rows_of(reader, tmp_path, ["10,b,7", "11,b,8", "1,new,3"])
    joined = reader.carry.join(new)
    assert joined.names == ["b", "new"]
    assert joined.lengths.tolist() == [reach + 2, 1]
    assert joined.times.tolist() == [*range(10 - reach, 12), 1]
    assert joined.numbers[:, 0].tolist() == [*range(10 - reach, 10), 7, 8, 3]
    assert joined.row_numbers.tolist() == [*range(9 - reach, 11), 0]
    assert joined.places.tolist() == [*[-1] * reach, 0, 1, 2]


def test_a_series_never_seen_is_kept_whole_until_its_scale_is_found(reader, tmp_path):
    keep(reader, tmp_path, [f"{t},new,{t % 3}" for t in range(LEARNING - 1)])
    kept = reader.carry.groups["new"]
    assert kept.learning
    assert kept.tail.total == kept.count == LEARNING - 1
    assert kept.scale is None
    assert reader.carry.learns("new")
    keep(reader, tmp_path, [f"{t},new,{t % 3}" for t in range(LEARNING - 1, LEARNING + 4)])
    kept = reader.carry.groups["new"]
    assert (kept.learning, kept.count, kept.tail.total) == (False, LEARNING + 4, reader.carry.reach)
    every = np.arange(LEARNING + 4) % 3
    assert (kept.scale.mean[0, 0], kept.scale.std[0, 0]) == pytest.approx((every.mean(), every.std()))
    keep(reader, tmp_path, [f"{t},new,{100 * t}" for t in range(LEARNING + 4, LEARNING + 9)])
    assert reader.carry.groups["new"].scale.mean == pytest.approx(every.mean())
    assert not reader.carry.learns("new")


def test_a_gap_in_the_first_row_that_is_kept_has_the_last_value_before_it(reader, tmp_path):
    reach = reader.carry.reach
    keep(reader, tmp_path, [f"{t},a,{'' if t in (5, 6) else t}" for t in range(1, 6 + reach)])
    tail = reader.carry.groups["a"].tail
    assert tail.times[0] == 6
    assert tail.numbers[0, 0] == 4


def test_rows_that_come_late_are_told_with_what_was_read_before(reader, tmp_path):
    keep(reader, tmp_path, [f"{t},a,{t}" for t in range(1, 6)])
    times = np.array([5.0, 6, 6, 3, 4])
    new = Columns(np.array([0, 3, 5]), ["y"], np.zeros((5, 1)), keys=["a", "b"], times=times, time_sample="1")
    assert list(reader.carry.late(new)) == [
        (0, "a row of group a at 5, and one at 5 was read before it"),
        (2, "a row of group a at 6, and one at 6 was read before it"),
    ]


def test_what_is_kept_is_the_same_again_from_tensors(reader, tmp_path):
    keep(reader, tmp_path, [f"{t},{g},{t * 7 % 5}" for g in ("a", "new") for t in range(LEARNING + 2)])
    keep(reader, tmp_path, [f"{t},{g},{t}" for g in ("b", "young") for t in range(3)])
    carry = reader.carry
    before = carry.state()
    after = carry.from_tensors(*carry.to_tensors(before))
    assert list(after) == list(before) == ["a", "new", "b", "young"]
    for key, kept in before.items():
        again = after[key]
        assert (again.count, again.steps, again.learning) == (kept.count, kept.steps, kept.learning)
        np.testing.assert_array_equal(again.tail.numbers, kept.tail.numbers)
        np.testing.assert_array_equal(again.tail.times, kept.tail.times)
        np.testing.assert_array_equal(again.numbering, kept.numbering)
        assert (again.scale is None) == (kept.scale is None)
        for one, other in zip(again.states, kept.states, strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(after["new"].scale.mean, before["new"].scale.mean)
    assert carry.from_tensors(*carry.to_tensors({})) == {}


def test_categories_are_kept_by_their_values_not_by_their_numbers(reader):
    kept = {}
    reader.model.schema.categories["weather"] = ["hot", "cold"]
    for key, symbols in (("a", ["hot", "cold"]), ("b", ["cold", "mild"])):
        coded = {"weather": Coded(np.array([1, 0, -1], np.int32), symbols)}
        tail = Columns(np.array([0, 3]), ["y"], np.zeros((3, 1)), coded, keys=[key], times=np.arange(3.0))
        kept[key] = Kept(3, tail, False, [np.zeros((1, 3), np.float32)] * 2, None, 3)
    after = reader.carry.from_tensors(*reader.carry.to_tensors(kept))
    assert after["a"].tail.coded["weather"].texts() == ["cold", "hot", None]
    assert after["b"].tail.coded["weather"].texts() == ["mild", "cold", None]


def test_series_without_names_of_their_own_cannot_be_found_again(reader):
    with pytest.raises(UsageError, match="--group"):
        reader.carry.refuse_unnamed(Columns(np.array([0, 1, 2]), ["y"], np.zeros((2, 1))))
