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
def test_a_language_model_reads_neither(file, content):
    line, array = beginning(content), content.strip()[0] == "["
    what, command = ("array", "jq -c '.[]' ") if array else ("object over several lines", "jq -c . ")
    for name in ("a.json", "a.jsonl"):
        path = file(content, name)
        for asked, named in (("auto", None), ("auto", "text"), ("jsonl", None), ("jsonl", "text")):
            text = error_of(recognise_texts, path, asked, named, "utf-8")
            assert f"{name}:{line}: a JSON {what}, expected " in text
            assert command in text
            assert "--format text reads the file as plain text" in text
    assert form_of(path, asked="text").name == "text"
    assert recognise_texts(path, "lines", None, "utf-8").name == "lines"


@pytest.mark.parametrize("content", [*OBJECTS.values(), "[]"], ids=[*OBJECTS, "empty"])
def test_objects_over_several_lines_are_refused(file, content):
    for name in ("a.json", "a.jsonl"):
        path = file(content, name)
        for text in (message(path), message(path, **NAMED), message(path, "classify"), message(path, asked="jsonl")):
            assert f"{name}:1: a JSON " in text and "jq -c " in text


def test_of_an_export_the_key_of_its_array_is_named(file):
    text = message(file(json.dumps({"name": "friends", "messages": ROWS}, indent=1), "result.json"))
    assert "jq -c '.messages[]' " in text and "makes a line of each of its messages" in text


@pytest.mark.parametrize("kind", OBJECTS)
def test_others_are_refused_where_a_task_or_a_key_is_named(file, stdin, kind):
    content = OBJECTS[kind]
    for text in (
        message(file(content, "a.txt"), **NAMED),
        message(file(content, "a.txt"), "classify"),
        error_of(recognise_texts, file(content, "a.txt"), "auto", None, "utf-8"),
    ):
        assert "a.txt:1: a JSON " in text
    stdin(content.encode())
    assert message("-", **NAMED).startswith("<stdin>:1: a JSON ")


@pytest.mark.parametrize("content", OBJECTS.values(), ids=OBJECTS)
def test_to_predict_they_are_refused_too(file, content):
    form = form_of(file(LINES), **NAMED)
    text = message(file(content), "classify", form=form, numbers=(), **NAMED)
    assert "a.json:1: a JSON " in text
    assert "--format" not in text


@pytest.mark.parametrize("kind", [kind for kind in ARRAYS if kind != "empty"])
def test_an_array_is_read_as_its_objects_on_lines(file, kind):
    form = form_of(file(LINES), **NAMED)
    for path, again in ((file(ARRAYS[kind]), None), (file(ARRAYS[kind], "a.txt"), None), (file(ARRAYS[kind]), form)):
        columns = read(path, "classify", form=again, numbers=() if again else None, **NAMED)
        assert columns.labels.texts()[:20] == [row["label"] for row in ROWS]
        assert len(columns) == ARRAYS[kind].count('"text"')
        assert columns.keys[3].startswith("{") and json.loads(columns.keys[3]) == ROWS[3]


@pytest.mark.parametrize(
    ("content", "at", "found"),
    [
        ('[{"x": 1}\n{"x": 2}]', 2, "'{\"x\": 2}]', expected objects with commas between them, and ] behind the last"),
        ('[\n{"x": 1},\n\n{"x": }]', 4, "not JSON"),
        ('[{"x": 1},\n', 2, "not JSON"),
        ('[{"x": 1}\n', 2, "'the end of the file'"),
        ('[{"x": 1}]\n[]', 1, "']\\n[]', expected objects"),
    ],
)
def test_arrays_that_are_wrong(file, content, at, found):
    told = message(file(content), asked="table")
    assert f"a.json:{at}: " in told and found in " ".join(told.split())


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
