"""`gradcheck` passes for every cell, and finds a gradient that is wrong by a thousandth."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.vocabulary import Bytes
from rnncli.models.model_file import Model
from rnncli.network.network import Unfolded
from rnncli.views.gradcheck import Differences, view
from tests.helpers import CELLS, architecture, random_network


def model_of(cell, layers=1, tied=False):
    network = random_network(architecture(cell, layers, tied)).astype("float32")
    return Model(network, TrainConfig(task="language"), Bytes(), [], "", {})


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_every_cell_passes(cell, layers):
    model = model_of(cell, layers)
    before = model.network.theta.flat.copy()
    data = view(model)
    assert data["passed"]
    assert [p["name"] for p in data["parameters"]] == list(model.network.theta)
    assert 0 < max(p["max_relative_error"] for p in data["parameters"]) <= data["tolerance"]
    assert (model.network.theta.flat == before).all()


def test_a_tied_network_passes():
    assert view(model_of("lstm", tied=True))["passed"]


@pytest.mark.parametrize("wrong", ["0.R", "1.W", "embedding.E", "output.b"])
def test_a_gradient_that_is_wrong_is_found_and_no_other_is_blamed(monkeypatch, wrong):
    right = Unfolded.gradients

    def gradients(self, *arguments):
        right(self, *arguments)
        self.grads[wrong] *= 1.001

    monkeypatch.setattr(Unfolded, "gradients", gradients)
    data = view(model_of("gru", 2))
    assert not data["passed"]
    assert [p["name"] for p in data["parameters"] if p["max_relative_error"] > data["tolerance"]] == [wrong]


def at_a_kink():
    """A model with a relu unit whose input at the first step is nearer to zero than any difference is long."""
    model = model_of("rnn-relu")
    model.network = model.network.astype(np.float64)
    theta = model.network.theta
    z = theta["embedding.E"][Differences(model).batch.x[0, 0]] @ theta["0.W"]
    theta["0.b"][0] = 1e-9 - z[0]
    return model


def test_a_kink_is_told_apart_from_a_gradient_that_is_wrong(monkeypatch):
    model = at_a_kink()
    data = view(model)
    assert data["passed"]
    assert data["kinks"] > 0
    right = Unfolded.gradients

    def gradients(self, *arguments):
        right(self, *arguments)
        self.grads["0.b"] *= 1.001

    monkeypatch.setattr(Unfolded, "gradients", gradients)
    data = view(model)
    assert [p["name"] for p in data["parameters"] if p["max_relative_error"] > data["tolerance"]] == ["0.b"]
