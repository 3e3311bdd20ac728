"""`attribution`: the integral is complete, exact where the answer is known, and a gradient at every cell is its own."""

import numpy as np
import pytest

from rnncli.batches import whole_batch
from rnncli.errors import RnncliError
from rnncli.inputs import embedded
from rnncli.kernels.team import Team
from rnncli.views.attribution import POINTS, SPAN, Output, Path, blocks, integral, view, way
from tests.cells.test_whole import architecture as whole_architecture
from tests.cells.test_whole import examples
from tests.helpers import CELLS, architecture, assert_close, one_row, random_network


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_the_inputs_give_adds_up_to_the_change(cell, layers):
    data = view(random_network(architecture(cell, layers)), one_row(), Team(2), softmax=True)
    assert data["at"] == 39
    assert len(data["attribution"]) == 40
    assert abs(data["value"] - data["baseline"]) > 1e-3
    assert data["completeness_gap"] <= (0.01 if cell == "rnn-relu" else 1e-4)
    assert sum(data["attribution"]) == pytest.approx(data["value"] - data["baseline"], rel=0.01)


@pytest.mark.parametrize("pool", [(), ("last", "mean", "max")])
def test_networks_that_read_both_ways_are_complete_too(pool):
    batch = whole_batch(examples("tags" if not pool else "classes"), np.array([2]), 1)
    data = view(random_network(whole_architecture(pool=pool), np.float32), batch, Team(1), True, 1)
    assert data["at"] == (batch.steps - 1 if pool else 1)
    assert (data["first"], len(data["attribution"])) == (0, batch.steps)
    assert data["completeness_gap"] <= 0.01
    assert all(data["attribution"])


def test_of_a_linear_network_the_answer_is_known():
    """logit = x[t-k] · W Rᵏ w_out, summed over k, and what the biases give."""
    network, row = random_network(architecture("rnn-linear")), one_row(12)
    data = view(network, row, Team(1), softmax=False, at=7, index=2)
    theta = network.theta
    X, way = embedded(network.architecture, theta, row.x)[:8, 0], theta["output.W"][:, 2]
    expected = []
    for t in range(7, -1, -1):
        expected.insert(0, X[t] @ theta["0.W"] @ way)
        way = theta["0.R"] @ way
    assert_close(data["attribution"], expected, 1e-9)
    assert data["output"] == 2


@pytest.mark.parametrize("count", [1, 2, 7, SPAN])
def test_the_way_goes_from_all_inputs_to_none_and_counts_each_once(count):
    scales, weights = way(blocks(count))
    assert scales.shape == weights.shape
    assert len(scales) <= POINTS
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    assert ((scales >= 0) & (scales <= 1)).all()
    assert (np.diff(scales, axis=1) >= 0).all()  # the newer the longer it stays
    moving = weights > 0
    assert ((scales == 1) | (scales == 0) | moving).all()
    assert moving[:, -1].sum() == len(scales) // len({tuple(row) for row in moving})


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn-tanh"])
def test_the_way_block_by_block_is_complete_too(cell):
    network, row = random_network(architecture(cell, 2)), one_row()
    path, output = Path(network, row, Team(1), 39), Output(3, True)
    ends = [path.run(np.full((1, 40), scale))[0] for scale in (1.0, 0.0)]
    change = output.value(ends[0])[0] - output.value(ends[1])[0]
    assert integral(path, output, blocks(40)).sum() == pytest.approx(change, rel=1e-3)


def test_an_unstable_network_is_integrated_block_by_block():
    """Its gradients explode where it reads nothing, and so the straight way fails."""
    network = random_network(architecture("rnn-tanh", hidden=20))
    network.theta["0.R"] *= 2
    network.theta["embedding.E"] *= 4
    data = view(network, one_row(60), Team(1), True)
    assert data["way"] == "blocks"
    assert data["completeness_gap"] < 0.2


def test_what_is_further_back_than_the_span_stays():
    network, row = random_network(architecture("gru")), one_row(SPAN + 20)
    data = view(network, row, Team(1), True)
    assert (data["first"], len(data["attribution"])) == (20, SPAN)
    assert data["completeness_gap"] <= 1e-4
    u = network.unfold(row.steps, 1, Team(1))
    u.pack()
    u.forward(row.x, row.starts, row.steps)
    u.outputs(row.steps - 1, 1)
    assert data["value"] == pytest.approx(float(Output(data["output"], True).value(u.logits[0])[0]), rel=1e-6)


def test_a_start_of_a_sequence_ends_what_matters():
    row = one_row(20)
    row.starts[15] = 1
    data = view(random_network(architecture("lstm")), row, Team(1), True)
    assert not any(data["attribution"][:15])
    assert all(data["attribution"][15:])


def test_a_step_that_is_not_there_is_refused():
    with pytest.raises(RnncliError, match="--at 40: the input has 40 steps"):
        view(random_network(architecture("lstm")), one_row(), Team(1), True, 40)
