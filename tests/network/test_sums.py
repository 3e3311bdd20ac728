"""The order of sums: two processes that have half of the rows each sum up to the gradients of one, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.data.window import Window, take
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY, PathLoss
from tests.helpers import random_network

T, N, V, C = 6, 16, 7, 3  # four groups of rows: each half has a branch of the tree

TOKENS = {"embed": 5, "tokens": V, "outputs": C}
COLUMNS = {"embed": 0, "tokens": 0, "outputs": C, "categories": [["kind", 4, 3], ["place", 5, 2]], "numbers": 3}


def batch(columns, lengths=None):
    rng = np.random.default_rng(1)
    x = rng.integers(0, V, (T, N)).astype(np.int32)
    if columns:
        ids = [rng.integers(-1, count, (T, N)).astype(np.int32) for count in (4, 5)]
        x = Window(ids, rng.standard_normal((T, N, 3)).astype(np.float32))
    y = rng.integers(-1, C, (T, N)).astype(np.int32)
    return Batch(x, y, np.zeros((T, N), np.uint8), int((y >= 0).sum()), T, lengths)


def rows(whole, first, last):
    """Some rows of a batch, whose loss is still the mean over all of its targets."""
    index = slice(None), slice(first, last)
    lengths = None if whole.lengths is None else whole.lengths[first:last].copy()
    x, y, starts = (take(array, index) for array in (whole.x, whole.y, whole.starts))
    return replace(whole, x=x, y=y, starts=starts, lengths=lengths)


def gradients(net, batch, loss):
    u = net.unfold(T, batch.y.shape[1], Team(2), training=True)
    u.pack()
    u.gradients(batch, loss.gradient, steady=loss.steady)
    loss.own_gradients(u)
    sums = {name: array.copy() for name, array in u.grads.items()}
    if u.input.table_rows:  # these are made of the sum by token, once it is whole
        for name in ("embedding.E", "0.W", "0.b"):
            del sums[name]
        sums["table"] = u.layers[0].dtable.copy()
    return sums


def assert_halves_sum_up(net, whole, loss):
    expected = gradients(net, whole, loss)
    left, right = (gradients(net, rows(whole, *half), loss) for half in ((0, N // 2), (N // 2, N)))
    for name, gradient in expected.items():
        np.testing.assert_array_equal(left[name] + right[name], gradient, err_msg=name)
        assert np.abs(gradient).max() > 0, name


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("columns", [False, True])
def test_the_gradients_of_two_halves_add_up_to_those_of_a_batch(cell, columns):
    sizes = COLUMNS if columns else TOKENS
    assert_halves_sum_up(random_network(Architecture(cell, 8, 2, **sizes), np.float32), batch(columns), CROSS_ENTROPY)


def test_so_do_those_of_paths_of_tags():
    loss, lengths = PathLoss(C), np.full(N, T, np.int32)
    sizes = COLUMNS | {"bidirectional": True, "own": loss.own}
    whole = batch(True, lengths)
    whole = replace(whole, y=np.maximum(whole.y, 0))
    assert_halves_sum_up(random_network(Architecture("lstm", 8, 1, **sizes), np.float32), whole, loss)
