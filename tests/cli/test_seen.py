"""`predict --evaluate` says how many of the examples the model was trained on, and how many chose it."""

import json
import random

import pytest

from rnncli.predictors.tallies import seen_text
from tests.conftest import Here

SMALL = ("--hidden", "4", "--epochs", "1", "--seed", "1", "-q")
ROWS = 120


def texts(seed, answer):
    """(text, answer) of rows that are all different."""
    rng = random.Random(seed)
    for i in range(ROWS):
        word = rng.choice(("upon", "below"))
        yield f"{word} {seed}x{i:03d} {rng.choice('abc')}", answer(word, rng)


def csv(rows, name):
    return f"text,{name}\n" + "".join(f"{text},{answer}\n" for text, answer in rows)


def sets(word, rng):
    return "|".join(["one", word] if rng.random() < 0.5 else [word])


KINDS = {  # options of train, name of the answer, an answer
    "classify": (("--text", "text", "--label", "label"), "label", lambda word, rng: word[0]),
    "words": (("--text", "text", "--label", "label", "--tokens", "word"), "label", lambda word, rng: word[0]),
    "multilabel": (("--text", "text", "--label", "label", "--label-separator", "|"), "label", sets),
    "regress": (
        ("--task", "regress", "--text", "text", "--target", "y"),
        "y",
        lambda word, rng: len(word) + rng.random(),
    ),
}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return Here(tmp_path_factory.mktemp("seen"))


def evaluated(here, model, name):
    done = here("predict", model, name, "--evaluate")
    assert done.code == 0, done.err
    return json.loads(done.out), done.err


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_say_what_the_model_has_seen(here, kind):
    options, name, answer = KINDS[kind]
    old, new = list(texts(1, answer)), list(texts(2, answer))
    here.write("old.csv", csv(old, name))
    here.write("new.csv", csv(new, name))
    here.write("both.csv", csv([row for pair in zip(new, old[:60], strict=False) for row in pair] + new[60:], name))
    assert here("train", "old.csv", *options, *SMALL, "-o", kind).code == 0
    held = ROWS // 10

    figures, said = evaluated(here, kind, "old.csv")
    assert figures["seen"] == {"n": ROWS, "checked": ROWS, "trained": ROWS - held, "validated": held}
    line = f"old.csv: of 120 sequences the model was trained on {ROWS - held} and {held} chose it"
    assert said.count(line) == 1 and "unseen" not in figures

    apart, said = evaluated(here, kind, "new.csv")
    assert apart["seen"] == {"n": ROWS, "checked": ROWS, "trained": 0, "validated": 0}
    assert "trained on" not in said and "unseen" not in apart

    both, said = evaluated(here, kind, "both.csv")
    assert both["seen"]["n"] == ROWS + 60 and both["seen"]["trained"] + both["seen"]["validated"] == 60
    assert f"the model was trained on {both['seen']['trained']}" in said
    assert both["unseen"] == {k: v for k, v in apart.items() if k != "seen"}


def test_the_parts_are_those_of_training(here):
    """With a validation file each part is known by itself; what is in both was trained on."""
    options, name, answer = KINDS["classify"]
    rows, others = list(texts(1, answer)), list(texts(3, answer))
    here.write("a.csv", csv(rows, name))
    here.write("v.csv", csv(others[:40] + rows[:5], name))
    here.write("part.csv", csv(rows[:7] + others[30:50], name))
    assert here("train", "a.csv", "--valid", "v.csv", *options, *SMALL, "-o", "v").code == 0
    assert evaluated(here, "v", "part.csv")[0]["seen"] == {"n": 27, "checked": 27, "trained": 7, "validated": 10}
    here.write("b.csv", csv(others[60:], name))
    assert here("train", "b.csv", "--init", "v", *options, *SMALL, "-o", "w").code == 0
    found = evaluated(here, "w", "part.csv")[0]["seen"]
    assert (found["trained"], found["validated"]) == (7, 10)  # what the model before was trained on
    assert sum(evaluated(here, "w", "b.csv")[0]["seen"][part] for part in ("trained", "validated")) == 60


def test_tags_and_series_of_numbers(here):
    rng = random.Random(4)
    kinds = {"t": [], "n": []}
    for i in range(60):
        steps = [(rng.choice(("up", "down")), f"w{i}", rng.random()) for _ in range(12)]
        kinds["t"].append("".join(f"{word}\t{word[0]}\n{other}\tO\n" for word, other, _ in steps) + "\n")
        kinds["n"].append("".join(f"{i},{t},{x:.4f},c{i % 2}\n" for t, (_, _, x) in enumerate(steps)))
    for name, head, options in (
        ("t", "", ("--task", "tag")),
        ("n", "run,t,x,label\n", ("--label", "label", "--group", "run", "--time", "t", "--learn", "readout")),
    ):
        pieces = kinds[name]
        here.write(f"{name}-a", head + "".join(pieces[:40]))
        here.write(f"{name}-b", head + "".join(pieces[20:]))
        here.write(f"{name}-c", head + "".join(pieces[40:]))
        small = SMALL[4:] if "readout" in options else SMALL
        done = here("train", f"{name}-a", *options, *small, "-o", f"{name}-m")
        assert done.code == 0, done.err
        figures, _ = evaluated(here, f"{name}-m", f"{name}-b")
        seen = figures["seen"]
        assert (seen["n"], seen["checked"], seen["trained"] + seen["validated"]) == (40, 40, 20)
        apart, _ = evaluated(here, f"{name}-m", f"{name}-c")
        assert apart.pop("seen")["trained"] == 0 and figures["unseen"] == apart


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_rows_of_a_fold_that_was_there_are_seen(here, form):
    rng = random.Random(8)

    def write(name, people, seed):
        rows = []
        for i, who in enumerate(people):
            word = rng.choice(("upon", "below"))
            rows.append({"text": f"{word} {seed}y{i}", "label": word[0], "who": who})
        lines = [",".join(row.values()) for row in rows] if form == "csv" else [json.dumps(row) for row in rows]
        here.write(f"{name}.{form}", "\n".join(["text,label,who"] * (form == "csv") + lines) + "\n")

    people = [f"p{i % 12}" for i in range(120)]
    write("old", people, 1)
    write("new", [f"q{i % 5}" for i in range(50)], 2)
    write("both", [*(f"q{i % 5}" for i in range(50)), *people[:30]], 3)
    small = (*SMALL, "--text", "text", "--label", "label")
    assert here("train", f"old.{form}", "--fold-by", "who", *small, "-o", f"who-{form}").code == 0
    apart, said = evaluated(here, f"who-{form}", f"new.{form}")
    assert apart["seen"] == {"n": 50, "checked": 50, "trained": 0, "validated": 0, "related": 0} and "folds" not in said
    figures, said = evaluated(here, f"who-{form}", f"both.{form}")
    assert figures["seen"] == {"n": 80, "checked": 80, "trained": 0, "validated": 0, "related": 30}
    assert f"both.{form}: of 80 sequences 30 are of folds that the model has seen" in said
    assert figures["unseen"]["n"] == apart["n"] == 50
    figures, said = evaluated(here, f"who-{form}", f"old.{form}")
    assert figures["seen"]["related"] == 0 and figures["seen"]["trained"] + figures["seen"]["validated"] == 120


@pytest.mark.parametrize("form", ["lines", "blocks"])
def test_lines_and_records_of_texts(here, form):
    end = "\n\n" if form == "blocks" else "\n"
    old, new = ([text for text, _ in texts(seed, sets)] for seed in (1, 2))
    for name, lines in {"old.txt": old, "new.txt": new, "both.txt": old[:50] + new}.items():
        here.write(name, "".join(line + end for line in lines))
    assert here("train", "old.txt", "--format", form, *SMALL, "-o", form).code == 0
    figures, said = evaluated(here, form, "old.txt")
    unit = "records" if form == "blocks" else "lines"
    assert figures["seen"] == {"n": ROWS, "checked": ROWS, "trained": 108, "validated": 12} and "unseen" not in figures
    assert f"old.txt: of 120 {unit} the model was trained on 108 and 12 chose it as its validation part" in said
    apart, said = evaluated(here, form, "new.txt")
    assert apart.pop("seen")["trained"] == 0 and "trained on" not in said
    assert apart.pop("validation")["rivals"].keys() == {"unigram", "5-gram"}
    figures, said = evaluated(here, form, "both.txt")
    assert figures["unseen"] == pytest.approx(apart, rel=1e-6) and "of 170" in said
    seen = figures["seen"]
    assert (seen["n"], seen["trained"] + seen["validated"]) == (170, 50)


def test_a_part_of_a_stream(here):
    rng = random.Random(5)
    text, other = ("".join(rng.choices("abcd \n", k=3000)) for _ in range(2))
    here.write("old.txt", text)
    assert here("train", "old.txt", "--format", "text", *SMALL, "-o", "stream").code == 0
    for name, part, trained, validated in (
        ("whole", text, 2700 - 127, 300),
        ("part", "a" + text[500:1500] + "b", 1000 - 127, 0),
        ("end", text[2600:] + other, 0, 300 - 127),
        ("new", other, 0, 0),
    ):
        here.write(name, part)
        figures, said = evaluated(here, "stream", name)
        summary = here("inspect", "stream", "--json").json()
        assert figures["validation"]["nats_per_token"] == pytest.approx(summary["valid_loss"], rel=1e-6)
        assert figures["validation"]["rivals"] == pytest.approx(summary["rivals"], rel=1e-6)
        seen = figures["seen"]
        assert seen["n"] == seen["checked"] == len(part) - 127
        assert seen["trained"] == pytest.approx(trained, abs=130) and seen["validated"] == pytest.approx(
            validated, abs=130
        )
        assert ("stretches of 128 characters the model was trained on" in said) == (name in ("whole", "part"))
        # what is left of the training part at the end is shorter than a stretch
        new = {"whole": 0, "part": 2, "end": 3100, "new": 0}[name]
        assert figures.get("unseen", {}).get("tokens", 0) == pytest.approx(new, abs=1 if new else 0)


def test_tokens_of_a_stream_that_are_new(here):
    """Their nats, by those of each token; of two files, which are streams by themselves."""
    rng = random.Random(6)
    text, other, last = ("".join(rng.choices("abcd \n", k=n)) for n in (2000, 700, 400))
    here.write("old.txt", text)
    assert here("train", "old.txt", "--format", "text", *SMALL, "-o", "two").code == 0
    parts = {"one": text[300:900] + other + text[1200:1500], "second": last + text[100:300]}
    nats = []
    for name, part in parts.items():
        here.write(name, part)
        each = [
            json.loads(line)
            for line in here("predict", "two", name, "--score", "--per-token", "--json").out.split(b"\n")[:-1]
        ]
        assert len(each) == len(part) + (part[-1] != "\n")  # rows end with a line end
        fresh = (600, 1300) if name == "one" else (0, 400)
        nats += [row["nats"] for row in each][slice(*fresh)]
    figures = json.loads(here("predict", "two", "one", "second", "--evaluate").out)
    unseen = figures["unseen"]
    # by chance a token at a seam may be that which was there
    assert unseen["tokens"] == pytest.approx(1100, abs=4)
    assert unseen["nats_per_token"] == pytest.approx(sum(nats) / len(nats), rel=2e-3)
    assert figures["tokens"] == sum(map(len, parts.values()))


@pytest.mark.parametrize(
    ("n", "checked", "trained", "validated", "said"),
    [
        (50, 50, 0, 0, ""),
        (5000, 30, 0, 0, ""),
        (5000, 29, 0, 0, "only 29 of 5,000 sequences can be looked up"),
        (5, 0, None, None, "only 0 of 5 sequences can be looked up"),
        (20, 20, 0, 3, "of 20 sequences 3 chose the model as its validation part: figures"),
        (5000, 40, 1250, 0, "of 5,000 sequences the model was trained on about 1,250 (estimated from 40 of them): fig"),
    ],
)
def test_the_line_says_how_sure_it_is(n, checked, trained, validated, said):
    line = seen_text(
        {"n": n, "checked": checked, "trained": trained, "validated": validated}, ("sequence", "sequences")
    )
    assert line.startswith(said) and bool(line) == bool(said)


@pytest.mark.parametrize("options", [(), ("--univariate",), ("--transform", "log")])
def test_steps_of_series(here, options):
    rng = random.Random(6)
    rows = [[f"{rng.random() + 0.1:.4f}", f"{rng.random() + 0.1:.4f}"] for _ in range(800)]
    names = f"series{len(options)}"
    for name, part in {"old": rows[:500], "later": rows[460:800], "new": rows[500:], "both": rows}.items():
        here.write(f"{name}.csv", "a,b\n" + "".join(",".join(row) + "\n" for row in part))
    call = ("--target", "a,b", "--valid-fraction", "0.2", *options, *SMALL)
    assert here("train", "old.csv", *call, "-o", names).code == 0
    M = 1 + ("--univariate" in options)
    whole = [
        json.loads(line)
        for line in here("predict", names, "both.csv", "--from", "1", "--stride", "1", "--json").out.split(b"\n")[:-1]
    ]
    figures, _ = evaluated(here, names, "both.csv")
    fresh = [row for row in whole if int(row["step"]) in range(500, 800)]
    errors = [abs(row[name] - float(rows[int(row["step"])][k])) for row in fresh for k, name in enumerate("ab")]
    assert figures["unseen"]["n"] == len(errors) == 600
    assert figures["unseen"]["mae"] == pytest.approx(sum(errors) / len(errors), abs=1e-4)
    assert figures["unseen"]["forecasts"] == 300 and "unseen" not in evaluated(here, names, "new.csv")[0]
    figures, said = evaluated(here, names, "old.csv")
    assert figures["seen"] == {"n": 493 * M, "checked": 493 * M, "trained": 393 * M, "validated": 100 * M}
    assert f"old.csv: of {493 * M} steps the model was trained on {393 * M} and {100 * M} chose it" in said
    figures, _ = evaluated(here, names, "later.csv")
    assert figures["seen"] == {"n": 333 * M, "checked": 333 * M, "trained": 0, "validated": 33 * M}
    figures, said = evaluated(here, names, "new.csv")
    assert figures["seen"]["trained"] == figures["seen"]["validated"] == 0 and "steps" not in said


def test_steps_of_few_states_are_not_looked_up(here):
    rng = random.Random(7)
    here.write("bits.csv", "a\n" + "".join(f"{rng.randint(0, 3)}\n" for _ in range(300)))
    assert here("train", "bits.csv", "--target", "a", *SMALL, "-o", "states").code == 0
    figures, said = evaluated(here, "states", "bits.csv")
    assert figures["seen"] == {"n": 0, "checked": 0, "trained": None, "validated": None} and "steps" not in said
