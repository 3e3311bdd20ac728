"""Of nothing there are no predictions: an input without rows has none out, whatever stands above them."""

import json

import pytest

QUICK = ("--hidden", "4", "--epochs", "1", "-q", "-o", "m")
FILES = {
    "labelled": ("t.csv", "text,label\n", "a b,u\nc d,v\n", ("--text", "text", "--label", "label")),
    "lines": ("t.jsonl", "\n", '{"x": "a b", "y": "u"}\n{"x": "c d", "y": "v"}\n', ("--task", "classify")),
    "tagged": ("t.txt", "", "\na B-X\nb O\n", ()),
    "table": ("t.csv", "g,x,y\n", "1,2,u\n2,3,v\n3,3,u\n4,1,v\n", ("--group", "g", "--label", "y", "--learn", "all")),
}


@pytest.mark.parametrize("form", FILES)
def test_an_input_without_rows_has_none_out(here, form):
    name, top, rows, options = FILES[form]
    here.write(name, top + rows * 5)
    assert here("train", name, *options, *QUICK).code == 0
    for nothing in {b"", b"\xef\xbb\xbf", top.encode()}:
        done = here("predict", "m", input=nothing)
        assert (done.code, done.out) == (0, b"")
        assert done.err == ("<stdin>: no rows, so none are written\n" if nothing else "")
        done = here("predict", "m", "--evaluate", input=nothing)
        assert done.code == 1


def test_lines_of_tagged_text_without_tokens_have_rows(here):
    here.write("t.txt", "a B-X\nb O\n\n" * 5)
    assert here("train", "t.txt", *QUICK).code == 0
    assert here("predict", "m", input=b"-DOCSTART- -X-\n\n \n").out == b"-DOCSTART-\tO\n\n\n"
    assert here("predict", "m", "--to", "jsonl", input=b"\n").out == b""
    done = here("predict", "m", "--evaluate", input=b"\n")
    assert (done.code, done.err) == (1, "rnncli: <stdin>: no answers, expected them as in training for --evaluate\n")


def test_a_file_without_rows_beside_others_is_none_of_them(here):
    here.write("t.jsonl", "".join(json.dumps({"x": text, "y": text[:1]}) + "\n" for text in ("up", "down") * 5))
    here.write("none.jsonl", "\n\n")
    assert here("train", "t.jsonl", "--task", "classify", *QUICK).code == 0
    alone = here("predict", "m", "t.jsonl").out
    assert here("predict", "m", "none.jsonl", "t.jsonl", "none.jsonl").out == alone


def test_each_line_of_fasttext_has_a_row_whatever_stands_in_the_others(here):
    here.write("t.txt", "__label__a one two\n\n__label__b three four\n" * 5)
    assert here("train", "t.txt", *QUICK).code == 0
    bare, mixed = (
        here("predict", "m", input=b"one\n\n%b\n \nx" % line).rows(3) for line in (b"two", b"__label__b two")
    )
    assert [row[2] for row in bare] == [b"one", b"", b"two", b" ", b"x"]
    assert [row[2] for row in mixed] == [b"one", b"", b"__label__b two", b" ", b"x"]
    assert [row[1] for row in mixed] == [row[1] for row in bare]
    done = here("predict", "m", "--evaluate", input=b"__label__b two\n\n__label__a one\n\n")
    assert (done.json()["n"], done.err) == (2, "")
