"""ARFF whose rows are sequences: relational attributes, attributes that are counted, quotes and escapes."""

import io

import numpy as np
import pytest

from rnncli.errors import UsageError
from rnncli.readers.arff import Arff
from rnncli.readers.form import Form
from tests.readers.helpers import NAN, form_of, message, pieces, read

FILE = "x.arff"
UCR = "@relation r\n@attribute t1 numeric\n@attribute t2 real\n@attribute t3 INTEGER\n@attribute y {a,b}\n@data\n"
UEA = (
    "@relation r\n@attribute bag relational\n@attribute a0 numeric\n@attribute a1 numeric\n@attribute a2 numeric\n"
    "@end bag\n@attribute class {up,down}\n@data\n"
)
TARGET = UEA.replace("{up,down}", "numeric")


def test_counted_attributes_are_steps(file):
    columns = read(file(f"% one\n{UCR}1, -2.5,3e1,a\n\n% two\n.5,?,7,b\n"))
    assert pieces(columns, columns.numbers[:, 0])[0] == [1, -2.5, 30]
    np.testing.assert_array_equal(columns.numbers[3:, 0], [0.5, NAN, 7])
    assert (columns.number_names, columns.keys, columns.labels.texts()) == (["1"], ["1", "2"], ["a", "b"])
    assert columns.where(3).endswith("x.arff:11")


def test_attributes_of_other_names_are_steps_where_the_form_is_named(file):
    path = file("@attribute length real\n@attribute width real\n@attribute kind {a,b}\n@data\n1,2,a\n3,4,b\n")
    assert form_of(path).records == "arff" and form_of(path, asked="arff") == Form("arff")
    columns = read(path, asked="arff")
    assert pieces(columns, columns.numbers[:, 0]) == [[1, 2], [3, 4]] and columns.labels.texts() == ["a", "b"]


def test_a_row_of_a_relational_attribute_is_a_channel(file):
    columns = read(file(f"{UEA}'1,2,?\\n-3,-4,-5',up\n\"6,7,8\\n9,.5,1\",down\n"))
    np.testing.assert_array_equal(columns.numbers, [[1, -3], [2, -4], [NAN, -5], [6, 9], [7, 0.5], [8, 1]])
    assert (columns.number_names, columns.labels.texts()) == (["1", "2"], ["up", "down"])


def test_it_is_what_scipy_reads(file):
    from scipy.io import arff

    rows = ["'1,2,?\\n-3,4,5',up", "'1.5,2.5,3.5\\n6,7e2,8',down"]
    found, _ = arff.loadarff(io.StringIO(UEA + "\n".join(rows) + "\n"))
    columns = read(file(UEA + "\n".join(rows) + "\n"))
    there = np.concatenate([np.array([[*channel] for channel in bag]).T for bag in found["bag"]])
    np.testing.assert_array_equal(columns.numbers, there)
    assert columns.labels.texts() == [label.decode() for label in found["class"]]


def test_quotes_and_escapes_in_labels(file, said):
    listed = r"""{'it\'s', "a \"b\"", 'x, y', 'a\\b', '?', 'd\te', Walk, walk, ' blank '}"""
    labels = ["it's", 'a "b"', "x, y", "a\\b", "?", "d\te", "Walk", "walk", " blank ", "other"]
    written = [*(part.strip() for part in listed[1:-1].replace("x, y", "x; y").split(",")), "other"]
    written = [one.replace("x; y", "x, y") for one in written]
    rows = "".join(f"{i},2,3,{label}\n" for i, label in enumerate(written))
    columns = read(file(UCR.replace("{a,b}", listed) + rows))
    assert columns.labels.texts() == labels
    assert columns.numbers[::3, 0].tolist() == list(range(len(labels)))
    assert [line.split(": ", 1)[1] for line in said] == ["labels other are not among those of the header"]


def test_a_question_mark_without_quotes_is_no_answer(file):
    known = read(file(f"{UCR}1,2,3,?\n4,5,6,b\n"), "classify", form=Form("arff"), numbers=("1",))
    assert known.labels.texts() == [None, "b"]
    assert "x.arff:7: no answer, expected one" in message(file(f"{UCR}1,2,3,?\n4,5,6,b\n"))
    assert read(file(f"{UCR}1,2,3,?\n"), "classify", form=Form("arff"), numbers=("1",)).labels is None


def test_the_answer_may_be_a_number_stand_first_or_be_absent(file):
    columns = read(file(f"{TARGET}'1,2,3',-0.5\n'3,4,5',1e3\n"))
    assert columns.targets.tolist() == [[-0.5], [1000]]
    first = "@attribute y {a,b}\n@attribute t1 numeric\n@attribute t2 numeric\n@data\nb,1,2\n"
    assert read(file(first)).labels.texts() == ["b"]
    none = read(file(first.replace("@attribute y {a,b}\n", "").replace("b,", "")))
    assert none.labels is None and none.targets is None and none.numbers.tolist() == [[1], [2]]
    for text, kinds in ((UCR + "1,2,3,a\n", ("label",)), (TARGET + "'1,2,3',1\n", ("numbers",))):
        assert Arff.learnt(file(text), "utf-8") == kinds
    assert Arff.learnt(file(first.replace("@attribute y {a,b}\n", "").replace("b,", "")), "utf-8") == ()


def test_missing_steps_at_the_end_of_all_channels_are_padding(file, said):
    columns = read(file(f"{UEA}'1,2,?\\n3,4,?',up\n'1,?,3\\n4,?,?',down\n"))
    assert columns.lengths.tolist() == [2, 3]
    np.testing.assert_array_equal(columns.numbers[:, 1], [3, 4, 4, NAN, NAN])
    assert any("1 row ends in missing values of all channels, which are no steps" in line for line in said)


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ("1,2\n", 1, "a row before @data, expected tags such as @attribute NAME numeric"),
        ("@relation r\n@data\n1\n", 3, "no @attribute above @data"),
        ("@attribute a\n@data\n1\n", 1, "'@attribute a', expected @attribute NAME and a type"),
        ("@attribute a number\n@data\n1\n", 1, "expected @attribute NAME and a type"),
        (f"{UCR}1,2,a\n", 7, "3 values, expected 4, as many as attributes"),
        (f"{UCR}1,2,3,4,a\n", 7, "5 values, expected 4, as many as attributes"),
        (f"{UCR}{{0 1, 3 a}}\n", 7, "a sparse row, in braces, expected all values"),
        (f"{UCR}1,x,3,a\n", 7, "'x', expected a number, or ? for a missing one"),
        (f"{UCR}1,,3,a\n", 7, "nothing between separators"),
        (f"{UCR}1,2,3,'a\n", 7, "expected a value that ends in the quote that it begins with"),
        (f"{UCR}1,2,3,'a'b\n", 7, "expected a value that ends in the quote"),
        (f"{UCR}?,?,?,a\n", 7, "a sequence without a number"),
        (f"{UEA}'1,2\\n3,4',up\n", 9, "a channel of 2 values, expected 3, as many as bag has"),
        (f"{UEA}'1,2,3\\n3,4,5',up\n'1,2,3',up\n", 10, "1 channels, expected 2 as in the rows above"),
        (UEA.replace("a1 numeric", "a1 string") + "'1,2,3',up\n", 9, "a relational attribute of other values, bag"),
        (
            UCR.replace("@attribute t2", "@attribute t1") + "1,2,3,a\n",
            3,
            "another attribute t1, expected a name for each",
        ),
        (UEA.replace("@data", "@attribute z numeric\n@data") + "'1,2,3',up,1\n", 10, "attributes class, z, expected"),
        ("@attribute a numeric\n@attribute b date\n@data\n1,2024-01-01\n", 4, "attributes b, expected one"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file, text, at, found):
    told = message(file(text), asked="arff")
    assert f"x.arff:{at}: " in told and found in told


def test_no_column_is_named(file):
    for task, roles in (("classify", {"label": "y"}), ("regress", {"targets": ("y",)})):
        assert "--format arff" in message(file(f"{UCR}1,2,3,a\n"), task, kind=UsageError, asked="arff", **roles)
    assert form_of(file(f"{UCR}1,2,3,a\n")) == Form("arff")


def test_other_words_behind_the_number_are_other_quantities(file):
    names = "".join(f"@attribute {name} numeric\n" for name in ("s1_temp", "s2_flow", "s3_load"))
    path = file(f"{names}@attribute class {{a,b}}\n@data\n1,2,3,a\n")
    assert form_of(path, "auto").name == "table"
    boxes = names.replace("s1_temp", "x[1]").replace("s2_flow", "x[2]").replace("s3_load", "x[3]")
    assert read(file(f"{boxes}@attribute class {{a,b}}\n@data\n1,2,NaN,a\n"), "classify").lengths.tolist() == [2]
