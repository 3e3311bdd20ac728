"""`train` on texts and labels that nobody names: found, said, and the model of a command which names them."""

import json

import pytest

from tests.readers.test_text_guess import KINDS, TEXTS

SMALL = ("--hidden", "3", "--epochs", "0.5")


@pytest.fixture
def table(here):
    """a.csv in the folder."""
    rows = zip(TEXTS, KINDS, strict=True)
    here.write("a.csv", "review,sentiment\n" + "".join(f"{text},{kind}\n" for text, kind in rows))
    return here


def test_the_model_is_that_of_a_command_that_names_them(table):
    guessed = table("train", "a.csv", *SMALL, "-o", "g")
    named = table("train", "a.csv", *SMALL, "--text", "review", "--label", "sentiment", "-o", "n")
    assert (guessed.code, named.code) == (0, 0), guessed.err
    line = (
        "a.csv: the texts are those of column review, their labels those of column sentiment: --text and --label name"
    )
    assert line in guessed.err and line not in named.err
    assert (table.folder / "g").read_bytes() == (table.folder / "n").read_bytes()


def test_another_task_is_as_it_was(table):
    done = table("train", "a.csv", *SMALL, "--task", "language", "--text", "review", "-o", "m")
    assert done.code == 0 and "the texts are those" not in done.err


def test_resume_finds_the_same(table):
    assert table("train", "a.csv", *SMALL, "-o", "m").code == 0
    assert "nothing to do" in table("train", "a.csv", *SMALL, "-o", "m", "--resume").err


def test_several_columns_of_texts_are_named_where_a_label_is_asked_for(here):
    here.write("t.csv", "title,body,label\n" + "".join(f"day {i},it was day {i},{'ab'[i % 2]}\n" for i in range(20)))
    done = here("train", "t.csv", "--label", "label")
    assert done.code == 1
    assert "if each row is a text, its column with --text (title, body)" in done.message()


def test_a_text_and_several_labels_under_keys_of_json(here):
    rows = [
        {"id": i, "text": text, "labels": [kind, "all"]}
        for i, (text, kind) in enumerate(zip(TEXTS, KINDS, strict=True))
    ]
    here.write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    guessed = here("train", "a.jsonl", *SMALL, "-o", "g")
    named = here("train", "a.jsonl", *SMALL, "--text", "text", "--label", "labels", "-o", "n")
    assert (guessed.code, named.code) == (0, 0), guessed.err
    assert "the texts are those under text, their labels those under labels: --text and --label name" in guessed.err
    assert (here.folder / "g").read_bytes() == (here.folder / "n").read_bytes()
    half = here("train", "a.jsonl", *SMALL, "--label", "labels", "-o", "h")
    assert "the texts are those under text: --text names another key" in half.err
    assert (here.folder / "h").read_bytes() == (here.folder / "n").read_bytes()
