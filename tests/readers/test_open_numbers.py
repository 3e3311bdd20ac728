"""Points that may stand between thousands, and numbers with more digits than are read."""

import re

import polars as pl
import pytest

from rnncli.data.columns import Known
from rnncli.errors import Notes, RnncliError
from rnncli.readers.numerals import looks_like_numbers
from tests.readers.helpers import form_of, message, read


@pytest.fixture
def said():
    lines = []
    Notes.begin(lines.append)
    yield lines
    Notes.begin(None)


def table(tmp_path, values, separator=";", beside=""):
    path = tmp_path / "data.csv"
    names, beside = ("t", "y", "z")[: 2 + bool(beside)], separator + beside if beside else ""
    rows = (f"{i}{separator}{value}{beside}" for i, value in enumerate(values))
    path.write_text("\n".join([separator.join(names), *rows]) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("values", "separator"), [(["955", "1.126", "-1.040"] * 9, ";"), (["955", "1.126"] * 9, "\t"), (["1.126"] * 9, ";")]
)
def test_a_point_that_may_stand_between_thousands_is_refused(tmp_path, values, separator):
    path = table(tmp_path, values, separator)
    found = message(path, task="forecast", targets=("y",), time="t")
    assert found.endswith(
        "data.csv: '1.126' in column y may have a point as decimal mark or between thousands: use --decimal comma or "
        "--decimal point"
    )


@pytest.mark.parametrize(
    ("values", "separator", "beside"),
    [
        (["955", "1.126"] * 9, ";", "0.5"),  # another column shows that a point is the decimal mark
        (["955", "1.126", "1.5"] * 9, ";", ""),
        (["0.955", "1.126"] * 9, ";", ""),
        (["1955", "1.126"] * 9, ";", ""),
        (["955", "1.126"] * 9, ",", ""),
        (["1.955", "1.126"] * 9, "\t", ""),
    ],
)
def test_other_points_are_decimal_marks(tmp_path, values, separator, beside):
    columns = read(table(tmp_path, values, separator, beside), task="forecast", targets=("y",), time="t")
    assert columns.numbers[:, 0].tolist() == list(map(float, values))


def test_the_decimal_mark_that_is_told_is_believed(tmp_path):
    from dataclasses import replace

    from rnncli.data.columns import Roles
    from rnncli.readers.columns import read_columns
    from rnncli.readers.forms import recognise
    from rnncli.readers.numerals import Writing
    from rnncli.readers.reader import Request

    path, roles = table(tmp_path, ["955", "1.126"] * 9), Roles(targets=("y",), time="t")
    for told, right in (("comma", 1126), ("point", 1.126)):
        form = recognise(path, "auto", roles, "utf-8", "forecast", Writing(decimal={"comma": ",", "point": "."}[told]))
        found = read_columns([path], Request(form, roles, "utf-8", "char", "forecast"))
        assert found.numbers[:2, 0].tolist() == [955, right]
    trained = replace(form, decimal=None)
    found = read_columns([path], Request(trained, roles, "utf-8", "char", "forecast", Known(("y",))))
    assert found.numbers[1, 0] == 1.126  # to predict it is as in training


def test_points_between_thousands_of_a_later_block_are_no_decimal_marks(tmp_path, monkeypatch):
    """Where the first block shows commas before decimals and no point, and the number of a later one has both."""
    from rnncli.readers import delimited

    monkeypatch.setattr(delimited, "HEAD", 100)
    path = table(tmp_path, [*["955,5", "12,25"] * 20, "1.126", "2.000"])
    assert read(path, task="forecast", targets=("y",), time="t").numbers[-3:, 0].tolist() == [12.25, 1126, 2000]


def test_digits_that_are_lost_are_said(tmp_path, said):
    big = [2**60 + i for i in range(20)]
    read(table(tmp_path, map(str, big), ","), task="forecast", targets=("y",), time="t")
    pl.DataFrame({"t": range(20), "y": big}).write_parquet(tmp_path / "a.parquet")
    read(str(tmp_path / "a.parquet"), task="forecast", targets=("y",), time="t")
    ends = [line.partition(": ")[2] for line in said if "digits" in line]
    assert ends == ["1152921504606846977 in column y is read as 1152921504606846976: numbers have 15 to 17 digits"] * 2
    said.clear()
    read(table(tmp_path, [str(2**60), "5"], ","), task="forecast", targets=("y",), time="t")
    assert not said


def test_very_many_digits_are_one_number_or_too_large(tmp_path, said):
    path = table(tmp_path, ["1", "0" * 5000 + "7", "2"], ",")
    assert read(path, task="forecast", targets=("y",), time="t").numbers[-3:, 0].tolist() == [1, 7, 2]
    path = table(tmp_path, ["1", "9" * 400, "2"], ",")
    assert "an infinite number in column y" in message(path, task="forecast", targets=("y",), time="t")
    assert not any("numbers have 15 to 17 digits" in line for line in said)


def test_a_target_of_words_names_one(tmp_path):
    path = table(tmp_path, [f"{i}.25{'~' * (i % 3 == 1)}" for i in range(20)], ",")
    with pytest.raises(RnncliError, match="--target y: a column of words, such as '1.25~', expected numbers"):
        read(path, task="forecast", targets=("y",), time="t")


GROUPED = ["1.234.567", "987.654", "1.111.000"] * 9


@pytest.mark.parametrize("separator", [";", "\t"])
def test_several_groups_of_thousands_tell_the_decimal_mark_of_later_files_too(tmp_path, separator):
    path = table(tmp_path, GROUPED, separator)
    form = form_of(path, "forecast", targets=("y",), time="t")
    whole = [float(value.replace(".", "")) for value in GROUPED]
    assert read(path, "forecast", form=form, targets=("y",), time="t").numbers[:, 0].tolist() == whole
    later = read(table(tmp_path, ["987.654"] * 9, separator), "forecast", form=form, numbers=("y",), targets=("y",))
    assert set(later.numbers[:, 0].tolist()) == {987654}


def test_addresses_tell_no_decimal_mark(tmp_path):
    path = table(tmp_path, ["1.955", "1.126"] * 9, "\t", "192.168.100.101")
    assert not form_of(path, "forecast", targets=("y",), time="t").decimal_comma


def test_a_file_with_another_separator_than_that_of_training_tells_its_own_decimal_mark(tmp_path):
    path = table(tmp_path, ["12.5", "1.126"] * 9, ",")
    form = form_of(path, "forecast", targets=("y",), time="t")
    options = {"task": "forecast", "form": form, "numbers": ("y",), "targets": ("y",)}
    other = table(tmp_path, ["955", "1.126"] * 9, ";")
    assert "'1.126' in column y may have a point as decimal mark" in message(other, **options)
    assert read(table(tmp_path, ["955,5", "1.126"] * 9, ";"), **options).numbers[:2, 0].tolist() == [955.5, 1126]


def wide(tmp_path, values, separator):
    path = tmp_path / "wide.csv"
    rows = (separator.join([f"s{i}", *values]) for i in range(4))
    path.write_text("\n".join([separator.join(["id", *(f"v{i}" for i in range(len(values)))]), *rows]) + "\n")
    return str(path)


def test_points_of_a_wide_table_that_may_stand_between_thousands_are_refused(tmp_path):
    for values, separator in ((["955", "1.126"], ";"), (["955", "1.126"], "\t"), (["1.126", "2.050"], ";")):
        found = message(wide(tmp_path, values, separator), "forecast", "wide")
        assert "wide.csv: '1.126' may have a point as decimal mark or between thousands" in found
    for values, right in ((["955", "1.126", "1.234.567"], [955, 1126, 1234567]), (["0.5", "1.126"], [0.5, 1.126])):
        assert read(wide(tmp_path, values, ";"), "forecast", "wide").numbers[: len(right), 0].tolist() == right


def test_numbers_of_a_wide_table_have_one_sign_or_none(tmp_path):
    found = message(wide(tmp_path, ["5.5", "1.5%"], ","), "forecast", "wide")
    assert found.endswith("wide.csv:2: '1.5%', expected one without a sign: a row is a sequence, a field a step")
    found = message(wide(tmp_path, ["5.5%", "1.5"], ","), "forecast", "wide")
    assert "'1.5', expected a number with %" in found
    assert read(wide(tmp_path, ["5.5%", "1.5%"], ","), "forecast", "wide").numbers[:2, 0].tolist() == [5.5, 1.5]


@pytest.mark.parametrize(
    ("decimal", "values", "why"),
    [
        (".", ["1,05", "1,025"], "--decimal point was given, .* is a comma"),
        (",", ["1.05", "1.025"], "--decimal comma .* a point"),
        (",", ["5%", "6"], "--inputs"),  # either is a number, of two kinds
    ],
)
def test_a_category_of_numbers_says_that_decimal_is_another_mark(tmp_path, said, decimal, values, why):
    from rnncli.data.columns import Roles
    from rnncli.readers.columns import read_columns
    from rnncli.readers.forms import recognise
    from rnncli.readers.numerals import Writing
    from rnncli.readers.reader import Request

    path, roles = table(tmp_path, values * 9, beside="7"), Roles(targets=("z",), time="t")
    form = recognise(path, "table", roles, "utf-8", "forecast", Writing(decimal=decimal))
    read_columns([path], Request(form, roles, "utf-8", "word", "forecast"))
    found = [line for line in said if "as a category" in line]
    assert len(found) == 1 and re.search(f"' in column y is read as a category, not as a number: {why}", found[0])


@pytest.mark.parametrize(
    ("values", "quoted"),
    [
        (["M", "0.5", "M", "M", "0", "M", "1.2"], "0.5"),  # an airport without rain, as METAR writes it
        (["-", "-", "3,5", "#REF!", "-", "7", "8"], "3,5"),
        (["a", "b", "c", "d", "1", "2", "3"], ""),
        (["none", "1", "2", "none", "none"], ""),  # few grades, and none
    ],
)
def test_numbers_that_are_few_beside_marks_of_missing_values_are_quoted(values, quoted):
    """Such a column was a category without a word, its numbers less than half of the rows."""
    assert looks_like_numbers(values) == quoted
