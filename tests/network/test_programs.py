"""Programs of kernels do what the works do that they are made of, for batches of every size."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network import programs
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY, CrossEntropy
from rnncli.network.network import Dropout, Network
from rnncli.network.units_layer import UnitsLayer
from tests.helpers import CELLS, architecture, random_network

T, N, V = 12, 5, 11
ALL = list(CELLS)
WEIGHTED = CrossEntropy(np.linspace(0.2, 3, V))


def a_batch(seed, steps=T, rows=N):
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(0, V, (T, rows)).astype(np.int32) for _ in range(2))
    y[rng.random((T, rows)) < 0.1] = -1
    return Batch(x, y, (rng.random((T, rows)) < 0.1).astype(np.uint8), int((y[:steps] >= 0).sum()), steps)


def updates(shape, loss, dropout, steady, threads=2):
    """Losses, logits and gradients of some updates of batches of several sizes."""
    network = random_network(shape, np.float32)
    u = network.unfold(T, N, Team(threads), training=True, dropout=dropout)
    out = []
    for update, steps in enumerate([T, T, 7, T, 7, 1], start=1):
        batch = a_batch(update, steps)
        u.pack()
        u.gradients(batch, loss.gradient, update, steady)
        mean = u.losses[:steps].sum(dtype=np.float64) / batch.count
        assert loss.mean(u, batch) == pytest.approx(mean, nan_ok=True)
        out += [u.losses[:steps].copy(), u.grads.flat.copy(), *(s.copy() for s in u.states(steps))]
        u.carry(steps)
        network.theta.flat[...] -= np.float32(0.1) * u.grads.flat
    return out


@pytest.mark.parametrize("dropout", [Dropout(), Dropout(0.3), Dropout(0.3, variational=True)])
@pytest.mark.parametrize("loss", [CROSS_ENTROPY, WEIGHTED], ids=["plain", "weighted"])
@pytest.mark.parametrize("cell", ALL)
def test_updates_of_programs_are_those_of_works(cell, loss, dropout):
    shape = architecture(cell, 2, tokens=V, embed=8, hidden=16)
    programmed, worked = (updates(shape, loss, dropout, steady) for steady in (True, False))
    for one, other in zip(programmed, worked, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(programmed[0], programmed[len(programmed) // 6])


@pytest.mark.parametrize("kind", ["tied", "many tokens", "small blocks"])
def test_those_of_other_outputs_and_inputs_too(kind, monkeypatch):
    shape = Architecture("lstm", 8, 1, 8, V, V, tied=kind == "tied")
    if kind == "many tokens":
        monkeypatch.setattr("rnncli.network.inputs.TABLE_TOKENS", 4)
    if kind == "small blocks":
        monkeypatch.setattr("rnncli.network.network.LOGITS_BYTES", 4 * N * V * 4)
    programmed, worked = (updates(shape, CROSS_ENTROPY, Dropout(0.2), steady) for steady in (True, False))
    for one, other in zip(programmed, worked, strict=True):
        np.testing.assert_array_equal(one, other)


def test_batches_of_more_sizes_than_there_are_programs_for(monkeypatch):
    monkeypatch.setattr(programs, "SIZES", 2)
    shape = Architecture("gru", 8, 1, 4, V, V)
    few, worked = (updates(shape, CROSS_ENTROPY, Dropout(), steady) for steady in (True, False))
    for one, other in zip(few, worked, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("cell", ALL)
@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("outputs", ["one block", "several"])
def test_threads_that_share_units_give_the_same_bits(cell, rows, outputs, monkeypatch):
    monkeypatch.setattr("rnncli.network.units_layer.LEAST", 0)
    if outputs == "several":
        monkeypatch.setattr("rnncli.network.network.LOGITS_BYTES", 5 * rows * V * 4)
    network = random_network(architecture(cell, 2, tokens=V, embed=8, hidden=64), np.float32)

    def all_of(threads):
        u, batch, out = network.unfold(T, rows, Team(threads)), a_batch(1, rows=rows), []
        u.pack()
        for steps in (T, 7):
            cut = replace(batch, steps=steps)
            out += [CROSS_ENTROPY.losses(u, cut).copy(), u.logits.copy(), *(s.copy() for s in u.states(steps))]
            u.carry(steps)
            u.forward(cut)
            out += [layer.Y[:steps].copy() for layer in u.layers]
            u.carry(steps)
        for x in batch.x[:3]:
            u.step(x[None])
            out += [u.logits[:1].copy(), *(s.copy() for s in u.states())]
        return u, out

    u, alone = all_of(1)
    assert not u.by_units
    for threads in (2, 3, 4):
        u, shared = all_of(threads)
        assert u.by_units == (rows < threads)
        assert isinstance(u.layers[0], UnitsLayer) == u.by_units
        for one, other in zip(shared, alone, strict=True):
            np.testing.assert_array_equal(one, other)


def test_units_are_shared_where_it_pays_alone():
    def by_units(hidden, rows, threads, **more):
        network = Network(Architecture("lstm", hidden, 1, 8, V, V))
        return network.unfold(4, rows, Team(threads), **more).by_units

    assert by_units(128, 1, 2)
    assert not by_units(128, 2, 2)  # a row for each thread
    assert not by_units(128, 1, 1)
    assert not by_units(64, 1, 2)  # too small
    assert not by_units(136, 1, 2)  # no whole panels
    assert not by_units(128, 1, 2, training=True)
    assert not by_units(128, 1, 2, keep=True)
