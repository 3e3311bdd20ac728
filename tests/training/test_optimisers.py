"""The optimisers against a few lines of NumPy each."""

import numpy as np
import pytest

from rnncli.kernels.optimisers import CHUNK
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Parameters
from rnncli.training.optimisers import SLOTS, Average, Optimiser
from tests.helpers import assert_close

SHAPES = {"matrix": (5, 7), "other": (3, 4), "bias": (11,)}
MATRICES = 5 * 7 + 3 * 4
RATE, DECAY, STEPS = 0.03, 0.2, 6


def adamw(p, g, s, step):
    s["m"] = 0.9 * s["m"] + 0.1 * g
    s["v"] = 0.99 * s["v"] + 0.01 * g**2
    m, v = s["m"] / (1 - 0.9**step), s["v"] / (1 - 0.99**step)
    return p - RATE * m / (np.sqrt(v) + 1e-8)


def sgd(p, g, s, step):
    s["m"] = 0.9 * s["m"] + g
    return p - RATE * s["m"]


def rmsprop(p, g, s, step):
    s["v"] = 0.99 * s["v"] + 0.01 * g**2
    return p - RATE * g / (np.sqrt(s["v"]) + 1e-8)


FORMULAS = {"adamw": adamw, "sgd": sgd, "rmsprop": rmsprop}


def parameters(seed, shapes=SHAPES):
    theta = Parameters(shapes)
    theta.flat[...] = np.random.default_rng(seed).standard_normal(theta.flat.shape)
    return theta


def updated(name, theta, grads, clip=0.0, decay=0.0):
    """θ after one update, by a fresh optimiser."""
    Optimiser(name, theta, grads, Team(1)).update(1, RATE, clip, decay)
    return theta.flat


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("clip", [0.0, 1.0])
@pytest.mark.parametrize("decay", [0.0, DECAY])
@pytest.mark.parametrize("size", [1.0, 1e-8])  # of the gradients; 1e-8 is as small as ε
def test_updates_follow_the_formula(name, clip, decay, size):
    theta, grads = parameters(0), parameters(0)
    optimiser = Optimiser(name, theta, grads, Team(1))
    p = theta.flat.astype(np.float64)
    state = {slot: np.zeros_like(p) for slot in SLOTS[name]}
    decayed = np.arange(p.size) < MATRICES
    for step in range(1, STEPS + 1):
        grads.flat[...] = parameters(step).flat * np.float32(size)
        g = grads.flat.astype(np.float64)
        norm = np.sqrt((g**2).sum())
        if clip:
            g *= min(1.0, clip / norm)
        p = FORMULAS[name](p * np.where(decayed, 1 - RATE * decay, 1), g, state, step)
        optimiser.update(step, RATE, clip, decay)
        assert optimiser.norm[0] == pytest.approx(norm)
    assert_close(theta.flat, p, 1e-5)
    for slot, expected in state.items():  # 1 - 0.99 in float32 is off by a millionth
        assert_close(optimiser.state[slot], expected, 1e-5)


@pytest.mark.parametrize("size", [1, 7, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
def test_the_norm_is_that_of_all_gradients(size):
    grads = parameters(size, {"one": (size,)})
    optimiser = Optimiser("sgd", parameters(0, {"one": (size,)}), grads, Team(1))
    optimiser.update(1, RATE, 0.0, 0.0)
    assert optimiser.norm[0] == pytest.approx(np.linalg.norm(grads.flat.astype(np.float64)))


@pytest.mark.parametrize("name", FORMULAS)
def test_any_number_of_threads_gives_the_same_bits(name):
    shapes = {"matrix": (4, CHUNK + 3), "bias": (1001,)}

    def trained(threads):
        theta, grads, norms = parameters(0, shapes), parameters(0, shapes), []
        optimiser = Optimiser(name, theta, grads, Team(threads))
        for step in (1, 2):
            grads.flat[...] = parameters(step, shapes).flat
            optimiser.update(step, RATE, 1.0, DECAY)
            norms.append(optimiser.norm[0])
        return norms, theta.flat

    norms, theta = trained(1)
    for threads in (2, 3, 7):
        other_norms, other_theta = trained(threads)
        assert other_norms == norms
        np.testing.assert_array_equal(other_theta, theta)


@pytest.mark.parametrize("name", FORMULAS)
def test_only_matrices_decay(name):
    before, nothing = parameters(0), Parameters(SHAPES)
    after = updated(name, parameters(0), nothing, clip=1.0, decay=DECAY)
    np.testing.assert_allclose(after[:MATRICES], before.flat[:MATRICES] * (1 - RATE * DECAY), rtol=1e-6)
    np.testing.assert_array_equal(after[MATRICES:], before.flat[MATRICES:])


def test_clipping_scales_long_gradients_to_the_limit_and_leaves_short_ones():
    grads = parameters(1)
    norm = float(np.linalg.norm(grads.flat))
    step = parameters(0).flat - updated("sgd", parameters(0), grads)
    clipped = parameters(0).flat - updated("sgd", parameters(0), grads, clip=norm / 4)
    np.testing.assert_allclose(clipped, step / 4, atol=1e-6)
    assert np.linalg.norm(clipped) == pytest.approx(RATE * norm / 4, rel=1e-4)
    untouched = updated("sgd", parameters(0), grads, clip=norm * 1.01)
    np.testing.assert_array_equal(parameters(0).flat - untouched, step)


def test_matrices_come_first_and_are_counted():
    theta = parameters(0)
    assert theta.matrix_count == MATRICES
    assert theta.flat.size == MATRICES + 11
    theta["bias"][0] = 77
    assert theta.flat[MATRICES] == 77


@pytest.mark.parametrize("threads", [1, 2])
def test_the_average_is_the_polynomial_one_of_every_fourth_update(threads):
    theta = parameters(0)
    average, expected = Average(theta, Team(threads)), None
    for step in range(1, 41):
        theta.flat[...] = parameters(step).flat
        average.update(step)
        if step <= 4:
            expected = theta.flat.astype(np.float64)
        elif step % 4 == 0:
            expected += 4 / (step / 4 + 3) * (theta.flat - expected)
        assert_close(average.flat, expected, 1e-5)


def test_the_average_of_weights_that_stand_still_is_what_they_are():
    theta = parameters(1)
    average = Average(theta, Team(1))
    for step in range(1, 100):
        average.update(step)
    assert np.array_equal(average.flat, theta.flat)
