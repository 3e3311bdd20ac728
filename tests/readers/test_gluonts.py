"""JSON lines of gluonts, as its writers leave them: "Nan", periods as starts, features that reach beyond the target."""

import json

import numpy as np
import pytest

from rnncli.data.times.steps import MICRO
from rnncli.errors import UsageError
from rnncli.readers.form import Form
from rnncli.readers.gluonts import Gluonts
from tests.readers.helpers import NAN, form_of, message, pieces, read

FILE = "x.jsonl"
DAILY = Form("gluonts", frequency="D")


def lines(*series):
    return "".join(json.dumps(one) + "\n" for one in series)


def test_values_names_and_dates(file):
    text = '{"target": [1, null, "Nan", "NaN", NaN, "3.5", true, -2e1], "start": "2024-02-28 06:00:00", '
    path = file(text + '"item_id": "a"}\n' + '\n{"start": "2024-12-31", "item_id": 7, "target": [4, 5]}\n')
    assert form_of(path) == Form("gluonts")
    columns = read(path, "forecast", form=DAILY)
    expected = [1, NAN, NAN, NAN, NAN, 3.5, 1, -20, 4, 5]
    np.testing.assert_array_equal(columns.numbers[:, 0], expected)
    assert (columns.number_names, columns.keys) == (["target"], ["a", "7"])
    first = np.arange("2024-02-28T06", "2024-03-07T06", 24, "datetime64[h]").astype(MICRO)
    assert pieces(columns, columns.times) == [first.tolist(), np.array(["2024-12-31", "2025-01-01"], MICRO).tolist()]
    assert columns.where(8).endswith("x.jsonl:3")


@pytest.mark.parametrize(
    ("start", "second", "word"),
    [
        ("2024-01-29/2024-02-04", "2024-02-05", "weekly"),
        ("2024Q4", "2025-01-01", "quarterly"),
        ("2024-12", "2025-01-01", "monthly"),
        ("2024", "2025-01-01", "yearly"),
    ],
)
def test_starts_that_are_periods_tell_the_steps(file, said, start, second, word):
    columns = read(file(lines({"target": [1, 2], "start": start})), "forecast")
    assert columns.times[1] == np.datetime64(second) and columns.keys == ["1"]
    assert any(f"is a period: steps are {word}, --frequency sets others" in line for line in said)
    daily = read(file(lines({"target": [1, 2], "start": start})), "forecast", form=DAILY)
    assert daily.times[1] - daily.times[0] == np.timedelta64(1, "D")


def test_an_offset_is_applied(file):
    text = lines({"target": [1, 2], "start": "2024-01-31T00:00:00+02:00"})
    columns = read(file(text), "forecast", form=DAILY)
    assert columns.times.tolist() == np.array(["2024-01-30T22:00", "2024-01-31T22:00"], MICRO).tolist()
    monthly = read(file(text), "forecast", form=Form("gluonts", frequency="ME"))
    assert monthly.times[1] == np.datetime64("2024-02-28T22:00")  # 29 February there


def test_without_a_frequency_or_a_start_steps_are_counted(file, said):
    for one in ({"target": [1, 2], "start": "2024-01-01"}, {"target": [1, 2]}):
        columns = read(file(lines(one)), "forecast", form=Form("gluonts"))
        assert columns.times is None and columns.numbers.tolist() == [[1], [2]]
    assert "no frequency, in a metadata.json or by --frequency, so steps are counted" in said[0]
    assert "no start, so steps are counted and have no dates" in said[1]


def test_which_series_has_no_start_is_said(file, said):
    columns = read(file(lines({"target": [1, 2], "start": "2024-01-01"}, {"target": [1, 2]})), "forecast", form=DAILY)
    assert columns.times is None
    assert said[0].endswith(":2: no start, so steps of all series are counted and have no dates")


def test_a_metadata_file_tells_frequency_and_horizon(file, tmp_path):
    for folder, name in (("train", "metadata.json"), ("test", "metadata/metadata.json"), (".", "metadata.json")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"freq": "30min", "prediction_length": 48}')
        (tmp_path / folder).mkdir(exist_ok=True)
        path = file(lines({"target": [1, 2], "start": "2024-01-01"}), f"{folder}/data.json")
        assert Gluonts.frequency(path) == "30min" and Gluonts.horizon(path, "utf-8")[0] == 48
        (tmp_path / name).unlink()
        assert Gluonts.frequency(path) == "" and Gluonts.horizon(path, "utf-8") is None
    (tmp_path / "metadata.json").write_text("[")
    assert Gluonts.frequency(file(lines({"target": [1], "start": "2024"}))) == ""


def test_features(file):
    one = {"target": [1, 2], "feat_dynamic_real": [[3, 4, 5], [6, 7, 8]], "feat_static_cat": [0, "b"]}
    one |= {"feat_static_real": [0.5], "past_feat_dynamic_real": [[9, "Nan"]]}
    names = ["target", "feat_dynamic_real_1", "feat_dynamic_real_2", "past_feat_dynamic_real_1", "feat_static_real_1"]
    columns = read(file(lines(one)), "forecast", form=DAILY)
    assert columns.number_names == names
    np.testing.assert_array_equal(columns.numbers, [[1, 3, 6, 9, 0.5], [2, 4, 7, NAN, 0.5]])
    assert [column.texts() for column in columns.coded.values()] == [["0", "0"], ["b", "b"]]
    assert list(columns.coded) == ["feat_static_cat_1", "feat_static_cat_2"]
    later = read(file(lines(one)), "forecast", form=DAILY, numbers=("feat_dynamic_real_1", "target"))
    np.testing.assert_array_equal(later.numbers, [[1, 3], [2, 4], [NAN, 5]])
    assert Gluonts.meanings(tuple(names)) == {"target": "target", "known": "feat_dynamic_real_1,feat_dynamic_real_2"}
    both = read(file(lines({"target": [[1, 2], [3, 4]], "start": "2024-01-01"})), "forecast", form=DAILY)
    assert both.number_names == ["target_1", "target_2"] and both.numbers.tolist() == [[1, 3], [2, 4]]


FULL = {"target": [1, 2], "start": "2024-01-01", "item_id": "a"}


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ({"target": [1, "x"]}, "target holds what is no number"),
        ({"target": [[1, 2], [3]]}, "target holds what is no number, or rows of unequal length"),
        ({"target": []}, "target holds no steps"),
        ({"target": None}, "target is null, no list"),
        ({"target": [1, "Infinity"]}, "an infinite number, expected finite ones"),
        ({"feat_dynamic_real": [[1], [2]]}, "feat_dynamic_real of 2 x 1, expected features x steps, at least 2 steps"),
        ({"feat_dynamic_real": [[1, 2]]}, "columns target, feat_dynamic_real_1, expected target as in the lines above"),
        ({"feat_static_cat": 5}, "feat_static_cat is 5, no list of texts or numbers"),
        ({"feat_static_cat": [None]}, "feat_static_cat is [null], no list of texts or numbers"),
        ({"feat_static_cat": [1]}, "1 values in feat_static_cat, expected 0 as in the lines above"),
        ({"item_id": "a"}, "another series a, as in line 1, expected a name for each"),
        ({"start": 5}, "start is 5"),
        ({"start": "01/02/2024"}, "the start '01/02/2024', expected a date such as 2024-01-31"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file, second, found):
    told = message(file(lines(FULL, FULL | {"item_id": "b"} | second)), "forecast", form=DAILY)
    assert "x.jsonl:2: " in told and found in told


def test_doubled_keys_other_tasks_and_columns(file):
    twice = '{"target": [1], "target": [2], "start": "2024"}\n'
    assert "not JSON (the key target twice)" in message(file(twice), "forecast", form=DAILY)
    path = file(lines(FULL))
    assert "--task classify" in message(path, "classify", kind=UsageError, form=DAILY)
    assert form_of(path, "classify") == Form("jsonl", words=form_of(path, "classify").words)
    assert "--time and --format gluonts" in message(path, "forecast", kind=UsageError, form=DAILY, time="start")
    assert "no feat_dynamic_real_1, expected it as in training" in message(
        path, "forecast", form=DAILY, numbers=("feat_dynamic_real_1", "target")
    )
    assert "the frequency X, expected 4_seconds" in message(path, "forecast", form=Form("gluonts", frequency="X"))


def test_a_range_that_is_no_week_and_offsets_that_differ(file):
    path = file(lines({"target": [1, 2], "start": "2024-01-01/2024-01-31"}))
    assert "x.jsonl:1: start 2024-01-01/2024-01-31, a period that is no week" in message(path, "forecast")
    both = [{"target": [1, 2], "start": f"2024-01-01T00:00:00+0{i}:00", "item_id": i} for i in (1, 2)]
    assert "of several offsets, expected one offset for all" in message(file(lines(*both)), "forecast", form=DAILY)


def test_categories_that_are_equal_numbers_are_equal(file):
    series = [{"target": [1, 2], "start": "2024-01-01", "item_id": i, "feat_static_cat": [i]} for i in (1, 1.0)]
    series[1]["item_id"] = "b"
    assert read(file(lines(*series)), "forecast", form=DAILY).coded["feat_static_cat_1"].symbols == ["1"]


def test_a_metadata_file_with_a_mark_or_that_is_no_json(file, tmp_path, said):
    path = file(lines(FULL))
    (tmp_path / "metadata.json").write_bytes(b"\xef\xbb\xbf" + json.dumps({"prediction_length": 4}).encode())
    assert Gluonts.horizon(path, "utf-8")[0] == 4 and Gluonts.frequency(path) == ""
    (tmp_path / "metadata.json").write_text("{")
    assert Gluonts.horizon(path, "utf-8") is None and any("not JSON, so it is left unread" in line for line in said)
