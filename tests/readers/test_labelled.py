"""Readers of labelled text: TSV, CSV, fastText, with and without names on top; bare texts to predict."""

import gzip
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.data.words import MARKED
from rnncli.errors import Notes, RnncliError, UsageError
from rnncli.readers import source
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.labelled import Meaning, records
from rnncli.readers.reader import Request
from tests.readers.helpers import data, error_of, form_of

FILE = "data.tsv"


def read(path, task="auto", form=None, tokens="char", encoding="utf-8", known=None, **roles):
    """`known` are the labels of the model, to predict."""
    form = form or form_of(path, task, encoding=encoding, **roles)
    assert form.name == "labelled"
    known = None if known is None else Known(labels=tuple(known))
    return read_columns([path], Request(form, Roles(**roles), encoding, tokens, task, known))


def texts(columns):
    """The text of each sequence."""
    tokens, cuts = columns.coded["text"].texts(), columns.offsets.tolist()
    return ["".join(tokens[begin:end]) for begin, end in zip(cuts, cuts[1:], strict=False)]


def labels(columns):
    return columns.labels and columns.labels.texts()


message = partial(error_of, read)

NAMES = "name\tlanguage\nKhoury\tArabic\nÓ Briain\tIrish\nNahas\tArabic\n"


def check_names(columns):
    assert texts(columns) == ["Khoury", "Ó Briain", "Nahas"]
    assert labels(columns) == ["Arabic", "Irish", "Arabic"]
    assert columns.keys == ["Khoury\tArabic", "Ó Briain\tIrish", "Nahas\tArabic"]
    assert columns.offsets.dtype == np.int64
    assert columns.coded["text"].codes.dtype == np.int32


@pytest.mark.parametrize(
    "content", [NAMES, NAMES.replace("\n", "\r\n"), NAMES.replace("\n", "\n\n"), "\n\n" + NAMES, "\ufeff" + NAMES]
)
def test_columns_are_named(file, monkeypatch, content):
    for path in (file(content), file(content, "x.txt"), file(gzip.compress(content.encode(), mtime=0))):
        for roles in ({"text": "name", "label": "language"}, {"label": "language"}):
            for size in (3, 1 << 20):
                monkeypatch.setattr(source, "BLOCK", size)
                check_names(read(path, **roles))
        assert form_of(path, text="name", label="2").describe() == "TSV with header, columns name, language"


def test_columns_are_numbered(file, stdin):
    text = NAMES.partition("\n")[2]
    for roles in ({"text": "1", "label": "2"}, {"label": "2"}):
        check_names(read(file(text), **roles))
        stdin(text.encode())
        check_names(read("-", **roles))
    assert form_of(file(text), label="2").describe() == "TSV without header, 2 columns"
    columns = read(file("a\tb\tc\nd\te\tf\n"), text="3", label="1")
    assert (texts(columns), labels(columns)) == (["c", "f"], ["a", "d"])


@pytest.mark.parametrize("swapped", [False, True])
def test_without_names_the_label_has_fewer_values(file, swapped):
    rows = [("spam", "win now"), ("ham", "so long, and thanks"), ("spam", 'a "5\'" prize'), ("ham", "see you")]
    content = "".join("\t".join(row[::-1] if swapped else row) + "\n" for row in rows)
    columns = read(file(content), "classify")
    assert (texts(columns), labels(columns)) == ([row[1] for row in rows], [row[0] for row in rows])
    assert columns.keys == content.splitlines()
    assert form_of(file(content), "classify").label_first is not swapped
    named = read(file(content), "classify", text="1" if swapped else "2")
    assert labels(named) == labels(columns)


def test_labels_may_be_numbers_under_names(file):
    path = file("stars,review\n5,good\n1,bad\n5,fine\n", "x.csv")
    form = form_of(path, "classify")
    assert (form.header, form.label_first, form.columns) == (True, True, ("stars", "review"))
    assert labels(read(path, "classify")) == ["5", "1", "5"]


MANY = "\n".join(f"{kind},{text} {i}" for i in range(9) for kind, text in (("pos", "good"), ("neg", "bad")))


@pytest.mark.parametrize(
    ("first", "header"),
    [
        ("label,text", True),
        ("Class,Message", True),
        ("stance,tweet text", True),  # a label that is nowhere else
        ("neutral,so so. or not?", False),  # this one too, but that is no name
        ("neg,text", False),
        ("neg,bad", False),
    ],
)
def test_names_on_top_are_seen_though_no_one_says_them(file, first, header):
    path = file(f"{first}\n{MANY}\n", "x.csv")
    for roles in ({}, {"label": "1"}):
        form, columns = form_of(path, "classify", **roles), read(path, "classify", **roles)
        assert form.header is header
        assert form.describe() == (f"CSV with header, columns {first.replace(',', ', ')}" if header else
                                   "CSV without header, 2 columns")  # fmt: skip
        assert (len(columns), labels(columns)[-2:]) == (18 + (not header), ["pos", "neg"])


@pytest.mark.parametrize(
    ("text", "name", "roles", "task", "expected"),
    [
        (NAMES, "x.tsv", {}, "auto", "table"),
        (NAMES, "x.txt", {}, "auto", "text"),
        (NAMES, "x.tsv", {}, "classify", "labelled"),
        (NAMES, "x.tsv", {"label": "language", "group": "name"}, "classify", "table"),
        ("a,b,c\nx,y,z\n", "x.csv", {"label": "a"}, "classify", "table"),
        ("a,b,c\nx,y,z\n", "x.csv", {"label": "a", "text": "c"}, "auto", "labelled"),
        ("x,l\n1,a\n2,b\n", "x.csv", {"label": "l"}, "classify", "table"),
        ("1,2\n3,4\n", "x.csv", {}, "classify", "table"),
        ("__label__a one\n__label__b two\n", "x.txt", {}, "classify", "labelled"),
        ("__label__a one\n__label__b two\n", "x.txt", {}, "auto", "labelled"),
        ("__label__a one\n__label__b two\n", "x.txt", {}, "language", "text"),
        ("__label__a one\n__label__b two\nthree\n", "x.txt", {}, "auto", "labelled"),
        ("__label__a one\n" + "__label__ is\nwhat fastText writes\n" * 30, "x.txt", {}, "language", "text"),
    ],
)
def test_what_is_labelled_text(file, text, name, roles, task, expected):
    assert form_of(file(text, name), task, **roles).name == expected


def test_csv_is_quoted(file):
    content = 'label,text\na,"one, ""two"""\nb,"three\n\nfour"\na,"plain"\nb,5" pipe\n'
    columns = read(file(content, "x.csv"), text="text", label="label")
    assert texts(columns) == ['one, "two"', "three\n\nfour", "plain", '5" pipe']
    assert labels(columns) == ["a", "b", "a", "b"]
    assert columns.keys == ['a,"one, ""two"""', 'b,"three\n\nfour"', 'a,"plain"', 'b,5" pipe']
    path = file("label,text\na,one\nb,two, three\n", "x.csv")
    found = message(path, text="text", label="label")
    assert found.startswith(f"{path}:3: 3 columns, expected 2 by commas as above: quote texts")
    path = file('label,text\na,one\n\nb,"two\nthree\n', "x.csv")
    form = form_of(file("label,text\na,b\n", "y.csv"), text="text", label="label")
    assert message(path, form=form, text="text", label="label").startswith(f"{path}:4: a quote is never closed")


def test_quotes_behind_a_backslash_are_told_of(file):
    path = file("label,text\n" + "".join(f'{"ab"[i % 2]},"said \\"yes, sir\\" {i}"\n' for i in range(20)), "x.csv")
    found = message(path, "classify", text="text", label="label")
    assert found.startswith(f'{path}:2: 3 columns, expected 2 by commas as above: write quotes within texts as ""')


def test_bare_quotes_of_a_tsv_are_data(file):
    path = file('ham\t"quoted" start\nspam\tsay "hi"\nham\t"\n')
    assert texts(read(path, "classify")) == ['"quoted" start', 'say "hi"', '"']
    path = file('ham\t"a\tb"\nspam\t"c"\n')
    assert texts(read(path, "classify")) == ["a\tb", "c"]  # as csv and pandas read it
    path = file('ham\t"a"\nspam\t"b ""c"""\n')
    assert texts(read(path, "classify")) == ["a", 'b "c"']


def test_tabs_in_the_text_beside_a_label_are_the_texts(file):
    content = "".join(f"ham\tline {i}\n" for i in range(40)) + "spam\ttab\there\n"
    assert texts(read(file(content), "classify"))[-1] == "tab\there"
    turned = "".join(f"line {i}\tham\n" for i in range(40)) + "tab\there\tspam\n"
    assert texts(read(file(turned), "classify"))[-1] == "tab\there"
    assert labels(read(file(turned), "classify"))[-1] == "spam"


def test_rows_that_are_wrong_are_named_with_their_line(file):
    path = file("ham\tone\n\nspam\ttwo\nham three\n")
    assert message(path, "classify", text="2", label="1").startswith(f"{path}:4: 1 column, expected 2 by tabs as above")
    path = file("a\tone\n\ttwo\n")
    assert message(path, "classify", text="2", label="1").startswith(f"{path}:2: no label, expected one")
    assert message(file(""), "classify").endswith("empty, expected rows")
    found = message(file(NAMES), kind=UsageError, label="lang")
    assert found == "--label lang: no such column, found name, language"


SCORES = "review\tstars\tdays\ngood\t4.5\t-1\nso, so\t3\t1e2\n"
NUMBERED = {"text": "review", "targets": ("stars", "days")}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SCORES, [[4.5, -1], [3, 100]]),
        (SCORES.partition("\n")[2], [[4.5, -1], [3, 100]]),
        ("id\tdays\tstars\treview\n1\t-1\t4.5\tgood\n2\t1e2\t3\tso, so\n", [[4.5, -1], [3, 100]]),
        ("review\tstars\ngood\t4.5\nso, so\t3\n", None),
        (SCORES.replace("4.5\t-1", "\t").replace("3\t1e2", "\tnan"), None),
        ("good\nso, so\n", None),
    ],
)
def test_numbers_to_predict_from_texts(file, content, expected):
    form = form_of(file(SCORES, "trained.tsv"), "regress", **NUMBERED)
    columns = read(file(content), "regress", form=form, known=[], **NUMBERED)
    assert (texts(columns), labels(columns)) == (["good", "so, so"], None)
    assert (columns.targets if expected is None else columns.targets.tolist()) == expected
    assert expected is None or columns.targets.dtype == np.float64


def test_numbers_of_texts_that_are_wrong_are_named_with_their_line(file):
    wrong = file(SCORES + "bad\tx\t1\n")
    found = message(wrong, "regress", **NUMBERED)
    assert found.startswith(f"{wrong}:4: 'x', expected a finite number")
    found = message(file(SCORES + "bad\tinf\t1\n"), "regress", **NUMBERED)
    assert found.startswith(f"{wrong}:4: 'inf', expected a finite number")
    found = message(file(SCORES + "bad\t\t1\n"), "regress", **NUMBERED)
    assert found.startswith(f"{wrong}:4: no number, expected one")


def test_lines_of_fasttext(file):
    path = file("__label__en some words\n\n__label__fr des  mots \n__label__en\n", "x.txt")
    columns = read(path, "classify")
    assert form_of(path, "classify") == Form("labelled", fasttext=True, words=MARKED)
    assert form_of(path, "classify").describe() == "fastText labels"
    assert texts(columns) == ["some words", "des  mots", "\n"]
    assert labels(columns) == ["en", "fr", "en"]
    assert columns.keys[1] == "__label__fr des  mots "
    form = form_of(path, "classify")
    request = Request(form, Roles(), "utf-8", "char", "classify", Known(answers=False))
    bare = read_columns([file("a line\n\nanother\n", "y.txt")], request)
    assert (texts(bare), bare.labels) == (["a line", "\n", "another"], None)
    several = read(file("__label__en a\n__label__fr __label__en b\n", "z.txt"), "classify")
    assert (labels(several), several.label_bounds.tolist()) == (["en", "fr", "en"], [0, 1, 3])


@pytest.mark.parametrize("content", ["__label__en a\n b c\n", " b c\n__label__en a\n"])
def test_to_predict_lines_of_fasttext_may_lack_their_label(file, content):
    form = Form("labelled", fasttext=True, words=MARKED)
    columns = read(file(content, "x.txt"), "classify", form=form, known=("en", "fr"))
    assert dict(zip(texts(columns), labels(columns), strict=True)) == {"a": "en", "b c": None}


ROLES = {"text": "name", "label": "language"}


@pytest.mark.parametrize(
    ("content", "expected", "answers"),
    [
        (NAMES, ["Khoury", "Ó Briain", "Nahas"], ["Arabic", "Irish", "Arabic"]),
        ("Khoury\tArabic\n", ["Khoury"], ["Arabic"]),
        ("language\tname\nArabic\tKhoury\n", ["Khoury"], ["Arabic"]),
        ("name\nKhoury\nÓ Briain\n", ["Khoury", "Ó Briain"], None),
        ("Khoury\n\nÓ Briain", ["Khoury", "\n", "Ó Briain"], None),
    ],
)
def test_to_predict_names_and_labels_may_be_absent(file, stdin, content, expected, answers):
    form = form_of(file(NAMES, "trained.tsv"), **ROLES)
    stdin(content.encode())
    for path in (file(content), "-"):
        columns = read(path, form=form, known=["Arabic", "Irish"], **ROLES)
        assert (texts(columns), labels(columns)) == (expected, answers)


def test_to_predict_other_columns_may_be_there_too(file):
    roles = {"text": "t", "label": "l"}
    form = form_of(file("id,l,t\n1,a,one\n2,b,two\n", "x.csv"), **roles)
    for content in ("id,l,t\n9,a,new\n", "9,a,new\n", "t,id\nnew,9\n", "9\tnew\n"):
        columns = read(file(content, "y.csv"), form=form, known=["a", "b"], **roles)
        assert (texts(columns), labels(columns)) == (["new"], ["a"] if "a" in content.split("\n")[-2] else None)


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize(
    "rows",
    [
        [("id", "name", "language"), ("1", "Khoury", "Arabic"), ("2", "Dax", "German")],
        [("language", "x", "name", "id"), ("Arabic", "", "Khoury", "1"), ("German", "", "Dax", "2")],
        [("Khoury", "Arabic"), ("Nahas", "Arabic"), ("Dax", "German")],
    ],
)
def test_to_predict_columns_are_found_by_name_or_by_known_labels_whatever_separates_them(file, rows, separator):
    path = file("".join(separator.join(row) + "\n" for row in rows), "x.txt")
    for content, name in ((NAMES, "a.tsv"), (NAMES.replace("\t", ","), "a.csv")):
        columns = read(path, form=form_of(file(content, name), **ROLES), known=["Arabic", "Irish"], **ROLES)
        assert (texts(columns)[0], texts(columns)[-1]) == ("Khoury", "Dax")
        assert (labels(columns)[0], labels(columns)[-1]) == ("Arabic", "German")


@pytest.mark.parametrize("content", ["good, bad awful\n", "good, nice film\nbad\n", "a, b\nc, d\npos, e\n", "x,y,z\n"])
def test_a_bare_text_may_hold_a_separator(file, content):
    for trained in ("label,text\npos,good\nneg,bad\n", "text,label\ngood,pos\nbad,neg\n"):
        form = form_of(file(trained, "x.csv"), text="text", label="label")
        columns = read(file(content, "y.txt"), form=form, known=["neg", "pos"], text="text", label="label")
        assert (texts(columns), labels(columns)) == (content.splitlines(), None)


@pytest.mark.parametrize(
    ("name", "content", "noted"),
    [
        ("y.csv", "tweet,id\ngood film,1\nbad one,2\n", True),
        ("y.tsv", "tweet\tid\n" + "good, nice film\t1\n" * 30, True),
        ("y.csv", "good film, nice\nbad\nso, so, so\n", False),  # texts with commas
        ("y.csv", "good film\nbad\n", False),
        ("y.csv", "text\ngood film\nbad\n", False),
        ("y.csv", "id,text\n1,good film\n2,bad\n", False),
        ("y.txt", "tweet,id\ngood film,1\nbad one,2\n", False),
        ("y.csv", "", False),
    ],
)
def test_columns_that_are_read_as_texts_are_said(file, name, content, noted):
    said = []
    form = form_of(file("text,label\ngood,pos\nbad,neg\n", "x.csv"), text="text", label="label")
    Notes.begin(said.append)
    path = file(content, name)
    assert len(
        list(records(path, Meaning.of(form, Roles(text="text", label="label"), "classify", ["neg", "pos"]), "utf-8"))
    ) == (len(content.splitlines()) - content.startswith(("text", "id")))
    cut = (
        f"{path}: 2 columns by {'tabs' if name == 'y.tsv' else 'commas'}, which are not those of training (text, label)"
    )
    assert said == [f"{cut}: each line is read as one text, separators too"] * noted
    Notes.begin(None)


def test_several_files_are_one_after_the_other(file):
    one, two = file(NAMES, "1.tsv"), file("Dax\tGerman\nNahas\tArabic\n", "2.tsv")
    form = form_of(one, **ROLES)
    columns = read_columns([one, two], Request(form, Roles(**ROLES), "utf-8", "char", "classify"))
    assert texts(columns) == ["Khoury", "Ó Briain", "Nahas", "Dax", "Nahas"]
    assert labels(columns) == ["Arabic", "Irish", "Arabic", "German", "Arabic"]
    three = file("Dax\n", "3.tsv")
    for paths in ([one, three], [three, one]):
        with pytest.raises(RnncliError, match=r"3\.tsv:1: no label, expected one"):
            read_columns(paths, Request(form, Roles(**ROLES), "utf-8", "char", "classify"))
    with pytest.raises(RnncliError, match="empty, expected rows of texts"):
        read_columns([file("", "4.tsv")], Request(form, Roles(**ROLES), "utf-8", "char", "classify"))


def test_texts_of_parquet_files(file, stdin):
    path = file("", "x.parquet")
    pl.DataFrame({"stars": [5, 1], "review": ["good\tone", None]}).write_parquet(path)
    roles = {"text": "review", "label": "stars"}
    for name in (path, "-"):
        stdin(Path(path).read_bytes())
        columns = read(name, **roles)
        assert (texts(columns), labels(columns)) == (["good\tone", "\n"], ["5", "1"])
    form = form_of(path, **roles)
    stdin(b"a line\tof text\n\nanother\n")
    columns = read("-", form=form, known=["1", "5"], **roles)
    assert (texts(columns), columns.labels) == (["a line\tof text", "\n", "another"], None)
    columns = read(path, form=form_of(file("stars\treview\n5\tgood\n"), **roles), **roles)
    assert (texts(columns), labels(columns)) == (["good\tone", "\n"], ["5", "1"])


def test_an_encoding(file):
    path = file("Zoé\tfr\nJörg\tde\nChloé\tfr\n".encode("latin-1"))
    assert texts(read(path, "classify", encoding="latin-1"))[0] == "Zoé"
    assert message(path, "classify").startswith(f"{path}:1: not utf-8")


def test_names_of_the_world():
    path = data("names/names.tsv")
    columns = read(path, **ROLES)
    assert (len(columns), len(columns.labels.symbols)) == (20050, 18)
    lines = Path(path).read_text(encoding="utf-8").splitlines()[1:]
    assert columns.keys == lines
    assert texts(columns) == [line.split("\t")[0] for line in lines]


def test_messages_of_the_world():
    path = data("sms_spam/SMSSpamCollection.tsv")
    columns = read(path, "classify")
    lines = Path(path).read_text(encoding="utf-8").split("\n")[:-1]
    assert (columns.keys, columns.labels.symbols) == (lines, ["ham", "spam"])
    assert texts(columns) == [line.split("\t", 1)[1].strip() for line in lines]
    assert np.bincount(columns.labels.codes).tolist() == [4827, 747]


@pytest.mark.parametrize(
    ("content", "label", "tied"),
    [
        ("x y\tA\nx z\tB\n" * 9, "2", True),
        ("A\tx y\nB\tx z\n" * 9, "1", True),
        ("red\tr\nblue\tb\n" * 9, "2", True),
        ("A\tA\nB\tB\n" * 9, "1", True),
        ("x\tA\ny\tA\nz\tB\n" * 9, "2", False),
        ("text\tlabel\na\tgood\nb\tbad\n" * 9, "label", False),
        ("class\ttext\ngood one\ta\nbad one\tb\n" * 9, "class", False),
    ],
)
def test_a_tie_of_the_numbers_of_values_is_told_by_words_and_letters_and_said(file, said, content, label, tied):
    form = form_of(file(content, "a.tsv"), "classify")
    assert form.columns[0 if form.label_first else 1] == label
    notes = [line for line in said if "the same number of different values" in line]
    assert len(notes) == tied
    assert all(f"and column {label} is used" in line for line in notes)
