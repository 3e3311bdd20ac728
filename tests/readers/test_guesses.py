"""Values among numbers that are none as they stand: what they are read as, and that it is said and counted."""

import io

import numpy as np
import pandas as pd
import pytest

from rnncli.readers.numerals import style_of
from tests.readers.helpers import NAN, form_of, message, read

FILE = "a.csv"
POWERS = {"K": 1e3, "M": 1e6, "B": 1e9}


def by_pandas(text, **options):
    """The column y as pandas reads it."""
    return pd.read_csv(io.StringIO(text), **options)["y"].to_numpy(np.float64)


def table(values):
    return "t,y\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))


@pytest.mark.parametrize("nothing", ["..", "...", ":", ": c", ":c", ": cd"])
def test_what_stands_for_nothing_among_numbers_is_missing_and_is_counted(file, notes, nothing):
    text = table([nothing, nothing, *range(20), nothing, 5.5, nothing])
    path = file(text)
    numbers = read(path, numbers=("y",)).numbers
    np.testing.assert_array_equal(numbers[:, 0], by_pandas(text, na_values=[nothing]))
    found = [line for line in notes if "missing value" in line]
    assert found == [f"{path}: {nothing!r} in column y is read as a missing value, 4 such values in all"]


def test_half_of_a_column_may_stand_for_nothing(file):
    values = [".." if i % 2 else i for i in range(40)]
    columns = read(file(table(values)))
    assert columns.number_names == ["t", "y"]
    np.testing.assert_array_equal(columns.numbers[1::2, 1], NAN)


def test_marks_that_may_mean_zero_are_refused(file):
    for mark in ("-", "--", "."):
        path = file(table([*range(40), mark]))
        assert f"{path}:42: {mark!r} in column y" in message(path)


def test_flags_behind_a_blank_are_left_out_and_counted(file, notes):
    path = file(table(["2615.3 p", "12.4 e", *range(30), "1.5 bep", "7"]))
    numbers = read(path, numbers=("y",)).numbers[:, 0]
    assert numbers.tolist() == [2615.3, 12.4, *range(30), 1.5, 7]
    assert f"{path}: '2615.3 p' in column y is read as 2615.3, without what is behind it, 3 such values in all" in notes


UNITS = ["{} km", "{}.5kWh", "{}.25 °C", "{} km/h", "{} m²", "CHF {}", "R$ {}.5", "{} USD", "-{} kr"]
NO_UNITS = [["5 km", "300 m"], ["5A", "7A"], ["5 Jan", "6 Jan"], ["9 AM", "10 AM"], ["5 km", "7"]]


@pytest.mark.parametrize("form", UNITS)
def test_one_unit_on_all_numbers_is_left_out_and_said(file, notes, form):
    values = [form.format(i) for i in range(1, 41)]
    right = [float("".join(c for c in value if c in "-.0123456789")) for value in values]
    path = file(table(values))
    assert read(path, numbers=("y",)).numbers[:, 0].tolist() == right
    assert f"{path}: {values[0]!r} in column y is read as {right[0]:g}" in notes


@pytest.mark.parametrize("values", NO_UNITS)
def test_several_units_and_what_may_be_names_are_no_numbers(file, values):
    assert read(file(table(values * 9))).number_names == ["t"]


@pytest.mark.parametrize("mark", ["*", " *", "**", "†", "[1]", " [note 2]", " (p)"])
def test_marks_of_footnotes_are_left_out_and_counted(file, notes, mark):
    path = file(table([1.5, f"2.5{mark}", *range(9), f"7{mark}"]))
    assert read(path, numbers=("y",)).numbers[:, 0].tolist() == [1.5, 2.5, *range(9), 7]
    what = "in column y is read as 2.5, without what is behind it, 2 such values in all"
    assert f"{path}: {'2.5' + mark!r} {what}" in notes


def test_flags_of_decimal_commas(file):
    text = "t;y\n" + "".join(f"{i};{i},5{' p' if i % 3 else ''}\n" for i in range(30))
    assert read(file(text)).numbers[:, 1].tolist() == [i + 0.5 for i in range(30)]


def test_thousands_and_millions_are_numbers(file, notes):
    values = ["1.2K", "3.45M", "12", "1.15M", "0.5B", "-7K", *["8.01K"] * 9]
    right = [float(v[:-1]) * POWERS[v[-1]] if v[-1] in POWERS else float(v) for v in values]
    path = file(table(values))
    numbers = read(path, numbers=("y",)).numbers[:, 0]
    np.testing.assert_allclose(numbers, right, rtol=1e-15)
    assert numbers[3] == 1_150_000  # not 1149999.9999999998
    assert f"{path}: '1.2K' in column y is read as 1200" in notes


@pytest.mark.parametrize("values", [["5m", "10m", "15m"], ["1.2G", "3.4K", "5M"], ["32A", "34B", "36C"], ["7t", "8t"]])
def test_letters_that_may_be_units_are_not_read_as_thousands(file, values):
    assert read(file(table(values * 9))).number_names == ["t"]


def test_thousands_with_a_sign_of_currency_and_decimal_commas():
    assert style_of(["$1.2K", "$3M"], ".", None, False).read("$1.2K") == 1200
    assert style_of(["1.5bn", "0.25bn"], ".", None, False).read("0.25bn") == 250_000_000
    assert style_of(["1,2K", "3,45M"], ",", None, False).read("3,45M") == 3_450_000
    assert style_of(["1e3K", "3M"], ".", None, False).read("1e3K") is None


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "０１２３４５６７８９"])
def test_digits_of_other_scripts_are_digits(file, digits):
    there = str.maketrans("0123456789", digits)
    text = table([f"{i / 4:.2f}".translate(there) for i in range(40)])
    np.testing.assert_array_equal(read(file(text), numbers=("y",)).numbers[:, 0], np.arange(40) / 4)


def test_the_decimal_mark_of_arabic():
    values = ["١٬٢٩٩٫٥", "١٢٫٢٥"]
    style = style_of(values, ".", None, True)
    assert [style.read(value) for value in values] == [1299.5, 12.25]


def test_a_table_of_eurostat_with_a_series_a_row(file, notes):
    rows = [["A,AT", "1.5 p", ": ", "3 "], ["A,BE", ": c", "5.5 ", "6 e"]]
    text = "freq,geo\\TIME_PERIOD\t" + "\t".join(f"{year} " for year in range(1990, 1996)) + "\n"
    text += "".join("\t".join([row[0], *row[1:], "7 ", "8 ", ": "]) + "\n" for row in rows)
    path = file(text, "a.tsv")
    columns = read(path, form=form_of(path, asked="wide"))
    assert columns.keys == ["A,AT", "A,BE"]
    np.testing.assert_array_equal(columns.numbers[:, 0], [1.5, NAN, 3, 7, 8, NAN, 5.5, 6, 7, 8])
    assert f"{path}: ':' in the steps is read as a missing value, 4 such values in all" in notes
    assert f"{path}: '1.5 p' in the steps is read as 1.5, without what is behind it, 2 such values in all" in notes


@pytest.mark.parametrize("nines", [-999, -9999, -99.9, 9999, 99999.99])
def test_nines_far_from_all_other_numbers_are_said(file, notes, nines):
    values = [1.5 * i for i in range(20)] + [nines] * 3
    path = file(table(values))
    assert read(path).numbers[:, 1].tolist() == values
    what = f"{nines} in column y, 3 times in the first rows, is far from all other numbers"
    assert notes == [f"{path}: {what}: --missing {nines} if it stands for a missing value"]


@pytest.mark.parametrize("values", [[*range(85, 99), 99, 99], [999, 999, *range(980, 1000)], [5, 9, 99, *range(40)]])
def test_other_nines_are_numbers(file, notes, values):
    read(file(table(values)))
    assert not notes
