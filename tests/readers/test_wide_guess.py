"""Sequences in rows: the form of UCR is found, behind labels, and that of M4, behind names; tables of steps are not."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.readers.forms import recognise
from rnncli.readers.wide_guess import has_labels_first
from rnncli.tasks.rows_in import with_rows
from tests.readers.helpers import read

ROWS, STEPS = 20, 24
LABELS = [str(i % 3) for i in range(ROWS)]


def write(path, labels, values, separator="\t", form="{:.5f}"):
    rows = [separator.join([label, *map(form.format, row)]) for label, row in zip(labels, values, strict=True)]
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def guess(path):
    return has_labels_first(path, recognise(path, "auto", Roles(), "utf-8", "auto"), "utf-8")


@pytest.fixture
def values():
    return np.random.default_rng(0).standard_normal((ROWS, STEPS))


@pytest.mark.parametrize("form", ["{}", "{}.0", "{}.0000000e+00", "-{}"])
def test_labels_are_whole_however_they_are_written(tmp_path, values, form):
    assert guess(write(tmp_path / "a.tsv", [form.format(label) for label in LABELS], values))


def test_words_commas_and_missing_values(tmp_path, values):
    values[3, 5:] = np.nan
    assert guess(write(tmp_path / "a.csv", ["yes" if i % 3 else "no" for i in range(ROWS)], values, ","))


@pytest.mark.parametrize(("first", "found"), [("0", True), ("y", True), ("label", True), ("y,t", False)])
def test_numbers_that_count_the_columns_may_stand_on_top(tmp_path, values, first, found):
    path = tmp_path / "a.csv"
    write(path, LABELS, values, ",")
    first, _, letter = first.partition(",")
    names = [first, *(f"{letter}{i + 1}" for i in range(STEPS))]
    path.write_text(",".join(names) + "\n" + path.read_text())
    assert guess(str(path)) == found


@pytest.mark.parametrize("written", ["1 234.5", "1,234.5", "1_000", "\u22121.5", "$3.5", "1e999"])
def test_numbers_as_people_write_them(tmp_path, values, written):
    path = tmp_path / "a.tsv"
    write(path, LABELS, values)
    path.write_text(path.read_text() + "\t".join(["1", written, *["0.5"] * (STEPS - 1)]) + "\n")
    assert guess(str(path))


def test_labels_that_come_again_late(tmp_path):
    values = np.random.default_rng(0).standard_normal((120, 300))
    path = write(tmp_path / "a.tsv", [str(i % 40) for i in range(120)], values)
    assert guess(path)  # 36 rows are in the first 64 KB


@pytest.mark.parametrize(
    "labels",
    [
        [str(i) for i in range(ROWS)],  # numbers of rows
        [f"{i / 7:.3f}" for i in range(ROWS)],  # measured too
        ["1"] * ROWS,
        [*LABELS[:-1], "NaN"],
    ],
)
def test_what_is_no_label(tmp_path, values, labels):
    assert not guess(write(tmp_path / "a.tsv", labels, values))


def test_counts_and_narrow_tables_are_left(tmp_path, values):
    assert not guess(write(tmp_path / "a.tsv", LABELS, 10 * values, form="{:.0f}"))
    assert not guess(write(tmp_path / "b.tsv", LABELS, values[:, :8]))
    assert not guess(write(tmp_path / "c.tsv", LABELS[:6], values[:6]))


def test_a_table_with_names_is_left(tmp_path, values):
    path = tmp_path / "a.tsv"
    write(path, LABELS, values)
    path.write_text("\t".join(["label", *(f"x{i}" for i in range(STEPS))]) + "\n" + path.read_text())
    assert not guess(str(path))


IDS = [f"Y{i}" for i in range(1, ROWS + 1)]
V = ",".join(f'"V{i}"' for i in range(1, STEPS + 2)) + "\n"
ENDS = [STEPS - i % 7 for i in range(ROWS)]


def lines(values, names=IDS, ends=ENDS, pad="", top=""):
    """A row for each name, with as many values as `ends` says, then `pad` for each that is lacking."""
    pads = [[pad] * (STEPS - end) * (pad != "") for end in ends]
    rows = [[f"{x:.3f}" for x in row[:end]] + more for row, end, more in zip(values, ends, pads, strict=True)]
    names = names or [None] * ROWS
    return top + "".join(",".join([name] * bool(name) + row) + "\n" for name, row in zip(names, rows, strict=True))


SERIES = {
    "m4": {"pad": '""', "top": V},
    "m4 with NA": {"pad": "NA", "top": V},
    "m4, all as long": {"ends": [STEPS] * ROWS, "top": V},
    "ragged without names on top": {},
    "ragged numbers alone": {"names": []},
    "counted from 0": {"ends": [STEPS] * ROWS, "top": ",".join(["id", *(f"t{i}" for i in range(STEPS))]) + "\n"},
}
TABLES = {
    "one row is cut": {"names": [], "ends": [STEPS] * (ROWS - 1) + [3]},
    "names that come again": {"names": ["a", "b"] * (ROWS // 2)},
    "dates": {"names": [f"2024-01-{i:02d}" for i in range(1, ROWS + 1)]},
    "features": {"ends": [STEPS] * ROWS, "top": ",".join(["city", *(f"f{i * i}" for i in range(STEPS))]) + "\n"},
    "a sparse last column": {"pad": "NA", "names": [], "ends": [STEPS - i % 2 for i in range(ROWS)]},
    "rows that are steps": {"ends": [STEPS] * ROWS},
}


@pytest.mark.parametrize("kind", SERIES)
def test_series_in_rows_behind_their_names(tmp_path, values, notes, kind):
    path = tmp_path / "a.csv"
    path.write_text(lines(values, **SERIES[kind]))
    assert with_rows(str(path), TrainConfig(horizon=3)).format == "wide"
    assert notes == [f"{path}: each row is a series, its numbers are the steps: --format table reads columns as series"]
    columns = read(str(path), "forecast", "wide")
    ends = SERIES[kind].get("ends", ENDS)
    right = [round(x, 3) for row, end in zip(values, ends, strict=True) for x in row[:end]]
    assert columns.lengths.tolist() == ends and columns.numbers[:, 0].tolist() == right
    assert columns.keys == (SERIES[kind].get("names", IDS) or [str(i) for i in range(1, ROWS + 1)])


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_steps_are_no_series_in_rows(tmp_path, values, kind):
    path = tmp_path / "a.csv"
    path.write_text(lines(values, **TABLES[kind]))
    assert with_rows(str(path), TrainConfig(horizon=3)).format == "auto"
