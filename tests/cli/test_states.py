"""`predict --states last`: where each direction of each layer has read all, worked out by a plain recurrence."""

import io

import numpy as np
import pytest

from rnncli.commands.hidden_states import last_state
from rnncli.tasks.trained import load_model
from tests.naive import STEPS

TEXTS = ["abba cab", "b", "cabbage abc abcba", "ccc", "ab", "gecabcabbage cabbage egg", "x"]


def ends(p, cell, x):
    """h of every step (L, H) of a sequence x (L, D), the state zero before it."""
    state = [np.zeros((1, p["R"].shape[0])) for _ in range(2 if cell == "lstm" else 1)]
    h = []
    for row in x:
        state = STEPS[cell](p, row[None], state)
        h.append(state[0][0])
    return np.stack(h)


def last_of(model, text):
    """(layers, width): the last state of the way onwards beside that of the way backwards over the whole text."""
    a, theta = model.network.architecture, {n: v.astype(np.float64) for n, v in model.network.theta.items()}
    ids = [1 + model.schema.categories["text"].index(c) if c in model.schema.categories["text"] else 0 for c in text]
    x, last = theta["embedding.text.E"][ids], []
    for index in range(a.layers):
        ways = []
        for name, way in ((f"{index}.", x), (f"{index}_reverse.", x[::-1])):
            p = {key.removeprefix(name): value for key, value in theta.items() if key.startswith(name)}
            if p:
                ways.append(ends(p, a.cell, way))
        last.append(np.concatenate([h[-1] for h in ways]))
        x = np.concatenate([ways[0], *(h[::-1] for h in ways[1:])], axis=1)
    return np.stack(last)


@pytest.mark.parametrize(
    ("cell", "layers", "ways"), [("gru", 3, "--bidirectional"), ("lstm", 2, "--bidirectional"), ("rnn", 2, None)]
)
def test_the_last_states_are_those_that_have_read_all(here, cell, layers, ways):
    here.write("train.tsv", "".join(f"{'xy'['g' in t]}\t{t}\n" for t in TEXTS[:-1] * 3))
    shape = ("--cell", cell, "--layers", str(layers), "--hidden", "5", ways or "--no-bidirectional")
    options = ("--label", "1", "--text", "2", "--tokens", "char", "--epochs", "2", "--quiet", "-o", "m")
    assert here("train", "train.tsv", *options, *shape).err == ""
    here.write("texts.txt", "\n".join(TEXTS) + "\n")
    found = np.load(io.BytesIO(here("predict", "m", "texts.txt", "--states", "last").out))
    model = load_model("m")
    expected = np.stack([last_of(model, text) for text in TEXTS])
    np.testing.assert_allclose(found, expected, atol=2e-6)
    everything = np.load(io.BytesIO(here("predict", "m", "texts.txt", "--states", "all").out))
    assert everything["lengths"].tolist() == [len(text) for text in TEXTS]


def test_a_sequence_without_steps_is_in_the_state_that_it_starts_from():
    assert last_state(np.zeros((0, 2, 6), np.float32), True).tolist() == [[0.0] * 6] * 2
