"""`--init` for every task but language, which test_warm_start.py is about: what a model knew, it still knows."""

import datetime
import json
import random

import numpy as np
import pytest

from rnncli.models.model_file import load_model
from rnncli.training.experiment import Experiment

STILL = ("--epochs", "1e-6", "--lr", "1e-30")  # nothing is learnt
WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]


def texts(count, labels, more=()):
    """(label, text with a word that tells it); the words `more` are in the texts too."""
    rng = random.Random(len(labels) + count)
    rows = []
    for i in range(count):
        words = [rng.choice([*WORDS, *more]) for _ in range(rng.randint(3, 6))]
        words.insert(rng.randrange(len(words)), f"is{labels[i % len(labels)]}")
        rows.append((labels[i % len(labels)], " ".join(words)))
    return rows


def labelled(count, labels, more=()):
    return "label\ttext\n" + "".join(f"{a}\t{b}\n" for a, b in texts(count, labels, more))


def sets(count, labels, more=()):
    rows = texts(2 * count, labels, more)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "label\ttext\n" + "".join(f"{a[0]}|{b[0]}\t{a[1]} {b[1]}\n" for a, b in pairs)


def table(count, cities, shift=0.0, columns=("id", "city", "x", "z", "y", "kind", "mark")):
    """Six rows a sequence; the first has no x now and then."""
    rng = random.Random(count)
    rows = [",".join(columns)]
    for g in range(count):
        for s in range(6):
            x = "" if shift == 0 and s == 0 and g % 5 == 0 else round(rng.gauss(shift, 1), 3)
            values = {"id": f"g{g}", "city": cities[g % len(cities)], "x": x, "z": round(rng.gauss(5, 2), 3)}
            values |= {"y": g % 7 + shift, "kind": "AB"[g % 2], "mark": "uv"[(g + s) % 2], "w": 1}
            rows.append(",".join(str(values[name]) for name in columns))
    return "\n".join(rows) + "\n"


def tagged(count, kinds):
    rng = random.Random(count)
    sentences = []
    for _ in range(count):
        kinds_there = [rng.choice(kinds) for _ in range(rng.randint(2, 4))]
        chunks = [f"big{k}\tB-{k}\nof{k}\tI-{k}\n{rng.choice(WORDS)}\tO\n" for k in kinds_there]
        sentences.append("".join(chunks))
    return "\n".join(sentences)


def series(stores, days, level, weather="sun"):
    rng, start = random.Random(days), datetime.date(2024, 1, 1)
    rows = ["store,date,sales,temp,sky"]
    for store in stores:
        for day in range(days):
            sales = level + 10 * (day % 7 == 3) + round(rng.gauss(0, 1), 2)
            date = (start + datetime.timedelta(day)).isoformat()
            rows.append(f"{store},{date},{sales},{day % 5},{weather if day % 2 else 'rain'}")
    return "\n".join(rows) + "\n"


COLUMNS = ("--group", "id")
BY_STORE = ("--target", "sales,temp", "--group", "store", "--time", "date")
#: name -> file of the model, a smaller file with new things in it, options of the model, what is new there
CASES = {
    "classify-words": (
        labelled(90, ["spam", "ham", "eggs"]),
        labelled(24, ["spam", "bacon"], ["omega", "psi"]),
        ("--label", "label"),
        {"text": ["isbacon", "omega", "psi"], "labels": ["bacon"]},
    ),
    "classify-chars": (
        labelled(90, ["spam", "ham", "eggs"]),
        labelled(24, ["spam", "bacon"], ["0x7"]),
        ("--label", "label", "--tokens", "char", "--cell", "gru"),
        {"text": ["0", "7", "c", "x"], "labels": ["bacon"]},
    ),
    "fasttext": (
        "".join(f"__label__{a} {b}\n" for a, b in texts(60, ["spam", "ham"])),
        "".join(f"__label__{a} {b}\n" for a, b in texts(20, ["spam", "bacon"])),
        (),
        {"text": ["isbacon"], "labels": ["bacon"]},
    ),
    "multilabel": (
        sets(60, ["spam", "ham", "eggs"]),
        sets(16, ["bacon", "spam"], ["omega"]),
        ("--label", "label", "--label-separator", "|"),
        {"text": ["isbacon", "omega"], "labels": ["bacon"]},
    ),
    "regress-texts": (
        "y\ttext\n" + "".join(f"{len(b)}\t{b}\n" for _, b in texts(60, ["a", "b"])),
        "y\ttext\n" + "".join(f"{len(b) + 90}\t{b}\n" for _, b in texts(20, ["a", "c"])),
        ("--task", "regress", "--target", "y", "--text", "text"),
        {"text": ["isc"]},
    ),
    "regress-table": (
        table(40, ["rome", "oslo", "bonn"]),
        table(12, ["rome", "lima"], 4),
        ("--task", "regress", "--target", "y", "--inputs", "x,z,city", *COLUMNS),
        {"city": ["lima"]},
    ),
    "classify-table": (
        table(40, ["rome", "oslo", "bonn"]),
        table(12, ["rome", "lima"], 4),
        ("--label", "kind", *COLUMNS),
        {"city": ["lima"], "mark": [], "labels": []},
    ),
    "classify-json": (
        "".join(json.dumps({"x": [[i % 3, 1], [i % 2, 2]], "y": "pq"[i % 2]}) + "\n" for i in range(40)),
        "".join(json.dumps({"x": [[i % 3, 9], [i % 2, 7]], "y": "ps"[i % 2]}) + "\n" for i in range(12)),
        ("--task", "classify", "--format", "jsonl"),
        {"labels": ["s"]},
    ),
    "tag-table": (
        table(40, ["rome", "oslo", "bonn"]),
        table(12, ["rome", "lima"], 4),
        ("--tag", "mark", *COLUMNS),
        {"city": ["lima"], "kind": [], "labels": []},
    ),
    "tag-chunks": (
        tagged(60, ["PER", "LOC"]),
        tagged(20, ["PER", "ORG"]),
        ("--task", "tag"),
        {"token": ["bigorg", "oforg"], "labels": ["B-ORG", "I-ORG"]},
    ),
    "forecast": (
        series("abc", 60, 50.0),
        series("bd", 40, 500.0, "snow"),
        BY_STORE,
        {"sky": ["snow"], "keys": ["d"]},
    ),
    "forecast-each": (
        series("abc", 60, 50.0),
        series("bd", 40, 500.0),
        (*BY_STORE, "--univariate", "--horizon", "2", "--loss", "gaussian"),
        {"sky": [], "keys": ["d sales", "d temp"]},
    ),
}
every_case = pytest.mark.parametrize("case", CASES)


def start(here, case):
    """base.txt and more.txt, and the model `base` of the first."""
    first, second, options, _ = CASES[case]
    here.write("base.txt", first)
    here.write("more.txt", second)
    done = here("train", "base.txt", *options, "--hidden", "7", "--epochs", "1", "-q", "-o", "base")
    assert done.code == 0, done.err


def known(schema):
    """Everything that has a name, by kind."""
    found = dict(schema.categories) | ({"labels": schema.labels} if schema.labels else {})
    return found | ({"keys": schema.outlook.keys} if schema.outlook else {})


@every_case
def test_a_copy_that_learns_nothing_predicts_what_the_model_predicts(here, case):
    start(here, case)
    assert here("train", "base.txt", "--init", "base", *STILL, "-q", "-o", "copy").code == 0
    old, new = load_model("base"), load_model("copy")
    assert new.schema.to_json() == old.schema.to_json()
    assert new.network.architecture == old.network.architecture
    base, copy = here.each(["predict", "base", "base.txt"], ["predict", "copy", "base.txt"])
    assert base.code == copy.code == 0
    assert copy.out == base.out


@every_case
def test_a_smaller_file_adds_what_is_new_and_forgets_nothing(here, case):
    start(here, case)
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    old, new = load_model("base"), load_model("fine")
    before, now = known(old.schema), known(new.schema)
    added = {kind: sorted(now[kind][len(names) :]) for kind, names in before.items()}
    assert {kind: now[kind][: len(names)] for kind, names in before.items()} == before
    assert added == {kind: sorted(names) for kind, names in CASES[case][3].items()}
    [said] = [line for line in done.err.splitlines() if line.startswith("--init")]
    for kind, names in before.items():
        assert f"{len(names)} " in said and f"; {len(added[kind])} new" in said
    for field in ("numbers", "mean", "std", "unit", "flagged", "targets", "target_mean", "target_std", "scheme"):
        assert getattr(new.schema, field) == getattr(old.schema, field), field
    assert ("those of the model" in said) == bool(old.schema.numbers or old.schema.targets or old.schema.outlook)
    # what both know has the same weights; other rows are as wide
    unnamed = {"labels": "output.W", "keys": "embedding.series.E"}
    for kind, names in before.items():
        name = unnamed.get(kind, f"embedding.{kind}.E")
        row = slice(0, len(names)) if kind == "labels" else slice(0, len(names) + 1)
        a, b = old.network.theta[name], new.network.theta[name]
        np.testing.assert_allclose(b[:, row] if kind == "labels" else b[row], a, atol=1e-6, err_msg=name)
    for name, array in old.network.theta.items():
        if array.shape == new.network.theta[name].shape:
            np.testing.assert_allclose(new.network.theta[name], array, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("case", ["regress-texts", "regress-table", "forecast", "forecast-each"])
def test_numbers_of_the_old_file_are_predicted_as_before(here, case):
    """New tokens, categories and series beside them, another level of all numbers: nothing moves."""
    start(here, case)
    assert here("train", "more.txt", "--init", "base", *STILL, "--valid-fraction", "0", "-q", "-o", "fine").code == 0
    base, fine = here.each(["predict", "base", "base.txt"], ["predict", "fine", "base.txt"])
    assert fine.out == base.out


@pytest.mark.parametrize("case", ["classify-words", "classify-table", "multilabel"])
def test_probabilities_of_the_old_labels_stand_as_before(here, case):
    """Odds of two old labels are those of before, whatever the new ones take."""
    start(here, case)
    assert here("train", "more.txt", "--init", "base", *STILL, "--valid-fraction", "0", "-q", "-o", "fine").code == 0
    base, fine = here.each(*[["predict", m, "base.txt", "--proba", "--to", "jsonl"] for m in ("base", "fine")])
    labels = load_model("base").schema.labels
    for a, b in zip(*(map(json.loads, done.out.decode().splitlines()) for done in (base, fine)), strict=True):
        total = 1 if case == "multilabel" else sum(b[label] for label in labels)
        assert [b[label] / total for label in labels] == pytest.approx([a[label] for label in labels], abs=1e-3)


def test_new_tokens_labels_and_tags_are_learnt(here):
    for case in ("classify-words", "tag-chunks"):
        start(here, case)
        done = here("train", "more.txt", "--init", "base", "--epochs", "30", "-q", "-o", "fine")
        assert done.code == 0, done.err
        figures = here("predict", "fine", "more.txt", "--evaluate").json()
        assert figures["accuracy"] > 0.9, case


def test_one_label_or_tag_of_those_known_is_enough(here):
    start(here, "classify-words")
    here.write("one.txt", labelled(12, ["spam"]))
    assert here("train", "one.txt", "--init", "base", *STILL, "-q", "-o", "fine").code == 0
    assert load_model("fine").schema.labels == ["eggs", "ham", "spam"]
    start(here, "tag-chunks")
    here.write("one.txt", "\n".join("alpha\tO\nbeta\tO\n" for _ in range(8)))
    assert here("train", "one.txt", "--init", "base", *STILL, "-q", "-o", "fine").code == 0
    assert load_model("fine").schema.to_json() == load_model("base").schema.to_json()


def test_the_other_way_has_the_tokens_and_categories_of_the_new_file_alone(here):
    start(here, "classify-words")
    done = here("train", "more.txt", "--init", "base", "--new-vocabulary", *STILL, "-o", "fine")
    old, new = load_model("base"), load_model("fine")
    words, before = new.schema.categories["text"], old.schema.categories["text"]
    assert set(words) == {*WORDS, "isspam", "isbacon", "omega", "psi"}
    assert new.schema.labels == ["eggs", "ham", "spam", "bacon"]
    assert "9 of 12 tokens known to it, 2 of its 11 tokens dropped" in done.err
    for name in set(words) & set(before):
        i, j = words.index(name) + 1, before.index(name) + 1
        rows = new.network.theta["embedding.text.E"][i], old.network.theta["embedding.text.E"][j]
        np.testing.assert_allclose(*rows, atol=1e-6)


def test_what_is_new_starts_by_the_seed_alone(here):
    start(here, "classify-words")
    options = ("--init", "base", "--epochs", "2", "-q")
    here("train", "more.txt", *options, "--threads", "1", "-o", "one")
    here("train", "more.txt", *options, "--threads", "2", "-o", "two")
    here("train", "more.txt", *options, "--seed", "1", "-o", "other")
    assert here.read("one") == here.read("two") != here.read("other")


@pytest.mark.parametrize("case", ["classify-words", "tag-chunks", "forecast"])
def test_a_run_with_init_is_resumed_as_if_it_never_stopped(here, case, monkeypatch):
    start(here, case)
    command = ("train", "more.txt", "--init", "base", "--epochs", "4", "-q")
    assert here(*command, "-o", "whole").code == 0
    reports = Experiment.reports

    def stopped(self):
        for report in reports(self):
            yield report
            if self.training is not None:
                self.stop(2)

    monkeypatch.setattr(Experiment, "reports", stopped)
    assert here(*command, "-o", "parts").code == 130
    monkeypatch.setattr(Experiment, "reports", reports)
    done = here(*command[:-1], "-o", "parts", "--resume")
    assert done.code == 0 and "continuing from update" in done.err
    assert here.read("parts") == here.read("whole")
    assert here(*command[:2], *command[4:], "-o", "whole", "--resume").code == 2  # another start


def test_other_columns_are_refused_by_name(here):
    start(here, "classify-table")
    for columns, words in (
        (("id", "city", "x", "y", "kind", "mark"), ("x, y, city, mark", "x, z, y, city, mark", "add z")),
        (("id", "city", "x", "z", "y", "kind", "mark", "w"), ("x, z, y, city, mark, w", "--inputs x,z,y,city,mark")),
        (("id", "city", "x", "z", "y", "mark"), ("kind", "--label of --init base", "--label the name")),
    ):
        here.write("more.txt", table(12, ["rome"], columns=columns))
        done = here("train", "more.txt", "--init", "base", "-o", "m")
        assert done.code == 1 and done.err.startswith("rnncli: more.txt: columns")
        assert all(word in done.message() for word in words), done.err
    here.write("more.txt", table(12, ["rome"], columns=("id", "city", "x", "z", "y", "kind", "mark", "w")))
    options = ("--inputs", "x,z,y,city,mark", *STILL, "-q", "-o", "m")
    assert here("train", "more.txt", "--init", "base", *options).code == 0


@pytest.mark.parametrize(
    ("case", "options", "words"),
    [
        ("classify-words", ("--task", "regress"), "a model of task classify, and task regress"),
        ("classify-words", ("--target", "label"), "a model of task classify, and --target cannot be combined"),
        ("classify-words", ("--hidden", "9"), "--hidden 9 cannot be combined: the model has 7"),
        ("classify-words", ("--cell", "gru"), "--cell gru cannot be combined: the model has lstm"),
        ("classify-words", ("--tokens", "char"), "--tokens char cannot be combined: the model has word"),
        ("classify-words", ("--no-bidirectional",), "the model has True"),
        ("classify-words", ("--pool", "max"), "the model has last,mean,max"),
        ("tag-chunks", ("--no-crf",), "the model has True"),
        ("classify-json", ("--new-vocabulary",), "the model reads numbers alone"),
        ("forecast", ("--horizon", "2"), "the model has 1"),
        ("forecast", ("--season", "5"), "the model has 7"),
        ("forecast", ("--loss", "mse"), "the model has quantile"),
        ("forecast", ("--quantiles", "0.3,0.5"), "the model has 0.1,0.5,0.9"),
        ("forecast", ("--target", "sales"), "a model of sales, temp, and --target sales"),
        ("forecast", ("--known", "temp"), "the model has none"),
    ],
)
def test_options_that_contradict_the_model_are_refused_by_name(here, case, options, words):
    start(here, case)
    done = here("train", "more.txt", "--init", "base", *options, "-o", "m")
    assert (done.code, words in done.message()) == (2, True), done.err


def test_options_that_agree_with_the_model_are_none_the_worse(here):
    start(here, "forecast")
    options = ("--season", "7", "--target", "temp,sales", "--quantiles", "0.9,0.1,0.5", "--horizon", "1")
    assert here("train", "more.txt", "--init", "base", *options, *STILL, "-q", "-o", "m").code == 0
    assert load_model("m").schema.outlook.targets == ["sales", "temp"]


def test_several_labels_a_text_are_none_for_a_model_of_one(here):
    start(here, "fasttext")
    here.write("more.txt", "__label__spam __label__ham alpha beta\n" * 8)
    done = here("train", "more.txt", "--init", "base", "-o", "m")
    assert done.code == 1 and "more.txt:1: 2 labels, expected one" in done.message()


def test_a_column_stays_what_it_was(here):
    """Categories that all look like numbers in a small file are categories still."""
    rows = [f"{i},{'7' if i % 2 else 'b4'},{i % 3},{'AB'[i % 2]}\n" * 2 for i in range(30)]
    here.write("base.csv", "id,room,x,kind\n" + "".join(rows))
    rows = [f"{'AB'[i % 2]},{i % 3 + 0.5},{7 + i % 2},{i}\n" * 2 for i in range(8)]
    here.write("more.csv", "kind,x,room,id\n" + "".join(rows))
    here("train", "base.csv", "--label", "kind", "--group", "id", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "more.csv", "--init", "base", *STILL, "-o", "fine")
    assert "2 values of room kept, 1 of them not in the training part; 1 new" in done.err
    assert load_model("fine").schema.categories["room"] == ["7", "b4", "8"]
    assert load_model("fine").schema.mean == load_model("base").schema.mean


def test_steps_that_are_absent_are_judged_by_the_pace_of_the_model(here):
    """Every second day alone is no daily series without gaps, where training was daily."""
    start(here, "forecast")
    lines = series("b", 60, 50.0).splitlines()
    here.write("more.txt", "\n".join(lines[:1] + lines[1:30] + lines[30::2]) + "\n")
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    assert load_model("fine").schema.outlook.calendar == load_model("base").schema.outlook.calendar
    assert "absent" in done.err


@pytest.mark.parametrize("tokens", ["char", "byte"])
def test_a_language_model_of_characters_is_the_start_of_one_of_whole_texts(here, tokens):
    here.write("text.txt", "".join(f"{b}\n" for _, b in texts(80, ["spam", "ham"])))
    here.write("labels.txt", labelled(24, ["spam", "h\u00e4m"]))
    here("train", "text.txt", "--tokens", tokens, "--hidden", "7", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "labels.txt", "--label", "label", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    assert "no labels: those of the data are all new" in done.err
    old, new = load_model("base"), load_model("fine")
    assert (new.config.task, new.config.hidden, new.schema.labels) == ("classify", 7, ["h\u00e4m", "spam"])
    for name in ("0.W", "0.R", "0.b"):
        np.testing.assert_allclose(new.network.theta[name], old.network.theta[name], atol=1e-6)
    keys = old.vocabulary.keys()
    for value, row in zip(new.schema.categories["text"], new.network.theta["embedding.text.E"][1:], strict=True):
        if ord(value) in keys:
            np.testing.assert_allclose(row, old.network.theta["embedding.E"][keys.index(ord(value))], atol=1e-6)
    assert len(new.schema.categories["text"]) == len([*filter(None, keys)]) + 1 if tokens == "char" else 256
    assert here("predict", "fine", "labels.txt", "--evaluate").code == 0


def test_a_language_model_of_words_is_no_start_of_another_task(here):
    here.write("text.txt", "".join(f"{b}\n" for _, b in texts(80, ["spam", "ham"])))
    here.write("labels.txt", labelled(24, ["spam", "ham"]))
    here.write("tags.txt", tagged(20, ["PER"]))
    here("train", "text.txt", "--tokens", "word", "--hidden", "7", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "labels.txt", "--label", "label", "--init", "base", "-o", "m")
    assert done.code == 2 and "a language model of words" in done.message()
    done = here("train", "tags.txt", "--task", "tag", "--init", "base", "-o", "m")
    assert done.code == 2 and "task tag cannot be combined" in done.message()


def test_the_text_of_the_model_is_read_among_other_columns(here):
    start(here, "classify-words")
    rows = [line.split("\t") for line in CASES["classify-words"][1].splitlines()]
    plain, wide = here.folder / "plain.tsv", here.folder / "wide.tsv"
    plain.write_text("".join("\t".join(row) + "\n" for row in rows))
    wide.write_text("".join(f"{'note' if i == 0 else 'a note'}\t{b}\t{a}\t{i}\n" for i, (a, b) in enumerate(rows)))
    for name in ("plain", "wide"):
        assert here("train", f"{name}.tsv", "--init", "base", *STILL, "-q", "-o", name).code == 0
    assert load_model("wide").schema.to_json() == load_model("plain").schema.to_json()
    here.write("other.tsv", wide.read_text().replace("text", "message", 1))
    done = here("train", "other.tsv", "--init", "base", "-o", "m")
    assert done.code == 1 and "columns note, message, label, 0, expected text, label" in done.message()
    assert here("train", "other.tsv", "--text", "message", "--init", "base", *STILL, "-q", "-o", "m").code == 0
    assert load_model("m").schema.to_json() == load_model("plain").schema.to_json()


def test_a_file_of_another_form_is_read_by_its_own(here):
    start(here, "classify-words")
    rows = texts(24, ["spam", "bacon"], ["omega", "psi"])
    here.write("more.jsonl", "".join(json.dumps({"text": b, "label": a}) + "\n" for a, b in rows))
    here.write("more.ft", "".join(f"__label__{a} {b}\n" for a, b in rows))
    for file, options in (("more.txt", ()), ("more.jsonl", ("--text", "text")), ("more.ft", ())):
        done = here("train", file, "--init", "base", *options, *STILL, "-q", "-o", file + ".model")
        assert done.code == 0, done.err
    schemas = [load_model(f"more.{end}.model").schema.to_json() for end in ("txt", "jsonl", "ft")]
    assert schemas[0] == schemas[1] == schemas[2]


def test_missing_values_where_the_model_knows_of_none_are_said(here):
    start(here, "regress-table")
    lines = table(12, ["rome"], 4).splitlines()
    fields = lines[3].split(",")
    lines[3] = ",".join([*fields[:3], "", *fields[4:]])
    here.write("more.txt", "\n".join(lines) + "\n")
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0 and "more.txt: missing values in z, of which the model of --init had none" in done.err
    assert load_model("fine").schema.flagged == load_model("base").schema.flagged == [0]


def chunks(scheme, kinds, count=30):
    """Sentences of chunks of one, two and three tokens, a token between them, written by hand for each scheme."""
    tags = {
        "IOB2": ("B", "BI", "BII"),
        "IOB1": ("I", "II", "III"),
        "IOBES": ("S", "BE", "BIE"),
        "BILOU": ("U", "BL", "BIL"),
    }[scheme]
    lines = []
    for i in range(count):
        for at, letters in enumerate((tags[i % 3], tags[(i + 1) % 3])):
            kind = kinds[(i + at) % len(kinds)]
            lines += [f"{letter.lower()}{kind} {letter}-{kind}" for letter in letters] + ["and O"]
        lines.append("")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("before", "after", "scheme", "said"),
    [
        ("IOB2", "IOB2", "IOB2", ""),
        ("IOB1", "IOB1", "IOB1", ""),
        ("IOBES", "IOBES", "IOBES", ""),
        ("BILOU", "BILOU", "BILOU", ""),
        ("IOB1", "IOB2", "mixed", "do not keep to IOB1, the scheme of the model of --init: any tag"),
        ("IOB2", "IOB1", "mixed", "do not keep to IOB2, the scheme of the model of --init: any tag"),
        ("IOB2", "IOBES", "IOBES", "do not keep to IOB2, the scheme of the model of --init: taken as IOBES"),
    ],
)
def test_the_scheme_of_tags_is_the_models_unless_others_are_learnt(here, before, after, scheme, said):
    here.write("base.txt", chunks(before, ["PER", "LOC"]))
    here.write("more.txt", chunks(after, ["ORG"], 12))
    here("train", "base.txt", "--task", "tag", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    assert load_model("base").schema.scheme == before
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    assert load_model("fine").schema.scheme == scheme
    assert said in done.err if said else "keep to" not in done.err


def test_a_few_chunks_of_one_token_do_not_make_another_scheme(here):
    """Tags that are I and O alone keep to IOB1 and to IOE1: they are as those of the model."""
    here.write("base.txt", chunks("IOB1", ["PER", "LOC"]))
    here.write("more.txt", "iPER I-PER\nand O\n\n" * 8)
    here("train", "base.txt", "--task", "tag", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    assert here("train", "more.txt", "--init", "base", *STILL, "-q", "-o", "fine").code == 0
    assert load_model("fine").schema.to_json() == load_model("base").schema.to_json()


def test_labels_and_categories_that_are_the_same_in_another_spelling_are_not_new(here):
    rows = ["g,room,x,kind", *(f"{i},{('true', '7', 'b')[i % 3]},{i % 4},{1 + i % 2}" for i in range(40))]
    here.write("base.csv", "\n".join(rows) + "\n")
    rows = ["g,room,x,kind", *(f"{i},{('True', '7.0', 'c')[i % 3]},{i % 4},{(1.0, 3)[i % 2]}" for i in range(12))]
    here.write("more.csv", "\n".join(rows) + "\n")
    here("train", "base.csv", "--label", "kind", "--group", "g", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    for options, rooms in (((), ["7", "b", "true", "c"]), (("--new-vocabulary",), ["7", "c", "true"])):
        assert here("train", "more.csv", "--init", "base", *options, *STILL, "-q", "-o", "fine").code == 0
        schema = load_model("fine").schema
        assert schema.labels == ["1", "2", "3"]
        assert sorted(schema.categories["room"]) == sorted(rooms)
        assert options or schema.categories["room"][:3] == load_model("base").schema.categories["room"]


def test_a_new_series_has_its_own_scale_and_known_ones_that_of_the_model(here):
    start(here, "forecast")
    options = ("--valid-fraction", "0", *STILL, "-q", "-o", "fine")
    assert here("train", "more.txt", "--init", "base", *options).code == 0
    old, new = load_model("base").schema.outlook, load_model("fine").schema.outlook
    rows = [line.split(",") for line in CASES["forecast"][1].splitlines()[1:]]
    values = np.array([[float(row[2]), float(row[3])] for row in rows if row[0] == "d"])
    assert (old.keys, new.keys) == (["a", "b", "c"], ["a", "b", "c", "d"])
    np.testing.assert_allclose(new.mean[3], values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(new.std[3], values.std(axis=0), rtol=1e-12)
    assert (new.mean[:3], new.mean[4], new.std[:3], new.std[4]) == (old.mean[:3], old.mean[3], old.std[:3], old.std[3])
    changes = np.abs(values[7:] - values[:-7]).mean(axis=0)  # in a week; the temperature repeats every five days
    np.testing.assert_allclose(np.array(new.usual[3], float), changes, rtol=1e-12)
    assert new.usual[:3] == old.usual


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("regress-texts", "y is +"),
        ("regress-table", "x is +"),
        ("forecast", "b sales is +"),
        ("forecast-each", "b sales is +"),
    ],
)
def test_what_is_far_from_where_it_was_is_said(here, case, said):
    """Deviations from the mean of the model, of the numbers as they stand in the new file."""
    start(here, case)
    done = here("train", "more.txt", "--init", "base", "--valid-fraction", "0", *STILL, "-o", "fine")
    schema, lines = load_model("base").schema, CASES[case][1].splitlines()
    rows = [line.split("\t" if "texts" in case else ",") for line in lines[1:]]
    if case.startswith("forecast"):
        o, k = schema.outlook, 0
        number = o.keys.index("b sales" if o.columns else "b")
        mean, std = o.mean[number][k], o.std[number][k]
        values = [float(row[2]) for row in rows if row[0] == "b"][:-1]  # the last is read by no forecast
    elif "texts" in case:
        mean, std, values = schema.target_mean[0], schema.target_std[0], [float(row[0]) for row in rows]
    else:
        mean, std, values = schema.mean[0], schema.std[0], [float(row[2]) for row in rows]
    off = (np.mean(values) - mean) / std
    assert off > 3 and f"{said}{off:.1f} deviations off" in done.err
    done = here("train", "base.txt", "--init", "base", *STILL, "-o", "copy")
    assert "those of the model" in done.err and "deviations" not in done.err
