"""Tables that are one document of JSON, in the forms of pandas, are read as the same CSV is."""

import json

import numpy as np
import pytest

from rnncli.readers import json_documents, sniff
from tests.readers.helpers import form_of, message, read

FILE = "x.json"

ROWS = [{"time": 10 * i, "y": i % 5 / 2, "kind": "ab"[i % 2], "gap": None if i == 3 else i} for i in range(12)]
NAMES, COUNT = list(ROWS[0]), [str(i) for i in range(len(ROWS))]
LISTS = {name: [row[name] for row in ROWS] for name in NAMES}
VALUES = [list(row.values()) for row in ROWS]
MOMENTS = [str(1_577_836_800_000 + 86_400_000 * i) for i in range(len(ROWS))]
DOCUMENTS = {
    "by columns": {name: dict(zip(COUNT, values, strict=True)) for name, values in LISTS.items()},
    "by rows": dict(zip(COUNT, ROWS, strict=True)),
    "lists": LISTS,
    "split": {"columns": NAMES, "index": list(range(len(ROWS))), "data": VALUES},
    "split without an index": {"columns": NAMES, "data": VALUES},
    "table": {"schema": {"fields": [{"name": name} for name in NAMES]}, "data": ROWS},
    "names and values": [NAMES, *VALUES],
}


def csv(rows):
    texts = [["" if value is None else str(value) for value in row.values()] for row in rows]
    return "".join(",".join(fields) + "\n" for fields in [list(rows[0]), *texts])


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_read_as_the_same_csv(file, name, indent):
    plain = read(file(csv(ROWS), "x.csv"), "forecast", time="time")
    path = file(json.dumps(DOCUMENTS[name], indent=indent))
    columns = read(path, "forecast", time="time")
    assert form_of(path, time="time").columns == tuple(NAMES)
    assert columns.number_names == plain.number_names == ["y", "gap"]
    np.testing.assert_array_equal(columns.numbers, plain.numbers)
    assert columns.times.tolist() == plain.times.tolist()
    assert columns.coded["kind"].texts() == plain.coded["kind"].texts()


def test_values_without_names_are_columns_by_number(file):
    path = file(json.dumps([[1, 2.5], [2, 3.5], [3, 4.5]]))
    assert form_of(path, time="1").columns == ("1", "2")
    assert read(path, "forecast").numbers.tolist() == [[1, 2.5], [2, 3.5], [3, 4.5]]


@pytest.mark.parametrize(
    ("index", "name"), [(MOMENTS, "timestamp"), ([f"2020-01-{i + 1:02d}" for i in range(12)], "index")]
)
def test_an_index_of_its_own_is_a_column(file, index, name):
    for document in (
        {"y": dict(zip(index, LISTS["y"], strict=True)), "gap": dict(zip(index, LISTS["gap"], strict=True))},
        {"columns": ["y", "gap"], "index": index, "data": [[row["y"], row["gap"]] for row in ROWS]},
    ):
        path = file(json.dumps(document))
        assert form_of(path, time=name).columns == (name, "y", "gap")
        assert read(path, "forecast", time=name).numbers[:, 0].tolist() == LISTS["y"]


def test_objects_in_objects_that_may_be_rows_or_columns_are_refused(file):
    years = {str(2000 + i): {"FR": i, "DE": 2 * i} for i in range(5)}
    path = file(json.dumps(years))
    assert "which are the rows is not clear" in message(path, "forecast")


@pytest.mark.parametrize(
    "document",
    [
        {"y": [1, 2, 3], "z": [1, 2]},
        {"y": {"0": 1, "1": 2}, "z": {"0": 1}},
        {"y": {"0": [1]}, "z": {"0": [2]}},
        {"columns": ["y"], "data": [[1], [2, 3]]},
        [[1, 2], [3]],
        [[[1]], [[2]]],
    ],
)
def test_other_documents_are_no_tables(file, document):
    assert message(file(json.dumps(document)), "forecast")


def test_an_object_alone_in_json_lines_is_a_sequence(file):
    text = json.dumps({"x": [1, 2, 3], "z": [4, 5, 6]}) + "\n"
    assert form_of(file(text, "x.jsonl"), "classify", label="z").name == "jsonl"


def test_one_object_with_a_list_of_objects_is_refused_with_what_mends_it(file):
    path = file(json.dumps({"results": ROWS, "count": 12}))
    assert "jq -c '.results[]'" in message(path, "forecast")


def test_a_long_document_is_refused_with_what_mends_it(file, monkeypatch):
    path = file(json.dumps(LISTS))
    monkeypatch.setattr(json_documents, "MOST", 100)
    json_documents._known.cache_clear()
    assert 'orient="records", lines=True' in message(path, "forecast")


def test_a_document_that_is_cut_is_said_to_be_no_json(file):
    path = file(json.dumps(LISTS)[:90])
    assert message(path, "forecast").startswith(f"{path}: not JSON (")


def test_lines_of_json_of_which_the_first_is_long_are_no_document(file, monkeypatch):
    lines = "".join(json.dumps({"x": [[i, 2.5]] * 40, "y": "ab"[i % 2]}) + "\n" for i in range(4))
    monkeypatch.setattr(sniff, "SAMPLE", 100)
    monkeypatch.setattr(sniff, "MOST", 200)
    assert json_documents.rows_of(file(lines), "utf-8", sniff.read_sample(file(lines), 100)) is None
