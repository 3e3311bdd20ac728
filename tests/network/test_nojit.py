"""Under NUMBA_DISABLE_JIT=1 the kernels run as the plain Python that they are written in, with the same results."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.kernels.threads import Team
from rnncli.network.likelihoods import LIKELIHOODS
from rnncli.training.optimisers import SLOTS, Optimiser
from tests.helpers import CELLS, architecture, assert_close, gradients, random_network, random_window, unfold

ROOT = Path(__file__).parents[2]


def training_step(cell):
    """Name -> array of one update of a cell in two layers, the optimiser and the tying by turns."""
    number = list(CELLS).index(cell)
    network, batch = random_network(architecture(cell, 2, tied=number % 2 == 1), np.float32), random_window()
    unfolded = unfold(network, batch, dropout=0.25 if cell == "lstm" else 0.0)
    arrays = gradients(unfolded, batch, update=5)
    Optimiser(list(SLOTS)[number % 3], network.theta, unfolded.grads, Team(1)).update(1, 0.01, 0.1, 0.1)
    return arrays | {"h": unfolded.layers[1].Y, "losses": unfolded.losses, "theta": network.theta.flat}


def gradients_of_losses():
    """Loss -> the gradients of some logits."""
    out = {}
    for name, kind in LIKELIHOODS.items():
        rng, loss = np.random.default_rng(0), kind()
        logits, losses = rng.standard_normal((2, 3, loss.width)).astype(np.float32), np.zeros((2, 3), np.float32)
        u = SimpleNamespace(logits=logits, losses=losses, scale=np.full(1, 0.5, np.float32))
        loss.rows(u, SimpleNamespace(y=np.ones((2, 3, 1), np.float32)), False, 0, 2, 0, 3)
        out[name] = logits
    return out


def save(path):
    """Write the updates of all cells, and the gradients of the losses of numbers."""
    updates = {f"{cell} {name}": array for cell in CELLS for name, array in training_step(cell).items()}
    np.savez(path, **updates, **gradients_of_losses())


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The arrays of the same steps in a process without compilation."""
    path = tmp_path_factory.mktemp("nojit") / "plain.npz"
    code = f"from tests.network.test_nojit import save; save({str(path)!r})"
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with np.load(path) as file:
        return dict(file)


@pytest.mark.parametrize("cell", CELLS)
def test_plain_python_computes_what_the_machine_code_computes(cell, plain):
    compiled = training_step(cell)
    assert len(compiled) >= 9  # θ, its gradients by name, h and the losses
    for name, array in compiled.items():
        assert_close(plain[f"{cell} {name}"], array, 1e-4)


def test_plain_python_has_the_same_losses_of_numbers(plain):
    for name, gradient in gradients_of_losses().items():
        assert_close(plain[name], gradient, 1e-4)


def test_plain_python_drops_out_the_same_units(plain):
    dropped = training_step("lstm")["h"] == 0
    assert 0 < dropped.mean() < 0.5
    np.testing.assert_array_equal(plain["lstm h"] == 0, dropped)
