"""Readers of tables: separators, quotes, names, widths, several files, large ones."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rnncli.data.columns import Roles
from rnncli.errors import UsageError
from rnncli.process import spool
from rnncli.readers import delimited, source
from rnncli.readers.delimited import Delimited
from rnncli.readers.form import Form
from rnncli.readers.naming import position
from tests.readers.helpers import NAN, PLAIN, form_of, message, read

FILE = "data.csv"


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


def check_plain(columns):
    """What stands in PLAIN, however it is written."""
    assert columns.number_names == ["time", "x", "y"]
    assert columns.numbers.dtype == np.float64
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
        gzip.compress(PLAIN.encode(), mtime=0),
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
    for content in (PLAIN.encode(), gzip.compress(PLAIN.encode(), mtime=0)):
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
    for name, text in (("data.csv", "a;b\n1,500;x\n"), ("x.tsv", "a\tb\n1,500\tx\n")):  # or one and a half thousand
        assert not form_of(file(text, name)).decimal_comma
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
    assert found == f"{option}: no such column, found g, x, y"


def test_long_names_and_many_are_cut_in_messages(file):
    names = ['"two\nlines"', "n" * 50, *(f"c{i}" for i in range(20))]
    path = file(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    found = message(path, kind=UsageError, label="l")
    assert found == (
        f"--label l: no such column, found two lines, {'n' * 38}.., c0, c1, c2, c3, c4, c5, c6, c7, .., c19"
    )


def test_a_column_with_more_than_a_few_words_is_one_of_words(file):
    path = file("a,b\n" + "1,2\n" * 19 + "1,x\n")
    assert "'x' in column b" in message(path)
    path = file("a,b\n" + "1,2\n" * 18 + "1,x\n")
    assert read(path).coded["b"].symbols == ["2", "x"]


def test_infinite_numbers_are_named_with_their_line(file):
    for text in ("inf", "-Infinity", "1e399", '"inf"'):
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


def test_quotes_of_a_tsv_are_data_unless_all_that_open_are_closed(file):
    path = file('1\t"two\n2\t6" of\n', "data.tsv")
    assert read(path).coded["2"].texts() == ['"two', '6" of']
    path = file('1\t"two\tthree"\n2\t"a\tb"\n', "data.tsv")
    assert read(path).coded["2"].texts() == ["two\tthree", "a\tb"]  # as csv and pandas read it
    path = file('1\t"two\n2\t"a\tb"\n', "data.tsv")
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
    assert ":1: two columns are named a" in message(file("a,b,a\n1,2,3\n"))
    assert read(file(",b,\n1,2,3\n")).number_names == ["1", "b", "3"]


def test_several_files_are_one_after_the_other(file):
    one, two = file("g,x,c,l\na,1,p,u\nb,2,q,v\n", "1.csv"), file("l,c,x,g\nv,r,3,a\nu,,4,c\n", "2.csv")
    columns = read([one, two], inputs=("g", "x", "c"), task="tag", tag="l")
    assert (columns.keys, columns.offsets.tolist()) == (None, [0, 2, 4])
    assert columns.numbers[:, 0].tolist() == [1, 2, 3, 4]
    assert columns.coded["c"].texts() == ["p", "q", "r", None]
    assert columns.labels.texts() == ["u", "v", "v", "u"]
    assert read([one, file("d,5,7,u\n", "3.csv")], group="g", label="l").coded["c"].texts() == ["p", "q", "7"]
    unlabelled = file("g,x,c\na,1,p\n", "4.csv")
    found = message([one, unlabelled], group="g", label="l")
    assert found.startswith(f"{unlabelled}: no labels, expected as in {one}")
    fewer = file("g,c,l\na,1,u\n", "5.csv")
    assert f"{fewer}: no column x" in message([one, fewer], group="g", label="l")


def test_a_group_of_several_files_is_one_sequence(file):
    one, two = file("g,t,x,c,l\na,3,1,p,u\nb,1,2,q,v\n", "1.csv"), file("g,t,x,c,l\nc,1,3,r,u\na,2,4,s,u\n", "2.csv")
    for time, order in ((None, [1, 4, 2, 3]), ("t", [4, 1, 2, 3])):
        columns = read([one, two], group="g", label="l", time=time, inputs=("x", "c"))
        assert (columns.keys, columns.offsets.tolist()) == (["a", "b", "c"], [0, 2, 3, 4])
        assert columns.numbers[:, 0].tolist() == order
        assert columns.coded["c"].texts() == ["pqrs"[x - 1] for x in order]
        assert columns.labels.texts() == ["u", "v", "u"]
    columns = read([one, two], "tag", group="g", tag="l", inputs=("x",))
    assert columns.labels.texts() == ["u", "u", "v", "u"]
    assert read([one, one], "regress", group="g", targets=("t", "x")).targets.tolist() == [[3, 1], [1, 2]]
    other = file("g,t,x,c,l\nb,1,2,q,w\n", "3.csv")
    found = message([one, other], group="g", label="l")
    assert found.startswith(f"{other}: w for group b, expected v as in the files before: ")


def test_large_tables_go_to_a_file_and_are_the_same(file, blocks_of, monkeypatch):
    rng = np.random.default_rng(0)
    values, groups = rng.standard_normal((3000, 3)), rng.integers(0, 5, 3000)
    rows = "".join(f"{g},{a:.17g},{b:.17g},{c:.17g}\n" for g, (a, b, c) in zip(groups, values, strict=True))
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
    twice = read([path, path], inputs=("a", "b", "c"))
    np.testing.assert_array_equal(twice.numbers, np.concatenate([values] * 2))
    twice = read([path, path], group="g")
    order = np.concatenate([np.tile(np.flatnonzero(groups == int(key)), 2) for key in large.keys])
    np.testing.assert_array_equal(twice.numbers, values[order])


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


@pytest.mark.parametrize("nothing", ["", '""', " "])
def test_columns_without_values_are_not_forecast(file, notes, nothing):
    path = file("t,x,flag\n" + "".join(f"{i},{i / 2},{nothing}\n" for i in range(20)))
    columns = read(path, "forecast", time="t")
    assert columns.number_names == ["x"] and not columns.coded
    assert notes == [f"{path}: column flag has no values: left out"]
    assert {*read(path, "forecast", time="t", targets=("x",)).number_names} == {"x", "flag"}  # as it was


def test_a_group_in_its_first_row_alone_goes_on_below(file, notes):
    rows = [("s1", 1), ("", 2), ("s2", 3), ("", 4), ("", 5), ("s3", 6)]
    path = file("group,x\n" + "".join(f"{name},{x}\n" for name, x in rows))
    columns = read(path, group="group")
    right = pd.read_csv(path)["group"].ffill()
    assert columns.keys == [*right.unique()] and columns.lengths.tolist() == [*right.value_counts(sort=False)]
    assert columns.numbers[:, 0].tolist() == [x for _, x in rows]
    assert notes == [f"{path}: rows without a value in column group belong to the group above them"]


@pytest.mark.parametrize("names", [["", "a", "b"], ["a", "", "b", "a"], ["a", "", "a"], ["a", "", ""]])
def test_groups_that_are_missing_elsewhere_are_named_with_their_line(file, names):
    path = file("group,x\n" + "".join(f"{name},1\n" for name in names))
    assert message(path, group="group").startswith(f"{path}:{names.index('') + 2}: the group column group is empty")


def test_the_line_of_a_row_is_found_without_a_look_at_each_line_before(tmp_path, monkeypatch):
    monkeypatch.setattr("rnncli.readers.source.LINES_BLOCK", 200)
    monkeypatch.setattr("rnncli.readers.source.BLOCK", 200)
    path, looked = tmp_path / "d.csv", []
    rows = [f"{i},{i}" for i in range(300)]
    rows[20:20], rows[120:120] = ["", "# a comment"], ['"7",7']
    path.write_text("a,b\n" + "".join(f"{row}\n" for row in rows))
    table = Delimited(str(path), Form("table", ",", True, quoted=True, columns=("a", "b")), Roles(), "utf-8")
    expected = [at for line, block in table._bodies() for at, _ in table._rows(block, line)]
    own = Delimited._rows
    monkeypatch.setattr(Delimited, "_rows", lambda self, *a: looked.append(a) or own(self, *a))
    for row in (0, 19, 20, 119, 120, 300):
        looked.clear()
        assert table.line_of(row) == expected[row]
        assert len(looked) <= 2  # its own block, and one that holds a quote
