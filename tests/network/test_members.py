"""Several networks as one: what the outputs mean is averaged."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.likelihoods import LIKELIHOODS
from rnncli.network.losses import CROSS_ENTROPY, BinaryCrossEntropy, PathLoss
from rnncli.network.members import JOINS, Members
from tests.helpers import N, T, V, architecture, random_network, random_window

K = 3
LEVELS = (0.1, 0.3, 0.5, 0.9)


def members(links=("softmax",), cell="gru"):
    """K random networks, apart and as one."""
    alone = [random_network(architecture(cell, layers=2), np.float32, seed) for seed in range(K)]
    together = Members(alone[0].architecture, links, K)
    for own, one in zip(together.members, alone, strict=True):
        own.theta.flat[...] = one.theta.flat
    return alone, together


def unfolded(network, threads=1):
    u = network.unfold(T, N, Team(threads))
    u.pack()
    return u


def softmax(z):
    e = np.exp(z.astype(np.float64) - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_probabilities_and_losses_are_those_of_the_mean():
    alone, together = members()
    batch = random_window()
    p = np.mean([softmax(each(one, batch)) for one in alone], axis=0)
    u = unfolded(together)
    u.forward(batch)
    np.testing.assert_allclose(np.exp(u.outputs(0, T)), p, rtol=2e-5)
    there = batch.y >= 0
    nats = -np.log(np.take_along_axis(p, np.maximum(batch.y, 0)[:, :, None], 2)[:, :, 0])
    np.testing.assert_allclose(u.scored(CROSS_ENTROPY, batch), np.where(there, nats, 0), atol=1e-5)


def each(network, batch):
    u = unfolded(network)
    u.forward(batch)
    return u.outputs(0, T).copy()


def test_a_token_that_all_think_impossible_keeps_its_exact_surprise():
    alone, together = members()
    for k, (one, own) in enumerate(zip(alone, together.members, strict=True)):
        for network in (one, own):
            network.theta["output.b"][0] = -200 - 5 * k
    batch = random_window()
    batch.y[...] = 0
    z = [each(one, batch).astype(np.float64) for one in alone]
    logs = np.array([z_k[:, :, 0] - np.log(np.exp(z_k).sum(axis=2)) for z_k in z])
    exact = -(np.logaddexp.reduce(logs, axis=0) - np.log(K))
    np.testing.assert_allclose(unfolded(together).scored(CROSS_ENTROPY, batch), exact, rtol=1e-5)
    assert exact.min() > 150


def test_states_go_on_and_steps_equal_windows_on_any_number_of_threads():
    _, together = members()
    batch = random_window()
    batch.starts[...] = 0
    one, many = unfolded(together, 1), unfolded(together, 3)
    for u in (one, many):
        u.set_states()
        u.forward(batch)
    np.testing.assert_array_equal(one.outputs(0, T), many.outputs(0, T))
    last = one.outputs(T - 1, 1)[0].copy()
    for t in range(T):
        many.set_states() if t == 0 else None
        many.step(batch.x[t : t + 1])
    np.testing.assert_allclose(many.logits[0], last, atol=1e-5)
    one.carry(T)
    for state, other in zip(one.states(), many.states(), strict=True):
        np.testing.assert_allclose(state, other, atol=1e-5)
    kept = [state.copy() for state in one.states()]
    one.set_states()
    assert not any(state.any() for state in one.states())
    one.set_states(kept)
    assert all((state == own).all() for state, own in zip(one.states(), kept, strict=True))


def joined(links, z):
    """z (K, n, M·W) by the links."""
    out = np.empty(z.shape[1:])
    for index, link in enumerate(links):
        out[:, index :: len(links)] = JOINS[link](z[..., index :: len(links)])
    return out


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_points_and_quantiles_of_forecasts_are_averaged(name):
    loss = LIKELIHOODS[name](LEVELS)
    assert len(loss.links) == loss.width
    z = 3 * np.random.default_rng(0).standard_normal((K, 40, 2 * loss.width))
    together = joined(loss.links, z).reshape(40, 2, loss.width)
    alone = z.reshape(K, 40, 2, loss.width)
    np.testing.assert_allclose(loss.point(together), loss.point(alone).mean(axis=0), rtol=1e-9, atol=1e-12)
    if name in ("quantile", "gaussian"):  # of the others the parameters are averaged
        np.testing.assert_allclose(loss.quantiles(together), loss.quantiles(alone).mean(axis=0), rtol=1e-9)


def test_probabilities_of_bits_are_averaged():
    z = np.array([[[-40.0, 0.0, 3.0]], [[-50.0, 2.0, 800.0]]])
    p = 1 / (1 + np.exp(-z))
    found = 1 / (1 + np.exp(-joined(BinaryCrossEntropy.links, z)))
    np.testing.assert_allclose(found, p.mean(axis=0), rtol=1e-9)


def test_scores_of_tags_and_transitions_are_averaged():
    loss = PathLoss(V)
    together = Members(replace(architecture("lstm"), own=loss.own), loss.links, K)
    for k, own in enumerate(together.members):
        own.theta.flat[...] = random_network(own.architecture, np.float32, k).theta.flat
    batch = Batch.to_read(random_window().x, np.zeros((T, N), np.uint8))
    u = unfolded(together)
    u.forward(batch)
    np.testing.assert_allclose(
        u.outputs(0, T), np.mean([each(own, batch) for own in together.members], axis=0), atol=1e-6
    )
    mean = np.mean([own.theta["task.transitions"] for own in together.members], axis=0)
    np.testing.assert_allclose(together.theta["task.transitions"], mean, atol=1e-7)
