"""`--evaluate` with labels of which the model knows none: an error, not an accuracy of 0."""

import json

import pytest

QUICK = ("--hidden", "4", "--epochs", "1", "-q", "-o", "m")
TEXTS = {"a b c": "up", "d e f": "down"}


def write(here, name, labels):
    rows = [{"x": text, "y": labels(label)} for text, label in TEXTS.items()]
    here.write(name, "".join(json.dumps(row) + "\n" for row in rows) * 8)


@pytest.mark.parametrize(
    ("task", "label"), [("classify", str), ("multilabel", lambda one: [one]), ("tag", lambda one: [one] * 3)]
)
def test_labels_that_are_all_foreign_are_refused(here, task, label):
    write(here, "t.jsonl", label)
    write(here, "other.jsonl", lambda one: label(one.upper()))
    write(here, "some.jsonl", lambda one: label("up" if one == "up" else "odd"))
    if task == "tag":
        for name in ("t.jsonl", "other.jsonl", "some.jsonl"):
            here.write(name, here.read(name).replace(b'"a b c"', b'["a", "b", "c"]').replace(b'"d e f"', b'["d"]'))
            here.write(name, here.read(name).replace(b'["d"]', b'["d", "e", "f"]'))
    assert here("train", "t.jsonl", "--task", task, *QUICK).code == 0
    done = here("predict", "m", "other.jsonl", "--evaluate")
    assert done.code == 1
    found = "found labels UP, DOWN, none of which was in training, expected some of down, up"
    assert f"other.jsonl: {found}" in done.message()
    done = here("predict", "m", "some.jsonl", "--evaluate")
    assert done.code == 0 and "labels that were not in training count as mistakes: odd" in done.err
    assert here("predict", "m", "t.jsonl", "--evaluate").code == 0


@pytest.mark.parametrize(("task", "label"), [("classify", str), ("multilabel", lambda one: [one])])
def test_labels_of_several_lines_are_listed_on_one(here, task, label):
    write(here, "t.jsonl", lambda one: label(f"{one}\nand on"))
    done = here("train", "t.jsonl", "--task", task, *(option for option in QUICK if option != "-q"))
    assert ": down and on, up and on" in done.err.splitlines()[0]
