"""Texts and labels that nobody names: what a person would take for them, and nothing else."""

import polars as pl
import pytest

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.readers.forms import recognise
from rnncli.readers.text_guess import Labelled, text_and_label, text_beside
from rnncli.tasks.label_in import with_label

ROWS = 40
BESIDE = (
    "the texts are those of column said, and columns date, shop are not read: --text names another, --inputs reads "
    "columns by step"
)
TEXTS = [f"the {i}th thing that i have bought" for i in range(ROWS)]
KINDS = ["good" if i % 3 else "bad" for i in range(ROWS)]
BASES = ["".join("ACGT"[i // 4**k % 4] for k in range(14)) for i in range(0, 7 * ROWS, 7)]
NUMBERS = [str(i) for i in range(ROWS)]
DATES = [f"2024-01-{i % 28 + 1:02d}" for i in range(ROWS)]
SPOKEN = [f"January {i % 28 + 1}, {1980 + i}" for i in range(ROWS)]  # of three words, and each once
#: columns -> what is found
FOUND = {
    "names": ({"review": TEXTS, "sentiment": KINDS}, Labelled("review", "sentiment")),
    "the label first": ({"topic": KINDS, "message": TEXTS}, Labelled("message", "topic")),
    "among others": (
        {"id": NUMBERS, "label_name": KINDS, "note": TEXTS, "text_en": TEXTS},
        Labelled("text_en", "label_name"),
    ),
    "other names on top of two": ({"words": TEXTS, "kind": KINDS}, Labelled("1", "2")),
    "letters of a sequence": ({"sequence": BASES, "class": KINDS}, Labelled("sequence", "class")),
    "letters of a sequence without names": ({BASES[0]: BASES, "bad": KINDS}, Labelled("1", "2")),
    "labels that are numbers": (
        {"id": NUMBERS, "text": TEXTS, "target": [str(i % 2) for i in range(ROWS)]},
        Labelled("text", "target"),
    ),
}
CHINESE = [f"这部电影非常好看我很喜欢{i}" for i in range(ROWS)]
FOUND["texts of Chinese"] = ({"text": CHINESE, "label": KINDS}, Labelled("text", "label"))
FOUND["a label that is missing"] = ({"text": TEXTS, "label": ["", *KINDS[1:]]}, Labelled("text", "label"))
NONE = {
    "names instead of texts": {"name": [f"n{i}" for i in range(ROWS)], "sex": KINDS},
    "file names": {"image": [f"img-{base.lower()}.png" for base in BASES], "label": KINDS},
    "texts that come again": {"text": [TEXTS[i % 5] for i in range(ROWS)], "label": KINDS},
    "labels that do not": {"text": TEXTS, "label": NUMBERS},
    "one label": {"text": TEXTS, "label": ["good"] * ROWS},
    "many labels are missing": {"text": TEXTS, "label": ["", "", "", *KINDS[3:]]},
    "more columns without usual names": {"a": NUMBERS, "b": TEXTS, "c": KINDS},
    "two columns of texts": {"id": NUMBERS, "text": TEXTS, "title": TEXTS, "comment": TEXTS, "label": KINDS},
    "few rows": {"text": TEXTS[:6], "label": KINDS[:6]},
}


def guess(tmp_path, columns):
    path = tmp_path / "a.csv"
    path.write_text("".join(",".join(row) + "\n" for row in [columns, *zip(*columns.values(), strict=True)]))
    return text_and_label(str(path), recognise(str(path), "table", Roles(), "utf-8", "auto"), "utf-8")


@pytest.mark.parametrize("name", FOUND)
def test_texts_and_labels_are_found(tmp_path, name):
    columns, expected = FOUND[name]
    assert guess(tmp_path, columns) == expected


@pytest.mark.parametrize("name", NONE)
def test_what_is_neither_is_left(tmp_path, name):
    assert guess(tmp_path, NONE[name]) is None


def test_parquet(tmp_path):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame({"n": range(ROWS), "text": TEXTS, "label": KINDS}).write_parquet(path)
    form = recognise(path, "auto", Roles(), "utf-8", "auto")
    assert text_and_label(path, form, "utf-8") == Labelled("text", "label")


@pytest.mark.parametrize("texts", [{}, {"text": TEXTS}, {"words": TEXTS, "kind": KINDS}])
def test_parquet_without_texts_or_usual_names(tmp_path, texts):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame({"n": range(ROWS), "x": range(ROWS), **texts}).write_parquet(path)
    form = recognise(path, "auto", Roles(), "utf-8", "auto")
    assert text_and_label(path, form, "utf-8") is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"id": NUMBERS, "said": TEXTS}, ("said", [])),
        ({"date": DATES, "said": TEXTS, "": [""] * ROWS}, ("said", ["date"])),
        ({"posted": SPOKEN, "said": TEXTS, "shop": KINDS}, ("said", ["posted", "shop"])),
        ({"posted": SPOKEN, "shop": KINDS}, None),
        ({"title": TEXTS, "review": TEXTS}, None),
        ({"name": KINDS, "x": NUMBERS}, None),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_text_is_found_beside_the_label_that_is_named(tmp_path, others, expected, form):
    path, columns = tmp_path / f"a.{form}", {**others, "stars": [i % 5 for i in range(ROWS)]}
    frame = pl.DataFrame(columns)
    frame.write_csv(path) if form == "csv" else frame.write_parquet(path)
    found = recognise(str(path), "auto", Roles(label="stars"), "utf-8", "auto")
    assert text_beside(str(path), found, "utf-8", "stars") == expected


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"label": "stars"}, "said"),
        ({"label": "stars", "task": "classify"}, "said"),
        ({"target": "price", "task": "regress"}, "said"),
        ({"target": "price"}, None),  # of rows that are steps
        ({"target": "mean", "task": "regress"}, None),  # of a file that is one sequence
        ({"label": "price"}, None),  # which hardly come again
        ({"label": "stars", "group": "shop"}, None),
    ],
)
def test_the_text_of_answers_that_are_named_alone(tmp_path, notes, options, found):
    path = str(tmp_path / "a.csv")
    answers = {"stars": [i % 5 for i in range(ROWS)], "price": [i * 1.5 for i in range(ROWS)], "mean": [2] * ROWS}
    pl.DataFrame({"date": DATES, "said": TEXTS, "shop": KINDS, **answers}).write_csv(path)
    assert with_label(path, TrainConfig(**options)).text == found
    assert notes == [f"{path}: {BESIDE}"] * bool(found)
