"""Folds in all forms of files that have columns."""

import json

import numpy as np
import polars as pl
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import UsageError
from rnncli.readers.columns import read_columns
from rnncli.readers.reader import Request
from tests.readers.helpers import form_of, message, pieces, read

FILE = "data.csv"
TABLE = "s,who,x,y\n1,p,1,a\n1,p,2,a\n2,q,3,b\n2,,4,b\n3,p,5,a\n"


def known(path, form, numbers, answers=True, **roles):
    """As to evaluate, or to predict without a look at answers."""
    asked = Request(form, Roles(**roles), "utf-8", "char", "classify", Known(numbers, ("a", "b"), answers))
    return read_columns([path], asked)


def test_a_long_table_has_one_for_each_group_which_is_no_input(file):
    roles = {"label": "y", "group": "s", "fold_by": "who"}
    columns = read(path := file(TABLE), "classify", **roles)
    assert columns.folds.texts() == ["p", "q", "p"]
    assert columns.number_names == ["x"] and not columns.coded
    form = form_of(path, "classify", **roles)
    without = "s,x,y\n1,1,a\n1,2,a\n"
    for text in (without, TABLE):
        assert known(file(text), form, ("x",), answers=False, **roles).folds is None  # they are not looked at
    assert known(file(TABLE), form, ("x",), **roles).folds.texts() == ["p", "q", "p"]
    assert known(file(without), form, ("x",), **roles).folds is None


def test_numbers_of_parquet_are_names_of_folds_too(tmp_path):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame({"s": [1, 1, 2], "who": [7, 7, None], "x": [0.5, 1, 2], "y": ["a", "a", "b"]}).write_parquet(path)
    columns = read(path, "classify", label="y", group="s", fold_by="who")
    assert columns.folds.texts() == ["7", None]
    assert columns.number_names == ["x"]


def test_several_columns_are_joined_also_those_of_the_group(file):
    text = "who,day,run,x,y\np,1,1,1,a\np,1,2,2,b\np,2,1,3,a\nq,1,1,4,b\nq,,2,5,b\n"
    columns = read(file(text), "classify", label="y", group="who,run", fold_by="who")
    assert columns.folds.texts() == ["p", "p", "q", "q"]
    columns = read(file(text), "classify", label="y", group="who,run,x", fold_by="who,day")
    assert columns.folds.texts() == ["p/1", "p/1", "p/2", "q/1", None]
    assert columns.numbers is None


def test_a_column_that_varies_within_a_sequence_is_refused_with_its_line(file):
    said = message(file(TABLE.replace("1,p,2", "1,q,2")), "classify", label="y", group="s", fold_by="who")
    assert "data.csv:3: value q in column who, but the rows of its group 1 before it have p" in said


def test_groups_of_several_files_have_one_fold(file):
    paths = [file(TABLE, "a.csv"), file("s,who,x,y\n2,q,6,b\n4,r,7,a\n", "b.csv")]
    columns = read(paths, "classify", label="y", group="s", fold_by="who")
    assert columns.folds.texts() == ["p", "q", "p", "r"]
    paths[1] = file("s,who,x,y\n2,r,6,b\n", "b.csv")
    said = message(paths, "classify", label="y", group="s", fold_by="who")
    assert "b.csv: fold r for group 2, expected fold q as in the files before" in said
    paths[1] = file("s,x,y\n2,6,b\n", "b.csv")
    said = message(paths, "classify", label="y", group="s", fold_by="who")
    assert "b.csv: no column who, expected it as in " in said


def test_a_wide_table_has_one_in_each_row(file):
    text = "y,who,t1,t2\na,p,1,2\nb,,3,4\na,1.0,5,\nb,1,6,7\n"
    columns = read(file(text), "classify", "wide", label="y", fold_by="who")
    assert columns.folds.texts() == ["p", None, "1.0", "1.0"]
    assert pieces(columns, columns.numbers[:, 0]) == [[1, 2], [3, 4], [5], [6, 7]]


WIDE = ["a,1,0.5,2.5,3.5", "b,2,1.5,2.5,4.5", "a,3,0.5,0.5,5.5"]


@pytest.mark.parametrize("left", [(0, 1, 2, 3, 4), (0, 2, 3, 4), (1, 2, 3, 4), (2, 3, 4)])
@pytest.mark.parametrize("words", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_a_wide_table_without_names_may_lack_folds_the_label_or_both(file, left, words, turned):
    """The label first, or the fold; folds are numbers, or words."""
    rows = [row.split(",") for row in WIDE]
    rows = [[label, f"p{fold}" if words else fold, *steps] for label, fold, *steps in rows]
    order = [1, 0, 2, 3, 4] if turned else [0, 1, 2, 3, 4]

    def text(kept):
        return "".join(",".join(row[i] for i in order if i in kept) + "\n" for row in rows)

    roles = {"label": "2" if turned else "1", "fold_by": "1" if turned else "2"}
    form = form_of(file(text(range(5))), "classify", "wide", **roles)
    columns = known(file(text(left)), form, ("value",), **roles)
    assert pieces(columns, columns.numbers[:, 0]) == [[float(x) for x in row[2:]] for row in rows]
    assert (columns.labels is not None) == (0 in left)


def test_a_wide_table_that_lacks_one_of_two_numbers_is_refused(file):
    roles = {"targets": ("1",), "fold_by": "2"}
    form = form_of(file("0.5,1,3,4\n1.5,2,5,6\n"), "regress", "wide", **roles)
    asked = Request(form, Roles(**roles), "utf-8", "char", "regress", Known(("value",)))
    with pytest.raises(Exception, match="3 columns, without 2 or without 1, expected 4 as in training"):
        read_columns([file("1,3,4\n2,5,6\n")], asked)
    columns = read_columns([file("3,4\n5,6\n")], asked)
    assert pieces(columns, columns.numbers[:, 0]) == [[3, 4], [5, 6]]


def test_json_lines_have_them_under_a_key(file):
    lines = [{"x": [1, 2], "y": "a", "who": 1}, {"x": [3], "y": "b", "who": 1.0}, {"x": [4], "y": "b", "who": None}]
    lines += [{"x": [5], "y": "a", "who": " q "}, {"x": [6], "y": "a"}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    columns = read(file(text, "a.jsonl"), "classify", fold_by="who")
    assert columns.folds.texts() == ["1", "1", None, "q", None]
    assert "--fold-by nobody: no such column, found x, y, who" in message(
        file(text, "a.jsonl"), "classify", fold_by="nobody", kind=UsageError
    )
    text = text.replace('"who": null', '"who": [1]')
    assert "a.jsonl:3: who is [1], which names no fold" in message(file(text, "a.jsonl"), "classify", fold_by="who")


def test_arrays_have_an_array_of_them(tmp_path):
    path = str(tmp_path / "a.npz")
    np.savez(path, x=np.arange(12.0).reshape(3, 4, 1), y=[0, 1, 0], who=["p", "q", "p"])
    assert read(path, "classify", fold_by="who").folds.texts() == ["p", "q", "p"]
    assert "--fold-by me: no such column, found x, who" in message(path, "classify", fold_by="me", kind=UsageError)
    np.savez(path, x=np.arange(12.0).reshape(3, 4, 1), y=[0, 1, 0], who=[1, 2])
    assert "who is int64 of shape (2,), expected 3 folds" in message(path, "classify", fold_by="who")


TEXTS = "text,y,who\none,a,p\ntwo words,b,q\nthree,a,\n"


def test_labelled_texts_have_them_in_a_column(file):
    roles = {"text": "text", "label": "y", "fold_by": "who"}
    columns = read(path := file(TEXTS), "classify", **roles)
    assert columns.folds.texts() == ["p", "q", None] and columns.texts == ["one", "two words", "three"]
    form = form_of(path, "classify", **roles)
    for text in ("text\none\n", "who,text\np,one\n", "y,text\na,one\n"):
        assert known(file(text), form, (), **roles).lengths.tolist() == [3]
    said = message(path, "classify", text="text", label="y", fold_by="text", kind=UsageError)
    assert "--fold-by text and --text text: a column can be only one of them" in said


@pytest.mark.parametrize("left", [(0, 1, 2), (0, 1), (0, 2), (0,)])
def test_rows_of_texts_without_names_may_lack_folds_the_label_or_both(file, left):
    rows = [("one two", "a", "p"), ("three", "b", "q"), ("four", "a", "p")]

    def text(kept):
        return "".join("\t".join(row[i] for i in kept) + "\n" for row in rows)

    roles = {"text": "1", "label": "2", "fold_by": "3"}
    form = form_of(file(text(range(3)), "a.tsv"), "classify", **roles)
    columns = known(file(text(left), "b.tsv"), form, (), **roles)
    assert columns.lengths.tolist() == [7, 5, 4]
    assert columns.labels is None if 1 not in left else columns.labels.texts() == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("text", "name", "task", "roles", "words"),
    [
        ("a O\nb B-X\n\nc O\n", "a.conll", "tag", {}, "--fold-by and tagged text cannot be combined"),
        ("__label__a one\n__label__b two\n", "a.txt", "classify", {}, "--fold-by and "),
        ("one\ta\ntwo\tb\n", "a.tsv", "classify", {"text": "1", "label": "2"}, "--fold-by 2 and --label 2"),
        (
            "one\ta\ntwo\tb\nthree\ta\n",
            "a.tsv",
            "classify",
            {},
            "--fold-by 2 is the column of the texts or the an",
        ),
    ],
)
def test_forms_without_such_a_column_refuse_the_option(file, text, name, task, roles, words):
    assert words in message(file(text, name), task, fold_by="2", kind=UsageError, **roles)
