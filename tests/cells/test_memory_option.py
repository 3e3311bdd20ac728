"""`lstm:memory=STEPS` and `gru:memory=STEPS`: the first biases of the gates that keep the state."""

import numpy as np
import pytest

from rnncli.cells.cell import memory_biases
from rnncli.cells.gru import GRU
from rnncli.cells.lstm import LSTM

UNITS, STEPS = 400, 1000


def of(cell, chosen=None):
    """θ at the start, of one seed."""
    return cell(3, UNITS, chosen).init(np.random.default_rng(1))


def test_times_are_spread_evenly_up_to_the_steps():
    kept = 1 / (1 + np.exp(-memory_biases(np.random.default_rng(0), STEPS, 10_000)))
    times = np.sort(1 / (1 - kept))
    np.testing.assert_allclose(times, np.linspace(2, STEPS, 10_000), atol=0.03 * STEPS)


@pytest.mark.parametrize("cell", [LSTM, GRU])
def test_only_biases_change(cell):
    usual, remembering = of(cell), of(cell, {"memory": "1000"})
    assert usual.keys() == remembering.keys()
    for name in usual.keys() - {"b"}:
        np.testing.assert_array_equal(usual[name], remembering[name])
    assert remembering["b"].dtype == np.float32


def test_input_gates_of_an_lstm_open_as_far_as_its_forget_gates_close():
    i, f, g, o = of(LSTM, {"memory": "1000"})["b"].reshape(4, -1)
    np.testing.assert_array_equal(i, -f)
    assert 0 <= f.min() < 3 < f.max() <= np.log(STEPS - 1)
    assert not g.any() and not o.any()


def test_update_gates_of_a_gru_keep_the_state():
    r, u, n = of(GRU, {"memory": "1000"})["b"].reshape(3, -1)
    assert 0 <= u.min() < 3 < u.max() <= np.log(STEPS - 1)
    assert not r.any() and not n.any()
