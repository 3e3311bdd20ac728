"""What may stand above the names of labelled text, and names that stand there twice."""

from functools import partial

import pytest

from rnncli.errors import RnncliError
from rnncli.readers.text_forms import recognise_texts
from tests.readers.helpers import error_of, form_of, read

FILE = "data.csv"
ROLES = {"text": "text", "label": "label"}
BODY = 'text;label\n"a; b";u\nc, d;v\n'


@pytest.mark.parametrize("top", ["sep=;\n", '"sep=;"\r\n', "\n\ufeffSEP=;\n", "\ufeff\ufeffsep=;\n\n", "\ufeff\ufeff"])
def test_the_separator_on_top_is_no_row(file, top):
    columns = read(file(top + BODY), "classify", **ROLES)
    assert columns.texts == ["a; b", "c, d"]
    assert columns.labels.texts() == ["u", "v"]


def test_a_separator_on_top_that_parts_nothing_else_is_told_by_it(file):
    columns = read(file("sep=^\ntext^label^id\na^u^1\nb, c^v^2\n"), "classify", **ROLES)
    assert columns.texts == ["a", "b, c"]


def test_a_message_names_any_separator(file):
    path = file("sep=^\ntext^label\na^u\nb, c\n")
    assert error_of(read, path, "classify", **ROLES).startswith(f"{path}:4: 1 column, expected 2 by '^'")


def test_rows_below_it_keep_their_numbers(file):
    path = file("sep=;\n" + BODY + "e\n")
    assert error_of(read, path, "classify", **ROLES).startswith(f"{path}:5: 1 column, expected 2 by semicolons")


@pytest.mark.parametrize("text", ["text", "1", "3"])
def test_a_column_whose_name_stands_twice_is_refused(file, text):
    refused = partial(error_of, read, file("text,label,text\na,u,b\nc,v,d\n"), "classify", kind=RnncliError)
    assert refused(text=text, label="label").startswith("--text text: several columns have this name")


@pytest.mark.parametrize("asked", ["auto", "labelled", "table"])
@pytest.mark.parametrize("content", ["sep=;\n", '\n"sep=,"\n\n'])
def test_a_separator_above_nothing_is_an_empty_file(file, content, asked):
    path = file(content)
    assert error_of(form_of, path, "classify", asked) == f"{path}: empty, expected rows"
    if asked == "auto":
        assert error_of(recognise_texts, path, asked, None, "utf-8") == f"{path}: empty, expected rows"
