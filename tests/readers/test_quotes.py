"""Quotes around fields of tables are read as by csv of Python, wherever they begin; one never closed is an error."""

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError, UsageError
from rnncli.readers import source
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request
from tests.readers.helpers import form_of, message, read

FILE = "a.csv"
ROWS, LATE = 1000, 800  # the first bytes that are looked at end between
WORD = "word" + "o" * 80
FILES = {",": "a.csv", ";": "b.csv", "\t": "a.tsv", "|": "a.txt"}
every_separator = pytest.mark.parametrize("separator", FILES)


def lines_of(separator, late):
    """Numbers and words without quotes, but for one row."""
    lines = [separator.join((str(i), f"{i % 9}.25", f"{WORD}{i % 5}")) for i in range(ROWS)]
    assert len("".join(lines[:LATE])) > source.SAMPLE
    lines[LATE] = late
    return [separator.join(("n", "x", "w")), *lines]


def check(path, expected):
    columns = read(path, asked="table")
    assert columns.numbers.tolist() == [[float(row[0]), float(row[1])] for row in expected]
    assert columns.coded["w"].texts() == [row[2] for row in expected]


@every_separator
@pytest.mark.parametrize("size", [1 << 12, 24 << 20])
@pytest.mark.parametrize(
    "late", ['5,7,"word1"', '"5","7","w"', '5,7,"one,two"', '5,7,"one\ntwo,\nthree"', '5,7,"a ""b"""']
)
def test_quotes_that_begin_late_are_around_fields(file, blocks_of, separator, size, late):
    blocks_of(size)
    content = "\n".join(lines_of(separator, late.replace(",", separator))) + "\n"
    rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True))
    assert len(rows) == ROWS + 1
    check(file(content, FILES[separator]), rows[1:])


@every_separator
def test_quotes_inside_of_fields_are_characters(file, separator):
    content = "\n".join(lines_of(separator, separator.join(("5", "7", 'a 7" pipe')))) + "\n"
    check(file(content, FILES[separator]), [line.split(separator) for line in content.splitlines()[1:]])


@pytest.mark.parametrize("separator", ["\t", "|"])
def test_by_tabs_and_bars_a_quote_that_is_not_closed_is_a_character(file, separator):
    content = "\n".join(lines_of(separator, separator.join(("5", "7", '"never')))) + "\n"
    check(file(content, FILES[separator]), [line.split(separator) for line in content.splitlines()[1:]])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({3: '"late, and open'}, ""),
        ({3: '"late"'}, ""),
        ({3: '"late"', 5: '"open'}, "6: a quote is not closed: "),
        ({3: '"late"', 5: '"open', 8: 'closed"'}, "6: a quote goes over lines: "),
        ({i: '"late"' if i != 5 else '"open' for i in range(9)}, "6: a quote is not closed: "),
    ],
)
@pytest.mark.parametrize("separator", ["\t", "|"])
def test_by_tabs_and_bars_it_is_said_where_quotes_around_some_fields_are_characters(file, notes, rows, said, separator):
    lines = [f"{rows.get(i, 'word')}{separator}{'ab'[i % 2]}" for i in range(9)]
    path = file("\n".join(lines) + "\n", FILES[separator])
    columns = read(path, task="classify", text="1", label="2")
    quotes = sum(text.count('"') for text in columns.texts)
    assert quotes == (0 if rows == {3: '"late"'} else sum(line.count('"') for line in lines))
    assert [note for note in notes if "quote" in note] == [f"{path}:{said}quotes are read as characters"] * bool(said)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_bars_separate_though_a_text_has_lines_and_all_other_separators(file, quoting):
    rows = [("text", "label")] + [(f"text {i}", "ab"[i % 2]) for i in range(30)]
    rows[10:12] = [("one\ntwo", "a"), ('a, b; c\td | "e"', "b")]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="|", quoting=quoting, lineterminator="\n").writerows(rows)
    columns = read(file(out.getvalue(), "a.txt"), text="text", label="label")
    assert columns.texts == [text for text, _ in rows[1:]]


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("size", [1 << 12, 24 << 20])
@pytest.mark.parametrize("late", ['5,7,"never', '"5,7,w', '5,"7,w', '5,7,"never ""'])
@pytest.mark.parametrize("more", [False, True])
def test_a_quote_that_is_never_closed_is_told_by_its_line(file, blocks_of, separator, size, late, more):
    blocks_of(size)
    lines = lines_of(separator, late.replace(",", separator))
    if more:  # its next quote opens another field
        lines[LATE + 100] = separator.join(("5", "7", '"w"'))
    path = file("\n".join(lines) + "\n", FILES[separator])
    assert f"{path}:{LATE + 2}: a quote is never closed" in message(path, asked="table")


def test_to_predict_quotes_are_those_of_the_file_at_hand(file):
    form = form_of(file("n\tw\n1\ta\n2\tb\n", "a.tsv"), asked="table")
    assert not form.quoted
    columns = read(file('n\tw\n1\t"a"\n2\t"b\tc"\n', "b.tsv"), form=form, numbers=("n",))
    assert columns.coded["w"].texts() == ["a", "b\tc"]


def test_quotes_around_names_of_wide_tables_that_begin_late(file):
    lines = [f"s{i}\t{i}\t{i * 2}" for i in range(9000)]
    lines[8000] = '"s8000"\t8000\t16000'
    columns = read(file("\n".join(lines) + "\n", "a.tsv"), asked="wide")
    assert columns.keys == [f"s{i}" for i in range(9000)]


FIELDS = ["w", "", "a b", '"w"', '"w,x"', '"w\nx"', '"w""x"', '""', 'w"x', '"w', '"w"x', 'x"', '"\n1,2\n"', "é"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=8), st.sampled_from([64, 24 << 20]), st.randoms())
def test_any_quotes_are_read_as_by_csv_or_refused(tmp_path_factory, fields, size, chosen: random.Random):
    lines = [f"{i},{field}" if chosen.random() < 0.7 else f"{i},{field},5" for i, field in enumerate(fields, 1)]
    lines = [f"{line},7" if line.count(",") == 1 else line for line in lines]
    content = "n,w,x\n" + "\n".join(lines) + "\n"
    path = tmp_path_factory.getbasetemp() / "any quotes.csv"
    path.write_text(content, newline="")
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))[1:]
        broken = any(len(row) != 3 for row in rows)
    except csv.Error as error:
        rows, broken = None, "end of data" in str(error)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "LINES_BLOCK", size)
        patch.setattr(source, "BLOCK", size)
        try:
            columns = read(str(path), asked="table", inputs=("w", "n"))
        except RnncliError:
            inside = any(field in fields for field in ('x"', 'w"x'))  # which hide where a block may end
            assert rows is None or broken or (inside and size == 64)
            return
    assert not broken
    if rows is not None:
        assert columns.numbers[:, 0].tolist() == [float(row[0]) for row in rows]
        if "w" in columns.coded:
            assert columns.coded["w"].texts() == [row[1].strip() or None for row in rows]  # names of categories


ROLES = Roles(text="x", label="y")


@pytest.mark.parametrize("row", ['0\rb, "', '\r0,"c, "', '0,"b" \r"c"'])
def test_a_carriage_return_in_a_row_with_quotes_is_told_by_its_line(file, row):
    path = file('y,x\n0,"a, "\n1,"b, d"\n' + row + '\n1,"a, d"\n0,"b, d"\n', "a.csv")
    with pytest.raises(RnncliError, match=r":4: .* carriage return"):
        form = recognise(path, "auto", ROLES, "utf-8", "classify")
        read_columns([path], Request(form, ROLES, "utf-8", "char", "classify"))


def test_a_line_by_commas_in_a_file_that_is_called_tsv_is_none_among_others(file):
    path = file(" word, ", "a.tsv")
    with pytest.raises(UsageError, match="no such column, found 1"):
        recognise(path, "auto", Roles(text="2", label="1"), "utf-8", "classify")


SINGLE = {
    "names and numbers": ["'t','y'", *(f"'{i}','{i}.5'" for i in range(9))],
    "names alone": ["'t';'y'", *(f"{i};{i}.5" for i in range(9))],
    "dates alone": ["t,name,y", *(f"'2024-01-0{i}','a, b',{i}" for i in range(1, 9))],
    "without names": [f"'{i}'\t'{i}.5'" for i in range(9)],
}
CHARACTERS = {
    "values of a category": ["t,kind,y", *(f"{i},'<{i}',{i}" for i in range(9))],
    "the beginning of a word": ["t,text,y", *(f"{i},'tis {i},{i}" for i in range(9))],
    "one name": ["t,'y'", *(f"{i},{i}" for i in range(9))],
}


@pytest.mark.parametrize("name", SINGLE)
def test_fields_in_single_quotes_are_refused(file, name):
    path = file("\n".join(SINGLE[name]) + "\n", "data.csv")
    assert "fields stand in single quotes" in message(path, "forecast")


@pytest.mark.parametrize("name", CHARACTERS)
def test_single_quotes_elsewhere_are_characters(file, name):
    assert form_of(file("\n".join(CHARACTERS[name]) + "\n", "data.csv"), "forecast").header
