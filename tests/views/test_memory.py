"""`memory`: the capacity of linear networks is known, a network trained to copy forgets what it has copied."""

from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.likelihoods import SquaredErrors
from rnncli.network.losses import CROSS_ENTROPY, BinaryCrossEntropy
from rnncli.network.network import Network
from rnncli.training.optimisers import Optimiser
from rnncli.views import memory
from rnncli.views.memory import readout, view
from rnncli.views.memory.ablation import ablation
from rnncli.views.memory.readout import Fit, Recalled, bands, blocks
from rnncli.views.reading import Reading, side_by_side, states_of
from tests.helpers import RECURRENT, architecture, assert_close, one_row, random_network
from tests.views.helpers import text_reading, whole_reading

DELAY, LETTERS = 3, 4  # of the copy task


def linear_network(units, radius):
    """One input, h[t] = h[t-1]·R + x[t]·W with R = radius · an orthogonal matrix, and no bias."""
    rng = np.random.default_rng(0)
    network = Network(Architecture("rnn", units, 1, 0, 0, 1, cell_options={"activation": "linear"}, numbers=1))
    network.theta["0.R"][...] = radius * np.linalg.qr(rng.standard_normal((units, units)))[0]
    network.theta["0.W"][...] = rng.standard_normal((1, units))
    network.theta["output.W"][...] = 0.1 * rng.standard_normal((units, 1))
    return network


def numbers_reading(steps, seed=1):
    """Independent numbers, the next of which is to be predicted."""
    x = np.random.default_rng(seed).uniform(-1, 1, (steps, 1, 1)).astype(np.float32)
    starts = (np.arange(steps) == 0).astype(np.uint8)[:, None]
    batch = Batch(Window([], x), np.roll(x, -1, axis=0), starts, steps, steps)
    return Reading(batch, SquaredErrors(), list(map(str, range(steps))), ["x"], False, False, 0, numbers={"x": 0})


def test_the_capacity_of_a_linear_network_is_the_number_of_its_units():
    """Theory. With W the row of the input weights, h[t] = Σ_k x[t-k] · w_k with w_k = W·Rᵏ. For independent inputs of
    variance σ² the states have the covariance C = σ² Σ_k w_kᵀ w_k, and σ² w_kᵀ is what they have in common with
    x[t-k]; so the best linear read-out has

        R²[k] = (σ² w_k) C⁻¹ (σ² w_k)ᵀ / σ² = w_k (Σ_j w_jᵀ w_j)⁻¹ w_kᵀ

    and the capacity is Σ_k R²[k] = trace((Σ_j w_jᵀ w_j)⁻¹ Σ_k w_kᵀ w_k) = N, if the w_k span all of the N dimensions,
    which W and its images under a random R do (Jaeger 2002, "Short term memory in echo state networks", proposition 2;
    he counts from lag 1, we from lag 0, the input just read).

    R = 0.95 Q with an orthogonal Q: ‖w_k‖ falls by 0.95 a step, and yet nothing hides what is old, since there is no
    noise: R² stays near 1 for about the first N lags, and from lag 300 on less than 1e-3 of the sum is left. What is
    measured falls short by what a read-out of N weights costs that is fitted on n = 14,000 steps, about N / n a lag,
    and by the oldest lags: 0.95¹⁰⁰ is 0.006, which float32 still tells.
    """
    units, lags = 100, 300
    network = linear_network(units, 0.95)
    w = [network.theta["0.W"][0].astype(np.float64)]
    while len(w) < 2000:
        w.append(w[-1] @ network.theta["0.R"].astype(np.float64))
    w = np.array(w)
    theory = np.einsum("kd,kd->k", w, np.linalg.solve(w.T @ w, w.T).T)
    assert theory.sum() == pytest.approx(units, rel=1e-6)
    assert theory[lags:].sum() < 1e-3 * units
    data = view(network, numbers_reading(20_000), Team(1), lags)
    assert (data["fitted"], data["scored"]) == (14_000, 6_000)
    assert data["capacity"] == pytest.approx(units, rel=0.05)
    np.testing.assert_allclose(data["recall"], theory[: lags + 1], atol=0.08)
    np.testing.assert_allclose(data["recall"][:40], theory[:40], atol=0.01)
    assert data["input_capacity"] == pytest.approx(1, abs=0.05)
    assert data["by_column"] == {"x": data["recall"]}
    assert data["chance"] == [0.0] * (lags + 1)


@pytest.mark.parametrize("units", [3, 11])
def test_smaller_networks_hold_less(units):
    data = view(linear_network(units, 0.7), numbers_reading(3_000), Team(1), 60)
    assert data["capacity"] == pytest.approx(units, rel=0.1)


def test_a_column_that_does_not_vary_is_left_out():
    """It has no R², and as 0 it halved that of the other column."""
    alone, reading = linear_network(3, 0.7), numbers_reading(3_000)
    wide, x = Network(replace(alone.architecture, numbers=2)), reading.batch.x.numbers
    for name, array in alone.theta.items():
        wide.theta[name][: len(array)] = array
    wide.theta["0.W"][1] = 0
    batch = replace(reading.batch, x=Window([], np.concatenate([x, np.full_like(x, 0.5)], axis=2)))
    data = view(wide, replace(reading, batch=batch, numbers={"x": 0, "c": 1}), Team(1), 60)
    assert list(data["by_column"]) == ["x"]
    np.testing.assert_allclose(data["recall"], view(alone, reading, Team(1), 60)["recall"], atol=1e-5)


def copy_batch(rng, steps, rows):
    """y[t] = x[t-DELAY]."""
    x = rng.integers(LETTERS, size=(steps, rows)).astype(np.int32)
    y = np.roll(x, DELAY, axis=0)
    y[:DELAY] = -1
    starts = np.zeros((steps, rows), np.uint8)
    starts[0] = 1
    return Batch(x, y, starts, int((y >= 0).sum()), steps)


@pytest.fixture(scope="module")
def copied():
    """What a small LSTM remembers that was trained to put out what it read DELAY steps before."""
    network, team = Network.initialised(Architecture("lstm", 24, 1, 8, LETTERS, LETTERS), 3), Team(1)
    rng = np.random.default_rng(0)
    u = network.unfold(24, 32, team, training=True)
    optimiser = Optimiser("adamw", network.theta, u.grads, team)
    for step in range(1, 601):
        batch = copy_batch(rng, 24, 32)
        for state in u.states():
            state[...] = 0
        u.pack()
        u.gradients(batch, CROSS_ENTROPY.gradient)
        optimiser.update(step, 0.02 * min(1, 2 - step / 300), 1.0, 0.0)
    assert u.losses.sum() / batch.count < 0.05
    row = copy_batch(rng, 4_000, 1)
    return view(network, text_reading(row), team, 12)


def test_a_network_that_copies_remembers_as_long_as_it_has_to(copied):
    recall = np.array(copied["recall"])
    assert copied["lags"] == list(range(13))
    assert (recall[: DELAY + 1] > 0.9).all()
    assert (recall[DELAY + 3 :] < 0.6).all()
    assert recall[8:].mean() < 0.4
    np.testing.assert_allclose(copied["chance"], 1 / LETTERS, atol=0.05)
    assert DELAY < copied["capacity"] < 8


def test_only_what_it_copies_now_matters_to_its_prediction(copied):
    bits = np.array(copied["ablation_bits"])
    assert bits.argmax() == DELAY
    assert bits[DELAY] > 1
    assert np.delete(bits, DELAY).max() < 0.1 * bits[DELAY]


def test_the_input_alone_tells_nothing_of_independent_ones(copied):
    assert copied["input_alone"][0] == 1
    assert max(copied["input_alone"][1:]) < 0.4
    assert copied["input_capacity"] == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("cell", RECURRENT)
def test_without_recurrent_weights_only_the_last_input_matters(cell):
    """An LSTM has its cell state, and a GRU its update, that need no recurrent weights; a mingru has its factor a."""
    network, reading = random_network(architecture(cell)), text_reading(one_row(500))
    if cell == "mingru":
        network.theta["0.W"][:, :5] = network.theta["0.b"][:5] = 0
    else:
        network.theta["0.R"][...] = 0
    bits = ablation(network, reading, Team(1), 9)
    assert bits[0] > 0.01
    if cell.startswith(("rnn", "mingru")):
        assert max(map(abs, bits[1:])) < 1e-12
    else:
        assert min(bits[1:4]) > 1e-6


def test_what_is_before_the_start_of_a_sequence_is_no_lag_of_it():
    row = one_row(1800)
    row.starts[::6] = 1
    data = view(random_network(architecture("gru")), text_reading(row), Team(1))
    assert data["lags"] == list(range(6))
    assert min(data["ablation_bits"]) > 0
    assert ablation(random_network(architecture("gru")), text_reading(row), Team(1), 8)[6:] == [None] * 3


def _of_one(z, other):
    """KL(p ‖ p') of exclusive choices (T,)."""
    p, q = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) for logits in (z, other))
    return (p * np.log(p / q)).sum(axis=1)


def _of_sets(z, other):
    """The sum of those of labels that are each there or not."""
    p, q = (1 / (1 + np.exp(-logits)) for logits in (z, other))
    return (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).sum(axis=1)


@pytest.mark.parametrize("distance", [_of_one, _of_sets])
def test_the_ablation_is_the_distance_of_two_runs_from_the_beginning(distance):
    """KL(p ‖ p') of a run over the whole input, and of one with the inputs changed that the view draws. The answers do
    not matter: of sets of labels one more is true than the network knows.
    """
    network, reading = random_network(architecture("lstm", 2)), text_reading(one_row(40))
    if distance is _of_sets:
        answers = np.ones((40, 1, len(reading.outputs) + 1), np.float32)
        reading = replace(
            reading, batch=replace(reading.batch, y=answers), loss=BinaryCrossEntropy(), softmax=False, point=None
        )
    places = np.arange(40)
    rng, drawn = np.random.default_rng(1), []
    for begin in range(0, 40, 32):
        drawn.extend(rng.integers(40, size=len(places[begin : begin + 32])))
    expected, count = np.zeros(4), np.zeros(4)
    for place, source in zip(places, drawn, strict=True):
        x = reading.batch.x.copy()
        x[place] = x[source]
        bits = distance(*(_outputs(network, reading.batch, inputs) for inputs in (reading.batch.x, x))) / np.log(2)
        for lag in range(min(4, 40 - place)):
            expected[lag] += bits[place + lag]
            count[lag] += 1
    assert_close(ablation(network, reading, Team(2), 3), expected / count, 1e-9)


def _outputs(network, batch, x):
    u = network.unfold(batch.steps, 1, Team(1))
    u.pack()
    u.forward(replace(batch, x=x))
    return u.outputs(0, batch.steps)[:, 0].copy()


# -- read-outs --------------------------------------------------------------------------------------------------------


def fit_of(H, values, groups, size):
    """The sums, made in blocks of so many steps."""
    fit = Fit(Recalled(None, values, values.shape[1]), np.arange(len(H)), groups)
    for begin in range(0, len(H), size):
        steps = np.arange(begin, min(len(H), begin + size))
        fit.add(steps, H[steps])
    return fit


def test_a_read_out_is_the_least_squares_of_all_steps_whatever_the_blocks(monkeypatch):
    rng = np.random.default_rng(2)
    values, noise = rng.standard_normal((400, 2)), rng.standard_normal((400, 6))
    H = 3 + 0.1 * noise
    H[:, 0] += values[:, 0] + 7
    H[4:, 1] += values[:-4, 1] - 5
    groups = [np.arange(5)]
    monkeypatch.setattr(readout, "RIDGES", np.array([1e-12]))
    found = [fit_of(H, values, groups, size).solve(slice(None))[0] for size in (400, 64, 7)]
    X = np.stack([values[4 - lag : 400 - lag] for lag in range(5)], axis=1).reshape(396, -1)
    centred = H[4:] - H[4:].mean(axis=0)
    W = np.linalg.lstsq(centred, X - X.mean(axis=0), rcond=None)[0]
    for read in found:
        assert_close(read.W, W, 1e-8)
    fit = fit_of(H, values, groups, 64)
    _, h, there = next(iter(blocks(fit, np.arange(400), H, groups[0])))
    assert_close(fit.solve(slice(None))[0].read(h).reshape(396, -1), X.mean(axis=0) + centred @ W, 1e-8)
    assert_close(there.reshape(396, -1), X, 1e-12)


def test_what_is_not_there_is_not_read_out_of_noise():
    """With half as many units as steps least squares finds something; the ridge that is chosen shrinks it."""
    rng = np.random.default_rng(3)
    values, H = rng.standard_normal((200, 1)), rng.standard_normal((200, 100))
    W = fit_of(H, values, [np.arange(1)], 50).solve(slice(None))[0].W
    assert np.linalg.norm(W) < 0.5 * np.linalg.norm(np.linalg.lstsq(H, values, rcond=None)[0])


def test_the_ridge_is_that_of_least_generalised_cross_validation():
    """(Σ (x - x̂)²) / (n - 1 - Σ s / (s + λ))², for each lag on its own; read-outs by solving for each λ."""
    rng = np.random.default_rng(5)
    values, H = rng.standard_normal((80, 1)), rng.standard_normal((80, 30)) * np.geomspace(1, 0.03, 30)
    H[2:, :3] += 0.3 * values[:-2]
    W = fit_of(H, values, [np.arange(20)], 80).solve(slice(None))[0].W
    A = H[19:] - H[19:].mean(axis=0)
    G = A.T @ A
    chosen = []
    for lag in range(20):
        x = values[19 - lag : 80 - lag, 0]
        x = x - x.mean()
        tried = {}
        for ridge in readout.RIDGES:
            inverse = np.linalg.inv(G + ridge * np.trace(G) / 30 * np.eye(30))
            w = inverse @ A.T @ x
            tried[ridge] = ((x - A @ w) ** 2).sum() / (len(A) - 1 - np.trace(G @ inverse)) ** 2, w
        chosen.append(min(tried, key=lambda ridge: tried[ridge][0]))
        assert_close(W[:, lag], tried[chosen[-1]][1], 1e-6)
    assert len(set(chosen)) > 1


def test_a_layer_alone_tells_what_it_has():
    """The upper one reads nothing, and so has nothing."""
    network = random_network(architecture("gru", 2, hidden=24))
    network.theta["1.W"][...] = 0
    data = view(network, text_reading(one_row(2000)), Team(1), 2)
    lower, upper = np.array(data["by_layer"])
    np.testing.assert_allclose(upper, data["chance"], atol=0.06)
    assert lower[0] > 0.9
    assert lower[1] > upper[1] + 0.1
    assert data["recall"][0] == pytest.approx(lower[0], abs=0.02)


def test_lags_are_fitted_together_where_most_steps_have_them_and_else_by_doubling():
    assert [list(band) for band in bands(np.arange(100), 20)] == [list(range(21))]
    ages = np.tile(np.arange(12), 9)
    assert [list(band) for band in bands(ages, 11)] == [[0], [1], [2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert [list(band) for band in bands(ages, 8)] == [[0], [1], [2, 3], [4, 5, 6, 7], [8]]


# -- sequences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", [[], ["last", "mean"]])
@pytest.mark.parametrize("both", [False, True])
def test_the_states_of_sequences_are_those_of_each_alone(pool, both):
    network, reading = whole_reading(pool, both)
    wanted = np.arange(0, reading.steps, 2)
    found = list(states_of(network, reading, Team(1), wanted))
    steps = np.concatenate([at for at, _ in found])
    H = np.concatenate([h for _, h in found])[np.argsort(steps)]
    expected = []
    for begin, end in zip(reading.bounds[:-1], reading.bounds[1:], strict=True):
        batch = side_by_side(reading.batch, np.arange(begin, end)[:, None])
        u = network.unfold(end - begin, 1, Team(1))
        u.pack()
        u.forward(batch)
        expected.append(np.concatenate([layer.Y[:, 0] for layer in u.layers], axis=1))
    assert sorted(steps) == wanted.tolist()
    assert_close(H, np.concatenate(expected)[wanted], 1e-6)


@pytest.mark.parametrize("pool", [[], ["last", "mean"]])
@pytest.mark.parametrize("both", [False, True])
def test_networks_of_whole_sequences_have_a_memory_too(pool, both):
    network, reading = whole_reading(pool, both, sequences=120)
    data = view(network, reading, Team(2))
    assert data["lags"] == list(range(len(data["lags"]))) and 3 <= len(data["lags"]) <= 7
    assert data["recall"][0] > 0.5 > data["recall"][-1]
    assert data["ablation_bits"][0] > 0
    assert len(data["by_layer"]) == 2
    assert set(data["by_column"]) == {"a", "b"}


def test_an_input_that_is_too_short_is_refused():
    with pytest.raises(RnncliError, match="40 steps are too few"):
        view(random_network(architecture("lstm")), text_reading(one_row()), Team(1))
    with pytest.raises(RnncliError, match="4 sequence"):
        view(*whole_reading(["last"], True), Team(1))


def test_a_network_that_is_not_stable_is_refused():
    network = linear_network(4, 3.0)
    with pytest.raises(RnncliError, match="grow without bound"):
        view(network, numbers_reading(500), Team(1))


def test_rare_tokens_are_never_right(monkeypatch):
    monkeypatch.setattr(memory, "MOST_COLUMNS", 2)
    network, reading = random_network(architecture("lstm", hidden=30)), text_reading(one_row(2000))
    frequent = np.sort(np.bincount(reading.tokens))[-2:].sum() / 2000
    assert view(network, reading, Team(1), 3)["recall"][0] == pytest.approx(frequent, abs=0.05)
