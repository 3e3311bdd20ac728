"""Views explain what `predict` says, at whatever length, or tell how much of the input they read."""

import json
import math

import pytest

from tests.views.helpers import brief_dynamics

LONG = 2600  # more than views read of an input, if not all of it
SMALL = ("--hidden", "8", "--epochs", "2", "-q", "-o", "m")


def words(count, kind):
    """Filler, and at the very end what tells the kind."""
    return " ".join([f"w{i % 7}" for i in range(count - 3)] + [kind] * 3)


@pytest.fixture
def labelled(here):
    rows = [(kind, words(12 + i % 5, {"a": "north", "b": "south"}[kind])) for i in range(60) for kind in "ab"]
    here.write("train.tsv", "".join(f"{kind}\t{text}\n" for kind, text in rows))
    return here


def explained(here, *more):
    return here("inspect", "m", "long.txt", "--view", "attribution", "--json", *more).json()


@pytest.mark.parametrize("more", [(), ("--no-bidirectional", "--pool", "last", "--cell", "gru")])
def test_attribution_is_of_the_label_that_predict_gives_and_of_its_probability(labelled, more):
    assert labelled("train", "train.tsv", "--label", "1", "--text", "2", *SMALL, *more).code == 0
    for count in (9, LONG):
        labelled.write("long.txt", words(count, "south") + "\n" + words(4, "north") + "\n")
        ((label, probability, _), _) = labelled("predict", "m", "long.txt").rows(3)
        data = explained(labelled)
        assert (data["predicts"], data["at"]) == (label.decode(), count - 1)
        assert 1 / (1 + math.exp(-data["value"])) == pytest.approx(float(probability), abs=6e-5)
        assert data["read"] == {"steps": count, "of": count + 4}


def test_attribution_is_of_the_likeliest_of_several_labels(here):
    rows = [f"__label__{kind} {words(9, word)}\n" for kind, word in (("a", "north"), ("b", "south"))] * 30
    here.write("many.txt", "".join([*rows, "__label__a __label__b " + words(9, "east") + "\n"] * 2))
    assert here("train", "many.txt", "--task", "multilabel", *SMALL).code == 0
    here.write("long.txt", words(LONG, "south") + "\n")
    (row,) = map(json.loads, here("predict", "m", "long.txt", "--top", "1", "--to", "jsonl").out.splitlines())
    data = explained(here)
    assert [data["predicts"]] == row["labels"]
    assert math.exp(data["value"]) == pytest.approx(row["probabilities"][0], abs=6e-5)


def test_attribution_of_a_number_is_in_the_units_of_the_file(here):
    rows = [f"{g},{t},{(g * t) % 5},{1000 + 50 * g}\n" for g in range(12) for t in range(6)]
    here.write("long.txt", "g,t,v,y\n" + "".join(rows))
    assert here("train", "long.txt", "--format", "table", "--task", "regress", "--target", "y", "--group", "g", *SMALL)
    ((value, _), *_) = here("predict", "m", "long.txt").rows(2)
    data = explained(here)
    assert data["value"] == pytest.approx(float(value), rel=1e-4)
    assert sum(data["attribution"]) == pytest.approx(data["value"] - data["baseline"], abs=0.5)


@pytest.mark.parametrize("more", [("--crf",), ("--no-crf",)])
def test_attribution_is_of_the_tag_that_predict_gives(here, more):
    sentence = [("the", "B-NP"), ("cat", "I-NP"), ("sat", "O"), ("a", "B-NP"), ("dog", "I-NP"), ("ran", "O")]
    here.write("long.txt", ("".join(f"{token} {tag}\n" for token, tag in sentence) + "\n") * 8)
    assert here("train", "long.txt", "--task", "tag", *SMALL, *more).code == 0
    tags = [line.split(b"\t")[1].decode() for line in here("predict", "m", "long.txt").out.split(b"\n")[:6]]
    found = [explained(here, "--at", str(at)) for at in range(6)]
    assert [data["predicts"] for data in found] == tags
    assert {data["what"] for data in found} == {"score" if more == ("--crf",) else "log odds"}


@pytest.mark.parametrize("tokens", ["char", "word", "byte"])
def test_attribution_of_a_language_model_is_of_the_next_token(here, text, tokens):
    here.write("text.txt", text)
    assert here("train", "text.txt", "--tokens", tokens, *SMALL).code == 0
    join = " " if tokens == "word" else ""
    read = join.join((text.split() if tokens == "word" else text.replace("\n", " "))[:LONG])
    here.write("line.txt", read + "\n")
    (row,) = map(json.loads, here("predict", "m", "line.txt", "--next", "1", "--json").out.splitlines())
    here.write("long.txt", read + join + "b")
    data = explained(here)
    assert data["predicts"] == row["token"]
    assert math.exp(data["value"]) == pytest.approx(row["probability"], abs=2e-6)
    steps = data["read"]["steps"]
    assert data["read"] == {"steps": steps, "of": steps}
    assert data["at"] == steps - 1 > 1000


def test_a_view_tells_how_much_of_the_input_it_read(here, char_model, text):
    here.write("long.txt", long := (text * 3)[:20_500].replace("\n", " "))
    here.write("short.txt", short := text[:1500].replace("\n", " "))
    states, gradients = (("inspect", char_model, "--view", view) for view in ("states", "gradients"))
    for command in (states, gradients):
        assert here(*command, "long.txt", "--json").json()["read"] == {"steps": 2000, "of": len(long)}
    assert here(*states, "long.txt").out.count(b"read 2,000 of 20,500 steps of the input") == 1
    assert here(*states, "short.txt", "--json").json()["read"] == {"steps": len(short), "of": len(short)}
    assert b"steps of the input" not in here(*states, "short.txt").out
    piped = here(*states, "-", input=(long + "\n" + long).encode())
    assert b"read the first 2,000 steps of the input" in piped.out


def test_a_view_of_columns_tells_how_much_of_the_input_it_read(labelled):
    assert labelled("train", "train.tsv", "--label", "1", "--text", "2", "--no-bidirectional", *SMALL).code == 0
    labelled.write("long.txt", "".join(f"{words(20, 'north')}\n" for _ in range(300)))
    for view in ("states", "dynamics"):
        with brief_dynamics():
            data = labelled("inspect", "m", "long.txt", "--view", view, "--json").json()
        assert data["read"] == {"steps": 2000, "of": 6000}


def test_a_view_of_series_tells_how_much_of_the_input_it_read(here):
    here.write("s.csv", "y\n" + "".join(f"{(i * 7) % 12}\n" for i in range(2400)))
    assert here("train", "s.csv", "--target", "y", *SMALL).code == 0
    for view, most in (("states", 2000), ("attribution", 2400)):
        data = here("inspect", "m", "s.csv", "--view", view, "--json").json()
        assert data["read"] == {"steps": most, "of": 2400}, view
