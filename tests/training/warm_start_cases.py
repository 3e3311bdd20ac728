"""Files for `--init` of every task but language: what a model learns from, and a smaller file with new things in it."""

import datetime
import json
import random

import pytest

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
