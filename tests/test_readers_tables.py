"""Readers of tables: long, wide, arrays and JSON lines, from files as they are found in the world."""

import gzip
import io
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rnncli.columns import Roles
from rnncli.errors import RnncliError, UsageError
from rnncli.readers import delimited, source, spool
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import Form, recognise
from rnncli.readers.naming import position

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def file(tmp_path):
    """`file(content)` is the path of a file with it."""

    def write(content: bytes | str, name: str = "data.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def stdin(monkeypatch):
    def put(content: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))

    return put


@pytest.fixture
def blocks_of(monkeypatch):
    """`blocks_of(size)` makes the readers parse so many bytes at a time."""

    def set_sizes(size: int):
        monkeypatch.setattr(source, "BLOCK", size)
        monkeypatch.setattr(source, "LINES_BLOCK", size)

    return set_sizes


def form_of(path, task="auto", asked="auto", encoding="utf-8", **roles):
    return recognise(path, asked, Roles(**roles), encoding, task)


def read(path, task="auto", asked="auto", encoding="utf-8", form=None, numbers=None, **roles):
    """The columns of a file by its own form, or by that of training."""
    paths = [path] if isinstance(path, str) else path
    form = form or form_of(paths[0], task, asked, encoding, **roles)
    return read_columns(paths, form, Roles(**roles), encoding, "char", task, numbers)


def message(path, *arguments, kind=RnncliError, **options):
    """The one line of the error of reading."""
    with pytest.raises(kind) as caught:
        read(path, *arguments, **options)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


def data(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {name}")
    return str(path)


def pieces(columns, values):
    """The values of each sequence, as lists."""
    cuts = columns.offsets.tolist()
    return [values[begin:end].tolist() for begin, end in zip(cuts, cuts[1:], strict=False)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoted", [False, True])
def test_blocks_of_lines_are_the_file_wherever_they_end(file, blocks_of, end, quoted):
    text = 'é,1\n"a\n""b"",\n",2\n\n\nc,"d"\nlast'
    path = file("\ufeff" + text.replace("\n", end))
    for size in range(1, len(text) + 3):
        blocks_of(size)
        blocks = list(source.line_blocks(path, "utf-8", quoted))
        assert b"".join(block for _, block in blocks).decode() == text + "\n"
        before = ""
        for line, block in blocks:
            assert line == before.count("\n") + 1
            assert block.endswith(b"\n")
            before += block.decode()
            assert not (quoted and before.count('"') & 1), "cut inside of quotes"
        assert len(blocks) > 1 or size > 10
    assert list(source.line_blocks(file(text.encode("utf-16")), "utf-16", quoted))[0] == (1, (text + "\n").encode())


PLAIN = "time,x,y,kind\n1,1.5,-2,a\n2,2.5,,b\n3,.5,1e2,a\n"
NAN = float("nan")


def check_plain(columns):
    """What stands in PLAIN, however it is written."""
    assert columns.number_names == ["time", "x", "y"]
    assert columns.numbers.dtype == np.float32
    np.testing.assert_array_equal(columns.numbers, [[1, 1.5, -2], [2, 2.5, NAN], [3, 0.5, 100]])
    assert list(columns.coded) == ["kind"]
    assert columns.coded["kind"].texts() == ["a", "b", "a"]
    assert columns.offsets.tolist() == [0, 3]
    assert (columns.keys, columns.labels, columns.targets) == (None, None, None)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_the_same_whatever_separates_fields_and_lines(file, separator, end):
    text = PLAIN.replace(",", separator).replace("\n", end)
    check_plain(read(file(text, "data.tsv" if separator == "\t" else "data.csv")))
    check_plain(read(file(text, "data.txt"), "forecast"))
    check_plain(read(file(text.removesuffix(end), "data.txt"), asked="table"))


def test_blanks_separate_too_however_many(file):
    text = "  time x   y\tkind\n1   1.5 -2   a  \n\t2 2.5  NA b\n3 .5 1e2 a\n"
    form = form_of(file(text, "data.txt"), "forecast")
    assert (form.separator, form.header, form.describe()) == (
        " ",
        True,
        "table by blanks with header, columns time, x, y, kind",
    )
    check_plain(read(file(text, "data.txt"), "forecast"))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + PLAIN.encode(),
        gzip.compress(PLAIN.encode()),
        PLAIN.replace("\n", "\n\n").encode(),
        b"\n\n" + PLAIN.encode() + b"\n\n",
        b"\n \n" * 800 + PLAIN.encode(),
        b'"time","x","y","kind"\n"1","1.5","-2","a"\n2,2.5,"",b\n"3",.5,1e2,"a"\n',
        b"time, x, y, kind\n1, 1.5, -2, a\n2 ,2.5 , ,b \n3,  .5,  1e2,a\n",
        *(PLAIN.replace("2.5,,", f"2.5,{text},").encode() for text in ("NA", "NaN", "nan", "null", "?", " N/A ", '""')),
    ],
)
def test_a_table_is_the_same_with_quotes_blanks_empty_lines_and_words_for_what_is_missing(file, blocks_of, content):
    path = file(content)
    check_plain(read(path))
    for size in (1, 20, 41):
        blocks_of(size)
        check_plain(read(path))


def test_a_table_comes_from_stdin_and_is_read_again_there(stdin):
    for content in (PLAIN.encode(), gzip.compress(PLAIN.encode())):
        stdin(content)
        check_plain(read("-", "forecast"))
        check_plain(read("-", asked="table"))
        stdin(PLAIN.replace("100", "1").replace(",b", ",b,b").encode())
        assert message("-", "forecast").startswith("<stdin>:3: 5 columns, expected 4 ")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_table_in_another_encoding(file, encoding):
    text = "größe,ort\n1,Zürich\n2,Genève\n3,Zürich\n"
    columns = read(file(text.encode(encoding)), encoding=encoding)
    assert columns.number_names == ["größe"]
    assert columns.coded["ort"].texts() == ["Zürich", "Genève", "Zürich"]


def test_bytes_of_another_encoding_are_named_with_their_line(file, blocks_of):
    path = file("größe,ort\n1,Zürich\n2,".encode() + "Genève\n".encode("latin-1"))
    for size in (1, 7, 1 << 20):
        blocks_of(size)
        assert message(path).startswith(f"{path}:3: not utf-8 (0xe8)"), size


def test_decimal_commas(file):
    text = "a;b\n1,5;x\n-2;y\n;x\n3,25e1;y\n"
    form = form_of(file(text))
    assert (form.separator, form.decimal_comma) == (";", True)
    assert form.describe() == "CSV by semicolons with header, columns a, b, decimal commas"
    for changed in (text, text.replace("-2;y", "NA;y\n-2;y"), text.replace("\n", "\n\n")):
        columns = read(file(changed))
        numbers = [value for value in columns.numbers[:, 0].tolist() if not np.isnan(value)]
        assert numbers == [1.5, -2, 32.5]
        assert columns.coded["b"].symbols == ["x", "y"]
    assert not form_of(file("a;b\n1.5;x\n2,5;y\n")).decimal_comma
    assert form_of(file("a;b\n1,500;x\n")).decimal_comma
    assert not form_of(file("a\tb\n1,500\tx\n", "x.tsv")).decimal_comma  # it may be one and a half thousand
    assert form_of(file("a\tb\n1,500\tx\n1,25\tx\n", "x.tsv")).decimal_comma


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n3,4\n", True),
        ("1,2\n3,4\n", False),
        ("2020-01-01,5\n2020-01-02,6\n", False),
        ("date,v\n2020-01-01,5\n", True),
        ("a,b\nx,y\n", False),
        ("x,1\ny,2\n", False),
        ("NA,1\n3,2\n", False),
        ("only\n1\n2\n", True),
        ("1\n2\n", False),
    ],
)
def test_names_stand_above_numbers(file, text, header):
    form = form_of(file(text))
    assert form.header is header
    width = text.split("\n")[0].count(",") + 1
    assert form.columns == (
        tuple(text.split("\n")[0].split(",")) if header else tuple(str(i) for i in range(1, width + 1))
    )
    assert len(read(file(text)).coded or read(file(text)).numbers.T) > 0


def test_columns_are_named_by_name_or_number(file):
    text = "g,x,y\nu,1,2\nv,3,4\nu,5,6\n"
    by_name = read(file(text), group="g", inputs=("y",))
    by_number = read(file(text), group="1", inputs=("3",))
    bare = read(file(text.partition("\n")[2]), group="1", inputs=("3",))
    for columns, name in ((by_name, "y"), (by_number, "y"), (bare, "3")):
        assert columns.number_names == [name]
        assert columns.numbers[:, 0].tolist() == [2, 6, 4]
        assert columns.keys == ["u", "v"]
    assert read(file("2,1\n7,8\n9,9\n"), inputs=("2",)).numbers[:, 0].tolist() == [1, 8, 9]
    named = "2,g,1\n5,6,7\n"
    assert position(("x", "1", "2"), "--inputs", "2") == 2
    assert position(("x", "1", "2"), "--inputs", "3") == 2
    assert form_of(file(named), inputs=("g",)).header


@pytest.mark.parametrize(
    ("roles", "option"),
    [
        ({"label": "lbl"}, "--label lbl"),
        ({"targets": ("x", "zz")}, "--target zz"),
        ({"inputs": ("9",)}, "--inputs 9"),
        ({"group": "0"}, "--group 0"),
        ({"time": "t"}, "--time t"),
        ({"tag": "pos"}, "--tag pos"),
    ],
)
def test_a_column_that_there_is_not_is_wrong_usage_and_those_that_there_are_are_listed(file, roles, option):
    found = message(file("g,x,y\nu,1,2\nv,3,4\n"), kind=UsageError, **roles)
    assert found == f"{option}: no such column: there are g, x, y"


def test_long_names_and_many_are_cut_in_messages(file):
    names = ['"two\nlines"', "n" * 50, *(f"c{i}" for i in range(20))]
    path = file(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    found = message(path, kind=UsageError, label="l")
    assert found == (
        f"--label l: no such column: there are two lines, {'n' * 38}.., c0, c1, c2, c3, c4, c5, c6, c7, .., c19"
    )


def test_rows_of_a_group_come_together_in_the_order_of_time(file, blocks_of):
    text = "g,t,x,c,l\nb,2,1,p,no\na,10,2,q,yes\nb,1,3,r,no\na,9,4,p,\nc,0,5,q,no\nb,2,6,s,no\n"
    for size in (1, 30, 1 << 20):
        blocks_of(size)
        columns = read(file(text), group="g", time="t", label="l")
        assert columns.keys == ["b", "a", "c"]
        assert columns.number_names == ["x"]
        assert pieces(columns, columns.numbers[:, 0]) == [[3, 1, 6], [4, 2], [5]]
        assert columns.coded["c"].texts() == ["r", "p", "s", "p", "q", "q"]
        assert columns.labels.texts() == ["no", "yes", "no"]
        columns = read(file(text), group="g", time="t", label="l", inputs=("t",))
        assert (columns.number_names, pieces(columns, columns.numbers[:, 0])) == (["t"], [[1, 2, 2], [9, 10], [0]])
        columns = read(file(text), group="g", label="l", inputs=("t", "x"))
        assert pieces(columns, columns.numbers[:, 0]) == [[2, 1, 2], [10, 9], [0]]


def test_texts_are_coded_alike_in_long_runs_and_without(file, blocks_of):
    runs = [text for text, count in (("a", 30), ("", 20), ("b", 50), ("a", 5)) for _ in range(count)]
    mixed = ["a", "", "b", " a"] * 5
    for texts in (runs, mixed, runs + mixed, [""] * 20 + runs):
        for size in (50, 1 << 20) if texts[0] else (1 << 20,):  # what is empty at first would be taken for numbers
            blocks_of(size)
            coded = read(file("x,c\n" + "".join(f"1,{text}\n" for text in texts)), inputs=("c", "x")).coded["c"]
            assert coded.texts() == [text.strip() or None for text in texts]
            assert coded.symbols == ["a", "b"]


@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-31", "2023-12-01", "2024-02-01"),
        ("2024-01-31 10:00:00", "2024-01-31 09:59:59.5", "2024-01-31 10:00:00.25"),
        ("2024-01-31T10:00Z", "2024-01-31T09:59Z", "2024-01-31T10:01Z"),
        ("2024-01", "2023-12", "2024-02"),
        ("1700000000001", "1700000000000", "1700000000002"),
        ("9", "-1.5", "10"),
        ("09:00", "08:59", "10:00"),
    ],
)
def test_times_are_numbers_or_dates(file, times):
    rows = "".join(f"{time},{i}\n" for i, time in enumerate(times))
    columns = read(file("when,x\n" + rows), time="when")
    assert (columns.number_names, columns.numbers[:, 0].tolist(), columns.coded) == (["x"], [1, 0, 2], {})


def test_a_time_that_is_none_is_named_with_its_line(file):
    found = message(file("when,x\n2024-01-01,1\n\n31.1.2024,2\n"), time="when")
    assert ":4: '31.1.2024' in the time column when, expected a number or a time" in found
    assert ":3: nothing in the time column when" in message(file("when,x\n1,1\n,2\n"), time="when")


def test_labels_are_text_and_stand_on_any_row_of_a_group(file):
    text = "g,x,l\n1,1,\n1,2,3\n2,3,07\n2,4,07\n3,5,\n3,6,3\n"
    columns = read(file(text), group="g", label="l")
    assert columns.labels.texts() == ["3", "07", "3"]
    assert columns.keys == ["1", "2", "3"]
    assert columns.number_names == ["x"]


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_rows_of_a_group_that_disagree_are_named_with_their_line(file, blocks_of, size):
    blocks_of(size)
    path = file("g,x,l,t\na,1,u,1\nb,1,v,2\n\na,2,u,1\nb,2,u,2\na,3,w,3\n")
    found = message(path, group="g", label="l")
    assert found.startswith(f"{path}:7: label w in column l, but the rows of its group a before it have u")
    found = message(path, "regress", group="g", targets=("t",))
    assert found.startswith(f"{path}:7: target 3 in column t, but the rows of its group a before it have 1")
    assert f"{path}:3: label v in column l, but the rows of the file before it have u: name" in message(path, label="l")


def test_answers_that_are_there_for_some_only_are_named(file):
    path = file("g,x,l\na,1,u\nb,2,\nb,3,\n")
    assert message(path, group="g", label="l").startswith(f"{path}:3: a sequence without a label in column l")
    path = file("g,x,l\na,1,7\nb,2,\nb,3,\n")
    assert message(path, "regress", group="g", targets=("l",)).startswith(f"{path}:3: a sequence without a target")


def test_targets_to_regress_are_one_a_sequence_and_to_forecast_one_a_row(file):
    path = file("g,x,y,z\na,1,5,6\nb,2,7,8\na,3,,6\n")
    columns = read(path, "regress", group="g", targets=("z", "y"))
    assert columns.targets.tolist() == [[6, 5], [8, 7]]
    assert columns.targets.dtype == np.float32
    assert columns.number_names == ["x"]
    columns = read(path, "forecast", group="g", targets=("y",), inputs=("x",))
    assert (columns.number_names, columns.targets) == (["x", "y"], None)
    np.testing.assert_array_equal(columns.numbers, [[1, 5], [3, NAN], [2, 7]])
    found = message(path, "forecast", targets=("g",), kind=UsageError)
    assert found.startswith("--target g: a column of words")


def test_tags_are_a_label_for_each_row(file):
    columns = read(file("g,x,s\na,1,up\nb,2,down\na,3,down\n"), "tag", group="g", tag="s")
    assert columns.labels.texts() == ["up", "down", "down"]
    assert pieces(columns, columns.numbers[:, 0]) == [[1, 3], [2]]


def test_without_answers_there_are_none(file):
    roles = {"group": "g", "label": "l", "targets": ("y",)}
    form = form_of(file("g,x,y,l\na,1,2,u\n"), "regress", **roles)
    for text in ("g,x\na,1\n", "x,g\n1,a\n", "a,1\n", "g,x,y,l\na,1,,\n", "a,1,,\n"):
        columns = read(file(text), "regress", form=form, numbers=("x",), **roles)
        assert (columns.labels, columns.targets, columns.keys) == (None, None, ["a"])
        assert columns.numbers.tolist() == [[1]]


def test_the_form_of_training_takes_columns_by_name_or_in_its_order(file):
    form = form_of(file("g,x,y\nb,1,2\n"), group="g")
    for text in ("g,x,y\na,1,2\n", "y,extra,g,x\n2,9,a,1\n", "a,1,2\n"):
        columns = read(file(text), form=form, group="g")
        assert (columns.keys, columns.number_names, columns.numbers.tolist()) == (["a"], ["x", "y"], [[1, 2]])
    found = message(file("x,y\n1,2\n"), form=form, group="g")
    assert "no column g, expected it as in training: there are x, y" in found
    assert ":1: 2 columns, expected 3 (g, x, y)" in message(file("a,1\n"), form=form, group="g")
    assert "no column y, expected it" in message(file("g,x\na,1\n"), form=form, group="g", numbers=("x", "y"))


def test_what_are_numbers_is_known_from_training(file):
    form = form_of(file("c,x\na,1\n2,2\n"))
    columns = read(file("c,x\n2,2\n3,\n"), form=form, numbers=("x",))
    assert columns.coded["c"].texts() == ["2", "3"]
    assert columns.number_names == ["x"]


@pytest.mark.parametrize("size", [1, 12, 1 << 20])
@pytest.mark.parametrize("quote", ["", '"'])
def test_what_is_no_number_is_named_with_its_line(file, blocks_of, size, quote):
    blocks_of(size)
    rows = "".join(f"{i},{quote}{i}.5{quote}\n" for i in range(30))
    path = file(f"a,b\n{rows}\n7,x7\n8,8\n")
    assert message(path).startswith(f"{path}:33: 'x7' in column b, expected a number as in the first rows")
    found = message(path, form=form_of(path), numbers=("a", "b"))
    assert found.startswith(f"{path}:33: 'x7' in column b")


def test_a_column_with_more_than_a_few_words_is_one_of_words(file):
    path = file("a,b\n" + "1,2\n" * 19 + "1,x\n")
    assert "'x' in column b" in message(path)
    path = file("a,b\n" + "1,2\n" * 18 + "1,x\n")
    assert read(path).coded["b"].symbols == ["2", "x"]


def test_infinite_numbers_are_named_with_their_line(file):
    for text in ("inf", "-Infinity", "1e39", '"inf"'):
        path = file(f"a,b\n1,2\n\n3,{text}\n")
        found = message(path, form=form_of(file("a,b\n1,2\n", "x.csv")), numbers=("a", "b"))
        assert found.startswith(f"{path}:4: "), text
        assert "column b" in found


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize(("row", "count"), [("3", 1), ("3,4,5,6", 4), ("3,4", 2), ('3,"4,5"', 2), ("3,4,5,", 4)])
def test_rows_of_another_width_are_named_with_their_line(file, blocks_of, size, row, count):
    blocks_of(size)
    path = file(f"a,b,c\n1,2,\n\n{row}\n")
    columns = "column" if count == 1 else "columns"
    assert message(path).startswith(f"{path}:4: {count} {columns}, expected 3 (a, b, c): ")


@pytest.mark.parametrize("size", [1, 25, 1 << 20])
def test_quoted_fields_hold_separators_quotes_and_line_ends(file, blocks_of, size):
    blocks_of(size)
    path = file('x,text\n1,"a, ""b"""\n2,"two\n\nlines"\n\n3,plain\n4,5" pipe\n5,""\n')
    columns = read(path)
    assert columns.numbers[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert columns.coded["text"].texts() == ['a, "b"', "two\n\nlines", "plain", '5" pipe', None]
    form = form_of(path)
    names = read(file('\n\n"a ""1""\n", 5" b \n1,2\n3,4\n')).number_names
    assert names == ['a "1"', '5" b']
    path = file('x,text\n1,"two\nlines"\n2,b\nc,d\n')
    found = message(path, form=form, numbers=("x",))
    assert found.startswith(f"{path}:5: 'c' in column x")


def test_quotes_of_a_tsv_are_data_unless_each_field_that_begins_with_one_ends_with_one(file):
    path = file('1\t"two\n2\t6" of\n', "data.tsv")
    assert read(path).coded["2"].texts() == ['"two', '6" of']
    path = file('1\t"two\tthree"\n2\t"a\tb"\n', "data.tsv")
    assert form_of(path).quoted is False
    path = file('x\ty\n1\t"two"\n2\t"a"\n', "data.tsv")
    assert read(path).coded["y"].texts() == ["two", "a"]


def test_what_has_no_rows_is_an_error(file, stdin):
    for name, text, task in (
        ("data.csv", "", "auto"),
        ("data.csv", "\n \n\n", "auto"),
        ("data.csv", "a,b\n", "auto"),
        ("data.txt", "", "forecast"),
    ):
        path = file(text, name)
        if text == "a,b\n":
            form = form_of(file("a,b\n1,2\n", "other.csv"))
            assert message(path, form=form).startswith(f"{path}: no rows")
        else:
            assert message(path, task).startswith(f"{path}: empty")
    assert "no such file" in message(str(Path(path).parent / "missing.csv"))


def test_two_columns_of_one_name_are_an_error_and_one_without_is_called_by_its_number(file):
    assert ":1: two columns are called a" in message(file("a,b,a\n1,2,3\n"))
    assert read(file(",b,\n1,2,3\n")).number_names == ["1", "b", "3"]


def test_several_files_are_one_after_the_other(file):
    one, two = file("g,x,c,l\na,1,p,u\nb,2,q,v\n", "1.csv"), file("l,c,x,g\nv,r,3,a\nu,,4,c\n", "2.csv")
    columns = read([one, two], group="g", label="l")
    assert columns.keys == ["a", "b", "a", "c"]
    assert columns.numbers[:, 0].tolist() == [1, 2, 3, 4]
    assert columns.coded["c"].texts() == ["p", "q", "r", None]
    assert columns.labels.texts() == ["u", "v", "v", "u"]
    assert columns.offsets.tolist() == [0, 1, 2, 3, 4]
    assert read([one, file("a,5,7,u\n", "3.csv")], group="g", label="l").coded["c"].texts() == ["p", "q", "7"]
    unlabelled = file("g,x,c\na,1,p\n", "4.csv")
    found = message([one, unlabelled], group="g", label="l")
    assert found.startswith(f"{unlabelled}: no labels, but {one} has them")
    fewer = file("g,c,l\na,1,u\n", "5.csv")
    assert f"{fewer}: no column x" in message([one, fewer], group="g", label="l")


def test_large_tables_go_to_a_file_and_are_the_same(file, blocks_of, monkeypatch):
    rng = np.random.default_rng(0)
    values, groups = rng.standard_normal((3000, 3)).astype(np.float32), rng.integers(0, 5, 3000)
    rows = "".join(f"{g},{a:.9g},{b:.9g},{c:.9g}\n" for g, (a, b, c) in zip(groups, values, strict=True))
    path = file("g,a,b,c\n" + rows)
    blocks_of(1 << 12)
    small = read(path, group="g")
    assert not isinstance(small.numbers, np.memmap)
    monkeypatch.setattr(spool, "IN_MEMORY", 1 << 12)
    monkeypatch.setattr(spool, "TAKEN", 1000)
    large = read(path, group="g")
    assert isinstance(large.numbers, np.memmap)
    order = np.concatenate([np.flatnonzero(groups == int(key)) for key in large.keys])
    for columns in (small, large):
        np.testing.assert_array_equal(columns.numbers, values[order])
        assert columns.lengths.tolist() == [(groups == int(key)).sum() for key in columns.keys]
    large.numbers += 1  # they are scaled in place
    twice = read([path, path], group="g")
    np.testing.assert_array_equal(twice.numbers, np.concatenate([values[order]] * 2))


def test_only_blocks_that_need_it_are_read_line_by_line(file, blocks_of, monkeypatch):
    slow = []
    exact = delimited.Delimited._exact
    monkeypatch.setattr(delimited.Delimited, "_exact", lambda self, *a: slow.append(1) or exact(self, *a))
    blocks_of(64)
    path = file("a,b,c\n" + "1,2,x\n" * 20 + "\n\n" + "NA,?,y\n" * 20 + '"3",4,"z"\n' * 20)
    assert np.isnan(read(path).numbers[:, 0]).sum() == 20
    assert not slow
    blocks_of(1 << 20)
    assert len(read(file("a,b,c\n" + "1,2,x\n" * 20 + '\n\n3,4,"z"\n')).numbers) == 21
    assert slow == [1, 1]  # to find the types, and to read


# -- Parquet ------------------------------------------------------------------------------------------------------


def parquet(path, **columns):
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_parquet_files_have_names_and_types(file, stdin):
    path = file("", "data.parquet")
    when = pl.Series(["2024-01-02", "2024-01-01", "2024-01-03"]).str.to_datetime("%Y-%m-%d")
    parquet(path, g=[1, 1, 2], t=when, x=[1.5, None, 3.0], on=[True, False, True], c=["1", None, "2"], l=[7, 7, 8])
    form = form_of(path, group="g", time="t", label="l")
    assert form.describe() == "Parquet with header, columns g, t, x, on, c, l"
    for name in (path, "-"):
        stdin(Path(path).read_bytes())
        columns = read(name, "classify", group="g", time="t", label="l")
        assert columns.number_names == ["x", "on"]
        np.testing.assert_array_equal(columns.numbers, [[NAN, 0], [1.5, 1], [3, 1]])
        assert columns.coded["c"].texts() == [None, "1", "2"]
        assert (columns.keys, columns.labels.texts()) == (["1", "2"], ["7", "8"])
    csv = file("g,t,x,on,c,l\n1,2024-01-02,1,0,1,7\n", "new.csv")
    columns = read(csv, form=form, numbers=("x", "on"), group="g", time="t", label="l")
    assert (columns.numbers.tolist(), columns.labels.texts()) == ([[1, 0]], ["7"])


def test_parquet_files_that_cannot_be_read_are_named(file):
    path = file(b"PAR1 cut off", "data.parquet")
    assert message(path).startswith(f"{path}: not a whole Parquet file")
    path = parquet(file("", "data.parquet"), x=[[1, 2], [3]])
    assert f"{path}: column x holds List(Int64), expected one value a row" in message(path)
    path = parquet(file("", "data.parquet"), x=[1.0], y=["a"])
    assert "--label z: no such column: there are x, y" in message(path, kind=UsageError, label="z")
    path = parquet(path, x=[1.0, float("inf")])
    assert message(path).startswith(f"{path}:2: an infinite number in column x")


# -- wide ---------------------------------------------------------------------------------------------------------


def test_wide_tables_hold_a_sequence_in_each_row(file):
    text = '"V1","V2","V3","V4","V5"\n"H1",1,2,3,4\n"H2",5,NA,7,\n\nH3,8,,,\n'
    columns = read(file(text), asked="wide")
    assert columns.keys == ["H1", "H2", "H3"]
    assert columns.number_names == ["value"]
    np.testing.assert_array_equal(columns.numbers[:, 0], [1, 2, 3, 4, 5, NAN, 7, 8])
    assert columns.offsets.tolist() == [0, 4, 7, 8]
    form = form_of(file(text), asked="wide")
    assert form.describe() == "CSV with header, a sequence a row, 5 columns"
    bare = read(file("X,1,2\nY,3\n"), form=form)
    assert (bare.keys, bare.lengths.tolist()) == (["X", "Y"], [2, 1])


def test_wide_tables_have_labels_and_targets(file):
    columns = read(file("2 1.5 2.5\n1 3.5\n2 4\n", "data.txt"), asked="wide", label="1")
    assert columns.labels.texts() == ["2", "1", "2"]
    assert columns.keys == ["1", "2", "3"]
    assert pieces(columns, columns.numbers[:, 0]) == [[1.5, 2.5], [3.5], [4]]
    text = "id;y;v1;v2\na;0,5;1,5;2\nb;1,5;2,5;\n"
    columns = read(file(text), "regress", "wide", targets=("y",))
    assert columns.targets.tolist() == [[0.5], [1.5]]
    assert (columns.keys, pieces(columns, columns.numbers[:, 0])) == (["a", "b"], [[1.5, 2], [2.5]])
    form = form_of(file(text), "regress", "wide", targets=("y",))
    assert read(file("id;v1;v2\na;1,5;2\n"), "regress", form=form, targets=("y",)).targets is None


def test_wide_tables_that_are_wrong_are_named_with_the_line(file):
    assert ":3: 'x', expected a number" in message(file("V1,V2,V3\na,1,2\nb,x\n"), asked="wide")
    assert ":3: a row without numbers" in message(file("V1,V2\na,1\nb,\n"), asked="wide")
    assert ":2: 'inf', expected a finite number" in message(file("V1,V2\na,inf\n"), asked="wide")
    for roles in ({"inputs": ("V2",)}, {"time": "V1"}, {"targets": ("V1",)}):
        assert "--format wide" in message(file("V1,V2\na,1\n"), "forecast", "wide", kind=UsageError, **roles)


# -- arrays -------------------------------------------------------------------------------------------------------


def saved(path, *arguments, **arrays):
    np.savez(path, **arrays) if arrays else np.save(path, *arguments)
    return path


def test_arrays_are_one_sequence_or_several(file):
    x = np.arange(24.0)
    for shape, offsets, width in (((24,), [0, 24], 1), ((8, 3), [0, 8], 3), ((2, 4, 3), [0, 4, 8], 3)):
        path = saved(file("", "x.npy"), x.reshape(shape))
        columns = read(path)
        assert form_of(path).describe() == "arrays"
        assert (columns.offsets.tolist(), columns.number_names) == (offsets, [str(i + 1) for i in range(width)])
        assert columns.numbers.ravel().tolist() == x.tolist()
        assert columns.numbers.dtype == np.float32
        assert columns.keys == [str(i + 1) for i in range(len(offsets) - 1)]
    columns = read(path, inputs=("3",), targets=("1",))
    assert (columns.number_names, columns.numbers[1].tolist()) == (["1", "3"], [3, 5])


def test_archives_hold_sequences_of_unequal_length_and_answers(file):
    x, path = np.arange(12).reshape(6, 2), file("", "x.npz")
    for more in ({"lengths": [1, 3, 2]}, {"offsets": [0, 1, 4, 6]}, {"offsets": np.array([0, 1, 4])}):
        columns = read(saved(path, x=x, y=[3, 1, 3], **more), "classify")
        assert columns.offsets.tolist() == [0, 1, 4, 6]
        assert columns.labels.texts() == ["3", "1", "3"]
        assert columns.numbers.ravel().tolist() == list(range(12))
    padded = np.arange(24).reshape(3, 4, 2)
    columns = read(saved(path, x=padded, lengths=[1, 4, 2], y=["a", "b", "a"]), "classify")
    assert pieces(columns, columns.numbers[:, 0]) == [[0], [8, 10, 12, 14], [16, 18]]
    assert columns.labels.texts() == ["a", "b", "a"]
    columns = read(saved(path, x=padded, y=[0.5, 1, 2]), "regress")
    assert columns.targets.tolist() == [[0.5], [1], [2]]
    assert read(saved(path, x=padded, y=[0.5, 1, 2]), "forecast").targets is None
    tags = read(saved(path, x=x, lengths=[1, 3, 2], y=[1, 2, 1, 1, 1, 2]), "tag")
    assert tags.labels.texts() == ["1", "2", "1", "1", "1", "2"]
    assert read(saved(path, only=x)).numbers.shape == (6, 2)


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"x": np.array([{}, []], object)}, "not arrays of numbers (it holds Python objects)"),
        ({"x": np.array(["a"])}, "x is <U1 of shape (1,), expected numbers"),
        ({"x": np.zeros((2, 0))}, "x is float64 of shape (2, 0)"),
        ({"x": np.zeros((2, 2, 2, 2))}, "of shape (2, 2, 2, 2), expected numbers"),
        ({"a": np.zeros(2), "b": np.zeros(3)}, "no array x, expected one with the sequences: there are a, b"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([1, 2])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([4, 0])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([5, -1])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([1.5, 2.5])}, "lengths is float64"),
        ({"x": np.zeros((2, 3, 1)), "lengths": np.array([3, 4])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "offsets": np.array([1, 4])}, "offsets does not fit x"),
        ({"x": np.zeros((2, 3, 1)), "y": np.array([1, 2, 3])}, "y is int64 of shape (3,), expected 2 labels"),
        ({"x": np.array([1.0, np.inf])}, "an infinite number in step 2 of x"),
    ],
)
def test_arrays_that_are_wrong_are_named(file, arrays, found):
    path = saved(file("", "x.npz"), **arrays)
    text = message(path, "classify")
    assert text.startswith(f"{path}: ")
    assert found in text


def test_arrays_that_are_cut_off_are_named(file):
    whole = Path(saved(file("", "x.npy"), np.zeros((50, 50)))).read_bytes()
    archive = Path(saved(file("", "x.npz"), x=np.zeros((50, 50)))).read_bytes()
    for name, content in (("x.npy", whole[:200]), ("x.npy", b"junk"), ("x.npz", archive[:500]), ("x.npy", b"")):
        path = file(content, name)
        assert message(path).startswith(f"{path}: not arrays of numbers"), name


# -- JSON lines ---------------------------------------------------------------------------------------------------


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def test_json_lines_are_numbers_texts_or_words(file):
    text = lines({"x": [[1, 2], [3, None]], "y": "a"}, {"y": "b", "x": [[5.5, 6]]})
    columns = read(file(text + "\n", "x.jsonl"), "classify")
    np.testing.assert_array_equal(columns.numbers, [[1, 2], [3, NAN], [5.5, 6]])
    assert (columns.number_names, columns.offsets.tolist()) == (["1", "2"], [0, 2, 3])
    assert columns.labels.texts() == ["a", "b"]
    assert columns.keys == text.splitlines()
    columns = read(file(lines({"x": [1, 2], "y": 0.5}, {"x": [3], "y": 2}), "x.ndjson"), "regress")
    assert (columns.numbers.tolist(), columns.targets.tolist()) == ([[1], [2], [3]], [[0.5], [2]])
    columns = read(file(lines({"x": "abba", "y": 1}, {"x": "", "y": True}, {"x": "b", "y": 1.0}), "x.txt"), "classify")
    assert columns.coded["text"].texts() == ["a", "b", "b", "a", "\n", "b"]
    assert columns.labels.texts() == ["1", "true", "1"]
    columns = read(file(lines({"x": ["New York", "is"], "y": ["N", "V"]}, {"x": ["is"], "y": ["V"]}), "x.jsonl"), "tag")
    assert columns.coded["token"].texts() == ["New York", "is", "is"]
    assert columns.labels.texts() == ["N", "V", "V"]
    assert read(file(lines({"x": [1]}), "x.jsonl"), "classify").labels is None


@pytest.mark.parametrize(
    ("second", "task", "found"),
    [
        ("{", "auto", "not JSON"),
        ("[1]", "auto", "no x"),
        ('{"y": 1}', "auto", "no x"),
        ('{"x": 5}', "auto", "x is neither of these"),
        ('{"x": "text"}', "auto", "x is text, in the lines above numbers"),
        ('{"x": [[1], [2, 3]]}', "auto", "rows of unequal length"),
        ('{"x": [1, "a"]}', "auto", "x holds what is no number"),
        ('{"x": [[1, 2]]}', "auto", "rows of 2 numbers, in the lines above of 1"),
        ('{"x": []}', "auto", "x holds no steps"),
        ('{"x": [1e999]}', "auto", "x holds an infinite number"),
        ('{"x": [1]}', "classify", "no y, other lines have one"),
        ('{"x": [1], "y": [2]}', "classify", "y is [2], which is no label"),
        ('{"x": [1], "y": "a"}', "regress", 'y is ["a"], which is not 1 numbers'),
        ('{"x": [1, 2], "y": ["a"]}', "tag", "y is no list of"),
    ],
)
def test_json_lines_that_are_wrong_are_named_with_their_number(file, second, task, found):
    path = file('{"x": [1], "y": %s}\n\n%s\n' % ('["a"]' if task == "tag" else "1", second), "x.jsonl")  # noqa: UP031
    text = message(path, task)
    assert text.startswith(f"{path}:3: "), text
    assert found in text


# -- forms --------------------------------------------------------------------------------------------------------


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
