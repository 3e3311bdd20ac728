"""What the signed factor of a mingru is for: a state that turns its sign, and never by itself grows."""

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network

STEPS, SURE = 5000, 20.0
KEEP, IN, NEW = range(3)


def states(rows, x):
    """h (steps, units) of units with these weights by gate and input, (3, 2, units): of token 0 and of token 1."""
    units = rows.shape[2]
    network = Network(Architecture("mingru", units, 1, 2, 2, 2))
    network.theta["embedding.E"][...] = np.eye(2)
    network.theta["0.W"][...] = rows.transpose(1, 0, 2).reshape(2, 3 * units)
    unfolded = network.unfold(len(x), 1, Team(1))
    unfolded.pack()
    unfolded.forward(Batch.to_read(x[:, None], np.zeros((len(x), 1), np.uint8)))
    return unfolded.layers[0].Y[:, 0]


def test_one_unit_is_the_parity_of_thousands_of_steps():
    """h[t] = (1 - 2 x[t]) h[t-1] + x[t], to the last bit."""
    x = np.random.default_rng(1).integers(2, size=STEPS).astype(np.int32)
    rows = np.zeros((3, 2, 1))
    rows[KEEP, :, 0] = SURE, -SURE
    rows[IN, :, 0] = SURE
    rows[NEW, :, 0] = 0, 1
    h = states(rows, x)[:, 0]
    np.testing.assert_array_equal(h, np.cumsum(x) % 2)


@pytest.mark.parametrize("sign", [1, -1])
def test_no_factor_is_beyond_one_by_a_rounding(sign):
    """What was written at the first step is not larger after thousands, whatever the factors are."""
    z = np.concatenate([np.linspace(0.5, 8, 50), np.linspace(8, 9, 1500), [SURE]])  # tanh rounds up from 8 on
    rows = np.zeros((3, 2, len(z)))
    rows[KEEP] = sign * z
    rows[IN, 1], rows[NEW, 1] = SURE, 1
    x = np.zeros(STEPS, np.int32)
    x[0] = 1
    h = np.abs(states(rows, x))
    assert (h[0] == 1).all()
    assert (np.diff(h, axis=0) <= 0).all()
    assert h[-1].min() == 0
    assert h[-1].max() == 1


def test_the_units_of_a_fresh_network_have_states_of_like_size_and_memories_from_one_step_to_many():
    network = Network.initialised(Architecture("mingru", 40, 1, 30, 30, 30), 3)
    x = np.random.default_rng(2).integers(30, size=(4000, 1)).astype(np.int32)
    unfolded = network.unfold(len(x), 1, Team(1), keep=True)
    unfolded.pack()
    unfolded.forward(Batch.to_read(x, np.zeros(x.shape, np.uint8)))
    (layer,) = unfolded.layers
    size, keep = layer.Y[1000:, 0].std(axis=0), layer.Z[:, 0, :40]
    assert np.median(size[30:]) < np.median(size[:10])  # of the same z_n it would be some threefold
    memory = -1 / np.log(np.abs(keep)).mean(axis=0)  # steps in which a state falls to 1 / e
    assert memory.min() < 1.5
    assert memory.max() > 40
    assert keep[:, 0].mean() < -0.3


@pytest.mark.parametrize("frequent", [0.0, 0.5])
def test_the_states_of_a_deep_network_start_at_like_size(frequent):
    network = Network.initialised(Architecture("mingru", 64, 8, 32, 30, 30), 1)
    rng = np.random.default_rng(3)
    x = np.where(rng.random((300, 4)) < frequent, 7, rng.integers(30, size=(300, 4))).astype(np.int32)
    unfolded = network.unfold(*x.shape, Team(1), keep=True)
    unfolded.pack()
    unfolded.forward(Batch.to_read(x, np.zeros(x.shape, np.uint8)))
    size = [layer.Y.std() for layer in unfolded.layers]
    assert max(size) < 10 * min(size)  # by the start of two layers thousandfold
    assert 0.05 < min(size) < max(size) < 2
