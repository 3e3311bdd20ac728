"""Every cell against its equations, and the network around it."""

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Network
from tests import naive
from tests.helpers import (
    CELLS,
    TOLERANCE,
    H,
    N,
    T,
    V,
    architecture,
    assert_close,
    random_network,
    random_states,
    random_window,
    unfold,
)

#: of the biases those that start away from zero, so that a new network remembers
REMEMBERING = {"lstm": (slice(H, 2 * H), np.ones(H)), "mingru": (slice(H), np.array([-1, 0, 1, 2, 3]))}

every_cell = pytest.mark.parametrize("cell", CELLS)
one_and_two_layers = pytest.mark.parametrize("layers", [1, 2])
every_precision = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@every_cell
@one_and_two_layers
@every_precision
@pytest.mark.parametrize("tied", [False, True])
def test_states_outputs_and_losses_equal_the_equations(cell, layers, dtype, tied):
    network, batch = random_network(architecture(cell, layers, tied), dtype), random_window()
    unfolded = unfold(network, batch, training=False)
    initial = random_states(unfolded)
    hs, logits, ends = naive.network(network, batch.x, batch.starts, initial)

    unfolded.forward(batch)
    for layer, h in zip(unfolded.layers, hs, strict=True):
        assert_close(layer.Y, h, TOLERANCE[dtype])
    for state, end in zip(unfolded.states(T), ends, strict=True):
        assert_close(state, end, TOLERANCE[dtype])
    assert_close(unfolded.outputs(0, T), logits, TOLERANCE[dtype])
    losses = CROSS_ENTROPY.losses(unfolded, batch)
    assert_close(losses, naive.cross_entropies(logits, batch.y), TOLERANCE[dtype])
    assert abs(losses.sum() / batch.count - naive.mean_cross_entropy(logits, batch.y)) < 10 * TOLERANCE[dtype]


@every_cell
def test_sizes_beyond_a_panel_and_a_tile_equal_the_equations(cell):
    network = random_network(architecture(cell, 2, tokens=45, embed=18, hidden=35))
    batch = random_window(T=5, N=13, V=45)
    unfolded = unfold(network, batch, training=False)
    hs, logits, _ = naive.network(network, batch.x, batch.starts, random_states(unfolded))
    unfolded.forward(batch)
    assert_close(unfolded.layers[1].Y, hs[1], 1e-12)
    assert_close(unfolded.outputs(0, 5), logits, 1e-12)


@every_cell
@one_and_two_layers
def test_a_sequence_start_in_the_window_forgets_what_was_before(cell, layers):
    network, batch = random_network(architecture(cell, layers)), random_window()
    unfolded = unfold(network, batch, training=False)
    random_states(unfolded)
    unfolded.forward(batch)
    start = T // 2
    started, went_on = batch.starts[start].astype(bool), ~batch.starts[start].astype(bool)
    assert started.any()
    assert went_on.any()
    after = unfolded.layers[-1].Y[start:].copy()

    fresh = network.unfold(T, N, Team(1))
    fresh.pack()
    fresh.forward(Batch.to_read(np.ascontiguousarray(batch.x[start:]), np.zeros((T - start, N), np.uint8)))
    from_zero = fresh.layers[-1].Y[: T - start]
    np.testing.assert_array_equal(after[:, started], from_zero[:, started])
    assert np.abs(after[:, went_on] - from_zero[:, went_on]).max() > 1e-3


@every_cell
@one_and_two_layers
def test_a_step_at_a_time_is_the_forward_pass(cell, layers):
    network, batch = random_network(architecture(cell, layers), np.float32), random_window()
    whole = unfold(network, batch, training=False)
    whole.forward(Batch.to_read(batch.x, np.zeros((T, N), np.uint8)))
    logits = whole.outputs(0, T)
    stepping = network.unfold(1, N, Team(1))
    stepping.pack()
    for t in range(T):
        stepping.step(batch.x[t : t + 1])
        np.testing.assert_array_equal(stepping.logits[0], logits[t])
        np.testing.assert_array_equal(stepping.layers[-1].Y[0], whole.layers[-1].Y[t])


@every_cell
def test_a_fresh_network_starts_as_its_docstring_says(cell):
    arch = architecture(cell, 2)
    theta = Network.initialised(arch, seed=4).theta
    assert not theta["output.b"].any()
    assert np.abs(theta["output.W"]).max() <= H**-0.5
    for index, inputs in enumerate((arch.embed, H)):
        assert np.abs(theta[f"{index}.W"]).max() <= np.sqrt(3 / inputs)
        assert theta[f"{index}.W"][:, :H].std() > 0.5 / np.sqrt(inputs)
        R = theta.get(f"{index}.R", np.zeros((H, 0)))
        assert R.any() == (cell != "mingru")
        if cell.startswith("conv"):
            assert_starts_as_drawn(theta.layer(f"{index}"), H * (3 if cell == "conv" else 2))
            continue
        for block in np.hsplit(R, R.shape[1] // H) if R.size else []:
            if cell in ("rnn-relu", "rnn-linear"):
                np.testing.assert_array_equal(block, np.float32(0.9) * np.eye(H, dtype=np.float32))
            else:
                np.testing.assert_allclose(block @ block.T, np.eye(H), atol=1e-6)
        b = theta[f"{index}.b"].copy()
        if cell in REMEMBERING:
            units, values = REMEMBERING[cell]
            np.testing.assert_array_equal(b[units], values)
            b[units] = 0
        assert not b.any()


def assert_starts_as_drawn(p, taps):
    """Of a new convolution the normalised weights are as drawn, and its biases zero."""
    for drawn, g in (p["W"][:, :taps], p["g_1"]), (p["R"], p["g_2"]):
        np.testing.assert_allclose(g, np.sqrt((drawn.reshape(-1, H) ** 2).sum(axis=0)), rtol=1e-6)
        assert np.abs(drawn).max() <= np.sqrt(3 / (taps // H * len(drawn)))
        assert 0.4 < g.mean() < 1.6  # each tap adds a k-th of the variance of a unit
    assert not any(p[name].any() for name in ("b_1", "b_2", "b_3") if name in p)


def test_a_seed_fixes_the_fresh_network():
    arch = architecture("gru", 2)
    a, b, other = (Network.initialised(arch, seed).theta.flat for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != other).mean() > 0.5


def test_a_tied_network_has_no_output_matrix():
    assert "output.W" not in random_network(architecture("lstm", tied=True)).theta
    assert random_network(architecture("lstm")).theta["output.W"].shape == (H, V)
