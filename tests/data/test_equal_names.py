"""1.0 is 1 and True is true, for series and for labels, whatever file they stand in."""

import polars as pl
import pytest

from rnncli.data.columns import Coded
from rnncli.data.equal_names import ByName, plain_name
from rnncli.data.schema import Schema
from rnncli.errors import Notes
from tests.readers.helpers import read

FILE = "data.csv"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        *[("1.0", "1"), ("1.", "1"), ("-3.00", "-3"), ("True", "true"), ("FALSE", "false"), ("120", "120")],
        *[("+1", "1"), ("+1.0", "1"), ("-0.0", "0"), ("-1", "-1")],  # LIBSVM has +1, which pandas writes as 1
        *[(text, text) for text in ("1.5", "1.10", "001", "+-1", "a.0", "1.0.0", "", "truely", "1e0", "New York")],
    ],
)
def test_names_that_are_the_same(text, plain):
    assert plain_name(text) == plain
    names = ByName({text: 7})
    assert (names[plain], names.get(text), plain in names, names.get("other")) == (7, 7, True, None)
    names |= {plain: 8}
    assert (len(names), names[text]) == (1, 8)


def test_labels_are_matched_by_what_they_are():
    schema = Schema()
    schema.fit_labels(Coded.of(["1.0", "0", "1", "2.5"]))
    assert schema.labels == ["0", "1", "2.5"]
    assert Coded.named(["1.0", "1", "True", "true"]).symbols == ["1.0", "True"]


def test_labels_that_look_alike_are_noted(monkeypatch):
    """Only the reader of .ts said it."""
    said = []
    monkeypatch.setattr(Notes, "say", said.append)
    monkeypatch.setattr(Notes, "said", set())
    Schema().fit_labels(Coded.of(["b", "Yes", "yes", "é", "e\u0301", "01", "1"]))
    assert said == [
        "labels Yes and yes differ in case, in blanks or in how accents are coded alone, but are two, and so do 1 more"
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_groups_and_labels_as_floats_are_one_with_those_as_whole_numbers(tmp_path, kind):
    frames = [
        pl.DataFrame({"g": [1, 1, 2, 2], "l": [True, True, False, False], "x": [1.0, 2, 3, 4]}),
        pl.DataFrame({"g": [2.0, 3.0], "l": ["false", "true"], "x": [5.0, 6]}),
    ]
    paths = [str(tmp_path / f"{i}.{kind}") for i in range(2)]
    for path, frame in zip(paths, frames, strict=True):
        frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)
    columns = read(paths, "classify", group="g", label="l")
    assert columns.keys[1:] in (["2", "3.0"], ["2", "3"])
    assert columns.offsets.tolist() == [0, 2, 5, 6]
    assert columns.numbers.ravel().tolist() == [1, 2, 3, 4, 5, 6]
    assert [text.lower() for text in columns.labels.texts()] == ["true", "false", "true"]
