"""Lines of fastText: what it takes for a label, by its own rules (fastText 0.9.2, read by its get_labels)."""

import pytest

from rnncli.errors import Notes
from rnncli.readers.fasttext import Watch, labels_of, text_of
from tests.readers.helpers import form_of, message, read

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
    assert (labels_of(line), text_of(line)) == expected


@pytest.mark.parametrize(("count", "kind"), [(0, "text"), (1, "text"), (20, "labelled"), (30, "labelled")])
def test_half_of_the_lines_make_a_labelled_file(file, count, kind):
    path = file("a __label__b c\n" * count + "no such\n" * (40 - count), "x.txt")
    assert form_of(path).name == kind


def test_a_file_that_is_neither_is_refused_by_its_first_label(file):
    path = file("none\n" * 30 + "a __label__b c\n" * 10, "x.txt")
    assert message(path, task="auto").startswith(f"{path}:31: __label__ in 10 of the first 40 lines")
    assert len(read(path, "classify", "labelled")) == 10


def test_lines_without_a_label_are_counted(file):
    said = []
    Notes.begin(said.append)
    path = file("__label__a x\nbare\n\n__label__b y\nbare too\n", "x.txt")
    assert len(read(path, "classify")) == 2
    assert said == [f"{path}:2: no label: 2 of 4 lines left out, __label__NAME is missing there"]


def test_a_label_needs_a_name(file):
    assert message(file("__label__ a x\n__label__ b y\n", "x.txt"), "classify").endswith("expected __label__NAME")


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_a_label_in_a_text_is_seen_wherever_blocks_end(size):
    text, said = "one two\n" * 5 + "and __label__x three\n" + "four\n" * 5, []
    Notes.begin(said.append)
    watch = Watch("t.txt")
    for i in range(0, len(text), size):
        watch.look(text[i : i + size])
    watch.tell()
    assert len(said) == 1
    assert said[0].startswith("t.txt:6: __label__")
