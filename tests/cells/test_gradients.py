"""Gradients against central finite differences in float64, for every element of every parameter and initial state."""

from types import SimpleNamespace

import numpy as np
import pytest

import rnncli.network.inputs
import rnncli.network.network
from tests.helpers import (
    CELLS,
    T,
    architecture,
    assert_close,
    gradients,
    random_network,
    random_states,
    random_window,
    unfold,
)

STEP = 1e-6
RELATIVE = 1e-6

every_cell = pytest.mark.parametrize("cell", CELLS)
one_and_two_layers = pytest.mark.parametrize("layers", [1, 2])
untied_and_tied = pytest.mark.parametrize("tied", [False, True])


def problem(arch, batch=None, dropout=0.0, variational=False):
    """A network on a window, from initial states that are not zero: its mean loss is a function of θ and the states."""
    network, batch = random_network(arch), random_window() if batch is None else batch
    unfolded = unfold(network, batch, dropout=dropout, variational=variational)
    update = 17 if dropout else 0  # the counter of the masks: the same ones at every call
    return SimpleNamespace(unfolded=unfolded, batch=batch, update=update, initial=random_states(unfolded))


def set_states(p):
    for state, value in zip(p.unfolded.states(), p.initial, strict=True):
        state[...] = value


def run(p):
    """Gradients by name, `0.h[0]` for the initial state of the first layer."""
    p.unfolded.pack()
    set_states(p)
    grads = gradients(p.unfolded, p.batch, p.update)
    for index, layer in enumerate(p.unfolded.layers):
        for name, gradient in zip(layer.cell.state_names, layer.state_gradients(), strict=True):
            grads[f"{index}.{name}[0]"] = gradient.copy()
    return grads


def loss(p):
    """Mean nats a target."""
    run(p)
    return p.unfolded.losses.sum() / p.batch.count


def variables(p):
    """Name -> array that the loss depends on, to be changed in place."""
    names = [f"{i}.{name}[0]" for i, layer in enumerate(p.unfolded.layers) for name in layer.cell.state_names]
    return dict(p.unfolded.network.theta) | dict(zip(names, p.initial, strict=True))


def slope(p, array, direction):
    """d loss / dε of array + ε · direction, by a central difference."""
    before = array.copy()
    array += STEP * direction
    above = loss(p)
    array[...] = before - STEP * direction
    below = loss(p)
    array[...] = before
    return (above - below) / (2 * STEP)


def slopes(p, array):
    """The gradient of one array, element by element."""
    out = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        direction = np.zeros_like(array)
        direction[index] = 1
        out[index] = slope(p, array, direction)
    return out


def assert_gradients_are_slopes(p):
    exact, arrays = run(p), variables(p)
    assert exact.keys() == arrays.keys()
    for name, array in arrays.items():
        size = np.linalg.norm(exact[name])
        assert size > 1e-4, f"{name}: agreement of two zeros is no evidence"
        error = np.linalg.norm(slopes(p, array) - exact[name]) / size
        assert error <= RELATIVE, f"{name}: relative error {error:.1e}"


@every_cell
@one_and_two_layers
@untied_and_tied
def test_every_gradient_is_the_slope_of_the_loss(cell, layers, tied):
    assert_gradients_are_slopes(problem(architecture(cell, layers, tied)))


@every_cell
def test_every_gradient_is_the_slope_of_the_loss_under_dropout(cell):
    p = problem(architecture(cell, 2), dropout=0.3)
    assert abs(loss(p) - loss(problem(architecture(cell, 2)))) > 1e-3
    assert_gradients_are_slopes(p)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "rnn-relu"])  # so many units of it are at a kink
@untied_and_tied
def test_gradients_beyond_a_panel_and_a_tile_are_slopes(cell, tied):
    """Sizes that cross the panels of 16 and the tiles of 6, each array along a random direction of its quadrant."""
    arch = architecture(cell, 2, tied, tokens=45, embed=18, hidden=35)
    p = problem(arch, random_window(T=5, N=13, V=45), dropout=0.2)
    exact, rng = run(p), np.random.default_rng(0)
    for name, array in variables(p).items():
        direction = np.abs(rng.standard_normal(array.shape)) * np.sign(exact[name])  # all add up, nothing cancels
        direction /= np.linalg.norm(direction)
        expected = (exact[name] * direction).sum()
        assert expected > 1e-3
        assert abs(slope(p, array, direction) / expected - 1) <= RELATIVE, name


@every_cell
@untied_and_tied
def test_every_gradient_is_the_slope_of_the_loss_without_a_table(cell, tied, monkeypatch):
    monkeypatch.setattr(rnncli.network.inputs, "TABLE_TOKENS", 0)
    p = problem(architecture(cell, 2, tied), dropout=0.1, variational=True)
    assert not p.unfolded.input.table_rows
    assert_gradients_are_slopes(p)


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_a_table_and_rows_of_the_embedding_give_the_same_bits_forward_and_the_same_gradients(cell, layers, monkeypatch):
    arch = architecture(cell, layers)
    tabled = problem(arch)
    expected = run(tabled)
    monkeypatch.setattr(rnncli.network.inputs, "TABLE_TOKENS", 0)
    rows = problem(arch)
    actual = run(rows)
    np.testing.assert_array_equal(rows.unfolded.losses, tabled.unfolded.losses)
    for name, gradient in expected.items():
        assert_close(actual[name], gradient, 1e-12)


def test_variational_dropout_takes_the_same_units_at_all_steps_and_of_the_embedding_too(monkeypatch):
    monkeypatch.setattr(rnncli.network.inputs, "TABLE_TOKENS", 0)
    p = problem(architecture("lstm"), dropout=0.4, variational=True)
    run(p)
    for array in (p.unfolded.input.X, p.unfolded.layers[0].Y):
        zero = array == 0
        assert (zero == zero[0]).all()
        assert 0 < zero.mean() < 1
        assert len({row.tobytes() for row in zero[0]}) > 1


@every_cell
@untied_and_tied
@pytest.mark.parametrize("block", [1, 4])
def test_the_output_layer_may_run_in_blocks_of_steps(cell, tied, block, monkeypatch):
    arch = architecture(cell, 2, tied)
    whole = problem(arch, dropout=0.3)
    assert whole.unfolded.block == T
    expected = run(whole)
    monkeypatch.setattr(rnncli.network.network, "LOGITS_BYTES", whole.unfolded.logits[:block].nbytes)
    blocks = problem(arch, dropout=0.3)
    assert blocks.unfolded.block == len(blocks.unfolded.logits) == block
    actual = run(blocks)
    output = {"output.W", "output.b", *(["embedding.E"] if tied else [])}  # whose sums are over one block after another
    for name, gradient in expected.items():
        if name in output:
            assert_close(actual[name], gradient, 1e-12)
        else:
            np.testing.assert_array_equal(actual[name], gradient, err_msg=name)
    np.testing.assert_array_equal(blocks.unfolded.losses, whole.unfolded.losses)


@every_cell
def test_gradients_are_those_of_the_last_batch(cell):
    p = problem(architecture(cell, 2))
    once = {name: gradient for name, gradient in run(p).items() if name in p.unfolded.grads}
    p.unfolded.grads.flat[:] = np.nan
    set_states(p)
    again = gradients(p.unfolded, p.batch)
    for name, gradient in once.items():
        np.testing.assert_array_equal(again[name], gradient, err_msg=name)


@every_cell
def test_no_gradient_passes_a_sequence_start(cell):
    p = problem(architecture(cell, 2))
    p.batch.y[: T // 2] = -1  # so that only what comes after the starts has a loss
    grads, started = run(p), p.batch.starts[T // 2].astype(bool)
    for index, layer in enumerate(p.unfolded.layers):
        for name in layer.cell.state_names:
            dh = grads[f"{index}.{name}[0]"].reshape(len(started), -1)
            assert not dh[started].any()
            if name == layer.cell.state_names[0]:  # the other one of a convolution may not reach that far
                assert dh[~started].any(axis=1).all()
