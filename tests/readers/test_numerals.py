"""How numbers are written, what says that one is missing, and what stands around a table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.errors import UsageError
from rnncli.readers.casting import find_style
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.forms import recognise
from rnncli.readers.numerals import MISSING, Writing, bare, decimal_of
from rnncli.readers.reader import Request
from tests.readers.helpers import NAN, message, read

FILE = "data.csv"

#: as read_csv of pandas 2 has them without being asked
PANDAS = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"),
    *("NULL", "NaN", "None", "n/a", "nan", "null"),
)
TOKENS = (".", "-", "--", "(null)", r"\N", "missing", "Nil", "*", "#VALUE!", "NODATA", "NaT", "n.a.")


def told(path, missing=(), decimal=None):
    """The first column of numbers, with what the user says."""
    return told_of(path, "table", missing, decimal)


def told_form(path):
    return recognise(path, "table", Roles(), "utf-8", "auto")


def told_of(path, asked, missing=(), decimal=None):
    form = recognise(path, asked, Roles(), "utf-8", "auto", Writing(missing, decimal))
    form = Form.from_json(form.to_json())  # as the model keeps it
    return read_columns([path], Request(form, Roles(), "utf-8", "char", "auto"))


def rows(values, separator=",", quote="", head="y{0}z"):
    lines = [head.format(separator), *(f"{quote}{value}{quote}{separator}{i % 7}" for i, value in enumerate(values))]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("token", PANDAS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_what_pandas_takes_for_missing_is_missing(file, token, separator):
    values = ["1.5", token, "2.5", *["3.5"] * 5]
    columns = told(file(rows(values, separator)))
    assert columns.number_names == ["y", "z"]
    np.testing.assert_array_equal(columns.numbers[:, 0], [1.5, NAN, 2.5, *[3.5] * 5])


@pytest.mark.parametrize("text", ["2-", "1-2.5-", "2024-01.5-", "12.50--", "-12.50-"])
def test_a_minus_behind_other_texts_is_none(text):
    assert bare(text, ".") is None


@pytest.mark.parametrize("token", TOKENS)
def test_other_tokens_are_refused_with_line_and_value_and_read_once_they_are_named(file, token):
    path = file(rows(["1.5"] * 40 + [token] + ["2.5"]))
    error = message(path)
    assert error.startswith(f"{path}:42: {token!r} in column y")
    assert "--missing" in error
    columns = told(path, ("x", token))
    np.testing.assert_array_equal(columns.numbers[:, 0], [1.5] * 40 + [NAN, 2.5])
    first = file(rows([token, "1.5", "2.5"]))  # no row of units
    np.testing.assert_array_equal(told(first, (token,)).numbers[:, 0], [NAN, 1.5, 2.5])


def test_numbers_that_stand_for_what_is_missing_are_compared_by_value(file):
    path = file(rows(["-999", "-999.0", "-9.99e2", "1", "-99"]))
    assert read(path).numbers[:, 0].tolist() == [-999, -999, -999, 1, -99]
    np.testing.assert_array_equal(told(path, ("-999",)).numbers[:, 0], [NAN, NAN, NAN, 1, -99])


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        *[("1.5", ".", 1.5), ("+.5", ".", 0.5), ("-2e3", ".", -2000), ("1,5", ",", 1.5), ("-,5", ",", -0.5)],
        *[("1,299.99", ".", 1299.99), ("1,299,000", ".", 1299000), ("1.299,99", ",", 1299.99), ("1.299", ",", 1299)],
        *[
            ("1 299,99", ",", 1299.99),
            ("1\u00a0299.99", ".", 1299.99),
            ("1\u202f299", ".", 1299),
            ("1'299.5", ".", 1299.5),
        ],
        *[("\u22125.5", ".", -5.5), ("5.1%", ".", 5.1), ("5,1 %", ",", 5.1), ("(12.00)", ".", -12), ("$5", ".", 5)],
        *[("12.50-", ".", -12.5), ("1,234.50-", ".", -1234.5), ("1.234,50-", ",", -1234.5)],
        *[("-$5", ".", -5), ("$-5", ".", -5), ("5 €", ".", 5), ("($1,200)", ".", -1200), ("1.5D+03", ".", 1500)],
        *[("1_000.5", ".", 1000.5), ("1e3", ",", 1000)],
        *[
            (text, ".", None)
            for text in ("1,5", "12,34", "1,2345", "1__000", "--5", "5%%", "$5%", "(-5)", "1 2", "0x1")
        ],
        *[(text, ",", None) for text in ("1.5", "1.29,5", "1,5,5", "1.5e3", "")],
        *[(text, ".", None) for text in ("", "a", "1a", "-", ".", "e5", "12:30", "1/2", "2024-01-01", "1_0")],
    ],
)
def test_spellings(text, decimal, number):
    found = bare(text, decimal)
    assert (found and float(found[0])) == number


@given(st.lists(st.integers(0, 10**8).map(lambda n: n / 100), min_size=3, max_size=30), st.sampled_from(".,"))
def test_a_column_written_by_any_locale_is_read_as_it_was_meant(values, decimal):
    import polars as pl

    texts = [f"{value:,.2f}" for value in values]
    if decimal == ",":
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    assert decimal_of(texts) == decimal
    for comma in (False, True):  # whatever the rest of the file says
        style, numeric = find_style(pl.Series(texts), comma, Writing(), False, 0.95)
        assert numeric
        assert [style.read(text) for text in texts] == values


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (["880", "955", "1,112"], 1112),  # no comma below a thousand
        (["1,112", "1,112,000"], 1112),
        (["1,112", "0,955"], 1.112),
        (["1,112", "12,5"], 1.112),
        (["1,112", "1112,5"], 1.112),
    ],
)
def test_commas_before_three_digits_are_told_by_the_others(file, notes, texts, number):
    columns = told(file(rows(texts, ";")))
    assert columns.numbers[texts.index("1,112"), 0] == number
    assert any("'1,112'" in line and "--decimal" in line for line in notes) == (number == 1112)


def test_commas_that_may_be_either_are_refused_unless_it_is_said(file):
    path = file(rows(["1,112", "1,250"], ";"))
    assert message(path) == (
        f"{path}: '1,112' in column y may have a comma as decimal mark or between thousands: use --decimal comma or "
        "--decimal point"
    )
    assert read(path, form=told_form(path), numbers=("y", "z")).numbers[:, 0].tolist() == [1112, 1250]  # as in training
    assert told(path, decimal=",").numbers[:, 0].tolist() == [1.112, 1.25]
    assert told(path, decimal=".").numbers[:, 0].tolist() == [1112, 1250]
    quoted = file(rows(["1,112", "1,250"], ",", '"'))  # who separates by commas has points
    assert told(quoted).numbers[:, 0].tolist() == [1112, 1250]
    assert told(file(rows(["12,5", "1,25"], ",", '"'))).numbers[:, 0].tolist() == [12.5, 1.25]


def test_each_column_has_its_own_marks(file):
    text = "a;version;c\n1,5;1.2;7 %\n2,25;1.3;8 %\n10,75;1.2;9 %\n"
    columns = told(file(text))
    assert columns.number_names == ["a", "version", "c"]
    np.testing.assert_allclose(columns.numbers, [[1.5, 1.2, 7], [2.25, 1.3, 8], [10.75, 1.2, 9]], rtol=1e-6)


@pytest.mark.parametrize(
    ("texts", "quoted"),
    [
        (["53.2%", "5", "6%", "1.5"], "'53.2%'"),
        ([str(i) if i % 10 else "-" for i in range(40)], "'-'"),
        (["5.3 kW", "5400 W", "6 kW"], "'5.3 kW'"),
        (["5.3", "<1", "6", "<1"], "'<1' is not a number: --missing"),
        (["12:30", "12:31", "12:32"], "'12:30'"),
    ],
)
def test_nothing_that_looks_like_a_number_becomes_a_category_in_silence(file, notes, texts, quoted):
    path = file(rows(texts))
    assert list(told(path).coded) == ["y"]
    assert len(notes) == 1
    assert quoted in notes[0]
    assert "--inputs" in notes[0]
    notes.clear()
    told(file(rows(["a", "b", "c3"])))
    assert not notes


@pytest.mark.parametrize(
    "above",
    [
        *["sep=;\n", "# station: north\n# unit: kW\n", "Wind power, 2024\n\n", "Wind power\nin kW\n", "\n\n"],
        '"TOA5","6843"\n',
    ],
)
def test_what_stands_above_a_table_is_left_out(file, above):
    table = "t;y;x\n1;5;a\n2;6;b\n\n# gap; in\n3;x;c\n4;7;d\n"
    path = file(above + table.replace("3;x;c\n", ""))
    columns = told(path)
    assert (columns.number_names, columns.numbers.tolist()) == (["t", "y"], [[1, 5], [2, 6], [4, 7]])
    rows = "".join(f"{i};5;a\n" for i in range(40))
    path = file(above + table.replace("3;x;c\n", "").replace("4;7;d\n", rows + "4;wrong;d\n"))
    line = (above + table).count("\n") - 1 + 40
    assert message(path).startswith(f"{path}:{line}: 'wrong' in column y")


def test_lines_keep_their_numbers_below_titles_units_and_comments(file):
    body = "".join(f"{i},{i}.5\n" for i in range(30))
    path = file(f"t,y\ns,kW\n{body}# a comment\n31,x\n")
    assert message(path).startswith(f"{path}:34: 'x' in column y")


def test_rows_of_units_are_told_from_tokens_and_categories(file, notes):
    body = "".join(f"2024-01-{i:02d},{i}.5,{i % 2}\n" for i in range(1, 29))
    for units in (",kW,m/s", "yyyy-mm-dd,kW,m/s"):
        columns = told(file(f"ds,y,x\n{units}\n{body}"))
        assert columns.numbers.shape == (28, 2)
        assert any("a row of units" in line for line in notes)
        notes.clear()
    path = file(f"ds,y,x\n2024-01-01,NODATA,0\n{body}")
    assert message(path).startswith(f"{path}:2: 'NODATA' in column y")
    assert not notes


@pytest.mark.parametrize("end", [";\n", "; \n", ";\r\n"])
def test_semicolons_at_line_ends_separate_nothing(file, end):
    path = file("1,Jogging,-0.6;\n1,Walking,5;\n2,Jogging,7.5;\n".replace(";\n", end), "raw.txt")
    columns = read(path, asked="table")
    assert columns.numbers.tolist() == [[1, -0.6], [1, 5], [2, 7.5]]
    assert columns.coded["2"].texts() == ["Jogging", "Walking", "Jogging"]


@pytest.mark.parametrize("size", [3, 7, 1 << 20])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_an_empty_line_of_a_single_column_is_a_missing_value_but_at_the_end(file, blocks_of, notes, size, end):
    blocks_of(size)
    for names in ("v\n", "v\n# a comment\n"):
        columns = told(file(f"{names}1\n\n2\n\n\n3\n \n4{end}"))
        np.testing.assert_array_equal(columns.numbers[:, 0], [1, NAN, 2, NAN, NAN, 3, NAN, 4])
        assert "4 empty lines" in notes[-1]
    path = file("v\n1\n\n2\nx\n" + "5\n" * 30)
    assert message(path).startswith(f"{path}:5: 'x' in column v")


def test_tokens_are_those_of_pandas_in_any_case():
    assert {token.lower() for token in PANDAS} | {"?"} == MISSING
    with pytest.raises(UsageError, match="--decimal dot"):
        TrainConfig(decimal="dot")


def test_a_separator_at_the_end_of_all_lines_makes_no_column(file):
    columns = read(file("t,y,\n1,5,\n2,6,\n"))
    assert (columns.number_names, columns.numbers.tolist()) == (["t", "y"], [[1, 5], [2, 6]])
    assert "2: 3 columns, expected 2" in message(file("t,y\n1,5,\n2,6,\n"), targets=("y",))


def test_missing_and_decimal_have_an_effect_or_are_refused(file, tmp_path):
    path = str(tmp_path / "x.npy")
    np.save(path, np.array([[1.0, -999], [-999, 2], [3, 4]]))
    np.testing.assert_array_equal(told_of(path, "auto", missing=("-999",)).numbers, [[1, NAN], [NAN, 2], [3, 4]])
    lines = file('{"x": [1, -9.0, 3]}\n', "x.jsonl")
    np.testing.assert_array_equal(told_of(lines, "auto", missing=("-9",)).numbers[:, 0], [1, NAN, 3])
    wide = file("1,5;-;2,5\n3,5;4;\n")
    np.testing.assert_array_equal(told_of(wide, "wide", missing=("-",)).numbers[:, 0], [1.5, NAN, 2.5, 3.5, 4])
    for name, said in ((path, {"decimal": ","}), (path, {"missing": ("-",)}), (lines, {"missing": ("-", "1")})):
        with pytest.raises(UsageError, match="cannot be combined"):
            told_of(name, "auto", **said)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1", "020", "007"], "'020' in column x is read as the number 20"),
        (["1.9", "1.1", "1.10"], "'1.1' and '1.10' in column x are read as one number"),
        (["01", "02", "12"], ""),  # months
        (["0", "00", "0.00", "0.10", "1.10"], ""),
        (["1.25", "1.10", "1.50"], ""),
        (["1.0", "10", "100", "1.5", "0"], ""),
        (["True", "1", "0"], "column x has '1' beside true or false"),
        (["True", "false", "TRUE"], ""),
    ],
)
def test_codes_versions_and_mixed_truths_are_not_read_in_silence(file, notes, values, said):
    path = file("t,x\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values * 4)))
    read(path, "forecast")
    assert len(notes) == bool(said)
    assert not said or said in notes[0]
    if "True" not in values:
        notes.clear()
        read(path, "forecast", numbers=("t", "x"))
        assert not notes  # to predict it is as in training


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,23,456.78", 123456.78), ("12,34,56,789", 123456789), ("-1,00,000", -100000), ("\u20b93,83,173.65", 383173.65)],
)
def test_groups_of_two_digits_as_in_india(text, number):
    assert float(bare(text, ".")[0]) == number and decimal_of([text]) == "."
    assert bare(text, ",") is None


@pytest.mark.parametrize("text", ["1,2,345", "1,23,45", "123,45,678", "1,234,56,789", "1.23.456"])
def test_other_groups_are_no_numbers(text):
    assert bare(text, ".") is None


def test_levels_of_names_of_pandas_are_left_out(file):
    days = "".join(f"2024-01-{day:02d},{day}.5,{day}\n" for day in range(1, 20))
    path = file("Price,Close,Volume\nTicker,AAPL,AAPL\nDate,,\n" + days)
    columns = read(path, task="forecast", targets=("Close",), time="Price")
    assert columns.numbers[:2].tolist() == [[1.5, 1], [2.5, 2]] and str(columns.times[0])[:10] == "2024-01-01"


def test_a_word_alone_below_the_names_is_a_row(file):
    path = file("kind,y\nfirst,\n" + "".join(f"a,{i}.5\n" for i in range(20)))
    assert read(path, task="forecast", targets=("y",)).total == 21


@pytest.mark.parametrize(
    ("separator", "end"), [(",", ",,\n,,\n"), (";", ";;\n; ;\n"), ("\t", "\t\t\n\t\t"), (",", ",,\r\n")]
)
def test_rows_without_any_value_at_the_end_are_none(file, separator, end):
    rows = "".join(f"2024-01-{day:02d}{separator}{day}{separator}{day * 2}\n" for day in range(1, 20))
    path = file(separator.join(["t", "y", "z"]) + "\n" + rows + end)
    assert read(path, task="forecast", targets=("y",), time="t").total == 19


def test_rows_without_any_value_between_others_are_rows(file, monkeypatch):
    from rnncli.readers import source

    monkeypatch.setattr(source, "LINES_BLOCK", 40)
    path = file("y,z\n" + "".join(f"{day},{day * 2}\n" for day in range(9)) + ",\n,\n,\n1,2\n,\n\n")
    values = read(path, task="forecast", targets=("y",)).numbers[:, 0].tolist()
    assert len(values) == 13 and np.isnan(values[9:12]).all() and values[12] == 1
