"""What only a convolution has: a way back in pieces of a window, and a receptive field."""

from dataclasses import replace

import numpy as np
import pytest

import rnncli.network.layer
from rnncli.cells.conv import Conv
from rnncli.data.window import Window
from rnncli.kernels.dropout import dropout
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Dropout
from tests import naive
from tests.helpers import (
    H,
    N,
    T,
    V,
    architecture,
    assert_close,
    gradients,
    one_row,
    random_network,
    random_states,
    random_window,
    unfold,
)


@pytest.mark.parametrize("cell", ["conv", "conv-2"])
def test_a_window_in_pieces_there_and_back_gives_the_same_bits(cell, monkeypatch):
    """Pieces of 2 steps and 1, shorter than the dilation of the third layer, and starts in several of them."""
    network, batch = random_network(architecture(cell, 3), np.float32), random_window(T=13)
    batch.starts[2, 0] = batch.starts[9, 0] = batch.starts[3, 1] = 1
    found = []
    for steps in (13, 2, 1):
        monkeypatch.setattr(rnncli.network.layer, "CHUNK_BYTES", steps * 4 * 4 * network.cells[0].width)
        u = unfold(network, batch, dropout=0.2)
        assert u.layers[0].chunk == steps
        random_states(u)
        arrays = gradients(u, batch, update=3)
        for index, layer in enumerate(u.layers):
            arrays |= {f"{index}.{i}": d.copy() for i, d in enumerate([*layer.state(13), *layer.state_gradients()])}
        found.append(arrays)
    for other in found[1:]:
        for name, array in found[0].items():
            assert array.any()
            np.testing.assert_array_equal(other[name], array, err_msg=name)


@pytest.mark.parametrize(("kernel", "layers"), [("2", 4), ("3", 3), ("5", 2)])
def test_one_sum_of_taps_gives_what_taps_side_by_side_give(kernel, layers):
    """The two ways to compute a training: with `keep` all products of a step are there."""
    arch = replace(architecture("conv", layers, hidden=19), cell_options={"kernel": kernel})
    network, batch, found = random_network(arch), random_window(T=21), []
    batch.starts[2, 0] = batch.starts[9, 0] = batch.starts[3, 1] = 1
    for keep in (False, True):
        u = network.unfold(21, N, Team(1), True, Dropout(0.2), keep)
        assert [[*layer.direct] for layer in u.layers] == (
            [[]] * layers if keep else [["R"], *[["W", "R"]] * (layers - 1)]
        )
        u.pack()
        random_states(u)
        arrays = gradients(u, batch, update=3)
        for index, layer in enumerate(u.layers):
            arrays |= {f"{index}.{i}": d.copy() for i, d in enumerate([*layer.state(21), *layer.state_gradients()])}
        found.append(arrays | {"Y": u.layers[-1].Y})
    for name, array in found[0].items():
        assert_close(array, found[1][name], 1e-12)


@pytest.mark.parametrize(("kernel", "layers"), [("2", 3), ("3", 2), ("5", 1)])
def test_an_output_depends_on_the_steps_of_the_receptive_field(kernel, layers):
    """Bits change with each of these inputs, and with no other."""
    arch = replace(architecture("conv", layers, hidden=19), cell_options={"kernel": kernel})
    field = 1 + 2 * (int(kernel) - 1) * (2**layers - 1)
    assert arch.receptive_field == field
    network, batch = random_network(arch), one_row(field + 4)
    u = unfold(network, batch, training=False)

    def last(step=0, token=0):
        x = batch.x.copy()
        x[step] = token
        u.set_states()
        u.forward(replace(batch, x=x))
        return u.layers[-1].Y[-1].copy()

    changed = [np.ptp([last(step, token) for token in range(7)], axis=0).any() for step in range(field + 4)]
    assert changed[:5] == [False] * 4 + [True]
    assert changed[-1]


@pytest.mark.parametrize(("steps", "layers"), [(1, 1), (5, 1), (6, 2), (13, 2), (96, 5), (10**7, Conv.most_layers)])
def test_the_usual_layers_cover_the_steps(steps, layers):
    """Fields of 5, 13, 29, 61, 125, .. with k = 3."""
    assert Conv.usual_layers(steps) == layers


def seen_masks(monkeypatch):
    """Filled by each dropout that follows: its key, and its mask (steps, N, H) by the kernel's own hash."""
    found = {}

    def spy(Y, keys, index, rate, variational, N, begin, end, *rows):
        whole = np.ones_like(Y)
        dropout(whole, keys, index, rate, variational, N, 0, *whole.shape[:1], 0, whole.shape[1])
        found[int(keys[index])] = whole
        dropout(Y, keys, index, rate, variational, N, begin, end, *rows)

    monkeypatch.setattr("rnncli.cells.conv.dropout", spy)
    monkeypatch.setattr(
        "rnncli.network.network.dropout", None
    )  # none between layers, of the inputs or before the output
    return found


def test_dropout_is_within_the_block_after_both_activations(monkeypatch):
    """The equations of the block once more, with the masks that were drawn."""
    network, batch = random_network(architecture("conv", 2)), random_window()
    u, found = unfold(network, batch, dropout=0.4, variational=True), seen_masks(monkeypatch)
    u.gradients(batch, CROSS_ENTROPY.gradient, 5)  # in Python, so that the spy is called
    assert len(found) == 4
    masks = list(found.values())
    for mask in masks:
        assert np.isin(mask, [0, 1 / 0.6]).all()
        assert 0.2 < (mask == 0).mean() < 0.6
        assert not (mask == mask[0]).all()  # each step draws its own
    theta = {name: array.astype(np.float64) for name, array in network.theta.items()}
    h = theta["embedding.E"][batch.x]
    for index, layer in enumerate(u.layers):
        p = {name.split(".")[1]: array for name, array in theta.items() if name.startswith(f"{index}.")}
        state = [np.zeros(state.shape) for state in layer.state(0)]
        h, _ = naive.conv_layer(p, h, batch.starts, state, index, masks=masks[2 * index : 2 * index + 2])
        assert_close(layer.Y, h, 1e-12)


def test_what_is_computed_without_gradients_has_no_dropout():
    network, batch = random_network(architecture("conv", 2)), random_window()
    u = unfold(network, batch, dropout=0.4)
    before = CROSS_ENTROPY.losses(u, batch).copy()
    gradients(u, batch, update=5)
    assert not np.allclose(u.losses, before)
    np.testing.assert_array_equal(CROSS_ENTROPY.losses(u, batch), before)


def test_both_directions_and_all_layers_draw_masks_of_their_own(monkeypatch):
    arch = Architecture("conv", H, 2, 0, 0, V, numbers=2, bidirectional=True)
    network, batch = random_network(arch), random_window()
    batch.x = Window([], np.random.default_rng(0).standard_normal((T, N, 2)))
    batch.lengths = np.full(N, T, np.int32)
    u, found = network.unfold(T, N, Team(1), True, Dropout(0.4, True)), seen_masks(monkeypatch)
    u.pack()
    u.gradients(batch, CROSS_ENTROPY.gradient, 5)
    assert len({mask.tobytes() for mask in found.values()}) == 8
