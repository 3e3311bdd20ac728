"""The reach of the gradient, held against gradients with respect to initial states."""

import numpy as np
import pytest

from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.training.reach import Reach, faded
from tests.helpers import RECURRENT, architecture, gradients, random_network, random_window, unfold


@pytest.mark.parametrize("cell", RECURRENT)
def test_the_gradient_at_every_lag_is_that_by_a_state_in_the_middle(cell):
    """Cut the window at any step: the gradient by the state that the rest starts from is the one of that lag."""
    network, batch = random_network(architecture(cell)), random_window()
    batch.starts[:] = 0
    T, N = batch.x.shape
    norms = Reach(network, CROSS_ENTROPY, T, N, Team(1)).norms(batch)
    for state_from in range(1, T):
        before, rest = unfold(network, batch, training=False), random_window(T=T - state_from)
        before.forward(batch.first(state_from))
        before.carry(state_from)
        rest.x, rest.starts[:] = np.ascontiguousarray(batch.x[state_from:]), 0
        rest.y[:] = -1
        rest.y[-1] = batch.y[-1]
        rest.count = int((rest.y >= 0).sum())
        unfolded = unfold(network, rest)
        for mine, state in zip(unfolded.states(), before.states(), strict=True):
            mine[...] = state
        gradients(unfolded, rest)
        dh = unfolded.layers[0].state_gradients()[0]
        assert norms[T - state_from] == pytest.approx(np.linalg.norm(dh), rel=1e-9)


def test_a_network_without_recurrence_reaches_one_step_and_one_that_keeps_all_the_whole_window():
    network, batch = random_network(architecture("rnn-linear")), random_window()
    batch.starts[:] = 0
    T, N = batch.x.shape
    for factor, expected in ((0.0, 1), (1.0, T), (0.11, 3)):
        network.theta["0.R"][...] = factor * np.eye(len(network.theta["0.R"]))
        assert Reach(network, CROSS_ENTROPY, T, N, Team(1)).measure(batch) == expected


@pytest.mark.parametrize(("norms", "reach"), [([1, 0.5, 0.001, 0], 2), ([1, 0, 0.5, 0], 3), ([1, 0, 0.5], None)])
def test_the_reach_is_where_the_gradient_stays_small(norms, reach):
    """The one of a convolution may be zero between two of its taps."""
    assert faded(np.array(norms)) == reach


def test_measuring_changes_nothing():
    network, batch = random_network(architecture("gru", 2)), random_window()
    before = network.theta.flat.copy(), batch.x.copy(), batch.y.copy()
    reach = Reach(network, CROSS_ENTROPY, *batch.x.shape, Team(2))
    assert reach.measure(batch) == reach.measure(batch)
    for old, new in zip(before, (network.theta.flat, batch.x, batch.y), strict=True):
        np.testing.assert_array_equal(new, old)


def test_rows_without_a_loss_at_the_end_are_passed_over_and_none_is_no_reach():
    network, batch = random_network(architecture("lstm")), random_window()
    batch.y[-1, :] = -1
    reach = Reach(network, CROSS_ENTROPY, *batch.x.shape, Team(1))
    assert reach.measure(batch) is None
    batch.y[-1, 2] = 3
    assert 1 <= reach.measure(batch) <= batch.steps


def test_of_a_longer_window_the_first_steps_are_measured():
    network, batch = random_network(architecture("gru")), random_window()
    shorter = len(batch.x) - 2
    of_steps = Reach(network, CROSS_ENTROPY, shorter, batch.x.shape[1], Team(1))
    assert of_steps.measure(batch) == of_steps.measure(batch.first(shorter)) <= shorter
