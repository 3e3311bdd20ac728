"""Tables of texts that are not whole: names alone, a label alone, lines between the rows."""

import csv
import io
from functools import partial

import pytest

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.reader import Request
from tests.readers.helpers import error_of, form_of

FILE = "data.tsv"


def read(path, task="classify", **roles):
    return read_columns([path], Request(form_of(path, task, **roles), Roles(**roles), "utf-8", "char", task))


message = partial(error_of, read)


@pytest.mark.parametrize("roles", [{}, {"label": "label"}, {"label": "2"}, {"text": "text", "label": "label"}])
def test_names_without_rows(file, roles):
    for content in ("text,label", "text,label\n", "text,label\r\n\r\n"):
        path = file(content, "h.csv")
        assert message(path, **roles) == f"{path}: empty, expected rows of texts"
    path = file("text\tlabel\n", "h.tsv")
    assert message(path, **roles) == f"{path}: empty, expected rows of texts"


def test_label_alone(file):
    path = file("pos\nneg\npos\n", "x.txt")
    with pytest.raises(RnncliError, match="1 is the only column, expected a text or inputs beside it"):
        form_of(path, "classify", asked="labelled", label="1")


@pytest.mark.parametrize(("content", "said"), [("pos\tpos\nneg\tneg\n", True), ("pos\tpos\nneg\tno\n", False)])
def test_text_that_is_the_label_is_said(file, notes, content, said):
    read(file(content, "x.tsv"), label="1")
    assert ["text and label are equal in all rows" in note for note in notes] == [True] * said


MARKED = "###24\nAIM\tsalt helps\nEND\tso it does\nAIM\tmore salt\n\n###25\nEND\tno\nAIM\ta\nEND\tb\n"


@pytest.mark.parametrize(("separator", "by"), [("\t", "tabs"), ("|", "bars"), (";", "semicolons")])
@pytest.mark.parametrize("roles", [{"label": "1", "text": "2"}, {"label": "1"}, {}])
def test_lines_between_the_rows_are_named(file, separator, by, roles):
    for content, at in ((MARKED, 1), (MARKED.partition("\n")[2], 5)):
        path = file(content.replace("\t", separator), "x.txt")
        found = message(path, **roles)
        assert found == f"{path}:{at}: 1 column, expected 2 by {by}: ###2{4 if at == 1 else 5}"
    path = file(MARKED, "x.tsv")
    assert message(path, **roles).startswith(f"{path}:1: 1 column, expected 2 by tabs as above")


PLAIN = [f"ham\tlunch {i}" for i in range(3000)]  # more than the first 64 KB


def rows_of(path, **roles):
    return read(path, label="1", text="2", **roles).texts


@pytest.mark.parametrize("whole", [[], ['spam\t"win"']])
@pytest.mark.parametrize("later", [['spam\t"go', 'spam\t"home'], ['spam\t"go', 'spam\thome"'], ['spam\t"go" he said']])
def test_quotes_far_down_decide(file, whole, later):
    lines = whole + PLAIN + later
    assert rows_of(file("\n".join(lines))) == [line.partition("\t")[2] for line in lines]


@pytest.mark.parametrize("separator", "\t,;|")
def test_fields_in_quotes_over_lines_as_pandas_and_csv_read_them(file, separator):
    rows = [["ham", "good\n one"], ["spam", "bad"], ["ham", 'he said "no"'], ["spam", f"a{separator}b\n\nc"]]
    for before in (0, 3000):
        out = io.StringIO()
        every = [["ham", f"lunch {i}"] for i in range(before)] + rows * 5
        csv.writer(out, delimiter=separator, lineterminator="\n").writerows(every)
        assert list(csv.reader(io.StringIO(out.getvalue()), delimiter=separator)) == every
        assert rows_of(file(out.getvalue(), "x.tsv" if separator == "\t" else "x.csv")) == [text for _, text in every]


def test_a_quote_that_is_not_closed_beside_commas(file, notes):
    path = file('a,one\nb,"two\na,three\n', "x.csv")
    assert rows_of(path) == ["one", '"two', "three"]
    assert notes == [f"{path}:2: a quote is not closed: quotes are read as characters"]
    for content, at in (('a,"one, two"\nb,"two\na,three\n', 2), ('a,"one"\nb,x\na,"three\n', 3)):
        path = file(content, "x.csv")
        assert message(path, label="1", text="2").startswith(f"{path}:{at}: a quote is never closed")
