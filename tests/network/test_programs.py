"""Programs of kernels do what the works do that they are made of, for batches of every size."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.kernels.threads import Team
from rnncli.network import programs
from rnncli.network.architecture import Architecture
from rnncli.network.likelihoods import LIKELIHOODS
from rnncli.network.losses import CROSS_ENTROPY, BinaryCrossEntropy, CrossEntropy, PathLoss, SquaredError
from rnncli.network.network import Dropout
from tests.helpers import CELLS, architecture, random_network

T, N, V = 12, 5, 11
TARGETS = 3
#: n-grams of four words and of five: bounds, and numbers below 7
WORDS = [
    (np.array([0, *ends], np.int32), np.arange(ends[-1], dtype=np.int32) % 7)
    for ends in ([2, 2, 5, 6], [1, 4, 4, 7, 8])
]
ALL = list(CELLS)
BINARY, PATHS = BinaryCrossEntropy(), PathLoss(TARGETS)
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
    monkeypatch.setattr(programs, "PROGRAMS", 2)
    shape = Architecture("gru", 8, 1, 4, V, V)
    few, worked = (updates(shape, CROSS_ENTROPY, Dropout(), steady) for steady in (True, False))
    for one, other in zip(few, worked, strict=True):
        np.testing.assert_array_equal(one, other)


def series(seed, loss, steps):
    """Windows of two numbers with targets, some of which are missing: 0, 1 or 2."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, (T, N, TARGETS)).astype(np.float32)
    y[rng.random(y.shape) < 0.1] = y[steps:] = np.nan
    x = Window([], rng.standard_normal((T, N, 2)).astype(np.float32))
    return Batch(x, y, (rng.random((T, N)) < 0.1).astype(np.uint8), int(np.isfinite(y).sum()), steps)


def runs(seed, loss, steps):
    """The same with a category that changes more and more often."""
    batch, rng = series(seed, loss, steps), np.random.default_rng(seed)
    changes = np.cumsum(rng.random((T, N)) < 0.1 * seed, axis=0)
    return replace(batch, x=Window([(changes % 5 - 1).astype(np.int32)], batch.x.numbers))


def sequences(seed, loss, steps):
    """Sequences of unequal length, one of them empty: two numbers, a category and words of one of two lists; numbers,
    sets of bits or tags to learn. Of the second batch a tag is missing.
    """
    rng = np.random.default_rng(seed)
    lengths = np.array([steps, *rng.integers(1, steps + 1, N - 2), 0], np.int32)
    y = rng.integers(0, 2, (1, N, TARGETS + (loss == BINARY))).astype(np.float32)
    y[:, -1] = np.nan
    if loss == PATHS:
        y = np.where(np.arange(steps)[:, None] < lengths, rng.integers(0, TARGETS, (steps, N)), -1).astype(np.int32)
        y[0, 1] = -1 if seed == 2 else y[0, 1]
    ids = [rng.integers(-1, 4, (steps, N)).astype(np.int32) for _ in range(2)]
    x = Window(ids, rng.standard_normal((steps, N, 2)).astype(np.float32), WORDS[seed % 2])
    starts = np.zeros((steps, N), np.uint8)
    starts[0] = 1
    return Batch(x, y, starts, N - 1, steps, lengths)


LOSSES = {name: (kind(), series) for name, kind in LIKELIHOODS.items()}
LOSSES |= {"runs": (LIKELIHOODS["gaussian"](), runs)}
LOSSES |= {"numbers": (SquaredError(), sequences), "sets": (BINARY, sequences), "paths": (PATHS, sequences)}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", LOSSES)
def test_those_of_columns_and_of_every_loss_too(name, threads):
    loss, made = LOSSES[name]
    columns = {"numbers": 2, "own": loss.own, "categories": [["kind", 4, 3]] if made in (runs, sequences) else []}
    if made == sequences:
        columns |= {"grams": [7, 2], "bidirectional": True}
        columns |= {} if loss == PATHS else {"pool": ["last", "mean", "max"]}
    network = random_network(
        Architecture("gru", 6, 1, 0, 0, TARGETS * getattr(loss, "width", 1), **columns), np.float32
    )
    ours, plain = (network.unfold(T, N, Team(threads), training=True) for _ in range(2))
    for update, steps in enumerate([T, T, 7, T, 7, 1], start=1):
        batch = made(update, loss, steps)
        for u, steady in ((ours, loss.is_steady(batch)), (plain, False)):
            u.pack()
            u.gradients(batch, loss.gradient, update, steady)
            loss.own_gradients(u)
        np.testing.assert_array_equal(ours.grads.flat, plain.grads.flat)
        found, expected = (u.losses[: 1 if u.pooling else steps] for u in (ours, plain))
        np.testing.assert_array_equal(found, expected)
        assert np.isfinite(expected).all()
        assert expected.any()
        network.theta.flat[...] -= np.float32(0.1) * plain.grads.flat
    # one to pack; three sizes, and one of them with words of either list, two with runs of two lengths
    assert len(ours.programs.made) == {series: 4, sequences: 5, runs: 6}[made]


def test_batches_that_come_in_the_same_arrays_are_read_anew_and_those_of_another_source_too():
    network = random_network(architecture("lstm", 1, tokens=V, embed=8, hidden=16), np.float32)
    ours, plain = (network.unfold(T, N, Team(2), training=True) for _ in range(2))
    sources = [a_batch(0), a_batch(0)]
    for update, (source, steps) in enumerate([(0, T), (0, T), (1, T), (0, 5), (0, T), (1, 5), (1, T)], start=1):
        batch = a_batch(update, steps)
        for array, new in zip(sources[source].arrays, batch.arrays, strict=True):
            array[...] = new
        u_batch = Batch(*sources[source].arrays, batch.count, steps, reused=True)
        for u, given, steady in ((ours, u_batch, True), (plain, batch, False)):
            u.pack()
            u.gradients(given, CROSS_ENTROPY.gradient, update, steady)
        np.testing.assert_array_equal(ours.grads.flat, plain.grads.flat)
        np.testing.assert_array_equal(ours.losses[:steps], plain.losses[:steps])
