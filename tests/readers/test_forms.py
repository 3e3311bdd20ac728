"""Which form a file has, and data sets of the world."""

import json

import numpy as np
import polars as pl
import pytest

from rnncli.errors import UsageError
from rnncli.readers.form import Form
from tests.readers.helpers import PLAIN, data, error_of, form_of, read

FILE = "data.csv"


@pytest.mark.parametrize("name", ["a.txt", "a.log", "a", "a.json", "a.txt.gz", "-"])
def test_what_no_one_calls_a_table_stays_text(file, stdin, name):
    stdin(PLAIN.encode())
    path = name if name == "-" else file(PLAIN, name)
    for task in ("auto", "language"):
        assert form_of(path, task) == Form("text")
    assert form_of(path, "forecast").name == "table"
    assert form_of(path, inputs=("x",)).name == "table"
    assert form_of(path, "forecast", "lines") == Form("lines")
    assert form_of(file(PLAIN), "language") == Form("text")


def test_an_encoding_that_is_none_of_text_is_refused(file):
    for name in ("a.csv", "a.txt"):
        found = error_of(form_of, file(PLAIN, name), encoding="rot13", kind=UsageError)
        assert found.startswith("--encoding rot13: unknown encoding")


def test_a_form_is_the_same_from_json(file):
    for path, roles in ((file(PLAIN), {}), (file("a\tb\n", "a.tsv"), {"text": "a", "label": "b"})):
        form = form_of(path, **roles)
        assert Form.from_json(json.loads(json.dumps(form.to_json()))) == form


@pytest.mark.parametrize(
    ("name", "roles", "sequences", "rows", "numbers", "words"),
    [
        ("airpassengers/airline-passengers.csv", {"time": "Month"}, 1, 144, 1, 0),
        ("sunspots/monthly-sunspots.csv", {"time": "Month"}, 1, 2820, 1, 0),
        ("nab_nyc_taxi/nyc_taxi.csv", {"time": "timestamp"}, 1, 10320, 1, 0),
        ("etth1/ETTh1.csv", {"time": "date", "targets": ("OT",)}, 1, 17420, 7, 0),
        ("chaos/lorenz.csv", {"time": "t"}, 1, 20000, 3, 0),
        ("jsb_chorales/jsb.test.csv", {"group": "series", "time": "t"}, 77, 4725, 88, 0),
        ("openssh_log/OpenSSH_2k.log_structured.csv", {"label": "EventId", "group": "LineId"}, 2000, 2000, 2, 5),
    ],
)
def test_tables_of_the_world(name, roles, sequences, rows, numbers, words):
    columns = read(data(name), **roles)
    assert (len(columns), int(columns.offsets[-1])) == (sequences, rows)
    assert columns.numbers.shape == (rows, numbers)
    assert not np.isnan(columns.numbers).any()
    assert len(columns.coded) == words


def test_series_of_the_world_with_answers():
    columns = read(data("japanese_vowels/train.csv"), group="series", time="t", label="label")
    assert (len(columns), columns.numbers.shape, columns.lengths.min()) == (270, (4274, 12), 7)
    assert columns.labels.symbols == [str(i) for i in range(1, 10)]
    columns = read(data("covid3month/train.csv"), "regress", group="series", time="t", targets=("target",))
    assert (columns.targets.shape, set(columns.lengths)) == ((140, 1), {84})
    expected = pl.read_csv(data("covid3month/train.csv")).group_by("series", maintain_order=True).first()["target"]
    np.testing.assert_allclose(columns.targets[:, 0], expected.to_numpy(), rtol=1e-6)


@pytest.mark.parametrize("options", [{"task": "classify"}, {"text": "text", "label": "label"}, {"target": "a"}, {}])
def test_a_file_of_comments_alone_has_no_rows(here, options):
    here.write("t.csv", "# a\n\n# b\n")
    done = here("train", "t.csv", *(f"--{name}={value}" for name, value in options.items()))
    assert (done.code, done.out) == (1, b"")
    assert done.err == "rnncli: t.csv: only comments (lines that begin with #), expected rows\n"


@pytest.mark.parametrize("values", ["a\nb\na\n", "1\n2\n1\n"])
def test_a_label_alone_is_told_from_a_sequence_with_two_labels(here, values):
    here.write("t.csv", "v\n" + values)
    done = here("train", "t.csv", "--label", "v")
    assert (done.code, done.out) == (1, b"")
    assert done.err == "rnncli: t.csv: v is the only column, expected a text or inputs beside it\n"


NUMBERS = "".join(f"{i}.25,{i + 1}.5,{i}.75\n" for i in range(20))


@pytest.mark.parametrize(
    ("top", "rows", "columns"),
    [
        ("0,1,2", NUMBERS, ("0", "1", "2")),
        ("1,2,3", NUMBERS, ("1", "2", "3")),
        (",0,1", NUMBERS, ("1_", "0", "1")),
        ("0,1,2,3,4,5", "7,3,5,9,1,4\n" * 9, ("0", "1", "2", "3", "4", "5")),
        ("Date,0", "".join(f"2024-01-{day:02d},{day}\n" for day in range(1, 20)), ("Date", "0")),
        ("depth,10,20", "".join(f"{day}/01/2024 10:00,{day},7\n" for day in range(1, 20)), ("depth", "10", "20")),
    ],
)
def test_numbers_on_top_that_are_names(file, top, rows, columns):
    """As pandas writes columns without names, or depths beside a date."""
    form = form_of(file(f"{top}\n{rows}"), "forecast")
    assert form.header and form.columns == columns


@pytest.mark.parametrize(
    "rows",
    [
        "0,1,2\n1,2,3\n2,3,4\n" * 5,
        "".join(",".join(str(i + j) for j in range(8)) + "\n" for i in range(9)),
        "2,1,0\n" + NUMBERS,
        "0,1\n3,4\n5,7\n9,2\n",
        "a,2024-01-01\n" * 9,
    ],
)
def test_numbers_on_top_that_are_a_row(file, rows):
    assert not form_of(file(rows), "forecast").header
