"""`train --init` with a state dict of PyTorch: the network computes what PyTorch's equations say."""

import random
import subprocess

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rnncli.tasks.trained import load_model
from tests.exports.models import unfolded
from tests.exports.test_torch_file import logits_here
from tests.torch_weights import outputs_of, pytorch, state_dict, with_ends
from tests.training.warm_start_cases import STILL

TEXT = "".join(random.Random(0).choices("abcdefgh \n", k=600)) + "\n"
TOKENS = sorted(set(TEXT))
ALONE = ("--epochs", "1e-6", "--lr", "1e-30", "--batch", "2", "--steps", "8", "--min-count", "1")  # nothing is learnt
X = np.random.default_rng(3).integers(len(TOKENS), size=40)


@pytest.fixture
def started(here):
    """A model that starts from these weights, and what was said of them."""

    def start(weights, *options, data="t.txt"):
        save_file(weights, here.folder / "w.safetensors")
        if data == "t.txt":
            here.write("t.txt", TEXT)
        done = here("train", data, "--init", "w.safetensors", *options, "-o", "m.safetensors")
        assert done.code == 0, done.err
        (said,) = [line for line in done.err.splitlines() if line.startswith("--init")]
        return load_model(str(here.folder / "m.safetensors")), said

    return start


@pytest.mark.parametrize(
    ("cell", "layers", "more"), [("lstm", 2, ()), ("gru", 2, ()), ("rnn", 1, ("--cell", "rnn:activation=relu"))]
)
def test_logits_are_those_of_the_equations_of_pytorch(started, cell, layers, more):
    weights = with_ends(state_dict(cell, 5, 7, layers), len(TOKENS), 5, 7, len(TOKENS))
    model, said = started(weights, *ALONE, *more)
    assert f"{cell} {layers} x 7 of PyTorch: layers; embedding encoder (rows: characters by code point); " in said
    assert "read-out decoder" in said
    h = outputs_of(weights, weights["encoder.weight"][X], lambda z: np.maximum(z, 0))
    expected = h @ weights["decoder.weight"].T + weights["decoder.bias"]
    found = logits_here(model, X + 1)[:, 1:]  # without <unk>, which is drawn
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


MAKE = """
import sys, numpy as np, torch
from safetensors.torch import save_file
torch.manual_seed(3)
V, x = int(sys.argv[1]), torch.tensor(np.load("x.npy"))
for name in ("LSTM", "GRU", "RNN"):
    rnn, parts = getattr(torch.nn, name)(6, 9, 2), {"emb": torch.nn.Embedding(V, 6), "fc": torch.nn.Linear(9, V)}
    model = torch.nn.ModuleDict(parts | {"rnn": rnn})
    save_file(model.state_dict(), f"{name}.safetensors")
    np.save(f"{name}.npy", model["fc"](rnn(model["emb"](x))[0]).detach().numpy())
"""


def test_logits_are_those_of_pytorch(here):
    """PyTorch makes the weights and computes the logits; here they are read and computed again."""
    python = pytorch()
    here.write("t.txt", TEXT)
    np.save(here.folder / "x.npy", X)
    subprocess.run([python, "-c", MAKE, str(len(TOKENS))], cwd=here.folder, check=True, timeout=100)
    for name in ("LSTM", "GRU", "RNN"):
        assert here("train", "t.txt", "--init", f"{name}.safetensors", *ALONE, "-q", "-o", "m").code == 0
        expected = np.load(here.folder / f"{name}.npy")
        found = logits_here(load_model(str(here.folder / "m")), X + 1)[:, 1:]
        np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max(), err_msg=name)


def test_a_one_hot_network_needs_no_embedding(started):
    weights = with_ends(state_dict("gru", len(TOKENS), 7, prefix=""), 0, 0, 7, len(TOKENS), embedding="")
    model, said = started(weights, *ALONE)
    assert "embedding one-hot (rows: characters by code point)" in said
    h = outputs_of(weights, np.eye(len(TOKENS))[X], prefix="")
    expected = h @ weights["decoder.weight"].T + weights["decoder.bias"]
    np.testing.assert_allclose(logits_here(model, X + 1)[:, 1:], expected, atol=1e-6 * np.abs(expected).max())


def test_weights_without_biases_have_biases_of_zero(started):
    weights = {name: array for name, array in state_dict("lstm", 5, 7).items() if "bias" not in name}
    model, said = started(weights, *ALONE)
    assert "embedding freshly drawn; read-out freshly drawn" in said
    assert np.abs(model.network.theta["0.b"]).max() < 1e-20  # after an update at a rate of 1e-30
    np.testing.assert_array_equal(model.network.theta["0.W"], weights["rnn.weight_ih_l0"].T)


def test_tied_weights_are_one(started):
    weights = with_ends(state_dict("lstm", 7, 7), len(TOKENS), 7, 7, len(TOKENS))
    weights["decoder.weight"] = weights["encoder.weight"]
    model, said = started(weights, *ALONE)
    assert model.network.architecture.tied
    assert "tied read-out decoder" in said
    np.testing.assert_array_equal(model.network.theta["embedding.E"][1:], weights["encoder.weight"])
    np.testing.assert_array_equal(model.network.theta["output.b"][1:], weights["decoder.bias"])


def test_other_types_of_floats_are_read(started):
    weights = with_ends(state_dict("gru", 5, 7), len(TOKENS), 5, 7, len(TOKENS))
    for kind in (np.float16, np.float64):
        model, _ = started({name: array.astype(kind) for name, array in weights.items()}, *ALONE)
        expected = weights["rnn.weight_hh_l0"].astype(kind).astype(np.float32)
        np.testing.assert_array_equal(model.network.theta["0.R"], expected.T)


def test_weights_that_are_saved_once_for_two_names_are_both(here, started):
    """safetensors.torch.save_model writes shared weights once, and has the other name in the metadata."""
    weights = with_ends(state_dict("lstm", 7, 7), len(TOKENS), 7, 7, len(TOKENS))
    shared = weights.pop("encoder.weight")
    weights["decoder.weight"] = shared
    here.write("t.txt", TEXT)
    save_file(weights, here.folder / "w.safetensors", {"encoder.weight": "decoder.weight"})
    assert here("train", "t.txt", "--init", "w.safetensors", *ALONE, "-q", "-o", "m").code == 0
    network = load_model(str(here.folder / "m")).network
    assert network.architecture.tied
    np.testing.assert_array_equal(network.theta["embedding.E"][1:], shared)


def test_tying_what_differs_is_refused(here):
    save_file(with_ends(state_dict("lstm", 7, 7), len(TOKENS), 7, 7, len(TOKENS)), here.folder / "w.safetensors")
    here.write("t.txt", TEXT)
    done = here("train", "t.txt", "--init", "w.safetensors", "--tied", *ALONE, "-o", "m")
    assert (done.code, "decoder.weight is not the embedding" in done.message()) == (2, True)


def numbers(count=40):
    rng = np.random.default_rng(0)
    rows = [f"{i},{'ab'[i % 2]},{rng.normal():.3f},{rng.normal():.3f}\n" for i in range(count) for _ in range(5)]
    return "id,kind,x,y\n" + "".join(rows)


BY_KIND = ("--label", "kind", "--group", "id", *STILL)


def test_layers_that_read_both_ways_label_numbers(here, started):
    here.write("n.csv", numbers())
    weights = with_ends(state_dict("gru", 2, 4, 2, bidirectional=True), 0, 0, 8, 2, embedding="", read_out="fc")
    model, said = started(weights, *BY_KIND, "--pool", "last", data="n.csv")
    assert "gru 2 x 4, both ways of PyTorch: layers; read-out fc (labels in sorted order)" in said
    assert "Scales of numbers are those of the data" in said
    done = here("inspect", "m.safetensors", "--export", "torch", "--save", "back.safetensors")
    assert done.code == 0, done.err
    back = load_file(here.folder / "back.safetensors")
    np.testing.assert_array_equal(back["output.weight"], weights["fc.weight"])
    x = np.random.default_rng(1).normal(size=(6, 2))
    np.testing.assert_allclose(outputs_of(back, x), outputs_of(weights, x), atol=1e-7)
    assert unfolded(model, 1, 1)


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, (), "read-out freshly drawn (fc.weight is 2 x 8, expected 2 x 24; --pool last, mean or max fits)"),
        ({"fc2.weight": (2, 8)}, ("--pool", "last"), "read-out freshly drawn (it may be fc or fc2)"),
        ({"norm.weight": (8,)}, ("--pool", "last"), "read-out fc (labels in sorted order). Not taken: norm.weight. "),
    ],
)
def test_what_is_not_taken_is_said(here, started, change, options, said):
    here.write("n.csv", numbers())
    weights = with_ends(state_dict("gru", 2, 4, bidirectional=True), 0, 0, 8, 2, embedding="", read_out="fc")
    weights |= {name: np.zeros(shape, np.float32) for name, shape in change.items()}
    assert said in started(weights, *BY_KIND, *options, data="n.csv")[1]


def test_rows_of_other_tokens_are_not_taken(started):
    weights = with_ends(state_dict("lstm", 5, 7), 4, 5, 7, 4)
    said = started(weights, *ALONE)[1]
    assert f"embedding freshly drawn (encoder.weight has 4 rows, the data {len(TOKENS) + 1})" in said
    assert f"read-out freshly drawn (decoder.weight is 4 x 7, expected {len(TOKENS) + 1} x 7)" in said


def test_weights_go_out_and_in_again(here):
    """A file of ours comes back byte for byte, where the data have the same tokens; else without rows of others."""
    here.write("t.txt", TEXT)
    here.write("other.txt", TEXT.replace("a", "z"))
    options = ("--cell", "gru", "--hidden", "6", "--min-count", "1", "--epochs", "1", "-q", "-o", "base")
    assert here("train", "t.txt", *options).code == 0
    first = here("inspect", "base", "--export", "torch", "--save", "w.safetensors")
    assert first.code == 0
    for data in ("t.txt", "other.txt"):
        done = here("train", data, "--init", "w.safetensors", *ALONE, "-o", data[0])
        assert done.code == 0
        assert ("of other tokens, categories or labels, freshly drawn" in done.err) == (data == "other.txt")
    old, new = (load_model(str(here.folder / name)).network.theta for name in ("base", "t"))
    for name, array in old.items():
        np.testing.assert_allclose(new[name], array, atol=1e-7, err_msg=name)


LSTM = state_dict("lstm", 5, 7, 2)
NAN = {"rnn.weight_hh_l0": np.full((28, 7), np.nan, np.float32)}
#: weights, options, exit code, words of the one line
REFUSED = [
    (LSTM, ("--hidden", "9"), 2, "--hidden 9 cannot be combined: the weights have 7"),
    (LSTM, ("--cell", "gru"), 2, "--cell gru cannot be combined: the weights have lstm"),
    (LSTM, ("--layers", "1"), 2, "--layers 1 cannot be combined: the weights have 2"),
    (LSTM, ("--embed", "6"), 2, "--embed 6 cannot be combined: its first layer reads 5 values"),
    (LSTM, ("--new-vocabulary",), 2, "weights have no vocabulary"),
    (LSTM | NAN, (), 1, "weight_hh_l0 has NaN, infinite or whole numbers"),
    (LSTM | {"rnn.weight_hh_l0": np.zeros((28, 6), np.float32)}, (), 1, "expected those of nn.LSTM, nn.GRU or nn.RNN"),
    (LSTM | {"rnn.bias_ih_l1": np.zeros(27, np.float32)}, (), 1, "bias_ih_l1 of (27,) shape, expected (28,)"),
    (LSTM | {"rnn.weight_hr_l0": np.zeros((3, 7), np.float32)}, (), 1, "proj_size"),
    (LSTM | state_dict("lstm", 5, 7, prefix="other."), (), 1, "layers of 2 modules (other.weight_ih_l0, rnn.weight"),
    (state_dict("lstm", 5, 7, bidirectional=True), (), 1, "layers that read both ways"),
    ({n: a for n, a in LSTM.items() if n[-1] != "0"}, (), 1, "no matrix weight_ih_l0"),
    ({n.replace("l1", "l7"): a for n, a in LSTM.items()}, (), 1, "without one of _l1"),
    ({n: a.astype(np.int64) for n, a in LSTM.items()}, (), 1, "whole numbers"),
]


@pytest.mark.parametrize(("weights", "options", "code", "words"), REFUSED)
def test_what_does_not_fit_is_refused_in_one_line(here, weights, options, code, words):
    here.write("t.txt", TEXT)
    save_file(weights, here.folder / "w.safetensors")
    done = here("train", "t.txt", "--init", "w.safetensors", *options, "-q", "-o", "m")
    assert (done.code, words in done.message()) == (code, True), done.err
    assert "m" not in here.files()


def test_columns_of_another_number_are_refused_with_both_numbers(here):
    here.write("n.csv", numbers())
    save_file(state_dict("gru", 3, 4), here.folder / "w.safetensors")
    done = here("train", "n.csv", "--init", "w.safetensors", *BY_KIND, "-o", "m")
    assert done.code == 1
    assert "reads 3 values a step, the data give 2: 2 numbers: choose columns with --inputs" in done.message()


def test_a_pickle_is_refused_unread(here):
    here.write("t.txt", TEXT)
    here.write("w.pt", b"PK\x03\x04archive")
    done = here("train", "t.txt", "--init", "w.pt", "-o", "m")
    assert done.code == 1
    assert "a pickle of PyTorch, which can run code as it is read" in done.message()


def test_another_file_is_told_what_both_kinds_are(here):
    here.write("t.txt", TEXT)
    done = here("train", "t.txt", "--init", "t.txt", "-o", "m")
    assert done.code == 1
    assert "t.txt: not a safetensors file" in done.message()
    assert "expected a MODEL of rnncli, or weights of PyTorch written by safetensors.torch.save_file" in done.message()


def test_weights_alone_are_no_model(here):
    save_file(LSTM, here.folder / "w.safetensors")
    done = here("predict", "w.safetensors")
    assert done.code == 1
    assert "expected one made by rnncli train: weights of PyTorch are for train --init" in done.message()
