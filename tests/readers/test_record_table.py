"""Tables of records: JSON lines, arrays of objects, and ARFF that is no sequence a row, read as the same CSV is."""

import json

import numpy as np
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import UsageError
from rnncli.readers import record_table
from rnncli.readers.columns import read_pieces
from rnncli.readers.form import Form
from rnncli.readers.reader import Piece, Request
from rnncli.readers.text_guess import text_and_label
from rnncli.readers.times.time_guess import time_column
from tests.readers.helpers import NAN, PLAIN, form_of, message, pieces, read

FILE = "x.jsonl"
ROWS = [
    {"time": 1, "x": 1.5, "y": -2, "kind": "a"},
    {"time": 2, "x": 2.5, "y": None, "kind": "b"},
    {"time": 3, "x": 0.5, "y": 1e2, "kind": "a"},
]
ARFF = "@relation r\n@attribute day date 'dd/MM/yyyy HH:mm'\n@attribute 'load kw' numeric\n@attribute k {0,1}\n@data\n"


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_json_is_read_as_the_same_csv(file):
    plain = read(file(PLAIN, "x.csv"), "forecast", time="time")
    nested = json.dumps(ROWS, indent=2)
    for path in (
        file(lines(ROWS)),
        file(json.dumps(ROWS), "x.json"),
        file(nested, "x.json"),
        file(lines(ROWS), "x.txt"),
    ):
        columns = read(path, "forecast", time="time")
        assert form_of(path, time="time") == Form("table", header=True, columns=tuple(ROWS[0]), records="json")
        np.testing.assert_array_equal(columns.numbers, plain.numbers)
        assert columns.number_names == plain.number_names and columns.times.tolist() == plain.times.tolist()
        assert columns.coded["kind"].texts() == plain.coded["kind"].texts() == ["a", "b", "a"]
    assert read(file(nested, "x.json"), "forecast").where(1).endswith("x.json:8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_a_byte_order_mark_is_no_part_of_the_rows(file, name, encoding):
    path, plain = file(lines(ROWS).encode(encoding), name), file(lines(ROWS), f"plain-{name}")
    assert form_of(path, time="time") == form_of(plain, time="time")
    np.testing.assert_array_equal(read(path, "forecast", time="time").numbers, read(plain, "forecast").numbers[:, 1:])


def test_keys_that_come_late_and_keys_that_are_absent(file, monkeypatch):
    monkeypatch.setattr(record_table, "HEAD", 3)
    rows = [{"a": i} for i in range(200)] + [{"a": 200, "late": "w"}, {"late": None, "number": 7}]
    columns = read(file(lines(rows)), "forecast")
    assert columns.number_names == ["a", "number"]
    assert columns.numbers[-2:].tolist() == [
        [200, pytest.approx(NAN, nan_ok=True)],
        [pytest.approx(NAN, nan_ok=True), 7],
    ]
    assert columns.coded["late"].texts() == [None] * 200 + ["w", None]


def test_quoted_labels_stay_text(file):
    rows = [{"g": i, "v": "1.5", "label": label} for i, label in enumerate(["01", "1", "true", 1, True, "NaN"])]
    columns = read(file(lines(rows)), "classify", label="label", group="g")
    assert columns.labels.texts() == ["01", "1", "true", "1", "true", "NaN"]
    assert columns.numbers[0, 0] == 1.5 and columns.number_names == ["v"]


def test_groups_are_gathered_and_large_numbers_are_exact(file):
    rows = [{"g": "b", "t": 9007199254740993}, {"g": "a", "t": 9007199254740992}, {"g": "b", "t": 9007199254740992}]
    columns = read(file(lines([row | {"v": i} for i, row in enumerate(rows)])), "forecast", group="g", time="t")
    assert columns.keys == ["b", "a"] and pieces(columns, columns.numbers[:, 0]) == [[2, 0], [1]]


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ('{"a": 1}\n{"a": 1, "a": 2}\n', 2, "not JSON (the key a twice), expected an object"),
        ('{"a": 1}\n\n{"a": {"b": 1}}\n', 3, 'column a has {"b": "1"}, expected one value a row: jq -c \'del(.a)\''),
        ('{"a": 1}\n[1]\n', 2, "[1], expected an object"),
        ('{"a": 1}\n{"a": \n', 2, "not JSON"),
        ('{"a": 1}\n' * 40 + '{"a": "x"}\n', 41, "'x' in column a, expected a number as in the first rows"),
        ('{"a": 1}\n{"a": Infinity}\n', 2, "an infinite number in column a"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file, text, at, found):
    told = message(file(text), "forecast")
    assert f"x.jsonl:{at}: " in told and found in told


def test_sequences_and_texts_under_a_key_are_none(file):
    for row, roles in (({"x": [1, 2], "y": "a"}, {}), ({"x": "a text", "y": "a"}, {}), ({"t": "a"}, {"text": "t"})):
        assert form_of(file(lines([row])), "classify", **roles).name == "jsonl"
    assert form_of(file(lines([{"x": 1.5, "y": "a"}]))).records == "json"
    assert form_of(file(lines([{"x": 1.5}])), asked="jsonl").name == "jsonl"


def test_columns_are_guessed_as_those_of_other_tables(file):
    timed = file(lines([{"when": f"2024-01-{i:02d}", "v": i % 3} for i in range(1, 20)]))
    assert time_column(timed, form_of(timed), "utf-8", (), ()).name == "when"
    texts = file(lines([{"note": f"some words and {i}", "mood": "ab"[i % 2]} for i in range(20)]))
    found = text_and_label(texts, form_of(texts), "utf-8")
    assert (found.text, found.label) == ("note", "mood")


def test_pieces_are_the_whole(file):
    path = file(lines([{"g": i // 3, "v": i} for i in range(30)]))
    form = form_of(path, group="g", label="l", task="classify")
    request = Request(form, Roles(group="g"), "utf-8", "char", "classify", Known(("v",)), numbers=("v",))
    parts = list(read_pieces([path], Request(**vars(request) | {"piece": Piece(4, 100)})))
    assert np.concatenate([part.numbers[:, 0] for part in parts]).tolist() == list(range(30))
    assert [key for part in parts for key in part.keys] == [str(i) for i in range(10)]


def test_arff_of_mixed_kinds_is_a_table(file):
    path = file(f"{ARFF}'31/01/2024 10:30',1.5,1\n'01/02/2024 00:00',?,0\n", "x.arff")
    assert form_of(path) == Form("table", header=True, columns=("day", "load kw", "k"), records="arff")
    columns = read(path, "forecast", time="day")
    assert columns.times.tolist() == np.array(["2024-01-31T10:30", "2024-02-01"], "datetime64[us]").tolist()
    np.testing.assert_array_equal(columns.numbers, [[1.5], [NAN]])
    assert columns.coded["k"].texts() == ["1", "0"]  # a nominal attribute is none of numbers
    assert columns.where(1).endswith("x.arff:7")
    steps = file("@attribute t1 numeric\n@attribute t2 numeric\n@attribute y {a}\n@data\n1,2,a\n", "x.arff")
    assert form_of(steps) == Form("arff") and form_of(steps, asked="table").records == "arff"


@pytest.mark.parametrize(
    ("pattern", "text", "iso"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2024-02-03T04:05:06.250", "2024-02-03 04:05:06.250"),
        ("EEE, d MMM yyyy h:mm a", "Sat, 3 Feb 2024 4:05 PM", "2024-02-03 16:05"),
        ("yyyy/M/d HH 'o''clock'", "2024/2/3 16 o'clock", "2024-02-03 16:00"),
        ("yyyy-MM-dd HH:mm Z", "2024-02-03 04:05 +0200", "2024-02-03 02:05"),
    ],
)
def test_dates_of_arff_have_patterns_of_java(file, pattern, text, iso):
    quoted = pattern.replace("'", "\\'"), text.replace("'", "\\'")
    path = file(f"@attribute d date '{quoted[0]}'\n@attribute v numeric\n@attribute w real\n@data\n'{quoted[1]}',1,2\n")
    columns = read(path, "forecast", asked="table", time="d")
    assert columns.times[0] == np.datetime64(iso)


def test_arff_tables_that_are_wrong(file):
    told = message(file(f"{ARFF}'2024-01-31',1,0\n", "x.arff"), "forecast", time="day")
    assert "x.arff:6: the date '2024-01-31', expected one by the pattern dd/MM/yyyy HH:mm" in told
    told = message(file(ARFF.replace("HH", "KK") + "1,1,0\n", "x.arff"), "forecast")
    assert "x.arff:6: the pattern dd/MM/yyyy KK:mm of dates, expected letters yyyy" in told
    told = message(file(ARFF.replace("HH", "dd") + "1,1,0\n", "x.arff"), "forecast")
    assert "x.arff:6: the pattern dd/MM/yyyy dd:mm of dates" in told
    told = message(file(ARFF.replace("day", "k") + "1,1,0\n", "x.arff"), "forecast")
    assert "x.arff:4: another attribute k, expected a name for each of them" in told
    for pattern in ("dd/MM/yy HH:mm", "dd/MM/yyyy ss.S", "dd/MM/yyyy "):  # a century, milliseconds, an open quote
        quote = "\\'" if pattern.endswith(" ") else ""
        text = ARFF.replace("dd/MM/yyyy HH:mm", f"{pattern}{quote}")
        assert "x.arff:6: the pattern dd/MM/yy" in message(file(f"{text}1,1,0\n", "x.arff"), "forecast", time="day")
    short = ARFF.replace("HH:mm", "ss.SSS") + "'31/01/2024 10.5',1,0\n"
    assert "x.arff:6: the date '31/01/2024 10.5', expected" in message(file(short, "x.arff"), "forecast", time="day")


def test_one_attribute_is_a_column_of_steps(file):
    path = file("@attribute level numeric\n@data\n1\n2\n3\n", "x.arff")
    assert read(path, "forecast").lengths.tolist() == [3]


def test_a_reader_of_arff_asks_for_texts_elsewhere(file):
    path = file(f"{ARFF}'31/01/2024 10:30',1.5,1\n", "x.arff")
    assert "--text and" in message(path, "classify", kind=UsageError, text="k", label="k")
