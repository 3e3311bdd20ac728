"""Any number of labels a sequence, from the command line, in every form that can hold them."""

import json
import math
import random

import pytest

from rnncli.tasks.trained import load_model

TOPICS = {"food": ["bread", "soup"], "road": ["train", "map"], "team": ["goal", "win"]}
SMALL = ("--hidden", "8", "--epochs", "12", "--quiet", "-o", "m")


def documents(count, seed=0):
    """(text, its labels); a label is there if and only if one of its words is."""
    rng = random.Random(seed)
    for _ in range(count):
        labels = [topic for topic in TOPICS if rng.random() < 0.4]
        words = [rng.choice(TOPICS[topic]) for topic in labels] + ["the", "of", "and"]
        rng.shuffle(words)
        yield " ".join(words), labels


DOCUMENTS = list(documents(240))
FILES = {
    "fasttext": (
        "t.txt",
        [f"{text} {' '.join('__label__' + x for x in labels)}" for text, labels in DOCUMENTS if labels],
    ),
    "csv": ("t.csv", ["text,topics", *(f"{text},{'|'.join(labels) or '|'}" for text, labels in DOCUMENTS)]),
    "bare csv": ("t.csv", [f"{text},{' | '.join(labels) or '|'}" for text, labels in DOCUMENTS]),
    "jsonl": ("t.jsonl", [json.dumps({"text": text, "topics": labels}) for text, labels in DOCUMENTS]),
    "words": ("t.jsonl", [json.dumps({"text": text.split(), "topics": labels}) for text, labels in DOCUMENTS]),
}
OPTIONS = {
    "fasttext": (),
    "csv": ("--text", "text", "--label", "topics", "--label-separator", "|"),
    "bare csv": ("--text", "1", "--label", "2", "--label-separator", "|"),
    "jsonl": ("--text", "text", "--label", "topics"),
    "words": ("--text", "text", "--label", "topics"),
}


def written(here, form):
    name, lines = FILES[form]
    return here.write(name, "".join(line + "\n" for line in lines))


@pytest.mark.parametrize("form", FILES)
def test_labels_are_learnt_each_by_itself_in_every_form(here, form):
    path = written(here, form)
    assert here("train", path, *OPTIONS[form], *SMALL, "--lr", "0.02").code == 0
    expected = [labels for _, labels in DOCUMENTS if labels or form != "fasttext"]
    rows = here("predict", "m", path, "--to", "jsonl").out.decode().splitlines()
    found = [json.loads(row) for row in rows]
    assert [sorted(row["labels"]) for row in found] == expected
    assert all(p == sorted(p, reverse=True) and min(p, default=1) >= 0.5 for p in (r["probabilities"] for r in found))
    separator = "|" if "csv" in form else ","
    plain = here("predict", "m", path).rows(3)
    assert [row[0].decode() for row in plain] == [separator.join(row["labels"]) for row in found]
    figures = here("predict", "m", path, "--evaluate", "--top", "2").json()
    there = sum(map(len, expected))
    assert (figures["n"], figures["labels"], figures["k"]) == (len(expected), there, 2)
    assert figures["micro_f1"] == figures["macro_f1"] == figures["subset_accuracy"] == 1
    hits = sum(min(2, len(labels)) for labels in expected)
    assert figures["precision_at_k"] == pytest.approx(hits / (2 * len(expected)))
    assert figures["recall_at_k"] == pytest.approx(hits / there)


def test_lists_of_a_parquet_file_are_sets_of_labels(here):
    pl = pytest.importorskip("polars")
    texts, labels = zip(*DOCUMENTS, strict=True)
    numbers = [[list(TOPICS).index(label) for label in of] for of in labels]
    pl.DataFrame({"text": texts, "topics": numbers}).write_parquet(here.folder / "t.parquet")
    assert here("train", "t.parquet", "--text", "text", "--label", "2", *SMALL, "--lr", "0.02").code == 0
    figures = here("predict", "m", "t.parquet", "--evaluate").json()
    assert (figures["n"], figures["micro_f1"], list(figures["per_label"])) == (len(texts), 1, ["0", "1", "2"])
    assert here("predict", "m", input=b"the bread of\n").rows(3)[0][0] == b"0"
    pl.DataFrame({"text": texts, "topics": labels}).write_parquet(here.folder / "u.parquet")
    done = here("train", "u.parquet", "--label", "topics", *SMALL)
    assert "column topics has List(String)" in done.message()


@pytest.fixture
def model(here):
    assert here("train", written(here, "jsonl"), *OPTIONS["jsonl"], *SMALL).code == 0
    return here


def test_threshold_and_top_choose_among_the_probabilities(model):
    every = [[float(p) for p in row[:3]] for row in model("predict", "m", "t.jsonl", "--proba").rows(4)]
    names = model("predict", "m", "t.jsonl", "--proba", "--header").rows(4)[0]
    assert names == [*(name.encode() for name in TOPICS), b"input"]
    cases = {("--threshold", "0.3"): (3, 0.3), ("--top", "2"): (2, 0), ("--top", "2", "--threshold", "0.6"): (2, 0.6)}
    for options, (top, least) in cases.items():
        rows = model("predict", "m", "t.jsonl", *options, "--to", "jsonl").out.decode().splitlines()
        for row, p in zip(map(json.loads, rows), every, strict=True):
            expected = sorted((x for x in p if x >= least), reverse=True)[:top]
            assert row["probabilities"] == pytest.approx(expected, abs=5.1e-5), options
    some, all_ = (model("predict", "m", "t.jsonl", "--evaluate", "--threshold", t).json() for t in ("0.3", "0"))
    chosen = sum(x >= 0.3 for p in every for x in p)
    hits = sum(
        x >= 0.3 for p, (_, of) in zip(every, DOCUMENTS, strict=True) for x, y in zip(p, TOPICS, strict=True) if y in of
    )
    assert some["micro_precision"] == pytest.approx(hits / chosen)
    assert (all_["micro_recall"], all_["threshold"]) == (1, 0)


def test_a_label_that_training_had_not_is_a_mistake_and_said(model):
    model.write("n.jsonl", '{"text": "the bread", "topics": ["food", "new"]}\n{"text": "map of", "topics": []}\n')
    done = model("predict", "m", "n.jsonl", "--evaluate")
    figures = done.json()
    assert "labels that were not in training" in done.err and "new" in done.err
    assert (figures["n"], figures["labels"], figures["per_label"]["new"]["recall"]) == (2, 2, 0)
    model.write("u.jsonl", '{"text": "the bread", "topics": null}\n{"text": "the bread", "topics": []}\n')
    assert model("predict", "m", "u.jsonl", "--evaluate").json()["n"] == 1  # what has no answer has no say


def test_all_the_same_whatever_the_threads_and_the_files(model):
    lines = FILES["jsonl"][1]
    for name, part in (("1.jsonl", lines[:100]), ("2.jsonl", lines[100:])):
        model.write(name, "\n".join(part))
    options = (*OPTIONS["jsonl"], *SMALL[:-2])
    for threads in ("1", "2"):
        assert model("train", "1.jsonl", "2.jsonl", *options, "--threads", threads, "-o", f"m{threads}").code == 0
    assert model.read("m1") == model.read("m2") == model.read("m")


def test_another_file_validates(here):
    for name, count, seed in (("t.jsonl", 100, 0), ("v.jsonl", 40, 1)):
        here.write(
            name, "".join(json.dumps({"x": text, "y": labels}) + "\n" for text, labels in documents(count, seed))
        )
    quick = ("--task", "classify", "--hidden", "4", "--epochs", "1", "-o", "m")
    done = here("train", "t.jsonl", "--valid", "v.jsonl", *quick)
    assert done.code == 0 and "40 sequences for validation from v.jsonl" in done.err
    assert "t.jsonl: several labels per sequence, read as --task multilabel" in done.err
    here.write("v.jsonl", '{"x": "the bread", "y": ["new"]}\n' * 12)
    assert (
        "found labels new, expected some of training"
        in here("train", "t.jsonl", "--valid", "v.jsonl", *quick, "-q").message()
    )


def test_a_model_of_one_label_refuses_a_line_of_two(here):
    here.write("t.txt", "__label__a one two\n__label__b three four\n" * 20)
    here.write("v.txt", "one __label__a\nthree __label__b __label__a\n" * 6)
    assert here("train", "t.txt", "--hidden", "4", "--epochs", "1", "-q", "-o", "m").code == 0
    refused = here("predict", "m", "v.txt", "--evaluate").message()
    assert refused.startswith("rnncli: v.txt:2: 2 labels, expected one")
    assert (
        here("train", "t.txt", "--valid", "v.txt", "--hidden", "4", "-q", "-o", "n").message().split(": ")[1]
        == "v.txt:2"
    )


def test_lists_of_one_label_each_are_classes(here):
    here.write("t.jsonl", "".join(f'{{"x": "one {w}", "y": ["{w}"]}}\n' for w in ("a", "b") * 20))
    here.write("odd.jsonl", '{"x": "one a", "y": ["a"]}\n{"x": "one b", "y": []}\n{"x": "one b", "y": ["b"]}\n')
    quick = ("--hidden", "4", "--epochs", "1", "-q", "-o", "m")
    assert here("train", "t.jsonl", "--task", "classify", *quick).code == 0
    assert here("predict", "m", "t.jsonl", "--evaluate").json().keys() >= {"accuracy", "per_class"}
    refused = here("predict", "m", "odd.jsonl", "--evaluate").message()
    assert refused.startswith("rnncli: odd.jsonl:2: 0 labels, expected one")
    assert here("predict", "m", "odd.jsonl").out.count(b"\n") == 3
    assert here("train", "t.jsonl", "--task", "multilabel", *quick).code == 0
    assert here("predict", "m", "odd.jsonl", "--evaluate").json()["labels"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("predict", "m", "t.jsonl", "--proba", "--threshold", "0.5"), 2, "--proba and --threshold cannot be combined"),
        (("predict", "m", "t.jsonl", "--proba", "--top", "2"), 2, "--proba and --top cannot be combined"),
        (("predict", "m", "t.jsonl", "--threshold", "1.5"), 2, "--threshold"),
        (("predict", "m", "t.jsonl", "--score"), 2, "--score is for models of task language, forecast"),
        (
            ("train", "t.jsonl", *OPTIONS["jsonl"], *SMALL, "--class-weights", "balanced"),
            2,
            "--class-weights has no effect with --task multilabel: it is for --task classify",
        ),
        (("train", "t.jsonl", *OPTIONS["jsonl"], *SMALL, "--label-separator", "\n"), 2, "--label-separator: found"),
        (
            ("train", "t.jsonl", *OPTIONS["jsonl"], *SMALL, "--task", "classify", "--label-separator", "|"),
            2,
            "it is for --task multilabel",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(model, arguments, code, said):
    done = model(*arguments)
    assert done.code == code
    assert said in done.message()


def test_the_loss_of_the_validation_part_is_that_of_the_probabilities(here):
    for name, seed in (("t.jsonl", 0), ("v.jsonl", 1)):
        here.write(name, "".join(json.dumps({"x": text, "y": labels}) + "\n" for text, labels in documents(80, seed)))
    options = ("--task", "multilabel", "--hidden", "4", "--epochs", "6", "-q", "-o", "m")
    assert here("train", "t.jsonl", "--valid", "v.jsonl", *options).code == 0
    assert abs(load_model(here.folder / "m").summary["temperature"] - 1) > 0.05
    total = 0.0
    for row, (_, of) in zip(here("predict", "m", "v.jsonl", "--proba").rows(4), documents(80, 1), strict=True):
        for p, name in zip(map(float, row[:3]), TOPICS, strict=True):
            total -= math.log(p if name in of else 1 - p)
    summary = here("inspect", "m", "--json").json()
    assert summary["valid_loss"] == pytest.approx(total / 80, rel=1e-3)


def test_gradients_pass(model):
    data = model("inspect", "m", "--view", "gradcheck", "--json").json()
    assert data["passed"] and "output.b" in [p["name"] for p in data["parameters"]]


def test_views_of_texts_show_sets_of_labels(model):
    for view in ("states", "gradients", "memory", "lengths", "attribution"):
        assert model("inspect", "m", "t.jsonl", "--view", view, "--json").json()["view"] == view


def test_rare_words_are_unknown(here):
    path = here.write("t.txt", "".join(f"__label__a __label__b common{' rare' * (i == 0)}\n" for i in range(8)))
    for least, known in (("1", True), ("2", False)):
        quick = ("--tokens", "word", "--min-count", least, "--epochs", "1", "--hidden", "8", "--quiet", "-o", "m")
        assert here("train", path, *quick).code == 0
        (tokens,) = load_model(str(here.folder / "m")).schema.categories.values()
        assert ("rare" in tokens, "common" in tokens) == (known, True)
