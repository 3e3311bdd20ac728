"""Threads that share the units of the same rows, in training and without it: the bits of one thread alone."""

from dataclasses import replace

import numpy as np
import pytest

import rnncli.network.network
from rnncli.data.window import Window
from rnncli.kernels.threads import Team
from rnncli.kernels.tile import PANEL
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Dropout
from tests.helpers import CELLS, RECURRENT, architecture, random_network
from tests.network.test_programs import N, T, V, a_batch


@pytest.fixture
def divided(monkeypatch):
    """divided(members): so many threads share the units of the same rows."""

    def divide(members):
        for choice in ("best_members", "best_team"):
            monkeypatch.setattr(rnncli.network.network, choice, lambda *_: members)

    return divide


@pytest.mark.parametrize("cell", RECURRENT)
@pytest.mark.parametrize("rows", [1, 2, 7])
@pytest.mark.parametrize("outputs", ["one block", "several"])
def test_threads_that_share_units_give_the_same_bits(cell, rows, outputs, monkeypatch, divided):
    if outputs == "several":
        monkeypatch.setattr("rnncli.network.network.LOGITS_BYTES", 5 * rows * V * 4)
    network = random_network(architecture(cell, 2, tokens=V, embed=8, hidden=4 * PANEL), np.float32)

    def all_of(threads, members):
        divided(members)
        u, batch, out = network.unfold(T, rows, Team(threads)), a_batch(1, rows=rows), []
        assert {part.members for part in u.parts} == {members}
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
        return out

    alone = all_of(1, 1)
    for threads, members in ((2, 2), (3, 3), (4, 2), (4, 4)):
        for one, other in zip(all_of(threads, members), alone, strict=True):
            np.testing.assert_array_equal(one, other)


WHOLE = {"categories": [["kind", 4, 3]], "numbers": 2, "pool": ["last", "max"]}


def trained(net, batch, threads, loss, dropout):
    """Losses, gradients, and those of the initial states, of two updates."""
    u, out = net.unfold(T, N, Team(threads), training=True, dropout=dropout), []
    for update in (1, 2):
        u.pack()
        u.gradients(batch, loss.gradient, update, steady=True)
        out += [u.losses.copy(), u.grads.flat.copy()]
        out += [array.copy() for layer in u.layers for one in layer.directions for array in one.state_gradients()]
    return out


@pytest.mark.parametrize("cell", RECURRENT)
@pytest.mark.parametrize("kind", ["language", "tied", "small blocks", "whole sequences", "both directions"])
def test_a_training_by_rows_and_units_has_the_same_bits(cell, kind, monkeypatch, divided):
    name, options = CELLS[cell]
    hidden = 4 * PANEL
    batch = a_batch(1)
    if kind in ("whole sequences", "both directions"):
        both = kind == "both directions"
        shape = Architecture(name, hidden, 2, 0, 0, V, cell_options=options, bidirectional=both, **WHOLE)
        rng = np.random.default_rng(1)
        ids = [rng.integers(-1, 4, (T, N)).astype(np.int32)]
        x, lengths = Window(ids, rng.standard_normal((T, N, 2)).astype(np.float32)), np.arange(1, N + 1, dtype=np.int32)
        batch = replace(batch, x=x, y=batch.y[:1].copy(), count=N, lengths=np.minimum(lengths, T))
    else:
        shape = architecture(cell, 2, kind == "tied", tokens=V, embed=8, hidden=hidden)
    if kind == "small blocks":
        monkeypatch.setattr("rnncli.network.network.LOGITS_BYTES", 4 * N * V * 4)
    net = random_network(shape, np.float32)
    dropout = Dropout(0.2, variational=kind == "both directions")
    divided(1)
    alone = trained(net, batch, 1, CROSS_ENTROPY, dropout)
    for threads, members in ((2, 2), (4, 2), (8, 4)):
        divided(members)
        for one, other in zip(trained(net, batch, threads, CROSS_ENTROPY, dropout), alone, strict=True):
            np.testing.assert_array_equal(one, other)


def test_there_are_members_in_programs_alone(divided):
    divided(2)
    net = random_network(architecture("lstm", tokens=V, embed=8, hidden=2 * PANEL), np.float32)
    u = net.unfold(4, 3, Team(2), training=True)
    assert [part.members for part in u.parts_for(True)] == [2, 2]
    assert [part.members for part in u.parts_for(False)] == [1, 1]
