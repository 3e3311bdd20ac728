"""Categories that are read by runs: the same outputs as step by step, bit for bit, and the same gradients."""

import numpy as np
import pytest

import rnncli.network.network
from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.kernels.columns import sums_of_runs
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.inputs import ColumnRows, ColumnRuns, make_input
from rnncli.network.losses import SquaredError
from tests.helpers import assert_close, random_network

T, N, OUTPUTS = 7, 5, 2


def network(numbers=3, layers=1, cell="lstm", dtype=np.float64):
    sizes = {"categories": [["kind", 4, 3], ["series", 6, 2]], "numbers": numbers}
    return random_network(Architecture(cell, 5, layers, 0, 0, OUTPUTS, **sizes), dtype)


def window(numbers=3, steps=T - 1, dtype=np.float64):
    """A series for each row, one of them none; a kind that changes now and then; the last step is not in use."""
    rng = np.random.default_rng(4)
    kind = np.repeat(rng.integers(-1, 4, (4, N)), 2, axis=0)[:T].astype(np.int32)
    series = np.tile(np.array([3, 0, 5, 3, -1], np.int32), (T, 1))
    series[4:, 1] = 3
    x = Window([kind, series], rng.standard_normal((T, N, numbers)).astype(dtype))
    y = rng.standard_normal((T, N, OUTPUTS)).astype(dtype)
    y[steps:] = np.nan
    return Batch(x, y, np.zeros((T, N), np.uint8), steps * N * OUTPUTS, steps)


def trained(net, batch, threads=1):
    """Losses and gradients by name, of the second of two windows."""
    u = net.unfold(T, N, Team(threads), training=True)
    for _ in range(2):
        u.pack()
        u.gradients(batch, SquaredError().gradient)
    return u.losses[: batch.steps].copy(), {name: array.copy() for name, array in u.grads.items()}


def by_step(monkeypatch):
    monkeypatch.setattr(
        rnncli.network.network, "make_input", lambda a, theta, grads, T, N, *_: ColumnRows(a, theta, grads, T, N)
    )


@pytest.mark.parametrize("numbers", [0, 3, 19])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "mingru", "conv"])
def test_runs_and_steps_give_the_same_bits_forward_and_the_same_gradients(cell, numbers, monkeypatch):
    net, batch = network(numbers, 2, cell), window(numbers)
    losses, gradients = trained(net, batch)
    by_step(monkeypatch)
    expected_losses, expected = trained(net, batch)
    np.testing.assert_array_equal(losses, expected_losses)
    assert gradients.keys() == expected.keys()
    for name, gradient in expected.items():
        if gradient.size:
            assert_close(gradients[name], gradient, 1e-12)


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_any_number_of_threads_gives_the_same_bits(threads):
    net, batch = network(dtype=np.float32), window(dtype=np.float32)
    losses, gradients = trained(net, batch)
    shared_losses, shared = trained(net, batch, threads)
    np.testing.assert_array_equal(shared_losses, losses)
    for name, gradient in gradients.items():
        assert np.abs(gradient).max() > 0
        np.testing.assert_array_equal(shared[name], gradient)


def test_a_run_lasts_while_all_categories_of_a_row_stay_as_they_are():
    net, batch = network(), window()
    read = ColumnRuns(net.architecture, net.theta, net.theta, T, N)
    kind, series = batch.x.ids
    kind[:, 0] = [1, 1, 2, 2, 2, 1, 1]
    kind[:, 1] = 3  # of which the series changes at step 4
    kind[:, 2] = range(-3, 4)
    kind[:, 3:] = 0
    read.prepare(batch.x, 6)
    runs = read.rows(batch.x)
    assert runs.most == 6
    assert runs.of[:6, 0].tolist() == [0, 0, 1, 1, 1, 2]
    assert runs.of[:6, 1].tolist() == [6, 6, 6, 6, 7, 7]
    assert runs.of[:6, 2].tolist() == [12, 13, 14, 15, 16, 17]
    none = [-1] * 6
    assert [ids[0].tolist() for ids in read.ids] == [
        [1, 2, 1, *none[3:], 3, 3, *none[2:], -3, -2, -1, 0, 1, 2, 0, *none[1:], 0, *none[1:], *none[1:]],
        [3, 3, 3, *none[3:], 0, 3, *none[2:], 5, 5, 5, 5, 5, 5, 3, *none[1:], -1, *none[1:], *none[1:]],
    ]
    assert runs.of_rows(1, 3) == (6, 18)
    assert runs.groups.bounds.tolist() == [0, 24, 30]
    kind[:, 2] = kind[:, 1]
    for steps, most in (6, 4), (1, 1):  # a row has three runs; one
        read.prepare(batch.x, steps)
        assert read.most == most


def test_dropout_of_the_inputs_and_running_forward_only_read_every_step():
    net = network()
    for dropped, grads, kind in (
        (False, net.theta, ColumnRuns),
        (True, net.theta, ColumnRows),
        (False, None, ColumnRows),
    ):
        assert type(make_input(net.architecture, net.theta, grads, T, N, dropped=dropped)) is kind


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_of_runs(dtype):
    rng = np.random.default_rng(1)
    dZ, runs = (
        rng.integers(-9, 10, (4, 3, 19)).astype(dtype),
        np.array([[0, 2, 3], [0, 2, 4], [1, 2, 4], [1, 2, 5]], np.int32),
    )
    dtable = np.full((1, 6, 19), 77, dtype)
    sums_of_runs(dZ, runs, dtable, 3, 0, 2)
    np.testing.assert_array_equal(dtable[0, 0], 77 + dZ[0, 0] + dZ[1, 0])
    np.testing.assert_array_equal(dtable[0, 1], 77 + dZ[2, 0])
    np.testing.assert_array_equal(dtable[0, 2], 77 + dZ[:3, 1].sum(axis=0))
    assert (dtable[0, 3:] == 77).all()
