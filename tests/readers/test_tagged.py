"""Readers of tagged text: CoNLL columns, CoNLL-U, TSV; tokens alone to predict."""

import gzip
import io
import sys
from functools import partial

import numpy as np
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import UsageError
from rnncli.readers import source
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request
from tests.readers.helpers import data, error_of

FILE = "data.txt"


def form_of(path, task="tag", **roles):
    return recognise(path, "auto", Roles(**roles), "utf-8", task)


def read(path, task="tag", form=None, **roles):
    paths = [path] if isinstance(path, str) else path
    form = form or form_of(paths[0], task, **roles)
    assert form.name == "tagged"
    return read_columns(paths, Request(form, Roles(**roles), "utf-8", "char", task))


def sentences(columns, coded):
    """What stands in each sentence."""
    cuts = columns.offsets.tolist()
    return [coded.texts(slice(begin, end)) for begin, end in zip(cuts, cuts[1:], strict=False)]


def tokens(columns):
    return sentences(columns, columns.coded["token"])


def tags(columns):
    return columns.labels and sentences(columns, columns.labels)


message = partial(error_of, read)

CONLL = "The DT B-NP\ndog NN I-NP\nbarks VBZ O\n\nIt PRP B-NP\n. . O\n"
TOKENS = [["The", "dog", "barks"], ["It", "."]]
TAGS = [["B-NP", "I-NP", "O"], ["B-NP", "O"]]
MIDDLE = [["DT", "NN", "VBZ"], ["PRP", "."]]


@pytest.mark.parametrize(
    "content",
    [
        CONLL,
        CONLL.replace("\n", "\r\n"),
        CONLL.removesuffix("\n"),
        "\n\n" + CONLL.replace("\n\n", "\n\n \t\n\n") + "\n\n",
        CONLL.replace(" ", "   "),
        CONLL.replace(" ", "\t"),
        "-DOCSTART- -X- O\n\n" + CONLL.replace("\n\n", "\n-DOCSTART- -X- O\n"),
        "\ufeff" + CONLL,
    ],
)
def test_columns_of_conll(file, monkeypatch, content):
    for path in (file(content), file(gzip.compress(content.encode(), mtime=0), "x.conll.gz")):
        for size in (5, 1 << 20):
            monkeypatch.setattr(source, "BLOCK", size)
            columns = read(path)
            assert (tokens(columns), tags(columns)) == (TOKENS, TAGS)
            assert list(columns.coded) == ["token", "2"]
            assert sentences(columns, columns.coded["2"]) == MIDDLE
            assert (columns.offsets.dtype, columns.labels.codes.dtype) == (np.int64, np.int32)
            assert (columns.keys, columns.numbers, columns.targets) == (None, None, None)


def test_forms_are_described(file):
    assert form_of(file(CONLL)).describe() == "tagged text, 3 columns by blanks"
    assert form_of(file(CONLL.replace(" ", "\t"))).describe() == "tagged text, 3 columns by tabs"
    assert form_of(file(CONLLU)).describe() == "CoNLL-U"


@pytest.mark.parametrize(
    ("first", "header"),
    [("word pos chunk", True), ("form xpos iob", True), ("mot classe groupe", True), ("Word NN B-NP", False)],
)
def test_names_on_top_are_seen_though_no_one_says_them(file, first, header):
    path = file(f"{first}\n{CONLL}")
    assert len(read(path).labels.texts()) == 5 + (not header)
    columns = f" by blanks with header, columns {first.replace(' ', ', ')}" if header else ", 3 columns by blanks"
    assert form_of(path).describe() == f"tagged text{columns}"
    assert tokens(read(file(CONLL, "y.txt"), form=form_of(path))) == TOKENS


def test_names_over_other_tags_are_seen_if_they_are_usual(file):
    rows = "From\tADP\nthe\tDET\n\nAP\tPROPN\n"
    assert tags(read(file("word\ttag\n" + rows)))[0] == ["ADP", "DET"]
    assert tags(read(file("comes\tVERB\n" + rows)))[0] == ["VERB", "ADP", "DET"]


def test_any_column_is_the_tag_and_any_other_an_input(file):
    columns = read(file(CONLL), tag="2")
    assert tags(columns) == MIDDLE
    assert list(columns.coded) == ["token"]
    columns = read(file("a b c d e\n"), tag="3")
    assert list(columns.coded) == ["token", "2"]  # what stands behind the tag may be made from it
    columns = read(file(CONLL), tag="2", inputs=("3",))
    assert sentences(columns, columns.coded["3"]) == TAGS
    assert list(read(file(CONLL), inputs=("1",)).coded) == ["token"]
    named = "word pos chunk\n" + CONLL
    columns = read(file(named), "auto", tag="chunk")
    assert (tokens(columns), tags(columns), list(columns.coded)) == (TOKENS, TAGS, ["token", "pos"])
    found = message(file(CONLL), kind=UsageError, tag="4")
    assert found == "--tag 4: no such column, found 1, 2, 3"


def test_words_hold_blanks_where_tabs_are(file):
    columns = read(file("New York\tPLACE\nis\tVERB\n\nbig\tADJ\n"))
    assert (tokens(columns), tags(columns)) == ([["New York", "is"], ["big"]], [["PLACE", "VERB"], ["ADJ"]])
    columns = read(file("a\u00a0b X\nc\u2028d Y\n"))
    assert tokens(columns) == [["a\u00a0b", "c\u2028d"]]


CONLLU = (
    "# sent_id = 1\n# text = vámonos al mar\n"
    "1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tvamos\tir\tVERB\tV\t_\t0\troot\t_\t_\n"
    "2\tnos\tnosotros\tPRON\tP\t_\t1\tobj\t_\t_\n"
    "2.1\tghost\t_\tX\t_\t_\t_\t_\t_\t_\n"
    "3\tNew York\tmar\tNOUN\tN\t_\t1\tobl\t_\t_\n"
    "\n# sent_id = 2\n"
    "1\t#\t#\tSYM\tS\t_\t0\troot\t_\t_\n"
    "\n"
)


@pytest.mark.parametrize("name", ["x.conllu", "x.txt", "x.conllu.gz"])
def test_conllu(file, name):
    path = file(gzip.compress(CONLLU.encode(), mtime=0) if name.endswith("gz") else CONLLU, name)
    columns = read(path, "auto" if "conllu" in name else "tag")
    assert tokens(columns) == [["vamos", "nos", "New York"], ["#"]]
    assert tags(columns) == [["VERB", "PRON", "NOUN"], ["SYM"]]
    assert list(columns.coded) == ["token"]
    columns = read(path, tag="XPOS", inputs=("LEMMA",))
    assert tags(columns) == [["V", "P", "N"], ["S"]]
    assert sentences(columns, columns.coded["LEMMA"])[0] == ["ir", "nosotros", "mar"]
    assert tags(read(path, tag="5")) == tags(columns)


def test_what_is_tagged_text(file):
    tsv = "From\tADP\nthe\tDET\n\nAP\tPROPN\n"
    for content, name, task, roles, expected in [
        (CONLL, "x.txt", "auto", {}, "tagged"),
        (CONLL.replace(" O", " x"), "x.txt", "auto", {}, "text"),
        (CONLL.replace("\n\n", "\n"), "x.txt", "auto", {}, "text"),
        (CONLL.replace("DT ", ""), "x.txt", "auto", {}, "text"),
        ("O B-flat\nO C-sharp\n\nO wind\nO moon\n", "x.txt", "auto", {}, "text"),
        ("db OK\nweb FAILED\n\ndb OK\nweb OK\n", "x.txt", "auto", {}, "text"),
        (CONLL, "x.txt", "language", {}, "text"),
        (CONLL, "x.txt", "auto", {"tag": "3"}, "tagged"),
        (CONLL, "x.conll", "auto", {}, "tagged"),
        (tsv, "x.tsv", "auto", {}, "tagged"),
        (tsv, "x.txt", "tag", {}, "tagged"),
        (tsv.replace("\n\n", "\n"), "x.tsv", "auto", {}, "table"),
        (tsv.replace("\n\n", "\n"), "x.tsv", "tag", {}, "tagged"),
        ("g,x,s\na,1,u\nb,2,v\n", "x.csv", "tag", {"tag": "s"}, "table"),
        (CONLLU, "x.conllu", "auto", {}, "tagged"),
        (CONLLU, "x.conllu", "language", {}, "text"),
        (CONLLU, "x.txt", "language", {}, "text"),
        (CONLLU.replace("\n\n", "\n"), "x.txt", "auto", {}, "text"),
        (CONLLU.replace("\t#\t", "\t"), "x.txt", "auto", {}, "text"),
        (CONLLU.replace("2.1", "x"), "x.txt", "auto", {}, "text"),
    ]:
        assert form_of(file(content, name), task, **roles).name == expected, (name, task, roles)
    assert form_of(file(tsv, "x.tsv"), "auto") == Form("tagged", "\t", columns=("1", "2"))


def test_conllu_is_known_by_its_lines_whatever_the_file_is_called(file, stdin):
    bare = "".join(line for line in CONLLU.splitlines(keepends=True) if not line.startswith("# "))
    for content in (CONLLU.encode(), bare.encode()):
        stdin(content)
        for path in (
            "-",
            file(content, "x.txt"),
            file(content, "x.tsv"),
            file(gzip.compress(content, mtime=0), "x.gz"),
        ):
            form = form_of(path)
            assert form.describe() == "CoNLL-U"
            assert tokens(read(path, "auto", form=form)) == [["vamos", "nos", "New York"], ["#"]]


def test_comments_are_words_outside_of_conllu(file):
    assert tokens(read(file("# SYM\n#2 NUM\n"))) == [["#", "#2"]]


def test_lines_that_are_wrong_are_named(file):
    path = file("a X\nb Y\n\nc\n")
    assert message(path).startswith(f"{path}:4: 1 column, expected 2 columns by blanks")
    assert message(path).endswith("an empty line ends a sentence")
    sentences = file("The=DT dog=NN barks=VB\nthe=DT cat=NN sees=VB a=DT dog=NN\n")
    assert message(sentences).endswith("each word with its tag behind a slash: The/DT dog/NN")
    path = file("a\tX\nb\t\n")
    assert message(path).startswith(f"{path}:2: column 2 is empty, expected a tag")
    path = file(CONLLU + "1\ta\n", "x.conllu")
    assert message(path).startswith(f"{path}:12: 2 columns, expected 10 CoNLL-U")
    assert message(file("\n\n")).endswith("empty, expected rows")
    path = file("-DOCSTART- O\n\n")
    assert "empty, expected lines with a token" in message(path, form=form_of(file("a X\n", "y.txt")))
    path = file("a b c d\n")
    assert message(path, form=form_of(file(CONLL, "y.txt"))).startswith(f"{path}:1: 4 columns, expected 3 columns")


def test_to_predict_tags_may_be_absent(file, monkeypatch):
    form = form_of(file(CONLL, "trained.txt"))
    bare = "".join(" ".join(line.split(" ")[:-1]) + "\n" for line in CONLL.split("\n")[:-1])
    columns = read(file(bare), form=form)
    assert (tokens(columns), columns.labels) == (TOKENS, None)
    assert sentences(columns, columns.coded["2"]) == MIDDLE
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"The\ndog\nbarks\n\nIt\n.\n"))))
    columns = read("-", form=form)
    assert (tokens(columns), columns.labels) == (TOKENS, None)
    assert columns.coded["2"].texts() == [None] * 5
    assert tags(read(file(CONLL), form=form)) == TAGS


def test_to_predict_conllu_lines_may_be_tokens_only(file):
    form = form_of(file(CONLLU, "trained.conllu"))
    columns = read(file("New York\nis\n"), form=form)
    assert (tokens(columns), columns.labels) == ([["New York", "is"]], None)
    assert tags(read(file("New York\tPROPN\nis\tAUX\n"), form=form)) == [["PROPN", "AUX"]]
    assert tokens(read(file(CONLLU), form=form)) == [["vamos", "nos", "New York"], ["#"]]


def test_tabs_separate_where_a_file_to_predict_has_them(file):
    form = form_of(file("York O\nNew X\n", "trained.txt"))
    columns = read(file("New York\tX\n\nYork\tO\n"), form=form)
    assert (tokens(columns), tags(columns)) == ([["New York"], ["York"]], [["X"], ["O"]])
    assert tokens(read(file("York O\n"), form=form)) == [["York"]]
    bare = file("New York\nis\n")  # where tabs separated in training, words may hold blanks
    assert tokens(read(bare, form=form_of(file("York\tO\n", "trained.tsv")))) == [["New York", "is"]]
    by_tabs, known = form_of(file("York\tO\nYork\tB-X\n", "trained.tsv")), Known(labels=("B-X", "O"))
    blanks = {
        "York O\n\nNew B-X\n": ["York", "New"],
        "York is O\nNew B-X\nYork O\n": None,
        "New York\nO O\n": ["New York", "O O"],
    }
    for content, expected in blanks.items():  # before tags, on most lines, blanks separate
        request, path = Request(by_tabs, Roles(), "utf-8", "char", "tag", known), file(content)
        if expected is None:
            said = error_of(read_columns, [path], request)
            assert said.startswith(f"{path}:1: 3 columns, expected 2 by blanks")
        else:
            assert read_columns([path], request).coded["token"].texts() == expected
    with pytest.raises(UsageError, match="--encoding nonsense"):
        read_columns([bare], Request(form, Roles(), "nonsense", "char", "tag"))


def test_several_files_are_one_after_the_other(file):
    one, two = file(CONLL, "1.txt"), file("New JJ B-NP\ndog NN I-NP\n", "2.txt")
    columns = read([one, two])
    assert tokens(columns) == [*TOKENS, ["New", "dog"]]
    assert tags(columns) == [*TAGS, ["B-NP", "I-NP"]]
    assert columns.coded["token"].symbols == ["The", "dog", "barks", "It", ".", "New"]


def test_to_predict_some_of_several_files_and_lines_may_lack_their_tags(file):
    paths = [file(CONLL, "1.txt"), file("New\tJJ\n", "2.txt"), file("New\tJJ\t\nYork\tNN\tO\n", "3.txt")]
    form = form_of(paths[0])
    assert "2.txt: no tags, but another file has them" in message(paths[:2], form=form)
    assert "3.txt:1: column 3 is empty, expected a tag" in message(paths[2], form=form)
    columns = read_columns(paths, Request(form, Roles(), "utf-8", "char", "tag", Known()))
    assert (tokens(columns), tags(columns)) == ([*TOKENS, ["New"], ["New", "York"]], [*TAGS, [None], [None, "O"]])
    columns = read_columns(paths, Request(form, Roles(), "utf-8", "char", "tag", Known(answers=False)))
    assert (tokens(columns)[-1], columns.labels) == (["New", "York"], None)


@pytest.mark.parametrize(
    ("name", "task", "sequences", "rows", "kinds", "inputs"),
    [
        ("conll2000/test.txt", "tag", 2012, 47377, 22, ["token", "2"]),
        ("ud_english_ewt/en_ewt-ud-dev.conllu", "auto", 2001, 25147, 17, ["token"]),
        ("ud_english_ewt/dev.word_upos.tsv", "auto", 2001, 25147, 17, ["token"]),
    ],
)
def test_tagged_text_of_the_world(name, task, sequences, rows, kinds, inputs):
    columns = read(data(name), task)
    assert (len(columns), int(columns.offsets[-1]), list(columns.coded)) == (sequences, rows, inputs)
    assert columns.lengths.min() > 0
    assert (columns.labels.codes >= 0).all()
    if "ud" in name:
        assert len(columns.labels.symbols) == kinds


def test_both_forms_of_one_corpus_are_the_same():
    one = read(data("ud_english_ewt/en_ewt-ud-dev.conllu"))
    two = read(data("ud_english_ewt/dev.word_upos.tsv"))
    assert tokens(one) == tokens(two)
    assert tags(one) == tags(two)


def test_the_tag_is_no_token(file):
    path = file("the\tx\tDT\ndog\tx\tNN\n")
    with pytest.raises(UsageError, match="--tag 1: this is the column of tokens"):
        read(path, tag="1")


def test_words_of_conllu_without_a_tag_have_no_answer(file):
    path = file(CONLLU.replace("PRON", "_"), "x.conllu")
    columns = read(path)
    assert tokens(columns) == [["vamos", "nos", "New York"], ["#"]]
    assert columns.labels.codes.tolist() == [0, -1, 1, 2]
    assert tags(read(path, tag="FEATS")) == [["_"] * 3, ["_"]]
