"""Tables of texts that are not whole: names alone, a label alone, lines between the rows."""

from functools import partial

import pytest

from rnncli.data.columns import Roles
from rnncli.readers.columns import read_columns
from tests.readers.helpers import error_of, form_of

FILE = "data.tsv"


def read(path, task="classify", **roles):
    return read_columns([path], form_of(path, task, **roles), Roles(**roles), "utf-8", "char", task)


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
    form = form_of(path, "classify", asked="labelled", label="1")
    with pytest.raises(Exception, match="1 column, no column of texts beside the label"):
        read_columns([path], form, Roles(label="1"), "utf-8", "char", "classify")


@pytest.mark.parametrize(("content", "said"), [("pos\tpos\nneg\tneg\n", True), ("pos\tpos\nneg\tno\n", False)])
def test_text_that_is_the_label_is_said(file, notes, content, said):
    read(file(content, "x.tsv"), label="1")
    assert ["the text is the label in all rows" in note for note in notes] == [True] * said


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
