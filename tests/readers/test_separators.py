"""What separates the columns, where several signs cut the lines alike."""

import pytest

from rnncli.readers.separators import find_separator
from tests.readers.helpers import read


@pytest.mark.parametrize(
    ("lines", "separator"),
    [
        (["label,text", *(f"{i % 2},one {i} &amp; two" for i in range(20))], ","),
        (["label,text", *(f'{i % 2},"one, {i}; two"' for i in range(20))], ","),
        (["year;value", *(f"{1980 + i};{i},5" for i in range(20))], ";"),
        (["a,b;c,d", *(f"{i},5;{i},7" for i in range(20))], ";"),
        (["Sales, by region", "year;value", *(f"{1980 + i};{i},5" for i in range(20))], ";"),
        (["Sales, in two, parts", "year;a", *(f"{i},5;{i},7" for i in range(20))], ";"),
        ([f"{i},5;{i},7" for i in range(20)], ";"),
    ],
)
def test_semicolons_within_texts_separate_nothing(lines, separator):
    """The names tell it; the half above may be given by itself."""
    assert find_separator(lines, "csv") == separator
    assert find_separator(lines[10:], "csv", above=lines[:10]) == separator


def test_a_table_of_texts_with_entities_has_its_two_columns(tmp_path):
    """It was read as columns by semicolons, without names."""
    path = tmp_path / "a.csv"
    path.write_text("label,text\n" + "".join(f"{'ab'[i % 2]},bed &amp; board {i}\n" for i in range(20)))
    columns = read(str(path), "classify", label="label", text="text")
    assert (len(columns), columns.labels.symbols) == (20, ["a", "b"])
