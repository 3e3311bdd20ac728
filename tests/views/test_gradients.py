"""`gradients`: golden values of PyTorch's autograd, and sums of what the steps give."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch, whole_batch
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.inputs import embedded
from rnncli.network.losses import CROSS_ENTROPY, CrossEntropy, PathLoss, SquaredError
from rnncli.views import gradients
from rnncli.views.gradients import cut_out, step_gradients
from rnncli.views.reading import Reading, in_a_row
from tests import naive
from tests.helpers import CELLS, architecture, assert_close, one_row, random_network, random_window
from tests.network.test_golden import every_layer, golden, loaded
from tests.network.test_whole_sequences import LENGTHS, OUTPUTS, examples
from tests.network.test_whole_sequences import architecture as whole_architecture


def view(network, loss, row, team, lags=200):
    """Of a row of steps, or of several sequences in a row."""
    return gradients.view(network, Reading(row, loss, [], []), team, lags)


def only_last(row):
    """The row with a target at its last step alone."""
    row.y[:-1] = -1
    return row


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_norms_on_the_way_back_are_those_of_pytorch(case, dtype):
    arrays = golden(case)
    x, y = (np.ascontiguousarray(arrays[name][:, 2:3]) for name in "xy")
    row = only_last(Batch(x, y, np.zeros(x.shape, np.uint8), len(x), len(x)))
    data = view(loaded(case, golden(f"{case}.weight")).astype(dtype), CROSS_ENTROPY, row, Team(1))
    assert data["positions"] == [len(x) - 1]
    assert_close(np.array(data["norms"])[:, ::-1], arrays["way_back"][1:], 1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_every_position_begins_with_the_state_that_the_network_had_there(cell):
    """A position's norms do not depend on how many lags are asked for."""
    network, row = random_network(architecture(cell, 2)), only_last(one_row())
    few, many = (view(network, CROSS_ENTROPY, row, Team(2), lags) for lags in (3, 50))
    assert few["positions"] == many["positions"] == [39]
    assert (few["lags"][-1], many["lags"][-1]) == (3, 39)
    assert_close(few["norms"], np.array(many["norms"])[:, :4], 1e-9)
    assert cut_out(row, np.arange(36, 40)[:, None]).count == 1


def test_positions_have_all_lags_where_there_are_enough_of_them():
    network = random_network(architecture("gru"))
    enough, short = (view(network, CROSS_ENTROPY, one_row(steps), Team(1), 30) for steps in (100, 60))
    assert (min(enough["positions"]), min(short["positions"])) == (30, 0)
    assert {len(data["positions"]) for data in (enough, short)} == {64, 60}
    assert (enough["counts"], short["counts"]) == ([[64] * 31], [list(range(60, 29, -1))])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_what_the_steps_give_adds_up_to_the_gradient(cell, layers):
    network, batch = random_network(architecture(cell, layers)), random_window()
    u = network.unfold(*batch.x.shape, Team(1), training=True, keep=True)
    u.pack()
    u.gradients(batch, CROSS_ENTROPY.gradient)
    whole = {name: u.grads[name].copy() for name in network.theta if name[0].isdigit()}
    sums = {name: np.zeros_like(array) for name, array in whole.items()}
    for step in range(batch.steps):
        for name, gradient in step_gradients(u, batch, [np.full(batch.starts.shape[1], batch.steps - 1)], step):
            sums[name] += gradient
    assert sums.keys() == whole.keys()
    for name, array in whole.items():
        assert_close(sums[name], array, 1e-12)


def test_the_reach_of_a_linear_network_is_known():
    """R = r·I: the norm falls by r a step."""
    network = random_network(architecture("rnn-linear"))
    for r, reach in ((0.5, 7), (0.1, 3), (1.0, None)):
        network.theta["0.R"][...] = r * np.eye(len(network.theta["0.R"]))
        data = view(network, CROSS_ENTROPY, only_last(one_row()), Team(1), 20)
        assert data["reach"] == reach
        np.testing.assert_allclose(data["norms"][0], data["norms"][0][0] * r ** np.arange(21.0), rtol=1e-9)
        assert data["lags"] == list(range(21))


def test_no_target_is_an_error():
    row = one_row()
    row.y[:] = -1
    with pytest.raises(RnncliError, match="no step has a target"):
        view(random_network(architecture("lstm")), CROSS_ENTROPY, row, Team(1), 30)


def poked_logits(network, X, starts, poke):
    """Logits (T, P, outputs), or (1, P, outputs) of a pooled network, of inputs X (T, D) by the plain equations; `poke`
    is (row, step, what is added to h there, P times another (P, H)).
    """
    a, T, P = network.architecture, len(X), len(poke[2])
    X = np.repeat(X[:, None], P, axis=1)
    for index in range(a.layers):
        sides = []
        for name in [f"{index}", f"{index}_reverse"][: 2 if a.bidirectional else 1]:
            onwards = name.isdigit()
            if a.cell == "conv":
                sides.append(convolved(network, name, X, starts, poke))
                continue
            zero = [np.zeros((P, a.hidden))] * (2 if a.cell == "lstm" else 1)
            state, h = zero, np.zeros((T, P, a.hidden))
            for t in range(T) if onwards else range(T - 1, -1, -1):
                state = zero if starts[t] and onwards else state
                state = naive.STEPS[a.cell](network.theta.layer(name), X[t], state, **a.cell_options)
                if poke[:2] == (f"h{name}", t):
                    state = [state[0] + poke[2], *state[1:]]
                h[t] = state[0]
            sides.append(h)
        X = np.concatenate(sides, axis=2)
    if a.pool:
        ends = [side[0 if i else -1] for i, side in enumerate(sides)]
        kinds = {"last": np.concatenate(ends, axis=1), "mean": X.mean(axis=0), "max": X.max(axis=0)}
        X = np.concatenate([kinds[kind] for kind in a.pool], axis=1)[None]
    return X @ network.theta["output.W"] + network.theta["output.b"]


def without_kinks(network):
    """Of a convolution all relus are open: where one of h is 0, and v too, the loss has no slope."""
    if network.architecture.cell == "conv":
        for name, array in network.theta.items():
            if name[0].isdigit():
                array[...] = np.abs(array) + 6 * (".b_" in name)
    return network


def convolved(network, name, X, starts, poke):
    """h (T, P, H) of one direction of a layer of a convolution."""
    index, order, P = int(name.removesuffix("_reverse")), slice(None, None, 1 if name.isdigit() else -1), X.shape[1]
    begins = np.repeat(starts[:, None] if name.isdigit() else np.zeros((len(X), 1)), P, axis=1)
    p, k = network.theta.layer(name), network.cells[index].taps
    zero = [np.zeros((P, 2**index, (k - 1) * len(p["b_1"])))] * 2
    h = naive.conv_layer(p, X[order], begins, zero, index, k)[0][order]
    if poke[0] == f"h{name}":
        h[poke[1]] += poke[2]
    return h


def slopes(network, X, starts, dlogits):
    """‖dL[t]/dh[s]‖ (T or 1, rows, T) by finite differences, with dL/dlogits[t] as it is."""
    rows, H, size = [f"h{name}" for name in network.architecture.layer_names()], network.architecture.hidden, 1e-6
    out = np.zeros((len(dlogits), len(rows), len(X), H))
    ways = size * np.concatenate([np.eye(H), -np.eye(H)])
    for i, row in enumerate(rows):
        for s in range(len(X)):
            logits = poked_logits(network, X, starts, (row, s, ways))
            there, back = logits[:, :H], logits[:, H:]
            out[:, i, s] = ((there - back) * dlogits[:, None]).sum(axis=2) / (2 * size)
    return np.linalg.norm(out, axis=3)


def expected_norms(network, loss, batch, lags):
    """norms (rows, lags + 1) and how many positions they are of, by `slopes` of every sequence."""
    u = network.unfold(batch.steps, batch.starts.shape[1], Team(1), training=True, keep=True)
    u.pack()
    dlogits = []

    def keep(u, batch, t0, steps, first, last):
        loss.rows(u, batch, False, t0, steps, first, last)
        dlogits.append(u.logits[:steps].copy())

    u.gradients(replace(batch, count=1), keep)
    X, names = embedded(network.architecture, network.theta, batch.x), network.architecture.layer_names()
    found = [[[] for _ in range(lags + 1)] for _ in names]
    for n in range(batch.starts.shape[1]):
        T = batch.steps if batch.lengths is None else int(batch.lengths[n])
        starts = np.flatnonzero(batch.starts[:T, n])
        way = slopes(network, X[:T, n], batch.starts[:T, n], dlogits[0][:T, n])
        for t in range(len(way)):
            for i, name in enumerate(names):
                end = T - 1 if len(way) < T else t
                gone = end - starts[starts <= end][-1] if name.isdigit() else T - 1 - (0 if len(way) < T else t)
                for k in range(min(lags, gone) + 1):
                    s = end - k if name.isdigit() else (k if len(way) < T else t + k)
                    found[i][k].append(way[t, i, s])
    return [[np.mean(norms) for norms in row] for row in found], [[len(norms) for norms in row] for row in found]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "mingru", "conv"])
@pytest.mark.parametrize(
    ("pool", "targets", "loss"),
    [
        (["last"], "classes", CrossEntropy()),
        (["last", "mean", "max"], "numbers", SquaredError()),
        ([], "tags", CrossEntropy()),
        ([], "tags", PathLoss(OUTPUTS)),
    ],
)
@pytest.mark.parametrize("both", [False, True])
def test_the_norms_of_whole_sequences_are_slopes(cell, pool, targets, loss, both):
    network = without_kinks(random_network(whole_architecture(cell, pool=pool, both=both, own=loss.own)))
    row, batch = in_a_row(examples(targets)), whole_batch(examples(targets), np.arange(4), 4)
    for some in (row, batch):
        some.x.numbers = some.x.numbers.astype(np.float64)
        some.y = some.y.astype(np.float64) if targets == "numbers" else some.y
    data = view(network, loss, row, Team(2))
    assert data["lags"] == list(range(max(LENGTHS)))
    assert data["rows"] == [f"h{name}" for name in network.architecture.layer_names()]
    norms, counts = expected_norms(network, loss, batch, max(LENGTHS) - 1)
    assert data["counts"] == counts
    assert_close(data["norms"], norms, 1e-6)
    assert len(data["positions"]) == len(data["sequences"]) == (4 if pool else sum(LENGTHS))


@pytest.mark.parametrize("cell", CELLS)
def test_the_norms_of_lines_in_a_row_are_slopes_and_end_where_a_line_begins(cell):
    network, row = without_kinks(random_network(architecture(cell, 2))), one_row(14)
    row.starts[[5, 11]] = 1
    data = view(network, CROSS_ENTROPY, row, Team(1))
    norms, counts = expected_norms(network, CROSS_ENTROPY, row, 5)
    assert data["lags"] == list(range(6))
    assert data["counts"] == counts
    assert_close(data["norms"], norms, 1e-6)
    assert data["sequences"] == [0] * 5 + [1] * 6 + [2] * 3


@pytest.mark.parametrize("cell", ["lstm", "conv"])
@pytest.mark.parametrize("both", [False, True])
def test_what_the_steps_of_whole_sequences_give_adds_up(cell, both):
    network = random_network(whole_architecture(cell, pool=["last", "mean"], both=both))
    batch = whole_batch(examples(), np.arange(4), 4)
    batch.x.numbers = batch.x.numbers.astype(np.float64)
    u = network.unfold(batch.steps, 4, Team(1), training=True, keep=True)
    u.pack()
    u.gradients(batch, CROSS_ENTROPY.gradient)
    whole = {name: u.grads[name].copy() for name in network.theta if name[0].isdigit()}
    sums = {name: np.zeros_like(array) for name, array in whole.items()}
    for lag in range(batch.steps):
        for name, gradient in step_gradients(u, batch, [batch.lengths - 1] * (1 + both), lag):
            sums[name] += gradient
    assert sums.keys() == whole.keys()
    for name, array in whole.items():
        assert_close(sums[name], array, 1e-12)


def test_long_sequences_have_fewer_positions(monkeypatch):
    monkeypatch.setattr(gradients, "UNFOLDED", 60)
    row = in_a_row(examples("tags"))
    data = view(random_network(whole_architecture(), np.float32), CROSS_ENTROPY, row, Team(1))
    assert len(data["positions"]) == 60 // (2 * 6)
    assert len(view(random_network(architecture("gru")), CROSS_ENTROPY, one_row(), Team(1), 19)["positions"]) == 3


def test_states_or_gradients_that_explode_are_told_of_in_a_line():
    network = random_network(architecture("rnn-linear"), np.float32)
    network.theta["0.R"][...] = 30 * np.eye(len(network.theta["0.R"]))
    with pytest.raises(RnncliError, match="states grow without bound"):
        view(network, CROSS_ENTROPY, one_row(200), Team(1))
    for name in ("0.W", "0.b"):
        network.theta[name][...] = 0  # the states too are 0 then
    with pytest.raises(RnncliError, match="gradients grow without bound"):
        view(network, CROSS_ENTROPY, one_row(200), Team(1))
    assert view(network, CROSS_ENTROPY, one_row(200), Team(1), 9)["reach"] is None
