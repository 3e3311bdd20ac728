"""How like two networks are, against NumPy and SciPy straight from the formulas; the same network in another order."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from rnncli.models.model_file import from_torch, to_torch
from rnncli.network.network import Network
from rnncli.tasks.trained import load_model
from rnncli.views.reading import states_of
from rnncli.views.similar import inputs, similar
from rnncli.views.subject import Subject
from tests.conftest import make_text

TEXT = make_text(60, seed=2)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("similar") / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def other_seed(trained):
    return trained("char-seed-1.safetensors", "--hidden", "32", "--epochs", "3", "--seed", "1")


def subject(path, page, network=None):
    model = load_model(path)
    return Subject(replace(model, network=network) if network else model, path, page, SimpleNamespace())


def permuted(network, seed=0):
    """The same LSTM with its units in another order."""
    H, tensors = network.architecture.hidden, {name: array.copy() for name, array in to_torch(network).items()}
    order = np.random.default_rng(seed).permutation(H)
    rows = (np.arange(4)[:, None] * H + order).ravel()
    for name in ("rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0"):
        tensors[name] = tensors[name][rows]
    tensors["rnn.weight_hh_l0"] = tensors["rnn.weight_hh_l0"][:, order]
    tensors["output.weight"] = tensors["output.weight"][:, order]
    return from_torch(network.architecture, tensors)


def states(one):
    reading = one.sequences(False)
    found = list(states_of(one.network, reading, one.team, np.arange(reading.steps)))
    return reading, np.concatenate([h for _, h in found]).astype(np.float64)


def test_the_order_of_the_units_does_not_matter(char_model, page):
    one = subject(char_model, page)
    data = similar(one, subject(char_model, page, permuted(one.network)))
    assert data["cka"] == pytest.approx(1, abs=1e-6)
    assert data["motion"] == pytest.approx(1, abs=1e-4)


def test_another_seed_is_less_like_and_a_network_at_random_still_less(trained, page):
    models = [trained(f"long-{seed}.safetensors", "--hidden", "32", "--epochs", "16", "--seed", seed) for seed in "01"]
    data = similar(*(subject(model, page) for model in models))
    assert data["drawn"]["cka"] < data["cka"] < 0.99
    assert data["drawn"]["motion"] < data["motion"] < 0.99


def test_cka_is_that_of_kernels(char_model, other_seed, page):
    one, other = subject(char_model, page), subject(other_seed, page)
    centre = np.eye(len(states(one)[1])) - 1 / len(states(one)[1])
    K, L = (centre @ h @ h.T @ centre for h in (states(one)[1], states(other)[1]))
    expected = np.trace(K @ L) / np.sqrt(np.trace(K @ K) * np.trace(L @ L))
    assert similar(one, other)["cka"] == pytest.approx(expected, rel=1e-6)


def test_motion_is_that_of_the_formulas(char_model, other_seed, page):
    one, other = subject(char_model, page), subject(other_seed, page)
    data, K = similar(one, other), []
    r = data["rank"]
    u = inputs(states(one)[0])
    for each, fit in zip((one, other), data["fits"], strict=True):
        h = states(each)[1]
        z = h - h.mean(axis=0)
        z /= np.sqrt((z**2).sum() / len(z))
        values, vectors = np.linalg.eigh(z.T @ z)
        z = z @ vectors[:, np.argsort(-values)[:r]]
        read = np.concatenate([z[:-1], u[1:], np.ones((len(z) - 1, 1))], axis=1)
        W, *_ = np.linalg.lstsq(read, z[1:], rcond=1e-5)
        A, B = W[:r].T, W[r:-1].T
        K.append(np.concatenate([np.linalg.matrix_power(A, i) @ B for i in range(r)], axis=1))
        off = z[1:] - read @ W
        expected = 1 - (off**2).sum() / ((z[1:] - z[1:].mean(axis=0)) ** 2).sum()
        assert fit == pytest.approx(expected, abs=1e-3)
    C, _ = orthogonal_procrustes(K[0].T, K[1].T)
    expected = np.sum((C.T @ K[0]) * K[1]) / np.linalg.norm(K[0]) / np.linalg.norm(K[1])
    assert data["motion"] == pytest.approx(expected, abs=5e-3)


def test_networks_of_other_sizes_are_compared(char_model, byte_model, conv_model, page, here):
    data = similar(subject(char_model, page), subject(conv_model, page))
    assert data["units"] == [32, 48]
    assert 0 < data["cka"] < 1
    assert 0 < data["motion"] < 1
    done = here("inspect", char_model, page, "--similar", byte_model)
    assert done.code == 2
    assert "read characters and bytes" in done.message()
    here.write("t.csv", "x\n" + "".join(f"{k % 7}\n" for k in range(99)))
    assert here("train", "t.csv", "--target", "x", "--hidden", "2", "--epochs", "1", "-q", "-o", "m").code == 0
    assert "read characters and columns" in here("inspect", char_model, page, "--similar", "m").message()


def test_of_columns(here):
    t = np.arange(300)
    rows = np.stack([np.sin(t / 3), np.cos(t / 7)], axis=1)
    here.write("t.csv", "x,y\n" + "".join(f"{a:.4f},{b:.4f}\n" for a, b in rows))
    small = ("--target", "x,y", "--season", "1", "--hidden", "4", "--epochs", "1", "-q")
    for name in ("a", "b"):
        assert here("train", "t.csv", *small, "--seed", str(ord(name)), "-o", name).code == 0
    same = here("inspect", "a", "--similar", "a", "t.csv", "--json").json()
    assert (round(same["cka"], 6), round(same["motion"], 6)) == (1, 1)
    other = here("inspect", "a", "--similar", "b", "t.csv", "--json").json()
    assert 0 < other["cka"] < 1
    short = here("inspect", "a", "--similar", "b", input=b"x,y\n1,2\n2,3\n3,4\n")
    assert short.code == 1
    assert "expected at least 64" in short.message()


def test_the_picture(here, char_model, other_seed, page):
    done = here("inspect", char_model, "--similar", other_seed, page, "--save", "p.svg")
    assert (done.code, done.out) == (0, b"")
    assert "linear CKA" in (here.folder / "p.svg").read_text()
    lines = here("inspect", char_model, "--similar", other_seed, page).out.decode().splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("drawn at random" in line for line in lines) == 2
    piped = here("inspect", char_model, "--similar", other_seed, "-", "--json", input=TEXT.encode()).json()
    assert piped["cka"] == similar(subject(char_model, page), subject(other_seed, page))["cka"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--view", "states"), "--similar and --view cannot be combined"),
        (("--lags", "3"), "--similar and --lags cannot be combined"),
        (("--compare", "m"), "cannot be combined"),
    ],
)
def test_what_it_stands_in_place_of_is_refused(here, char_model, page, options, words):
    done = here("inspect", char_model, page, "--similar", char_model, *options)
    assert done.code == 2
    assert words in done.message()


def test_a_network_at_random_has_the_seed_zero(char_model, page):
    one = subject(char_model, page)
    drawn = subject(char_model, page, Network.initialised(one.network.architecture, 0))
    data = similar(one, drawn)
    assert (data["cka"], data["motion"]) == (data["drawn"]["cka"], data["drawn"]["motion"])
