"""JSON lines."""

import json

import numpy as np
import pytest

from tests.readers.helpers import NAN, message, read

FILE = "data.csv"


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def test_json_lines_are_numbers_texts_or_words(file):
    text = lines({"x": [[1, 2], [3, None]], "y": "a"}, {"y": "b", "x": [[5.5, 6]]})
    columns = read(file(text + "\n", "x.jsonl"), "classify")
    np.testing.assert_array_equal(columns.numbers, [[1, 2], [3, NAN], [5.5, 6]])
    assert (columns.number_names, columns.offsets.tolist()) == (["1", "2"], [0, 2, 3])
    assert columns.labels.texts() == ["a", "b"]
    assert columns.keys == text.splitlines()
    columns = read(file(lines({"x": [1, 2], "y": 0.5}, {"x": [3], "y": 2}), "x.ndjson"), "regress")
    assert (columns.numbers.tolist(), columns.targets.tolist()) == ([[1], [2], [3]], [[0.5], [2]])
    columns = read(file(lines({"x": "abba", "y": 1}, {"x": "", "y": True}, {"x": "b", "y": 1.0}), "x.txt"), "classify")
    assert columns.coded["text"].texts() == ["a", "b", "b", "a", "\n", "b"]
    assert columns.labels.texts() == ["1", "true", "1"]
    columns = read(file(lines({"x": ["New York", "is"], "y": ["N", "V"]}, {"x": ["is"], "y": ["V"]}), "x.jsonl"), "tag")
    assert columns.coded["token"].texts() == ["New York", "is", "is"]
    assert columns.labels.texts() == ["N", "V", "V"]
    assert read(file(lines({"x": [1]}), "x.jsonl"), "classify").labels is None


@pytest.mark.parametrize(
    ("second", "task", "found"),
    [
        ("{", "auto", "not JSON"),
        ("[1]", "auto", "no x"),
        ('{"y": 1}', "auto", "no x"),
        ('{"x": 5}', "auto", "x is neither of these"),
        ('{"x": "text"}', "auto", "x is text, in the lines above numbers"),
        ('{"x": [[1], [2, 3]]}', "auto", "rows of unequal length"),
        ('{"x": [1, "a"]}', "auto", "x holds what is no number"),
        ('{"x": [[1, 2]]}', "auto", "rows of 2 numbers, in the lines above of 1"),
        ('{"x": []}', "auto", "x holds no steps"),
        ('{"x": [1e999]}', "auto", "x holds an infinite number"),
        ('{"x": [1]}', "classify", "no y, other lines have one"),
        ('{"x": [1], "y": [2]}', "classify", "y is [2], which is no label"),
        ('{"x": [1], "y": "a"}', "regress", 'y is ["a"], which is not 1 numbers'),
        ('{"x": [1, 2], "y": ["a"]}', "tag", "y is no list of"),
    ],
)
def test_json_lines_that_are_wrong_are_named_with_their_number(file, second, task, found):
    path = file('{"x": [1], "y": %s}\n\n%s\n' % ('["a"]' if task == "tag" else "1", second), "x.jsonl")  # noqa: UP031
    text = message(path, task)
    assert text.startswith(f"{path}:3: "), text
    assert found in text
