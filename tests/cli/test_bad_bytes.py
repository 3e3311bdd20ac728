"""Bytes that are no text in a file of texts to predict: rows of all lines before them come out first."""

import pytest

from tests.cli.test_sources import FORMS, QUICK

BAD = b"\xff"


def model_of(here, form):
    content, options, _ = FORMS[form]
    here.write("train.txt", content)
    assert here("train", "train.txt", *options, *QUICK, "m").code == 0
    return content


@pytest.mark.parametrize("form", ["labelled", "fasttext", "tagged", "jsonl"])
@pytest.mark.parametrize("line", [1, 2, 8])
def test_rows_of_the_lines_before_come_out_first(here, form, line):
    content = model_of(here, form)
    lines = content.splitlines(keepends=True)
    here.write("whole.txt", b"".join(lines[: line - 1]))
    here.write(
        "bad.txt", b"".join([*lines[: line - 1], lines[line - 1][:5] + BAD + lines[line - 1][5:], *lines[line:]])
    )
    expected = here("predict", "m", "whole.txt").out  # nothing of no lines, or of names alone
    assert (expected != b"") == (line > 1 + (form == "labelled"))
    done = here("predict", "m", "bad.txt")
    assert (done.code, done.out) == (1, expected)
    assert done.err.strip().startswith(f"rnncli: bad.txt:{line}: not utf-8 (0xff): ")
    assert done.err.count("\n") == 1
    assert here("predict", "m", "bad.txt", "whole.txt").out == expected  # nothing of the files behind it
    evaluated = here("predict", "m", "bad.txt", "--evaluate")
    assert (evaluated.code, evaluated.out) == (1, b"")


def test_a_record_of_several_lines_that_is_cut_off_has_no_row(here):
    model_of(here, "labelled")
    here.write("bad.csv", b'text\ngood\n"two\nlines"\n"cut \xff\noff"\n')
    done = here("predict", "m", "bad.csv")
    assert done.code == 1
    assert [row.split("\t")[-1] for row in done.out.decode().splitlines()] == ["good", '"two\\nlines"']
    assert "bad.csv:5: not utf-8" in done.err
