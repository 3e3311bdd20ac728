"""What must not change a bit: cutting a sequence in pieces, the rest of the batch, padding, the number of threads."""

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.softmax import softmax_loss
from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Dropout
from rnncli.training.optimisers import Optimiser
from tests.helpers import CELLS, architecture, gradients, random_network, random_states, random_window, unfold

T, N, V, D, H = 11, 7, 23, 18, 19  # columns beyond a panel, rows beyond a tile

every_cell = pytest.mark.parametrize("cell", CELLS)
one_and_two_layers = pytest.mark.parametrize("layers", [1, 2])


def network(cell, layers=2, tied=False):
    return random_network(architecture(cell, layers, tied, tokens=V, embed=D, hidden=H), np.float32)


def window():
    return random_window(T, N, V)


def losses(unfolded, x, y, starts):
    """States of the last layer and nats of all steps."""
    steps = len(x)
    nats = CROSS_ENTROPY.losses(unfolded, Batch(x, y, starts, int((y >= 0).sum()), steps)).copy()
    return unfolded.layers[-1].Y[:steps].copy(), nats


@every_cell
@one_and_two_layers
def test_a_sequence_cut_in_pieces_with_carried_state_is_the_whole(cell, layers):
    net, batch = network(cell, layers), window()
    whole = unfold(net, batch, training=False)
    random_states(whole)
    h, nats = losses(whole, batch.x, batch.y, batch.starts)
    pieces = unfold(net, batch, training=False)
    random_states(pieces)
    for first, last in ((0, 1), (1, 8), (8, T)):
        cut = slice(first, last)
        part_h, part_nats = losses(pieces, batch.x[cut], batch.y[cut], batch.starts[cut])
        np.testing.assert_array_equal(part_h, h[cut])
        np.testing.assert_array_equal(part_nats, nats[cut])
        pieces.carry(last - first)
    for ours, theirs in zip(pieces.states(0), whole.states(T), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def row_gradients(unfolded, batch):
    """Nats, h, dZ of all layers, and the gradients at the initial states: everything that belongs to a row."""

    none, scale = np.zeros(0, np.float32), np.full(1, 0.01, np.float32)

    def loss(u, batch, t0, steps, first, last):
        softmax_loss(u.logits, batch.y, none, scale, u.losses, False, t0, steps, first, last)

    unfolded.gradients(batch, loss)
    out = {"nats": unfolded.losses}
    for index, layer in enumerate(unfolded.layers):
        out |= {f"{index}.Y": layer.Y, f"{index}.dZ": layer.Z}
        out |= {f"{index}.d{name}": d for name, d in zip(layer.cell.state_names, layer.dstates, strict=True)}
    return {name: array.copy() for name, array in out.items()}


@every_cell
def test_a_batch_is_its_rows_one_by_one(cell):
    net, batch = network(cell), window()
    together = unfold(net, batch)
    initial = random_states(together)
    expected = row_gradients(together, batch)
    for n in range(N):
        row = Batch(*(np.ascontiguousarray(a[:, n : n + 1]) for a in (batch.x, batch.y, batch.starts)), 0, T)
        alone = unfold(net, row)
        for state, value in zip(alone.states(), initial, strict=True):
            state[...] = value[n : n + 1]
        for name, array in row_gradients(alone, row).items():  # all are (T, N, ..)
            np.testing.assert_array_equal(array[:, 0], expected[name][:, n], err_msg=name)


def padded(batch, steps, rows):
    """The same window with more steps and rows of any token, without targets."""
    x = np.full((T + steps, N + rows), 3, np.int32)
    y = np.full_like(x, -1)
    starts = np.zeros(x.shape, np.uint8)
    for whole, part in ((x, batch.x), (y, batch.y), (starts, batch.starts)):
        whole[:T, :N] = part
    return Batch(x, y, starts, batch.count, T + steps)


@every_cell
@pytest.mark.parametrize(("steps", "rows"), [(3, 0), (0, 2), (40, 5)])
def test_padding_changes_nothing(cell, steps, rows):
    net, batch = network(cell), window()
    bare = unfold(net, batch)
    expected = gradients(bare, batch)
    wide = padded(batch, steps, rows)
    unfolded = unfold(net, wide)
    actual = gradients(unfolded, wide)
    np.testing.assert_array_equal(unfolded.losses[:T, :N], bare.losses)
    np.testing.assert_array_equal(unfolded.layers[-1].Y[:T, :N], bare.layers[-1].Y)
    for name, gradient in expected.items():
        np.testing.assert_array_equal(actual[name], gradient, err_msg=name)


@every_cell
def test_unused_steps_at_the_end_of_a_window_change_nothing(cell):
    net, batch = network(cell), window()
    expected = gradients(unfold(net, batch), batch)
    longer = net.unfold(T + 5, N, Team(1), training=True)
    longer.pack()
    for layer in longer.layers:  # whatever is left there from the window before
        for array in (layer.Z, layer.Y, layer.dY, *layer.states):
            array[T + 1 :] = np.nan
    actual = gradients(longer, batch)
    for name, gradient in expected.items():
        np.testing.assert_array_equal(actual[name], gradient, err_msg=name)


def trained(cell, layers, tied, optimizer, threads):
    """Everything after three updates with dropout: losses, states, gradients, θ, state of the optimiser."""
    net, batch = network(cell, layers, tied), window()
    team = Team(threads)
    unfolded = net.unfold(T, N, team, training=True, dropout=Dropout(0.2))
    optimiser = Optimiser(optimizer, net.theta, unfolded.grads, team)
    out = {}
    for step in (1, 2, 3):
        unfolded.pack()
        out |= {f"d{name} {step}": g for name, g in gradients(unfolded, batch, step).items()}
        out[f"losses {step}"] = unfolded.losses.copy()
        norm = optimiser.update(step, 0.01, 0.2, 0.1)
        assert norm > 0.2  # so that it is clipped
        out[f"norm {step}"] = np.array(norm)
        unfolded.carry(T)
    out |= {f"state {index}": state.copy() for index, state in enumerate(unfolded.states())}
    return out | optimiser.state | {"theta": net.theta.flat}


@pytest.mark.parametrize(
    ("cell", "layers", "tied", "optimizer"),
    [
        ("lstm", 2, False, "adamw"),
        ("lstm", 1, True, "sgd"),
        ("gru", 2, True, "rmsprop"),
        ("gru", 1, False, "adamw"),
        ("rnn-tanh", 2, False, "sgd"),
        ("rnn-relu", 1, True, "rmsprop"),
        ("mingru", 2, False, "adamw"),
        ("mingru", 1, True, "sgd"),
        ("conv", 2, False, "adamw"),
        ("conv-2", 3, True, "sgd"),
    ],
)
def test_any_number_of_threads_gives_the_same_bits(cell, layers, tied, optimizer):
    expected = trained(cell, layers, tied, optimizer, threads=1)
    for threads in (2, 3, 9):  # nine: more threads than rows
        for name, array in trained(cell, layers, tied, optimizer, threads).items():
            np.testing.assert_array_equal(array, expected[name], err_msg=f"{name}, {threads} threads")


@every_cell
def test_any_number_of_threads_gives_the_same_forward_pass(cell):
    net, batch = network(cell), window()
    expected = losses(unfold(net, batch, 1, training=False), batch.x, batch.y, batch.starts)
    for threads in (2, 3):
        unfolded = unfold(net, batch, threads, training=False)
        for ours, theirs in zip(losses(unfolded, batch.x, batch.y, batch.starts), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
