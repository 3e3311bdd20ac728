"""Lines of fastText: what it takes for a label, by its own rules (fastText 0.9.2, read by its get_labels)."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnncli.errors import Notes, UsageError
from rnncli.readers.fasttext import cut, watched
from rnncli.readers.text import language_sequences
from tests.readers.helpers import form_of, message, read

FILE = "x.txt"

#: line -> labels, text
LINES = {
    "__label__a one": (("a",), "one"),
    "__label__a\tone": (("a",), "one"),
    "__label__a\x0bone": (("a",), "one"),
    "__label__a\x0cone": (("a",), "one"),
    "__label__a\0one": (("a",), "one"),
    " __label__a one": (("a",), "one"),
    "one __label__a": (("a",), "one"),
    "one __label__a two __label__b": (("a", "b"), "one two"),
    "__label__a __label__a x": (("a",), "x"),
    "__label__a,__label__b x": (("a,__label__b",), "x"),
    "__label__a\u00a0one": (("a\u00a0one",), ""),
    "x__label__a one": ((), "x__label__a one"),
    "__LABEL__a one": ((), "__LABEL__a one"),
    "": ((), ""),
}


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_a_line_has_the_labels_that_fasttext_finds(line, expected):
    assert cut(line) == (expected[0] or None, expected[1])


@pytest.mark.parametrize(("count", "kind"), [(0, "text"), (1, "text"), (20, "labelled"), (30, "labelled")])
def test_half_of_the_lines_make_a_labelled_file(file, count, kind):
    path = file("a __label__b c\n" * count + "no such\n" * (40 - count), "x.txt")
    assert form_of(path).name == kind


def test_a_file_that_is_neither_is_refused_by_its_first_label(file):
    path = file("none\n" * 30 + "a __label__b c\n" * 10, "x.txt")
    assert message(path, kind=UsageError).startswith(f"{path}:31: __label__ in 10 of the first 40 lines")
    assert len(read(path, "classify", "labelled")) == 10


def test_columns_that_are_named_are_read_where_there_are_any(file):
    path = file("1\t__label__a\tx y\n2\t__label__b\tz\n" * 4)
    assert read(path, "classify", label="2", text="3").labels.symbols == ["__label__a", "__label__b"]
    path = file("__label__a x y\n__label__b z w\n" * 4)
    said = message(path, "classify", kind=UsageError, label="1", text="2")
    assert said.startswith(f"--text and {path}, lines of fastText, cannot be combined")


def test_lines_without_a_label_are_counted(file):
    said = []
    Notes.begin(said.append)
    path = file("__label__a x\nbare\n\n__label__b y\nbare too\n", "x.txt")
    assert len(read(path, "classify")) == 2
    assert said == [f"{path}:2: no label: 2 of 4 lines left out, __label__NAME is missing there"]


def test_a_label_needs_a_name(file):
    assert message(file("__label__ a x\n__label__ b y\n", "x.txt"), "classify").endswith("expected __label__NAME")


@given(st.text("_label \n\tx\u00a0", max_size=60), st.lists(st.integers(0, 60)), st.booleans())
@example("x__label__ y", [10], False)
@example("a\n__label__x", [4, 9], True)
def test_a_label_in_a_text_is_seen_wherever_blocks_end(text, cuts, in_bytes):
    said = []
    Notes.begin(said.append)
    text = text.replace("lab", "label_")  # so that some are whole
    bounds = [0, *sorted(cuts), len(text)]
    blocks = [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    blocks = [block.encode("latin-1") for block in blocks] if in_bytes else blocks
    assert list(watched("t.txt", iter(blocks))) == blocks
    lines = [at for at, line in enumerate(text.split("\n"), 1) if re.search(r"(?:^|[ \t])__label__", line)]
    assert [line.split(":")[1] for line in said] == [str(at) for at in lines[:1]]


@pytest.mark.parametrize("tokens", ["char", "byte", "word"])
def test_a_text_with_a_label_is_no_language_model_in_silence(file, tokens):
    said = []
    Notes.begin(said.append)
    path = file("one two\n" * 20000 + "__label__a three\n" * 3, "x.txt")
    language_sequences([path], "text", tokens, "utf-8", None)
    assert [line.split(": ")[0] for line in said] == [f"{path}:20001"]
    _, vocabulary = language_sequences([path], "text", tokens, "utf-8", None)
    Notes.begin(said.append)
    language_sequences([path], "text", tokens, "utf-8", vocabulary)  # to predict
    assert len(said) == 1


def test_quotes_around_the_lines_are_refused(file):
    path = file('"__label__a x, y"\n"__label__b z"\n' * 4, "x.txt")
    assert message(path, kind=UsageError).startswith(f"{path}:1: a quote before __label__")
