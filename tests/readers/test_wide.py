"""Wide tables: a sequence in each row."""

import numpy as np
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import UsageError
from rnncli.readers.reader import Request
from rnncli.readers.wide import VALUE, Wide
from tests.readers.helpers import NAN, form_of, message, pieces, read

FILE = "data.csv"


def test_wide_tables_hold_a_sequence_in_each_row(file):
    text = '"V1","V2","V3","V4","V5"\n"H1",1,2,3,4\n"H2",5,NA,7,\n\nH3,8,,,\n'
    columns = read(file(text), asked="wide")
    assert columns.keys == ["H1", "H2", "H3"]
    assert columns.number_names == ["value"]
    np.testing.assert_array_equal(columns.numbers[:, 0], [1, 2, 3, 4, 5, NAN, 7, 8])
    assert columns.offsets.tolist() == [0, 4, 7, 8]
    form = form_of(file(text), asked="wide")
    assert form.describe() == "CSV with header, a sequence a row, 5 columns"
    bare = read(file("X,1,2\nY,3\n"), form=form)
    assert (bare.keys, bare.lengths.tolist()) == (["X", "Y"], [2, 1])


def test_wide_tables_have_labels_and_targets(file):
    columns = read(file("2 1.5 2.5\n1 3.5\n2 4\n", "data.txt"), asked="wide", label="1")
    assert columns.labels.texts() == ["2", "1", "2"]
    assert columns.keys == ["1", "2", "3"]
    assert pieces(columns, columns.numbers[:, 0]) == [[1.5, 2.5], [3.5], [4]]
    text = "id;y;v1;v2\na;0,5;1,5;2\nb;1,5;2,5;\n"
    columns = read(file(text), "regress", "wide", targets=("y",))
    assert columns.targets.tolist() == [[0.5], [1.5]]
    assert (columns.keys, pieces(columns, columns.numbers[:, 0])) == (["a", "b"], [[1.5, 2], [2.5]])
    form = form_of(file(text), "regress", "wide", targets=("y",))
    assert read(file("id;v1;v2\na;1,5;2\n"), "regress", form=form, targets=("y",)).targets is None


def test_wide_tables_that_are_wrong_are_named_with_the_line(file):
    assert ":3: 'x', expected a number" in message(file("V1,V2,V3\na,1,2\nb,x\n"), asked="wide")
    assert ":3: a row without numbers" in message(file("V1,V2\na,1\nb,\n"), asked="wide")
    assert ":2: 'inf', expected a finite number" in message(file("V1,V2\na,inf\n"), asked="wide")
    for roles in ({"inputs": ("V2",)}, {"time": "V1"}, {"targets": ("V1",)}):
        assert "--format wide" in message(file("V1,V2\na,1\n"), "forecast", "wide", kind=UsageError, **roles)


@pytest.mark.parametrize("place", [0, 4])
def test_a_file_to_predict_may_lack_the_labels(file, place):
    rows = [["0.5", "1.5", "2.5", "3.5"], ["4.5", "5.5", "6.5", "7.5"]]
    labelled = [[*row[:place], label, *row[place:]] for row, label in zip(rows, "12", strict=True)]
    texts = ["\n".join(map(",".join, table)) + "\n" for table in (labelled, rows)]
    form, label = form_of(file(texts[0]), asked="wide", label=str(place + 1)), str(place + 1)
    known = Known((VALUE,), ("1", "2.0"))

    def numbers(text):
        columns = Wide.read(file(text), Request(form, Roles(label=label), "utf-8", "char", "classify", known))
        return columns.numbers.ravel().tolist(), columns.labels and columns.labels.texts()

    values = [float(field) for row in rows for field in row]
    assert numbers(texts[0]) == (values, ["1", "2"])
    assert numbers(texts[1]) == (values, None)
    assert numbers(texts[0].replace("2\n", "9\n").replace("2,4.5", "9,4.5")) == (values, ["1", "9"])
    shorter = "\n".join(",".join(row[:1] + row[2:] if place == 0 else row[1:]) for row in labelled) + "\n"
    assert len(numbers(shorter)[0]) == (6 if place == 0 else 8)


COUNTS = ",".join(map(str, range(7)))
ROWS = ["1,.5,.5,2,2,2,1.5", "0,.5,3,3,2,2,1.5", "1,4,.5,4,2,2,1.5", "0,.5,.5,5,2,2,2.5"]
WORDS = [f"{'ab'[i % 2]}{row[1:]}" for i, row in enumerate(ROWS)]


@pytest.mark.parametrize(
    ("top", "rows", "header"),
    [
        ("y,0,1,2,3,4,5", ROWS, True),  # was a row of a third label, y
        ("y,1,2,3,4,5,6", WORDS, True),
        ("0,1,2,3,4,5,y", [f"{row[2:]},{row[0]}" for row in ROWS], True),
        (",y,0,1,2,3,4,5", [f"{i},{row}" for i, row in enumerate(ROWS)], True),
        ("b,0,1,2,3,4,5", WORDS, False),  # a label below too
        ("T1,0,1,2,3,4,5", WORDS, False),
        ("y,0,1,2,3", [row[:7] for row in WORDS], False),  # too few to be no row
    ],
)
def test_words_beside_numbers_that_count_the_columns_are_names_with_them(file, top, rows, header):
    assert form_of(file("\n".join([top, *rows, ""]))).header == header


def test_names_on_top_that_training_had_not_are_no_row_to_predict(file, said):
    """They were a sequence, with a row out."""
    form, known = form_of(file("\n".join([*ROWS, ""])), asked="wide", label="1"), Known((VALUE,), ("1", "0"))
    assert not form.header
    for top in (COUNTS, f"y,{COUNTS[:-2]}", ""):
        text = "\n".join([*filter(None, [top]), *ROWS, ""])
        columns = Wide.read(file(text), Request(form, Roles(label="1"), "utf-8", "char", "classify", known))
        assert columns.labels.texts() == ["1", "0", "1", "0"]
    assert len(said) == 1 and "the numbers on top count the columns" in said[0]


def test_a_first_column_without_a_name_is_no_step(file, said):
    """The index of pandas was the first value of each sequence."""
    numbered = "\n".join([",y,a,b,c,d,e,f", *(f"{i},{row}" for i, row in enumerate(ROWS, 7)), ""])
    plain = "\n".join(["y,a,b,c,d,e,f", *ROWS, ""])
    wanted = read(file(plain), "classify", "wide", label="y")
    forms = [form_of(file(text), "classify", "wide", label="y") for text in (plain, numbered)]
    for text in (numbered, "Unnamed: 0" + numbered):
        columns = read(file(text), "classify", "wide", label="y")
        assert columns.numbers.tolist() == wanted.numbers.tolist()
        assert columns.keys == ["7", "8", "9", "10"]
        for form in forms:
            request = Request(form, Roles(label="y"), "utf-8", "char", "classify", Known((VALUE,), ("1", "0")))
            for of_text in (numbered, plain):
                assert Wide.read(file(of_text), request).numbers.tolist() == wanted.numbers.tolist()
    assert "without a name, names the rows, and is no step" in said[0]
    columns = read(file("\n".join([f",{COUNTS}", *(f"{i},{row}" for i, row in enumerate(ROWS)), ""])), asked="wide")
    assert (columns.keys[-1], set(columns.lengths)) == ("3", {7})
    text = f",id,y,{COUNTS}\n" + "".join(f"{i},n{i},{row},.5\n" for i, row in enumerate(ROWS))
    columns = read(file(text), "classify", "wide", label="y", group="id")  # the names are those of another column
    assert (columns.keys, set(columns.lengths)) == (["n0", "n1", "n2", "n3"], {7})
