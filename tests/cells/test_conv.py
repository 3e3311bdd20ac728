"""What only a convolution has: a way back in pieces of a window, and a receptive field."""

from dataclasses import replace

import numpy as np
import pytest

import rnncli.network.layer
from rnncli.cells.conv import Conv
from tests.helpers import architecture, gradients, one_row, random_network, random_states, random_window, unfold


@pytest.mark.parametrize("cell", ["conv", "conv-2"])
def test_a_window_in_pieces_there_and_back_gives_the_same_bits(cell, monkeypatch):
    """Pieces of 2 steps and 1, shorter than the dilation of the third layer, and starts in several of them."""
    network, batch = random_network(architecture(cell, 3), np.float32), random_window(T=13)
    batch.starts[2, 0] = batch.starts[9, 0] = batch.starts[3, 1] = 1
    found = []
    for steps in (13, 2, 1):
        monkeypatch.setattr(rnncli.network.layer, "CHUNK_BYTES", steps * 4 * 4 * network.cells[0].width)
        u = unfold(network, batch)
        assert u.layers[0].chunk == steps
        random_states(u)
        arrays = gradients(u, batch)
        for index, layer in enumerate(u.layers):
            arrays |= {f"{index}.{i}": d.copy() for i, d in enumerate([*layer.state(13), *layer.state_gradients()])}
        found.append(arrays)
    for other in found[1:]:
        for name, array in found[0].items():
            assert array.any()
            np.testing.assert_array_equal(other[name], array, err_msg=name)


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
