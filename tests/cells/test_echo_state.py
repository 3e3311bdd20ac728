"""The options of `rnn`: the leak against its equation and finite differences, and how an echo-state network starts."""

import numpy as np
import pytest

from rnncli.cells.rnn import RNN
from rnncli.config import TrainConfig
from rnncli.errors import UsageError
from rnncli.network.architecture import Architecture
from rnncli.tasks.task import cell_options
from tests.helpers import D, H, V, gradients, random_network, random_states, random_window, unfold

LEAK = 0.3


def leaky():
    return random_network(Architecture("rnn", H, 1, D, V, V, False, {"leak": str(LEAK)}))


def test_a_leaky_state_is_that_of_its_equation():
    network, batch = leaky(), random_window()
    u = unfold(network, batch)
    initial = random_states(u)
    u.states()[0][...] = initial[0]
    u.forward(batch)
    theta, h = network.theta, initial[0]
    for t in range(batch.steps):
        h = np.where(batch.starts[t][:, None], 0, h)
        z = theta["embedding.E"][batch.x[t]] @ theta["0.W"] + theta["0.b"] + h @ theta["0.R"]
        h = LEAK * np.tanh(z) + (1 - LEAK) * h
        np.testing.assert_allclose(u.layers[0].Y[t], h, atol=1e-12)


def test_gradients_of_a_leaky_state_are_finite_differences():
    network, batch = leaky(), random_window()
    u = unfold(network, batch)

    def loss():
        u.pack()
        u.set_states()
        found = gradients(u, batch)
        return u.losses.sum() / batch.count, found

    _, found = loss()
    found = {name: array.copy() for name, array in found.items()}
    for name in ("0.R", "0.W", "0.b"):
        array = network.theta[name]
        for place in np.ndindex(array.shape):
            value, sides = array[place], []
            for step in (1e-6, -1e-6):
                array[place] = value + step
                sides.append(loss()[0])
            array[place] = value
            assert found[name][place] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-8)


def test_an_echo_state_network_has_its_radius_density_and_scales():
    cell = RNN(4, 60, {"radius": "0.7", "density": "0.2", "inputs": "0.5", "bias": "0.25"})
    theta = cell.init(np.random.default_rng(0))
    assert np.abs(np.linalg.eigvals(theta["R"])).max() == pytest.approx(0.7, rel=1e-5)
    assert (theta["R"] != 0).mean() == pytest.approx(0.2, abs=0.03)
    assert 0.4 < np.abs(theta["W"]).max() <= 0.5
    assert 0.2 < np.abs(theta["b"]).max() <= 0.25
    empty = RNN(4, 2, {"radius": "0.7", "density": "1e-9"}).init(np.random.default_rng(0))
    assert not empty["R"].any()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("rnn:leak=0", "--cell rnn:leak 0.0: expected a number above 0, up to 1"),
        ("rnn:radius=x", "--cell rnn:radius=x: expected a number"),
        ("lstm:memory=2", "--cell lstm:memory 2.0: expected a number from 3"),
        ("rnn:radius=0.9,recurrent=orthogonal", "--cell rnn: radius and recurrent=orthogonal cannot be combined"),
        ("rnn:turn=0.2", "--cell rnn: turn has no effect without recurrent=orthogonal"),
        ("rnn:activation=sin", "expected activation to be one of tanh, relu, linear"),
    ],
)
def test_options_of_a_cell_are_checked(cell, words):
    with pytest.raises(UsageError, match=words):
        cell_options(TrainConfig(cell=cell))
