"""`rnn:recurrent=orthogonal`, end to end: what it learns, what MODEL holds, resumed trainings, ranks, --init."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.tasks import task_class
from rnncli.tasks.trained import load_checkpoint, load_model
from rnncli.training import loop, search
from rnncli.training.loop import Training, drawn
from tests.training.test_checkpoint import stopped, torn_at
from tests.training.test_ranks import on_ranks

TANH, LINEAR = "rnn:recurrent=orthogonal", "rnn:activation=linear,recurrent=orthogonal"
COPY = ("--task", "tag", "--no-bidirectional", "--dropout", "0", "--hidden", "64", "--epochs", "8", "--lr", "0.02")
SMALL = {"hidden": 12, "batch": 16, "steps": 24, "dropout": 0.0}


def bent(R):
    """How far it is from orthogonal."""
    R = R.astype(np.float64)
    return np.abs(R @ R.T - np.eye(len(R))).max()


@pytest.fixture
def copied(here, monkeypatch):
    """copied(cell): nats a step of copying ten symbols after 100 others, by a training of a second or so."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "sample_data"))
    import long_tasks

    for name, size, seed in (("train", "640", "0"), ("valid", "100", "1")):
        words = ["long_tasks.py", "copy", f"{name}.npz", "--steps", "100", "--size", size, "--seed", seed]
        monkeypatch.setattr(sys, "argv", words)
        long_tasks.main()

    def train(cell):
        done = here("train", "train.npz", "--valid", "valid.npz", "-o", "m", "--cell", cell, *COPY, "--json")
        return json.loads(done.out.splitlines()[-1])["valid_loss"]

    return train


def test_copy_memory_is_learnt_where_a_free_matrix_learns_nothing(copied):
    baseline = 10 * np.log(8) / 120
    assert copied(LINEAR) < 0.7 * baseline
    assert bent(load_model("m").network.theta["0.R"]) < 1e-5
    for free in ("rnn:activation=linear", "rnn"):
        assert copied(free) > 0.95 * baseline


def test_a_resumed_training_is_the_whole_one_bit_for_bit(here, text, monkeypatch):
    here.write("t.txt", text)
    options = ("--hidden", "12", "--batch", "4", "--steps", "16", "--epochs", "3", "--cell", TANH, "--threads", "1")
    assert here("train", "t.txt", *options, "-o", "whole").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(loop, "LONG_S", 0.0)
        torn_at(patch, 40)
        stopped(here, "m", hidden=12, cell=TANH)
    _, arrays, _ = load_checkpoint("m.checkpoint")
    assert np.abs(arrays["average"] - arrays["theta"]).max() > 1e-3
    assert here("train", "t.txt", *options, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("whole")
    assert bent(load_model("m").network.theta["0.R"]) < 1e-5


def trained_on_ranks(file, of, **options):
    """θ of each rank."""
    config = TrainConfig(cell=TANH, epochs=1, **SMALL, **options)
    material = search.sized(task_class("language").prepare([str(file)], config, None, None))

    def on(ranks):
        training = Training(drawn(material), material, 1, ranks=ranks)
        for _ in training.reports():
            pass
        return training.network.theta

    return on_ranks(of, on)


def test_ranks_find_the_same_matrix_and_means_of_them_are_orthogonal(tmp_path, text):
    file = tmp_path / "text.txt"
    file.write_text(text)
    two, three = (trained_on_ranks(file, of) for of in (2, 3))
    for theta in (*two, *three):
        np.testing.assert_array_equal(theta.flat, two[0].flat)
    for theta in trained_on_ranks(file, 2, local_steps=5, lr=0.05):
        assert bent(theta["0.R"]) < 1e-5


def test_a_free_matrix_starts_as_the_nearest_orthogonal_one(here, text):
    here.write("t.txt", text)
    small = ("--hidden", "12", "--batch", "4", "--steps", "16", "--threads", "1")
    assert here("train", "t.txt", *small, "--cell", "rnn", "--epochs", "2", "-o", "free").code == 0
    assert here("inspect", "free", "--export", "torch", "--save", "free.torch.safetensors").code == 0
    left, _, right = np.linalg.svd(load_model("free").network.theta["0.R"])
    more = ("--epochs", "0.1", "--lr", "1e-6", "-o", "turned")
    done = here("train", "t.txt", *more, "--cell", TANH, "--init", "free.torch.safetensors")
    assert "0.R: not orthogonal there, starts as the nearest orthogonal matrix" in done.err
    np.testing.assert_allclose(load_model("turned").network.theta["0.R"], left @ right, atol=1e-4)
    again = here("train", "t.txt", *more[:-1], "again", "--init", "turned")
    assert again.code == 0
    assert "nearest" not in again.err


def test_a_model_is_checked_drawn_and_predicted_with_as_any_other(here, text):
    here.write("t.txt", text)
    small = ("--hidden", "12", "--batch", "4", "--steps", "16", "--epochs", "0.5", "--members", "2")
    assert here("train", "t.txt", *small, "--cell", TANH, "-o", "m").code == 0
    assert here("inspect", "m", "--view", "gradcheck", "--json").code == 0
    assert here("inspect", "m", "t.txt", "--view", "dynamics").code == 0
    assert here("predict", "m", "t.txt", "--evaluate").code == 0
    before = here("predict", "m", "t.txt", "--score").out
    assert here("predict", "m", "t.txt", "--score", "--adapt", "0.01").out != before
