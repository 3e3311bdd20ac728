"""Names on top of labelled texts to predict that are not those of training: they were a text, a row out too many."""

import pytest

from rnncli.data.columns import Known, Roles
from rnncli.readers.columns import read_columns
from rnncli.readers.reader import Request
from tests.readers.helpers import form_of, read

FILE = "data.csv"
TRAINED = "".join(f"a text of number {i},{('no', 'yes')[i % 2]}\n" for i in range(12))
TEXTS = ("so it always is,no", "well,yes", "and so on to the end,no")
WORDS = ("Khoury,no", "Nahas,yes", "Dax,no")


@pytest.mark.parametrize(
    ("trained", "top", "below", "rows"),
    [
        ("text,label", "Text,Label", TEXTS, 3),
        ("text,label", "LABEL,id,TEXT", [f"{text.split(',')[1]},1,{text.split(',')[0]}" for text in TEXTS], 3),
        ("text,label", "sentence,class", TEXTS, 3),
        ("text,label", "utterance,mood", TEXTS, 3),
        ("text,label", "utterance,mood", WORDS, 4),  # may be a name as the others
        ("text,label", "Review,Class", WORDS, 3),
        ("", "Text,Label", TEXTS, 3),  # none in training
        ("", "utterance,mood", TEXTS, 4),
        ("text,label", "well so,perhaps?", TEXTS, 4),
        ("text,label", "hello,yes", TEXTS, 4),
        ("text,label", "hello,", TEXTS, 4),
    ],
)
def test_other_names_are_no_row(file, said, trained, top, below, rows):
    roles = {"text": "text", "label": "label"} if trained else {}
    form = form_of(file(f"{trained}\n".lstrip() + TRAINED, "train.csv"), "classify", "labelled", **roles)
    path, known = file("\n".join([top, *below, ""]), "new.csv"), Known(labels=("no", "yes"))
    found = read_columns([path], Request(form, Roles(**roles), "utf-8", "word", "classify", known))
    assert len(found.keys) == rows
    assert found.labels.texts()[-3:] == ["no", "yes", "no"]
    noted = any("on top are read as names of columns" in line for line in said)
    assert noted == (rows == 3 and (not trained or top.lower() not in ("text,label", "label,id,text")))


@pytest.mark.parametrize(("content", "rows"), [("Text\nso it is\nwell\n", 2), ("Text\n", 1), ("Texts\nso it is\n", 2)])
def test_a_name_alone_in_another_case(file, content, rows):
    roles = {"text": "text", "label": "label"}
    form = form_of(file(f"text,label\n{TRAINED}", "train.csv"), "classify", "labelled", **roles)
    request = Request(form, Roles(**roles), "utf-8", "word", "classify", Known(labels=("no", "yes")))
    assert len(read_columns([file(content, "new.txt")], request).keys) == rows


TAGGED = "the\tD\ndog\tN\n\na\tD\ncat\tN\n"


@pytest.mark.parametrize("trained", ["", "word\ttag\n", "mot\tclasse\n"])
@pytest.mark.parametrize(
    ("top", "tokens"),
    [("Token\tPOS\n", 4), ("word\ttag\n\n", 4), ("Mot\tClasse\n", 4), ("pos\tN\n", 5), ("", 4)],
)
def test_names_above_tagged_text_to_predict_are_no_token(file, trained, top, tokens):
    roles = {"tag": "classe"} if trained.startswith("mot") else {}
    form = form_of(file(trained + TAGGED, "train.tsv"), "tag", "tagged", **roles)
    known = Known(labels=("D", "N"))
    columns = read_columns(
        [file(top + TAGGED, "new.tsv")], Request(form, Roles(**roles), "utf-8", "word", "tag", known)
    )
    other = top.startswith("Mot") and not roles  # a name that only training can tell
    assert len(columns.coded["token"].texts()) == tokens + other


@pytest.mark.parametrize("trained", ["", "a,b,c\n"])
@pytest.mark.parametrize(("top", "rows"), [("", 3), ("0,1,2\n", 3), ("1,2,3\n", 3), ("0.5,1,2\n", 4), ("1,2\n", 3)])
def test_numbers_that_count_the_columns_of_a_table_to_predict_are_no_row(file, said, trained, top, rows):
    """They were the first step of the series."""
    text = "0.5,1.5,2.5\n0.5,1.5,3.5\n0.5,2.5,2.5\n"
    path, roles = file(trained + text, "train.csv"), {"targets": trained[:1] or "1"}
    form = form_of(path, "forecast", **roles)
    text = text if top.count(",") != 1 else "1.5,2.5\n1.5,3.5\n2.5,2.5\n"  # without the target
    columns = read(file(top + text, "new.csv"), "regress", form=form, numbers=form.columns[1:], **roles)
    assert columns.total == rows
    assert any("the numbers on top count the columns" in line for line in said) == (rows == 3 and top != "")
