"""Names on top of labelled texts to predict that are not those of training: they were a text, a row out too many."""

import pytest

from rnncli.data.columns import Known, Roles
from rnncli.readers.columns import read_columns
from rnncli.readers.reader import Request
from tests.readers.helpers import form_of

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
