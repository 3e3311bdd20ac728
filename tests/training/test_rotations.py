"""Matrices that stay orthogonal: their turns against NumPy, what they keep, and what they are good for."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnncli.cells.rnn import rotations
from rnncli.kernels.rotations import MOST
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture, Parameters
from rnncli.network.network import Network
from rnncli.training.optimisers import Average, Optimiser
from tests.helpers import assert_close

ROOT = Path(__file__).parents[2]
H = 37  # beyond a panel, and odd
SHAPES = {"0.R": (H, H), "other": (3, 4), "1.R": (H, H), "bias": (11,)}
TURNED = {"0.R": 0.1, "1.R": 0.5}


def started():
    """θ with two orthogonal matrices."""
    rng, theta = np.random.default_rng(0), Parameters(SHAPES)
    theta.flat[...] = rng.standard_normal(theta.flat.shape)
    for name in TURNED:
        theta[name][...] = np.linalg.qr(rng.standard_normal((H, H)))[0]
    return theta


def gradients(seed, size=1.0):
    grads = Parameters(SHAPES)
    grads.flat[...] = size * np.random.default_rng(seed).standard_normal(grads.flat.shape)
    return grads


def trained(name="adamw", threads=1, rate=0.01, updates=30):
    """θ, its average and the optimiser after some updates."""
    theta, grads, team = started(), gradients(0), Team(threads)
    optimiser, average = Optimiser(name, theta, grads, team, TURNED), Average(theta, team, TURNED)
    for step in range(1, updates + 1):
        grads.flat[...] = gradients(step).flat
        optimiser.update(step, rate, 1.0, 0.1)
        average.update(step)
    mean = Parameters(SHAPES, flat=average.flat)
    return theta, mean, optimiser


def bent(R):
    """How far it is from orthogonal."""
    R = R.astype(np.float64)
    return np.abs(R @ R.T - np.eye(len(R))).max()


def exponential(A):
    """exp(A) of a skew-symmetric A, by the eigenvectors of the Hermitian iA."""
    values, vectors = np.linalg.eigh(1j * A)
    return (vectors * np.exp(-1j * values)) @ vectors.conj().T


def test_it_starts_as_rotations_of_pairs():
    for size in (1, 6, 7):
        R = rotations(np.random.default_rng(0), size)
        assert bent(R) < 1e-12
        assert np.linalg.det(R) == pytest.approx(1)
        pairs = np.arange(size) // 2
        assert not R[pairs[:, None] != pairs].any()
    angles = np.angle(np.linalg.eigvals(rotations(np.random.default_rng(0), 2000)))
    np.testing.assert_allclose(np.quantile(angles, [0.25, 0.5, 0.75]), [-np.pi / 2, 0, np.pi / 2], atol=0.15)


@pytest.mark.parametrize("name", ["adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("rate", [0.01, 10.0])  # the second would turn by far more than it may
def test_what_is_orthogonal_stays_so_and_moves(name, rate):
    theta, mean, _ = trained(name, rate=rate)
    for matrix in TURNED:
        assert bent(theta[matrix]) < 1e-5
        assert bent(mean[matrix]) < 1e-5
        assert np.abs(theta[matrix] - started()[matrix]).max() > 1e-3


def test_an_update_of_plain_gradients_is_a_turn_along_the_projected_gradient():
    theta, grads = started(), gradients(1, size=1e-2)
    R, G = (array["0.R"].astype(np.float64) for array in (theta, grads))
    Optimiser("sgd", theta, grads, Team(1), TURNED).update(1, 1.0, 0.0, 0.5)
    A = -0.1 * (G @ R.T - R @ G.T) / 2
    assert 0.01 < np.linalg.norm(A) < MOST
    np.testing.assert_allclose(theta["0.R"], exponential(A).real @ R, atol=1e-6)


def test_a_long_turn_is_cut_to_the_limit():
    theta, grads = started(), gradients(1, size=100.0)
    R = theta["0.R"].copy()
    Optimiser("sgd", theta, grads, Team(1), TURNED).update(1, 1.0, 0.0, 0.0)
    assert np.linalg.norm(theta["0.R"] - R) == pytest.approx(MOST, rel=0.02)


def test_the_optimiser_keeps_what_is_skew():
    _, _, optimiser = trained()
    for name, sign in (("m", -1), ("v", 1)):
        kept = Parameters(SHAPES, flat=optimiser.state[name])["1.R"]
        np.testing.assert_array_equal(kept, sign * kept.T)


def test_all_other_parameters_are_updated_as_ever():
    """With gradients of R that are skew already, so that the norm to clip to is the same."""
    theta, other, grads = started(), started(), gradients(3)
    for name in TURNED:
        theta[name][...] = other[name][...] = np.eye(H)
        grads[name][...] -= grads[name].T.copy()
    same = Parameters(SHAPES)
    same.flat[...] = grads.flat
    norms = [
        Optimiser("adamw", theta, grads, Team(1), TURNED).update(1, 0.1, 1.0, 0.1),
        Optimiser("adamw", other, same, Team(1)).update(1, 0.1, 1.0, 0.1),
    ]
    assert norms[0] == norms[1]
    for name in ("other", "bias"):
        np.testing.assert_array_equal(theta[name], other[name])


@pytest.mark.parametrize("threads", [2, 3, 40])
def test_any_number_of_threads_gives_the_same_bits(threads):
    (theta, mean, optimiser), (one, its_mean, alone) = trained(threads=threads), trained()
    np.testing.assert_array_equal(theta.flat, one.flat)
    np.testing.assert_array_equal(mean.flat, its_mean.flat)
    np.testing.assert_array_equal(optimiser.state["m"], alone.state["m"])


def test_a_mean_that_is_bent_is_straightened():
    theta = started()
    optimiser = Optimiser("sgd", theta, gradients(0), Team(2), TURNED)
    left, _, right = np.linalg.svd(theta["0.R"].astype(np.float64))
    theta["0.R"][...] = left @ np.diag(np.linspace(0.7, 1.2, H)) @ right
    optimiser.straighten()
    np.testing.assert_allclose(theta["0.R"], left @ right, atol=1e-5)


def test_a_network_of_two_directions_has_one_for_each():
    a = Architecture("rnn", 6, 2, 3, 7, 7, False, {"recurrent": "orthogonal"}, bidirectional=True, pool=("last",))
    assert a.orthogonal == dict.fromkeys(["0.R", "0_reverse.R", "1.R", "1_reverse.R"], 0.1)
    network = Network.initialised(a, 0)
    assert all(bent(network.theta[name]) < 1e-6 for name in a.orthogonal)
    assert Architecture("rnn", 6, 2, 3, 7, 7).orthogonal == {}


def test_plain_python_turns_them_as_compiled_code_does(tmp_path):
    code = (
        "import numpy as np; from tests.training.test_rotations import trained;"
        f"np.save({str(tmp_path / 'plain.npy')!r}, trained(updates=3)[0].flat)"
    )
    words = [sys.executable, "-W", "error", "-c", code]
    environment = {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    subprocess.run(words, env=environment, cwd=ROOT, check=True)
    assert_close(np.load(tmp_path / "plain.npy"), trained(updates=3)[0].flat, 1e-5)
