"""Networks on whole sequences of columns: both directions, pooling, categories, n-grams, fields of tags.

Gradients against finite differences in float64. Of an array of more than DIRECTIONS elements they are taken along as
many random signs: a wrong element is as far off in each of them as by itself.
"""

import numpy as np
import pytest

from rnncli.data.batches import whole_batch
from rnncli.data.examples import Examples
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CrossEntropy, PathLoss, SquaredError
from rnncli.network.network import Dropout
from tests.helpers import assert_close, random_network

STEP, RELATIVE, DIRECTIONS = 1e-6, 1e-6, 8
LENGTHS = (4, 1, 6, 3)
OUTPUTS = 3


def examples(targets="classes"):
    """Four sequences of unequal length: a category, words with n-grams, two numbers; a missing category among them."""
    rng, rows = np.random.default_rng(5), sum(LENGTHS)
    category = rng.integers(0, 4, rows).astype(np.int32)
    category[2] = -1
    words = (np.arange(rows) % 5).astype(np.int32)
    bounds = np.array([0, 2, 3, 6, 6, 8], np.int32)  # the fourth word has no n-grams
    grams = np.array([0, 1, 6, 2, 3, 2, 4, 5], np.int32)
    offsets = np.concatenate([[0], np.cumsum(LENGTHS)])
    y = {
        "classes": rng.integers(0, OUTPUTS, len(LENGTHS)).astype(np.int32),
        "numbers": rng.standard_normal((len(LENGTHS), OUTPUTS)).astype(np.float32),
        "tags": rng.integers(0, OUTPUTS, rows).astype(np.int32),
    }[targets]
    numbers = rng.standard_normal((rows, 2)).astype(np.float32)
    return Examples(offsets, [category, words], numbers, (bounds, grams), y)


def architecture(cell="lstm", pool=(), both=True, layers=2, own=None):
    return Architecture(
        cell, 5, layers, 0, 0, OUTPUTS, bidirectional=both, categories=[["kind", 4, 3]], grams=[7, 2], numbers=2,
        pool=list(pool), own=own or {},
    )  # fmt: skip


def problem(arch, loss, targets, dropout=0.0):
    data = examples(targets)
    batch = whole_batch(data, np.arange(len(data)), len(data) + 1)  # a row is empty
    batch.x.numbers = batch.x.numbers.astype(np.float64)
    batch.y = batch.y.astype(np.float64) if targets == "numbers" else batch.y
    network = random_network(arch)

    def unfolded(threads):
        return network.unfold(batch.steps, len(data) + 1, Team(threads), training=True, dropout=Dropout(dropout, True))

    def run(u):
        u.pack()
        u.gradients(batch, loss.gradient, 17 if dropout else 0)
        loss.own_gradients(u)
        mean = float(u.losses.sum()) / batch.count
        assert loss.mean(u, batch) == pytest.approx(mean, rel=1e-9)
        return mean

    def mean_loss(u):
        if dropout:
            return run(u)
        u.pack()
        return float(loss.losses(u, batch).sum()) / batch.count

    return unfolded, run, mean_loss


def assert_slopes(unfolded, run, mean_loss):
    """The gradient of two threads, the losses of one: two would wait for each other some thousand times."""
    u, alone = unfolded(2), unfolded(1)
    assert run(u) == run(alone) == pytest.approx(mean_loss(alone), rel=1e-12)
    exact = {name: array.copy() for name, array in u.grads.items()}
    for name, array in u.network.theta.items():
        assert np.abs(exact[name]).max() > 1e-6, f"{name}: agreement of two zeros is no evidence"
        before, errors = array.copy(), []
        for direction in directions(array.shape):
            array[...] = before + STEP * direction
            above = mean_loss(alone)
            array[...] = before - STEP * direction
            errors.append((above - mean_loss(alone)) / (2 * STEP) - (exact[name] * direction).sum())
        array[...] = before
        error = np.abs(errors).max() / np.linalg.norm(exact[name])
        assert error <= RELATIVE, f"{name}: relative error {error:.1e}"


def directions(shape):
    """Each element by itself, or all of them at once with random signs."""
    size = int(np.prod(shape))
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (DIRECTIONS, *shape))
    return signs if size > DIRECTIONS else np.eye(size).reshape(size, *shape)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pool", [["last"], ["mean"], ["max"], ["max", "last", "mean"]])
def test_gradients_of_classes_by_every_pooling_are_slopes(pool, both):
    assert_slopes(*problem(architecture(pool=pool, both=both), CrossEntropy(), "classes"))


@pytest.mark.parametrize("cell", ["gru", "rnn", "mingru", "conv"])
def test_gradients_of_the_other_cells_are_slopes_under_dropout(cell):
    assert_slopes(*problem(architecture(cell, ["mean", "last"]), CrossEntropy(), "classes", dropout=0.3))


def test_gradients_of_weighted_classes_are_slopes():
    loss = CrossEntropy(np.array([0.5, 1.0, 2.5]))
    assert_slopes(*problem(architecture(pool=["last"], layers=1), loss, "classes"))


def test_gradients_of_numbers_are_slopes():
    assert_slopes(*problem(architecture(pool=["mean"], layers=1), SquaredError(), "numbers"))


@pytest.mark.parametrize("field", [False, True])
def test_gradients_of_tags_are_slopes(field):
    loss = PathLoss(OUTPUTS) if field else CrossEntropy()
    assert_slopes(*problem(architecture(own=loss.own), loss, "tags", dropout=0.2))


@pytest.mark.parametrize("pool", [(), ("last", "mean", "max")])
def test_a_batch_equals_its_sequences_one_by_one(pool):
    data, network = examples("tags" if not pool else "classes"), random_network(architecture(pool=pool))
    network = network.astype(np.float32)
    together = outputs(network, data, np.arange(len(data)), 6)
    for i, expected in enumerate(together):
        alone = outputs(network, data, np.array([i]), 1)[0]
        assert alone.shape == expected.shape
        assert_close(alone, expected, 1e-5)


def outputs(network, data, indices, N):
    """The logits of each sequence, its own steps only."""
    batch = whole_batch(data, indices, N)
    u = network.unfold(batch.steps + 2, N, Team(1))  # room that is not used
    u.pack()
    u.forward(batch)
    if u.pooling:
        return [u.outputs(0, 1)[0, n].copy() for n in range(len(indices))]
    logits = u.outputs(0, batch.steps)
    return [logits[: batch.lengths[n], n].copy() for n in range(len(indices))]


def test_the_backward_direction_reads_the_end_first():
    """The first output of a bidirectional layer changes with the last input, that of a one-way layer does not."""
    for both in (False, True):
        data, network = examples("tags"), random_network(architecture(both=both)).astype(np.float32)
        before = outputs(network, data, np.arange(4), 4)[2][0]
        data.numbers[data.offsets[3] - 1] += 1
        after = outputs(network, data, np.arange(4), 4)[2][0]
        assert (np.abs(after - before).max() > 1e-4) == both
