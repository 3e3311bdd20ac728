"""Small networks and windows for the tests. All sizes differ, so that a swapped axis cannot pass by luck."""

import json
import subprocess
import sys
from contextlib import contextmanager

import numpy as np

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Dropout, Network

T, N, V, D, H = 6, 4, 7, 3, 5

#: name -> cell and options: every equation that there is
CELLS = {
    "lstm": ("lstm", {}),
    "gru": ("gru", {}),
    "rnn-tanh": ("rnn", {"activation": "tanh"}),
    "rnn-relu": ("rnn", {"activation": "relu"}),
    "rnn-linear": ("rnn", {"activation": "linear"}),
    "mingru": ("mingru", {}),
    "conv": ("conv", {}),
    "conv-2": ("conv", {"kernel": "2"}),
}

#: those whose state is h of the step before
RECURRENT = [name for name, (cell, _) in CELLS.items() if cell != "conv"]

#: max |a - b| / max |b|
TOLERANCE = {np.float64: 1e-12, np.float32: 1e-5}


def architecture(cell, layers=1, tied=False, tokens=V, embed=D, hidden=H):
    name, options = CELLS[cell]
    return Architecture(name, hidden, layers, hidden if tied else embed, tokens, tokens, tied, options)


def random_network(arch, dtype=np.float64, seed=1):
    """Every parameter random, biases too: a fresh network's zeros would hide mistakes."""
    network = Network(arch, np.float32)
    rng = np.random.default_rng(seed)
    for name, array in network.theta.items():
        scale = 1.0 if name == "embedding.E" else 0.4 if array.ndim == 1 else 1.2 / np.sqrt(array.shape[0])
        array[...] = scale * rng.standard_normal(array.shape)
    return network.astype(dtype)


def random_window(T=T, N=N, V=V, seed=2):
    """A batch with every token, a sequence start inside the window for every second row, and masked targets."""
    rng = np.random.default_rng(seed)
    x = rng.permutation(np.arange(T * N) % V).reshape(T, N).astype(np.int32)
    y = rng.integers(0, V, (T, N)).astype(np.int32)
    y[T // 2, 0] = y[0, 1] = y[T - 1, N - 1] = -1
    starts = np.zeros((T, N), np.uint8)
    starts[T // 2, ::2] = 1
    return Batch(x, y, starts, int((y >= 0).sum()), T)


def one_row(steps=40, seed=5):
    """One row of random tokens and targets, from a state of zero."""
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(V, size=(steps, 1)).astype(np.int32) for _ in range(2))
    starts = np.zeros((steps, 1), np.uint8)
    starts[0] = 1
    return Batch(x, y, starts, steps, steps)


def random_states(unfolded, seed=3):
    """Fill the initial states; returns copies of them."""
    rng = np.random.default_rng(seed)
    for state in unfolded.states():
        state[...] = 0.5 * rng.standard_normal(state.shape)
    return [state.copy() for state in unfolded.states()]


def unfold(network, batch, threads=1, training=True, dropout=0.0, variational=False):
    """A packed network over the window of `batch`."""
    T, N = batch.x.shape
    unfolded = network.unfold(T, N, Team(threads), training, Dropout(dropout, variational))
    unfolded.pack()
    return unfolded


def gradients(unfolded, batch, update=0):
    """Forward and backward from the states in `unfolded`; returns copies of the gradients by name."""
    unfolded.gradients(batch, CROSS_ENTROPY.gradient, update, CROSS_ENTROPY.steady)
    return {name: array.copy() for name, array in unfolded.grads.items()}


def assert_close(actual, expected, tolerance):
    """max |actual - expected| <= tolerance · max |expected|, and there is something to compare."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    size = np.abs(expected).max()
    assert size > 0
    worst = np.abs(actual - expected).max() / size
    assert worst <= tolerance, f"off by {worst:.2e} of {size:.3g}, allowed {tolerance:.0e}"


def json_lines(done):
    """The objects that a command wrote, one a line."""
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.decode().splitlines()]


@contextmanager
def ready_processes():
    """`begin(code, *words)` starts Python with this code, which writes an empty line when it is where it shall be. All
    are killed at the end.
    """
    started = []

    def begin(code, *words):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen([sys.executable, "-c", code, *words], **pipes))
        assert started[-1].stdout.readline() == b"\n"
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()
