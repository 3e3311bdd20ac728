"""Which keys of JSON objects are a text and its labels: what a person would guess, and what is ambiguous."""

import json

import pytest

from rnncli.readers.object_guess import text_and_labels

WORDS = ["the", "old", "sailor", "saw", "a", "grey", "ship", "near", "his", "town", "at", "dawn"]
TEXTS = [" ".join(WORDS[(i * k) % 12] for k in range(1, 7)) + f" {i}" for i in range(40)]
LISTS = [[["sea"], ["sea", "town"], ["town"], []][i % 4] for i in range(40)]
NAMES = ["sea" if i % 2 else "town" for i in range(40)]


def guessed(tmp_path, answer="", numbers=False, array=False, **columns):
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(rows) if array else "".join(json.dumps(row) + "\n" for row in rows))
    found = text_and_labels(str(path), "utf-8", answer, numbers)
    return (found.text, found.label) if found else None


@pytest.mark.parametrize("array", [False, True])
def test_a_text_and_a_list_of_labels(tmp_path, array):
    assert guessed(tmp_path, text=TEXTS, labels=LISTS, array=array) == ("text", "labels")
    assert guessed(tmp_path, id=list(range(40)), body=TEXTS, tags=LISTS, array=array) == ("body", "tags")
    ids = [[7], [7, 12]] * 20
    assert guessed(tmp_path, text=TEXTS, labels=ids, array=array) == ("text", "labels")


def test_lists_of_a_usual_name_may_have_many_kinds(tmp_path):
    many = [[f"kind {i % 15}"] for i in range(40)]
    assert guessed(tmp_path, text=TEXTS, labels=many) == ("text", "labels")
    assert guessed(tmp_path, text=TEXTS, marks=many) is None
    assert guessed(tmp_path, text=TEXTS, labels=[[str(i)] for i in range(40)]) is None


def test_a_label_beside_a_list_of_other_things(tmp_path):
    tokens = [text.split() for text in TEXTS]
    assert guessed(tmp_path, text=TEXTS, label=NAMES, tokens=tokens) == ("text", "label")
    assert guessed(tmp_path, text=TEXTS, labels=LISTS, tokens=tokens) == ("text", "labels")


def test_the_text_beside_the_answer_that_is_named(tmp_path):
    assert guessed(tmp_path, "about", text=TEXTS, about=LISTS, where=LISTS) == ("text", "about")
    scores = [i / 7 for i in range(40)]
    assert guessed(tmp_path, "score", True, text=TEXTS, score=scores, where=LISTS) == ("text", "score")
    assert guessed(tmp_path, "score", text=TEXTS, score=scores, where=LISTS) is None
    assert guessed(tmp_path, "none", text=TEXTS, about=LISTS) is None


def test_what_is_ambiguous_or_no_text_is_not_guessed(tmp_path):
    assert guessed(tmp_path, text=TEXTS, title=TEXTS[::-1], labels=LISTS) is None
    assert guessed(tmp_path, text=TEXTS, about=LISTS, where=LISTS) is None
    assert guessed(tmp_path, x=TEXTS, labels=LISTS) is None
    assert guessed(tmp_path, name=NAMES, labels=LISTS) is None
    assert guessed(tmp_path, text=TEXTS, spans=[[[0, 3]]] * 40) is None
    assert guessed(tmp_path, text=TEXTS, tokens=[text.split()[:2] + [str(i)] for i, text in enumerate(TEXTS)]) is None
    assert guessed(tmp_path, text=TEXTS, state=NAMES, words=[[1.5]] * 40) is None  # no usual name, and no list
