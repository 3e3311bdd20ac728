"""Rows out are read by other tools: JSON lines are JSON, a missing number is one to all of them."""

import csv
import io
import json
import math

import numpy as np
import pandas
import polars
import pyarrow.csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnncli.render.row_writer import RowWriter, print_json

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
CELLS = st.one_of(NUMBERS, st.none(), st.integers(), st.text(), st.binary())
NESTED = st.recursive(CELLS.filter(lambda c: not isinstance(c, bytes)), lambda inner: st.lists(inner, max_size=3))
same_capture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def refuse(word):
    raise AssertionError(f"{word} is not JSON")


@same_capture
@given(st.lists(st.tuples(CELLS, CELLS), max_size=4), st.dictionaries(st.text(), NESTED, max_size=4))
def test_json_lines_are_always_json(capsysbinary, rows, figures):
    writer = RowWriter(("a", "b"), "jsonl", False)
    for row in rows:
        writer.write(*row)
    print_json(figures)
    lines = capsysbinary.readouterr().out.split(b"\n")
    assert lines.pop() == b""
    found = [json.loads(line, parse_constant=refuse) for line in lines]
    assert len(found) == len(rows) + 1
    for row, (a, _) in zip(found, rows, strict=False):
        assert list(row) == ["a", "b"]
        if isinstance(a, float):
            assert row["a"] == (a if math.isfinite(a) else None)


@pytest.mark.parametrize(("to", "separator"), [("csv", ","), ("tsv", "\t")])
def test_a_missing_number_is_one_to_every_reader(capsysbinary, to, separator):
    writer = RowWriter(("when", "value"), to, True)
    for row in (("x", 1.5), ("y", math.nan), ("z", -2.0)):
        writer.write(*row)
    out = capsysbinary.readouterr().out
    expected = [1.5, math.nan, -2.0]
    options = pyarrow.csv.ParseOptions(delimiter=separator)
    read = {
        "polars": polars.read_csv(out, separator=separator)["value"].to_list(),
        "pandas": pandas.read_csv(io.BytesIO(out), sep=separator)["value"].tolist(),
        "pyarrow": pyarrow.csv.read_csv(io.BytesIO(out), parse_options=options)["value"].to_pylist(),
        "NumPy": np.loadtxt(io.BytesIO(out), delimiter=separator, skiprows=1, usecols=1).tolist(),
    }
    for name, found in read.items():
        found = [math.nan if value is None else value for value in found]
        assert np.array_equal(found, expected, equal_nan=True), name


def test_a_missing_text_is_an_empty_field(capsysbinary):
    RowWriter(("token", "tag"), "tsv", False).write(None, "O")
    RowWriter(("token", "tag"), None, False).write("a", None)
    assert capsysbinary.readouterr().out == b"\tO\na\t\n"


def test_guarded_csv_has_no_formula_and_the_same_numbers(capsysbinary):
    odd = ["=1+1", "+A1", "-2+3", "@sum", "\tx", "\rx", b"=cmd", "-", "+"]
    plain = ["a=1", "", "-5", "+1.5e3", " =1", "'=1", -2.5, math.nan, 7, None]
    found = {}
    for to in ("csv", "csv-guarded"):
        writer = RowWriter(("=name", "b"), to, False)
        for value in (*odd, *plain):
            writer.write(value, "b")
        out = capsysbinary.readouterr().out.decode()
        found[to] = [row[0] for row in csv.reader(io.StringIO(out, newline=""))]
    guarded, rest = found["csv"][: len(odd) + 1], found["csv"][len(odd) + 1 :]
    assert guarded[:2] == ["=name", "=1+1"]
    assert found["csv-guarded"] == [*("'" + text for text in guarded), *rest]
    assert rest[-4:] == ["-2.5", "NaN", "7", ""]


FIELDS = st.text(st.sampled_from("ab\n\r\t\\ é"), max_size=6)
ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}  # the rule of the module, a character at a time


@same_capture
@given(st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_a_row_of_tsv_is_a_line_of_as_many_fields(capsysbinary, rows, as_bytes, line_last):
    writer = RowWriter(("prompt", "sample", "text"), "tsv", False, line_last)
    for row in rows:
        writer.write(*(value.encode() if as_bytes else value for value in row))
    lines = capsysbinary.readouterr().out.decode().split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        fields = line.split("\t", 2) if line_last else line.split("\t")
        kept = [{}, {}, {"\t": "\t"} | ({"\r": "\r"} if as_bytes else {}) if line_last else {}]
        assert fields == ["".join((ESCAPED | k).get(c, c) for c in f) for f, k in zip(row, kept, strict=True)]
