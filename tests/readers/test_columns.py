"""Columns of tables: groups, times, labels, targets, and what is known from training."""

import numpy as np
import pytest

from rnncli.errors import UsageError
from tests.readers.helpers import NAN, form_of, message, pieces, read

FILE = "data.csv"


def test_rows_of_a_group_come_together_in_the_order_of_time(file, blocks_of):
    text = "g,t,x,c,l\nb,2,1,p,no\na,10,2,q,yes\nb,1,3,r,no\na,9,4,p,\nc,0,5,q,no\nb,2,6,s,no\n"
    for size in (1, 30, 1 << 20):
        blocks_of(size)
        columns = read(file(text), group="g", time="t", label="l")
        assert columns.keys == ["b", "a", "c"]
        assert columns.number_names == ["x"]
        assert pieces(columns, columns.numbers[:, 0]) == [[3, 1, 6], [4, 2], [5]]
        assert columns.coded["c"].texts() == ["r", "p", "s", "p", "q", "q"]
        assert columns.labels.texts() == ["no", "yes", "no"]
        columns = read(file(text), group="g", time="t", label="l", inputs=("t",))
        assert (columns.number_names, pieces(columns, columns.numbers[:, 0])) == (["t"], [[1, 2, 2], [9, 10], [0]])
        columns = read(file(text), group="g", label="l", inputs=("t", "x"))
        assert pieces(columns, columns.numbers[:, 0]) == [[2, 1, 2], [10, 9], [0]]


def test_texts_are_coded_alike_in_long_runs_and_without(file, blocks_of):
    runs = [text for text, count in (("a", 30), ("", 20), ("b", 50), ("a", 5)) for _ in range(count)]
    mixed = ["a", "", "b", " a"] * 5
    for texts in (runs, mixed, runs + mixed, [""] * 20 + runs):
        for size in (50, 1 << 20) if texts[0] else (1 << 20,):  # what is empty at first would be taken for numbers
            blocks_of(size)
            coded = read(file("x,c\n" + "".join(f"1,{text}\n" for text in texts)), inputs=("c", "x")).coded["c"]
            assert coded.texts() == [text.strip() or None for text in texts]
            assert coded.symbols == ["a", "b"]


@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-31", "2023-12-01", "2024-02-01"),
        ("2024-01-31 10:00:00", "2024-01-31 09:59:59.5", "2024-01-31 10:00:00.25"),
        ("2024-01-31T10:00Z", "2024-01-31T09:59Z", "2024-01-31T10:01Z"),
        ("2024-01-31 10:00:00.000009", "2024-01-31 10:00:00.000001", "2024-01-31 10:00:00.00001"),
        ("2024-01-31T10:00:00+02:00", "2024-01-31T10:00:00+0230", "2024-01-31T09:30:00.5+01"),
        ('"2024-01-31 10:00:00,25"', '"2024-01-31 10:00:00,125"', "2024-01-31 10:00:01"),
        ("2024", "2023/12", "2024-01-31 10"),
        ("2024-01", "2023-12", "2024-02"),
        ("1700000000001", "1700000000000", "1700000000002"),
        ("9", "-1.5", "10"),
        ("09:00", "08:59", "10:00"),
    ],
)
def test_times_are_numbers_or_dates(file, times):
    rows = "".join(f"{time},{i}\n" for i, time in enumerate(times))
    columns = read(file("when,x\n" + rows), time="when")
    assert (columns.number_names, columns.numbers[:, 0].tolist(), columns.coded) == (["x"], [1, 0, 2], {})


def test_a_time_that_is_none_is_named_with_its_line(file):
    found = message(file("when,x\n2024-01-01,1\n\n31.13.2024,2\n"), time="when")
    assert ":4: '31.13.2024' in the time column when, expected a number or a time" in found
    assert ":3: nothing in the time column when" in message(file("when,x\n1,1\n,2\n"), time="when")


@pytest.mark.parametrize("time", ["2024-13-45 25:61:99", "2024-02-30", "2024-02-30 10:00", "09:30", "2024-01-31 24:01"])
def test_a_time_that_no_calendar_or_clock_has_is_named_with_its_line(file, time):
    found = message(file(f"when,x\n2024-01-31 10:00:00,1\n2024-02-29,2\n{time},3\n2024-02-30,4\n"), time="when")
    assert f":4: '{time}' in the time column when, expected a number or a time" in found


def test_times_with_an_offset_are_instants(file):
    columns = read(file("when,x\n2024-01-31T10:00:00+02:00,1\n2024-01-31T07:00:00-01:30,2\n"), time="when")
    assert columns.times.tolist() == np.array(["2024-01-31T08:00", "2024-01-31T08:30"], "datetime64[us]").tolist()


@pytest.mark.parametrize("times", [("10:00", "11:00+01:00"), ("10:00+01:00", "11:00")])
def test_times_with_an_offset_and_without_one_do_not_mix(file, blocks_of, times):
    first, other = (f"2024-01-31 {time}" for time in times)
    path = file("when,x\n" + f"{first},1\n" * 4 + f"{other},2\n{first},3\n")
    kind = "with" if "+" in first else "without"
    expected = f":6: '{other}' in the time column when, expected a time {kind} an offset as {first} in the first row"
    for size in (1000, 32):
        blocks_of(size)
        assert expected in message(path, time="when")


def test_labels_are_text_and_stand_on_any_row_of_a_group(file):
    text = "g,x,l\n1,1,\n1,2,3\n2,3,07\n2,4,07\n3,5,\n3,6,3\n"
    columns = read(file(text), group="g", label="l")
    assert columns.labels.texts() == ["3", "07", "3"]
    assert columns.keys == ["1", "2", "3"]
    assert columns.number_names == ["x"]


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_rows_of_a_group_that_disagree_are_named_with_their_line(file, blocks_of, size):
    blocks_of(size)
    path = file("g,x,l,t\na,1,u,1\nb,1,v,2\n\na,2,u,1\nb,2,u,2\na,3,w,3\n")
    found = message(path, group="g", label="l")
    assert found.startswith(f"{path}:7: label w in column l, but the rows of its group a before it have u")
    found = message(path, "regress", group="g", targets=("t",))
    assert found.startswith(f"{path}:7: target 3 in column t, but the rows of its group a before it have 1")
    assert f"{path}:3: label v in column l, but the rows of the file before it have u: name" in message(path, label="l")
    path = file("g,x,l\na,1,u\na,2,u\nb,1,v\n")
    assert message(path, label="l").endswith("have u: --group g makes a sequence of the rows of each g")


def test_answers_that_are_there_for_some_only_are_named(file):
    path = file("g,x,l\na,1,u\nb,2,\nb,3,\n")
    assert message(path, group="g", label="l").startswith(f"{path}:3: a sequence without a label in column l")
    path = file("g,x,l\na,1,7\nb,2,\nb,3,\n")
    assert message(path, "regress", group="g", targets=("l",)).startswith(f"{path}:3: a sequence without a target")


def test_targets_to_regress_are_one_a_sequence_and_to_forecast_one_a_row(file):
    path = file("g,x,y,z\na,1,5,6\nb,2,7,8\na,3,,6\n")
    columns = read(path, "regress", group="g", targets=("z", "y"))
    assert columns.targets.tolist() == [[6, 5], [8, 7]]
    assert columns.targets.dtype == np.float64
    assert columns.number_names == ["x"]
    columns = read(path, "forecast", group="g", targets=("y",), inputs=("x",))
    assert (columns.number_names, columns.targets) == (["x", "y"], None)
    np.testing.assert_array_equal(columns.numbers, [[1, 5], [3, NAN], [2, 7]])
    found = message(path, "forecast", targets=("g",), kind=UsageError)
    assert found.startswith("--target g: a column of words")


def test_tags_are_a_label_for_each_row(file):
    columns = read(file("g,x,s\na,1,up\nb,2,down\na,3,down\n"), "tag", group="g", tag="s")
    assert columns.labels.texts() == ["up", "down", "down"]
    assert pieces(columns, columns.numbers[:, 0]) == [[1, 3], [2]]


def test_without_answers_there_are_none(file):
    roles = {"group": "g", "label": "l", "targets": ("y",)}
    form = form_of(file("g,x,y,l\na,1,2,u\n"), "regress", **roles)
    for text in ("g,x\na,1\n", "x,g\n1,a\n", "a,1\n", "g,x,y,l\na,1,,\n", "a,1,,\n"):
        columns = read(file(text), "regress", form=form, numbers=("x",), **roles)
        assert (columns.labels, columns.targets, columns.keys) == (None, None, ["a"])
        assert columns.numbers.tolist() == [[1]]


def test_the_form_of_training_takes_columns_by_name_or_in_its_order(file):
    form = form_of(file("g,x,y\nb,1,2\n"), group="g")
    for text in ("g,x,y\na,1,2\n", "y,extra,g,x\n2,9,a,1\n", "a,1,2\n"):
        columns = read(file(text), form=form, group="g")
        assert (columns.keys, columns.number_names, columns.numbers.tolist()) == (["a"], ["x", "y"], [[1, 2]])
    found = message(file("x,y\n1,2\n"), form=form, group="g")
    assert "no column g, expected it as in training: found x, y" in found
    assert ":1: 2 columns, expected 3 by commas (g, x, y)" in message(file("a,1\n"), form=form, group="g")
    assert "no column y, expected it" in message(file("g,x\na,1\n"), form=form, group="g", numbers=("x", "y"))


def test_what_are_numbers_is_known_from_training(file):
    form = form_of(file("c,x\na,1\n2,2\n"))
    columns = read(file("c,x\n2,2\n3,\n"), form=form, numbers=("x",))
    assert columns.coded["c"].texts() == ["2", "3"]
    assert columns.number_names == ["x"]


@pytest.mark.parametrize("size", [1, 12, 1 << 20])
@pytest.mark.parametrize("quote", ["", '"'])
def test_what_is_no_number_is_named_with_its_line(file, blocks_of, size, quote):
    blocks_of(size)
    rows = "".join(f"{i},{quote}{i}.5{quote}\n" for i in range(30))
    path = file(f"a,b\n{rows}\n7,x7\n8,8\n")
    assert message(path).startswith(f"{path}:33: 'x7' in column b, expected a number as in the first rows")
    found = message(path, form=form_of(path), numbers=("a", "b"))
    assert found.startswith(f"{path}:33: 'x7' in column b")


@pytest.mark.parametrize("content", ["g;x;y\na;1,5;2\n", "g\tx\ty\na\t1.5\t2\n", "g x  y\na 1.5  2\n", "a;1.5;2\n"])
def test_the_separator_of_the_file_at_hand_decides(file, content):
    form = form_of(file("g,x,y\nb,1,2\n"), group="g")
    columns = read(file(content, "x.txt"), form=form, numbers=("x", "y"), group="g")
    assert (columns.keys, columns.numbers.tolist()) == (["a"], [[1.5, 2]])


def test_a_ragged_table_is_pointed_to_the_form_of_wide_ones(file):
    wide = "--format wide if each row is a sequence"
    path = file("a,b,c\n1,2,3\n1,2\n")
    assert message(path).startswith(f"{path}:3: 2 columns, expected 3 (a, b, c): add missing fields")
    assert wide in message(path)
    path = file("\n".join(",".join("1" * n) for n in (4, 3, 3, 3, 2)))
    assert message(path).startswith(f"{path}:1: 4 columns, expected 3 by commas")
    assert wide in message(path)


@pytest.mark.parametrize(
    ("name", "answered", "bare", "asked", "numbers", "group"),
    [
        ("csv", "g,x,y\na,1,5\nb,2,6\n", "g,x\n{},3\n", "auto", ("x",), "g"),
        ("csv", "g,y,1,2\na,5,1,2\nb,6,3,4\n", "g,y,1\n{},,3\n", "wide", ("value",), "g"),
        ("jsonl", '{"x": [1], "y": 5}\n{"x": [2], "y": 6}\n', '{"x": [3]}\n', "auto", ("1",), None),
    ],
)
def test_to_predict_some_of_several_files_may_lack_their_answers(file, name, answered, bare, asked, numbers, group):
    texts = [bare.replace("{}", "c"), answered, bare.replace("{}", "d")]
    paths = [file(text, f"{i}.{name}") for i, text in enumerate(texts)]
    for task, roles in (("classify", {"label": "y"}), ("regress", {"targets": ("y",)})):
        form = form_of(paths[1], task, asked, group=group, **roles)
        columns = read(paths, task, form=form, numbers=numbers, group=group, **roles)
        if task == "classify":
            assert columns.labels.texts() == [None, "5", "6", None]
        else:
            np.testing.assert_array_equal(columns.targets, [[NAN], [5], [6], [NAN]])
        assert paths[2] in message(paths[1:], task, form=form, group=group, **roles)


def test_files_with_unequal_numbers_of_targets_are_refused(file):
    paths = [file('{"x": [1], "y": 5}\n', "1.jsonl"), file('{"x": [1], "y": [5, 6]}\n', "2.jsonl")]
    assert message(paths, "regress") == f"{paths[1]}: 2 targets per sequence, expected 1 as in {paths[0]}"
