"""`gradients`: golden values of PyTorch's autograd, and sums of what the steps give."""

import numpy as np
import pytest

from rnncli.batches import Batch
from rnncli.errors import RnncliError
from rnncli.kernels.team import Team
from rnncli.losses import CROSS_ENTROPY
from rnncli.views.gradients import cut_out, step_gradients, view
from tests.helpers import CELLS, architecture, assert_close, one_row, random_network, random_window
from tests.test_golden import every_layer, golden, loaded


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_norms_on_the_way_back_are_those_of_pytorch(case, dtype):
    arrays = golden(case)
    x, y = (np.ascontiguousarray(arrays[name][:, 2:3]) for name in "xy")
    row = Batch(x, y, np.zeros(x.shape, np.uint8), len(x), len(x))
    data = view(loaded(case, golden(f"{case}.weight")).astype(dtype), CROSS_ENTROPY, row, Team(1))
    assert data["positions"] == [len(x) - 1]
    assert_close(np.array(data["norms"])[:, ::-1], arrays["way_back"][1:], 1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_every_position_begins_with_the_state_that_the_network_had_there(cell):
    """A position's norms do not depend on how many lags are asked for."""
    network, row = random_network(architecture(cell, 2)), one_row()
    few, many = (view(network, CROSS_ENTROPY, row, Team(2), lags) for lags in (3, 39))
    assert many["positions"] == [39]
    assert few["positions"][-1] == 39
    alone = cut_out(row, np.arange(36, 40)[:, None])
    assert alone.count == 1
    last = Batch(row.x, row.y.copy(), row.starts, 1, 40)
    last.y[:-1] = -1
    assert_close(
        np.array(view(network, CROSS_ENTROPY, last, Team(1), 3)["norms"]), np.array(many["norms"])[:, :4], 1e-9
    )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_the_steps_give_adds_up_to_the_gradient(cell, layers):
    network, batch = random_network(architecture(cell, layers)), random_window()
    u = network.unfold(*batch.x.shape, Team(1), training=True)
    u.pack()
    u.gradients(batch.x, batch.starts, batch.steps, CROSS_ENTROPY.gradient(batch, np.float64))
    whole = {name: u.grads[name].copy() for name in network.theta if name[0].isdigit()}
    sums = {name: np.zeros_like(array) for name, array in whole.items()}
    for step in range(batch.steps):
        for name, gradient in step_gradients(u, batch, step):
            sums[name] += gradient
    assert sums.keys() == whole.keys()
    for name, array in whole.items():
        assert_close(sums[name], array, 1e-12)


def test_the_reach_of_a_linear_network_is_known():
    """R = r·I: the norm falls by r a step."""
    network = random_network(architecture("rnn-linear"))
    for r, reach in ((0.5, 7), (0.1, 3), (1.0, None)):
        network.theta["0.R"][...] = r * np.eye(len(network.theta["0.R"]))
        data = view(network, CROSS_ENTROPY, one_row(), Team(1), 20)
        assert data["reach"] == reach
        np.testing.assert_allclose(data["norms"][0], data["norms"][0][0] * r ** np.arange(21.0), rtol=1e-9)
        assert data["lags"] == list(range(21))


def test_no_position_with_all_its_lags_is_an_error():
    row = one_row()
    row.y[20:] = -1
    with pytest.raises(RnncliError, match="fewer --lags"):
        view(random_network(architecture("lstm")), CROSS_ENTROPY, row, Team(1), 30)
