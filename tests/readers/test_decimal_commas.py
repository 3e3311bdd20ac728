"""Commas that are decimal marks, in columns that bars or blanks part; tokens of spreadsheets alone in a line."""

import numpy as np
import pytest

from tests.readers.helpers import NAN, message, read

FILE = "data.csv"
ROWS = [(i, i / 2 + 0.25, -1.5 * i) for i in range(40)]


@pytest.mark.parametrize(
    ("separator", "top"),
    [("|", "i|a|b"), ("|", ""), ("|", "A title\ni|a|b"), (" ", "i a b"), ("   ", "i   a   b"), (" ", "")],
)
def test_commas_that_are_decimal_marks_separate_nothing(file, separator, top):
    rows = [separator.join((str(i), f"{a:.2f}".replace(".", ","), f"{b:.1f}".replace(".", ","))) for i, a, b in ROWS]
    lines = [*filter(None, top.split("\n")), *rows]
    columns = read(file("\n".join([*lines, ""]), "data.txt"))
    np.testing.assert_array_equal(columns.numbers, ROWS)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (("1.234,50 €", "2,00 €"), (1234.5, 2)),
        (("1,234.50", "2.00"), (1234.5, 2)),
        (("(3,5)", "-2,0"), (-3.5, -2)),
        (("null", "2,5"), (NAN, 2.5)),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("top", ["i|v", "v"])
def test_numbers_in_any_notation_keep_their_commas(file, written, numbers, quote, top):
    cells = [quote + written[i % 2] + quote for i in range(24)]
    lines = [f"{i}|{cell}" if "|" in top else cell for i, cell in enumerate(cells)]
    columns = read(file("\n".join([top, *lines, ""])), targets=("v",))
    np.testing.assert_array_equal(columns.numbers[:, -1], np.tile(numbers, 12))


@pytest.mark.parametrize(("top", "rows"), [("v", 1), ("day v", 2)])
def test_names_tell_how_many_columns_decimal_commas_are_in(file, top, rows):
    lines = [top, *(f"2024-01-{i + 1:02d} {i * 7 % 9},{i:02d}"[11 * (rows == 1) :] for i in range(30))]
    columns = read(file("\n".join([*lines, ""])), time="day" if rows == 2 else None, targets=("v",))
    np.testing.assert_allclose(columns.numbers[:, -1], [i * 7 % 9 + i / 100 for i in range(30)])


@pytest.mark.parametrize("top", ["a,b", "A title\na,b", "time,b"])
def test_whole_numbers_between_commas_stay_apart(file, top):
    """Also behind a blank (a date and an hour), and below a title."""
    first = "2024-01-01 10" if "time" in top else "3"
    columns = read(file("\n".join([top, *(f"{first},{i}" for i in range(30)), ""])), targets=("b",))
    assert columns.numbers[:, columns.number_names.index("b")].tolist() == [*range(30)]
    numbered = file("\n".join(["v", *(f"{i},{i * i}" for i in range(1, 30)), ""]))  # R: no name above the numbers
    assert message(numbered, targets=("v",)).startswith(f"{numbered}:2: 2 columns, expected 1 (v)")


@pytest.mark.parametrize("top", ["v\n", "v\n# a comment\n", ""])
def test_a_token_of_spreadsheets_alone_in_a_line_is_no_comment(file, top):
    columns = read(file(f"{top}1.5\n#N/A\n2.5\n# a comment\n#n/a\n#NA\n3.5\n"))
    np.testing.assert_array_equal(columns.numbers[:, 0], [1.5, NAN, 2.5, NAN, NAN, 3.5])
    path = file("v\n1\n#DIV/0!\n" + "5\n" * 30)
    assert message(path, targets=("v",)).startswith(f"{path}:3: '#DIV/0!' in column v")
