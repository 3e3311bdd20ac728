"""JSON lines."""

import json

import numpy as np
import pytest

from rnncli.errors import Notes, UsageError
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
        ("[1]", "auto", "no x, expected"),
        ('{"y": 1, "z": 2}', "auto", "no x among the keys y, z, expected"),
        ('{"x": 5}', "auto", "x is neither of these"),
        ('{"x": "text"}', "auto", "x is text, in the lines above numbers"),
        ('{"x": [[1], [2, 3]]}', "auto", "rows of unequal length"),
        ('{"x": [1, "a"]}', "auto", "x holds what is no number"),
        ('{"x": [[1, 2]]}', "auto", "rows of 2 numbers, in the lines above of 1"),
        ('{"x": []}', "auto", "x holds no steps"),
        ('{"x": [1e999]}', "auto", "x holds an infinite number"),
        ('{"x": [1]}', "classify", "no y, other lines have one"),
        ('{"x": [1], "y": {"a": 2}}', "classify", 'y is {"a": 2}, which is no label'),
        ('{"x": [1], "y": [[2]]}', "classify", "y is [2], which is no label"),
        ('{"x": [1], "y": ["a", null]}', "classify", "y is null, which is no label"),
        ('{"x": [1], "y": NaN}', "classify", "no y, other lines have one"),
        ('{"x": [1], "y": " "}', "classify", 'y is " ", which is no label'),
        ('{"x": [1], "y": ["a", ""]}', "classify", 'y is "", which is no label'),
        ('{"x": [1], "y": 1e400}', "classify", "y is Infinity, which is no label"),
        (f'{{"x": [{"9" * 5000}]}}', "auto", "value has 5000 digits), expected"),
        ('{"x": [1], "y": "a"}', "regress", 'y is "a", not a number, '),
        ('{"x": [1], "y": [1, 2]}', "regress", "y is [1, 2], not a number, "),
        ('{"x": [1], "y": 1e400}', "regress", "not a number, "),
        ('{"x": [1e400], "y": 1}', "auto", "x holds an infinite number"),
        ('{"x": [1, 2], "y": ["a"]}', "tag", "y is no list of"),
    ],
)
def test_json_lines_that_are_wrong_are_named_with_their_number(file, second, task, found):
    path = file('{"x": [1], "y": %s}\n\n%s\n' % ('["a"]' if task == "tag" else "1", second), "x.jsonl")  # noqa: UP031
    text = message(path, task)
    assert text.startswith(f"{path}:3: "), text
    assert found in text


OBJECT = {"x": [1], "y": "0", "other": "z", "text": "ab", "rows": [[1, 2]], "a": 1, "b": 2, "tags": ["u", "v"]}


def test_options_name_the_keys_of_sequence_and_answer(file):
    path = file(lines(OBJECT, OBJECT), "x.jsonl")
    columns = read(path, "classify", text="text", label="other")
    assert (columns.coded["text"].texts(), columns.labels.texts()) == (["a", "b", "a", "b"], ["z", "z"])
    columns = read(path, "regress", inputs=("rows",), targets=("a", "b"))
    assert (columns.numbers.tolist(), columns.targets.tolist()) == ([[1, 2]] * 2, [[1, 2]] * 2)
    columns = read(path, "classify", inputs=("rows", "2"))
    assert (columns.number_names, columns.numbers.tolist()) == (["2"], [[2], [2]])
    assert read(file(lines({"x": "ab", "tags": ["u", "v"]}), "x.jsonl"), "tag", tag="tags").labels.texts() == ["u", "v"]


@pytest.mark.parametrize(
    ("task", "roles", "found"),
    [
        ("classify", {"label": "nothere"}, "--label nothere: no such key, found x, y, other, text, rows, a, b"),
        ("tag", {"tag": "nothere"}, "--tag nothere: no such key, found"),
        ("regress", {"targets": ("a", "nothere")}, "--target nothere: no such key, found"),
        ("classify", {"text": "text", "inputs": ("rows",)}, "text and rows: two keys of sequences, expected one"),
        ("classify", {"group": "other"}, "--group and JSON lines cannot be combined"),
        ("classify", {"time": "other"}, "--time and JSON lines cannot be combined"),
        ("classify", {"inputs": ("3",)}, "--inputs 3: no such column, found 1"),
    ],
)
def test_names_that_have_no_meaning_in_json_lines_are_refused(file, task, roles, found):
    assert found in message(file(lines(OBJECT), "x.jsonl"), task, kind=UsageError, **roles)


@pytest.mark.parametrize(
    ("x", "found"),
    [
        ([[1, 2, 3, 4]], "rows of 4 numbers, in training of 3"),
        ([1, 2, 3], "rows of 1 numbers, in training of 3"),
        ("abc", "x is text, in training numbers"),
    ],
)
def test_sequences_to_predict_are_those_of_training(file, x, found):
    path = file("\n" + lines({"x": x}), "x.jsonl")
    text = message(path, "classify", numbers=("1", "2", "3"))
    assert text.startswith(f"{path}:2: ") and found in text
    path = file(lines({"x": [1]}), "x.jsonl")
    assert "x is numbers, in training text" in message(path, "classify", numbers=())
    assert "rows of 1 numbers, in training of at least 2" in message(path, numbers=("2",), inputs=("2",))


def test_answers_may_be_missing_where_they_are_not_trained_on(file):
    path = file(lines({"x": [1, 2], "y": None}, {"x": [3, 4], "y": "a"}, {"x": [5, 6]}), "x.jsonl")
    assert read(path, "classify", numbers=("1",)).labels.codes.tolist() == [-1, 0, -1]
    path = file(lines({"x": [1, 2]}, {"x": [3, 4], "y": [1, None]}), "x.jsonl")
    np.testing.assert_array_equal(read(path, "regress", numbers=("1",)).targets, [[NAN, NAN], [1, NAN]])
    assert read(path, "tag", numbers=("1",)).labels.codes.tolist() == [-1, -1, 0, -1]


def test_a_number_too_long_for_python_is_refused_on_the_first_line_too(file):
    path = file(f'{{"x": {"9" * 5000}}}\n', "x.jsonl")
    assert message(path, "classify").startswith(f"{path}:1: not JSON (")


def test_an_empty_sequence_is_called_so_among_words(file):
    path = file(lines({"x": ["a"], "y": ["u"]}, {"x": [], "y": []}), "x.jsonl")
    assert message(path, "tag").startswith(f"{path}:2: x holds no steps")


def test_labels_have_no_blanks_around_them(file):
    text = lines({"x": "a", "y": "u"}, {"x": "b", "y": " u"}, {"x": "c", "y": "u v\t"})
    assert read(file(text, "x.jsonl"), "classify").labels.texts() == ["u", "u", "u v"]
    text = lines({"x": "a", "y": ["u ", "v"]}, {"x": "b", "y": ["v", " u", "u"]})
    columns = read(file(text, "x.jsonl"), "multilabel")
    assert (columns.labels.texts(), columns.label_bounds.tolist()) == (["u", "v", "v", "u"], [0, 2, 4])


def test_to_predict_labels_of_nothing_are_no_answers(file):
    text = lines({"x": "a", "y": "u"}, {"x": "b", "y": ""}, {"x": "c", "y": NAN}, {"x": "d"})
    columns = read(file(text, "x.jsonl"), "classify", numbers=())
    assert columns.labels.codes.tolist() == [0, -1, -1, -1]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (["1.5", "-2"], "x holds numbers in quotes, '1.5' and others, which are words: write them without quotes"),
        ([[1] * 9] * 4, "x holds 4 steps, each of 9 columns: if the channels come first, transpose it"),
        (["1.5", "b"], ""),
        ([[1] * 8] * 4, ""),
    ],
)
def test_what_may_be_meant_otherwise_is_said(file, x, expected):
    said = []
    Notes.begin(said.append)
    read(file("".join(json.dumps({"x": x, "y": y}) + "\n" for y in "ab"), "data.jsonl"), "classify")
    Notes.begin(None)
    assert [line.partition("data.jsonl")[2] for line in said] == ([f":1: {expected}"] if expected else [])
