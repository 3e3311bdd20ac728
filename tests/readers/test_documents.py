"""JSON that is not JSON lines is refused with what mends it, and never read as text where JSON was to be read."""

import json

import pytest

from rnncli.data.columns import Roles
from rnncli.readers.forms import recognise
from rnncli.readers.text_forms import recognise_texts
from tests.readers.helpers import error_of, form_of, message, read

FILE = "a.json"
ROWS = [{"text": f"a text {i}", "label": "pn"[i % 2]} for i in range(20)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
NAMED = {"text": "text", "label": "label"}
ARRAYS = {
    "on one line": json.dumps(ROWS),
    "a line each": "[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]\n",
    "first on the line of the bracket": "[" + "\n,".join(map(json.dumps, ROWS)) + "]\n",
    "indented": "\n\n" + json.dumps(ROWS, indent=1),
    "long": json.dumps(ROWS * 5000),
    "empty": "[]",
}
OBJECTS = {"one": json.dumps(ROWS[0], indent=2), "many": "\n".join(json.dumps(row, indent=1) for row in ROWS)}


def beginning(content):
    """The line of the first bracket."""
    return content[: len(content) - len(content.lstrip())].count("\n") + 1


@pytest.mark.parametrize("content", [*ARRAYS.values(), *OBJECTS.values()], ids=[*ARRAYS, *OBJECTS])
def test_files_called_json_are_refused(file, content):
    line = beginning(content)
    what, command = (
        ("array", "jq -c '.[]' ") if content.strip()[0] == "[" else ("object over several lines", "jq -c . ")
    )
    for name in ("a.json", "a.jsonl"):
        path = file(content, name)
        told = [message(path), message(path, **NAMED), message(path, "classify"), message(path, asked="jsonl")]
        told += [
            error_of(recognise_texts, path, asked, named, "utf-8")
            for asked in ("auto", "jsonl")
            for named in (None, "text")
        ]
        for text in told:
            assert f"{name}:{line}: a JSON {what}, expected " in text
            assert command in text
            assert "--format text reads the file as plain text" in text
    assert form_of(path, asked="text").name == "text"
    assert recognise_texts(path, "lines", None, "utf-8").name == "lines"


@pytest.mark.parametrize("kind", [*ARRAYS, *OBJECTS])
def test_others_are_refused_where_a_task_or_a_key_is_named(file, stdin, kind):
    content = (ARRAYS | OBJECTS)[kind]
    if kind == "empty":
        return
    for text in (
        message(file(content, "a.txt"), **NAMED),
        message(file(content, "a.txt"), "classify"),
        error_of(recognise_texts, file(content, "a.txt"), "auto", None, "utf-8"),
    ):
        assert f"a.txt:{beginning(content)}: a JSON " in text
    stdin(content.encode())
    assert message("-", **NAMED).startswith(f"<stdin>:{beginning(content)}: a JSON ")


@pytest.mark.parametrize("content", [*ARRAYS.values(), *OBJECTS.values()], ids=[*ARRAYS, *OBJECTS])
def test_to_predict_they_are_refused_too(file, content):
    form = form_of(file(LINES), **NAMED)
    text = message(file(content), "classify", form=form, numbers=(), **NAMED)
    assert f"a.json:{beginning(content)}: a JSON " in text
    assert "--format" not in text


def test_json_lines_may_be_called_json(file):
    columns = read(file(LINES), "classify", **NAMED)
    assert columns.texts == [row["text"] for row in ROWS]
    assert recognise_texts(file(LINES), "auto", "text", "utf-8").name == "jsonl"


@pytest.mark.parametrize(
    "content",
    ["[1] a note\n[2] another\n", "[INFO] x\n", "{\nint x;\n}\n", "[[a]]\n", "{}\n", "[\nx\n", '["a", "b"]\n'],
)
def test_brackets_alone_are_text(file, content):
    path = file(content, "a.txt")
    assert recognise(path, "auto", Roles(), "utf-8", "auto").name == "text"
    assert recognise_texts(path, "auto", None, "utf-8").name == "text"
