"""`attribution`: the integral is complete, exact where the answer is known, and a gradient at every cell is its own."""

from itertools import pairwise

import numpy as np
import pytest

from rnncli.data.batches import whole_batch
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.inputs import embedded
from rnncli.views.attribution import NODES, POINTS, SPAN, WEIGHTS, Output, Path, baseline_of, integral, view
from rnncli.views.reading import in_a_row
from tests.helpers import CELLS, architecture, assert_close, one_row, random_network
from tests.network.test_whole_sequences import architecture as whole_architecture
from tests.network.test_whole_sequences import examples


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_the_inputs_give_adds_up_to_the_change(cell, layers):
    data = view(random_network(architecture(cell, layers)), one_row(), Team(2), softmax=True)
    assert data["at"] == 39
    assert len(data["attribution"]) == 40
    assert abs(data["value"] - data["baseline"]) > 1e-3
    assert data["completeness_gap"] <= 1e-3
    assert sum(data["attribution"]) == pytest.approx(data["value"] - data["baseline"], rel=0.01)


@pytest.mark.parametrize("pool", [(), ("last", "mean", "max")])
def test_networks_that_read_both_ways_are_complete_too(pool):
    batch = whole_batch(examples("tags" if not pool else "classes"), np.array([2]), 1)
    data = view(random_network(whole_architecture(pool=pool), np.float32), batch, Team(1), True, None if pool else 1)
    assert data["at"] == (batch.steps - 1 if pool else 1)
    assert (data["first"], len(data["attribution"])) == (0, batch.steps)
    assert data["completeness_gap"] <= 1e-3
    assert all(data["attribution"])


def test_of_a_linear_network_the_answer_is_known():
    """logit = x[t-k] · W Rᵏ w_out, summed over k, and what the biases give; halves agree at once."""
    network, row = random_network(architecture("rnn-linear")), one_row(12)
    data = view(network, row, Team(1), softmax=False, at=7, index=2)
    theta = network.theta
    X, back = embedded(network.architecture, theta, row.x)[:, 0], theta["output.W"][:, 2]
    X = X - X.mean(axis=0)
    expected = []
    for t in range(7, -1, -1):
        expected.insert(0, X[t] @ theta["0.W"] @ back)
        back = theta["0.R"] @ back
    assert_close(data["attribution"], expected, 1e-9)
    assert (data["output"], data["points"]) == (2, 41)


def test_the_points_are_those_of_gauss_and_lobatto():
    """Exact up to the seventh power, and not beyond."""
    errors = [abs(WEIGHTS @ NODES**k - (1 + (-1) ** k) / (k + 1)) for k in range(9)]
    assert max(errors[:8]) < 1e-15
    assert errors[8] > 0.01


def rough_path(more=1):
    """A network whose gradients explode."""
    network = random_network(architecture("rnn-tanh", hidden=20))
    network.theta["0.R"] *= 2 * more
    network.theta["embedding.E"] *= 4 * more
    row = one_row(60)
    return Path(network, row, Team(1), 59, baseline_of(network.architecture, network.theta, row)), Output(3, True)


def test_a_rough_path_has_points_where_it_is_rough():
    path, output = rough_path()
    segments, points = integral(path, output)
    F = [path.slopes(np.array([alpha]), output)[0][0] for alpha in (0.0, 1.0)]
    assert 17 < points < POINTS
    assert [segment.begin for segment in segments[1:]] == [segment.end for segment in segments[:-1]]
    assert (segments[0].begin, segments[-1].end) == (0, 1)
    assert (segments[0].F[0], segments[-1].F[-1]) == pytest.approx(F, rel=1e-9)
    sizes = {segment.end - segment.begin for segment in segments}
    assert min(sizes) <= max(sizes) / 4


@pytest.mark.parametrize("more", [0.6, 0.9])
def test_every_single_value_is_right(more):
    """Against many points all over the path; and what is said to be open is no less than what is wrong."""
    path, output = rough_path(more)
    nodes, weights = np.polynomial.legendre.leggauss(600)
    exact = weights / 2 @ path.slopes((nodes + 1) / 2, output)[1]
    segments, _ = integral(path, output)
    found = sum(segment.attribution for segment in segments)
    assert_close(found, exact, 1e-3)
    assert np.abs(found - exact).sum() <= sum(segment.change for segment in segments)


def test_a_path_that_is_too_rough_ends_with_the_points_and_says_so():
    path, output = rough_path(4)
    segments, points = integral(path, output)
    assert POINTS - 6 < points <= POINTS
    assert sum(segment.missing for segment in segments) > 0.01 * abs(segments[-1].F[-1] - segments[0].F[0])


def test_what_is_known_of_a_segment_is_not_computed_again():
    path, output = rough_path()
    for segment in integral(path, output)[0][::7]:
        alphas = segment.begin + (segment.end - segment.begin) * (NODES + 1) / 2
        F, slopes = path.slopes(alphas, output)
        np.testing.assert_allclose(segment.F, F, rtol=1e-9)
        np.testing.assert_allclose(segment.slopes, slopes, rtol=1e-6, atol=1e-9)


def test_the_usual_input_is_the_mean_of_what_is_read_and_zero_for_numbers():
    network, data = random_network(whole_architecture(), np.float32), examples()
    B = baseline_of(network.architecture, network.theta, whole_batch(data, np.arange(4), 4))
    alone = [
        embedded(network.architecture, network.theta, whole_batch(data, np.array([i]), 1).x)[:, 0] for i in range(4)
    ]
    assert_close(B[:-2], np.concatenate(alone)[:, :-2].mean(axis=0), 1e-6)
    assert not B[-2:].any()


def test_what_is_read_as_usual_gives_nothing():
    network, row = random_network(architecture("lstm")), one_row()
    row.x[3] = 2
    B = network.theta["embedding.E"][2]
    given = np.array(view(network, row, Team(1), True, B=B)["attribution"])
    assert ((given == 0) == (row.x[:, 0] == 2)).all()


def test_what_is_further_back_than_the_span_stays():
    network, row = random_network(architecture("gru")), one_row(SPAN + 20)
    data = view(network, row, Team(1), True)
    assert (data["first"], len(data["attribution"])) == (20, SPAN)
    assert data["completeness_gap"] <= 1e-4
    u = network.unfold(row.steps, 1, Team(1))
    u.pack()
    u.forward(row)
    u.outputs(row.steps - 1, 1)
    assert data["value"] == pytest.approx(float(Output(data["output"], True).value(u.logits[0])[0]), rel=1e-6)


def test_a_start_of_a_sequence_ends_what_matters():
    row = one_row(20)
    row.starts[15] = 1
    data = view(random_network(architecture("lstm")), row, Team(1), True)
    assert not np.any(data["attribution"][:15])
    assert all(data["attribution"][15:])


def test_a_step_that_is_not_there_is_refused():
    with pytest.raises(RnncliError, match="--at 40: the input has 40 steps"):
        view(random_network(architecture("lstm")), one_row(), Team(1), True, 40)


def test_states_that_explode_are_told_of_in_a_line():
    network = random_network(architecture("rnn-linear"), np.float32)
    network.theta["0.R"][...] *= 30
    with pytest.raises(RnncliError, match="grow without bound"):
        view(network, one_row(200), Team(1), True)


@pytest.mark.parametrize("both", [False, True])
def test_block_by_block_the_integral_is_complete_too(both):
    network = random_network(whole_architecture(both=both), np.float32)
    row = in_a_row(examples("tags").select(np.array([2])))
    path = Path(network, row, Team(1), 5, baseline_of(network.architecture, network.theta, row))
    path.go_by_blocks()
    assert path.block.tolist() == [2, 2, 2, 1, 1, 0]
    assert np.sum([path.moved(*edges) for edges in pairwise(path.edges)], axis=0).tolist() == [1] * 6
    segments, _ = integral(path, Output(1, True))
    ends, _ = path.evaluate(path.edges[[0, -1]])
    baseline, value = Output(1, True).value(ends)
    assert sum(segment.attribution for segment in segments).sum() == pytest.approx(value - baseline, rel=2e-3)
    assert value != pytest.approx(baseline, rel=1e-3)


def test_the_odds_of_a_label_are_those_of_its_probability_and_move_where_it_is_certain():
    logits = np.array([[1.0, -0.5, 0.25, 2.0], [0.0, 40.0, 1.0, -3.0]])
    for index in range(4):
        output = Output(index, True, scale=0.8, odds=True)
        p = np.exp(0.8 * logits) / np.exp(0.8 * logits).sum(axis=1, keepdims=True)
        rest = np.delete(p, index, axis=1).sum(axis=1)  # 1 - p, without the cancellation
        np.testing.assert_allclose(output.value(logits), np.log(p[:, index] / rest), rtol=1e-9)
        slopes = np.empty_like(logits)
        for j in range(4):
            moved = [logits + sign * 1e-6 * (np.arange(4) == j) for sign in (1, -1)]
            slopes[:, j] = (output.value(moved[0]) - output.value(moved[1])) / 2e-6
        np.testing.assert_allclose(output.gradient(logits), slopes, atol=1e-6)
    assert np.abs(Output(1, True).gradient(logits)[1]).max() < 1e-15  # log p does not
    assert np.abs(Output(1, True, odds=True).gradient(logits)[1]).max() == 1
