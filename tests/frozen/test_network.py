"""Frozen networks: what they read of sequences, and that a read-out is of the training part alone."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut

from rnncli.data.columns import offsets_of
from rnncli.data.examples import Examples
from rnncli.frozen import network as network_module
from rnncli.frozen import ridge
from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.intervals import Intervals
from rnncli.frozen.network import FrozenNetwork
from rnncli.frozen.ridge import Answers
from rnncli.frozen.signals import differences, dilations_for, draw_mixes, series
from rnncli.kernels.threads import Team

KINDS = "filters", "contests", "intervals"
TEAM = Team(2)


def answers_of(values):
    """Rows that weigh unlike, as those of labels do."""
    weights = np.linspace(0.5, 1.5, len(values))
    return Answers(values, weights)


def examples_of(lengths, columns, seed=0):
    rng, lengths = np.random.default_rng(seed), np.array(lengths)
    return Examples(offsets_of(lengths), [], rng.standard_normal((lengths.sum(), columns)).astype(np.float32))


def drawn(examples, outputs=2):
    steps, columns = int(np.median(examples.lengths)), examples.numbers.shape[1]
    return FrozenNetwork.drawn(FrozenArchitecture.sized(KINDS, steps, columns, outputs), examples, 0)


def test_differences_stay_within_their_sequence():
    examples = examples_of([3, 1, 4], 2)
    rows = differences(examples)
    assert rows.lengths.tolist() == [2, 1, 3]
    for s in (0, 2):
        begin, end = examples.offsets[s : s + 2]
        expected = np.diff(examples.numbers[begin:end], axis=0)
        np.testing.assert_array_equal(rows.x[rows.offsets[s] : rows.offsets[s + 1]], expected)
    assert not rows.x[rows.offsets[1] : rows.offsets[2]].any()


@pytest.mark.parametrize(("lengths", "columns"), [([9, 30, 30, 17, 1], 1), ([12] * 5, 3)])
def test_features_of_a_sequence_depend_on_it_alone(lengths, columns):
    examples = examples_of(lengths, columns)
    network = drawn(examples)
    together = network.features(examples, TEAM)
    assert together.shape == (len(lengths), network.architecture.width) and np.isfinite(together).all()
    for i in range(len(lengths)):
        np.testing.assert_array_equal(network.features(examples.select(np.array([i])), Team(1))[0], together[i])


def test_interval_summaries_are_numpys():
    examples = examples_of([20, 20, 11], 2)
    group = Intervals.sized("series", 20, 2, 1)
    rows, out = series(examples), np.zeros((3, group.parts[0]), np.float32)
    group.compute({}, rows, out, 0, 0, 3)
    for s, steps in enumerate([20, 20, 11]):
        x = examples.numbers[examples.offsets[s] : examples.offsets[s + 1]].astype(np.float64)
        quarter = x[int(steps / 4) : int(steps / 2)]  # the fourth of 1 + 2 + 4 + 8 intervals that starts there
        figures = out[s].reshape(15, 8, 2)[4]
        slope = [np.polyfit(np.arange(len(quarter)), column, 1)[0] for column in quarter.T]
        expected = [quarter.mean(0), quarter.std(0), slope, *np.quantile(quarter, [0, 0.25, 0.5, 0.75, 1], axis=0)]
        np.testing.assert_allclose(figures, expected, atol=1e-5)


def test_the_scales_of_the_features_are_taken_into_the_read_out():
    examples = examples_of([24] * 14, 1)
    network, answers = drawn(examples), np.random.default_rng(3).standard_normal((14, 2))
    fitted = network.fit(examples, answers_of(answers), TEAM)
    assert fitted.weights["filters"] or fitted.weights["intervals"]
    X, W = network.features(examples, TEAM).astype(np.float64), network.theta["readout.W"]
    np.testing.assert_allclose(network.outputs(examples, TEAM), X @ W + network.theta["readout.b"], atol=1e-5)
    residual = np.abs(network.outputs(examples, TEAM) - answers).mean()
    weighted = answers_of(answers).weights @ (network.outputs(examples, TEAM) - answers) / len(answers)
    np.testing.assert_allclose(weighted, 0, atol=1e-5)  # the bias is the weighted mean of what is left
    assert residual < np.abs(fitted.ridge.left_out - answers).mean()  # what is fitted is nearer than what is left out


def test_a_feature_that_never_varies_has_no_weight():
    examples = examples_of([16] * 8, 1)
    examples.numbers[examples.offsets[:-1]] = 0  # so the least of some interval says nothing in some
    network = drawn(examples)
    network.fit(examples, answers_of(np.arange(16.0).reshape(8, 2)), TEAM)
    flat = np.ptp(network.features(examples, TEAM), axis=0) == 0
    assert flat.any() and not network.theta["readout.W"][flat].any()


def test_a_feature_that_hardly_varies_does_not_outweigh_the_others():
    """Of a part with the variances s² it has at most the scale (F · mean of s²)^-1/2, whatever its own is."""
    X = (np.random.default_rng(5).standard_normal((40, 60)) * np.geomspace(1e-3, 1, 60)).astype(np.float32)
    network = drawn(examples_of([16] * 4, 1))
    network.groups = {"one": Intervals("series", 1, 1)}
    network.groups["one"].parts = [60]
    scale, _ = network._scales(X)
    s2 = X.astype(np.float64).var(axis=0)
    np.testing.assert_allclose(scale, (60 * (s2 + s2.mean())) ** -0.5, rtol=1e-5)
    assert (scale * X.std(axis=0))[:20].max() < 0.1 * (scale * X.std(axis=0)).max()


def test_filters_reach_over_the_sequence_at_most():
    assert dilations_for(8, 16, 1) == [1] and dilations_for(8, 4, 3) == [1] * 4
    assert max(dilations_for(801, 16, 1)) == 100
    assert len(dilations_for(20_000, 16, 1)) > 12


def test_signals_of_several_columns_mix_some_of_them():
    mixes = draw_mixes(np.random.default_rng(0), 5)
    np.testing.assert_allclose((mixes**2).sum(axis=1), 1)
    assert {int(n) for n in (mixes != 0).sum(axis=1)} == {1, 2, 3, 4, 5}
    assert draw_mixes(np.random.default_rng(0), 1).tolist() == [[1]]


@pytest.mark.parametrize("columns", [1, 3])
def test_thresholds_are_spread_over_what_the_filters_give(columns):
    """Of four thresholds an eighth, three, five and seven eighths of the steps lie above, on average."""
    examples = examples_of([40] * 12, columns)
    network = drawn(examples)
    group = network.groups["filters.series"]
    shares = network.features(examples, TEAM)[:, : group.parts[0]].reshape(-1, 4).mean(axis=0)
    np.testing.assert_allclose(shares, [0.875, 0.625, 0.375, 0.125], atol=0.03)


def test_folds_are_left_out_as_wholes_of_the_same_features(monkeypatch):
    """The read-out of each fold is that of scikit-learn on the scaled features of the others."""
    examples = replace(examples_of([20] * 24, 1), folds=np.repeat(np.arange(4), [3, 9, 7, 5]))
    network, answers = drawn(examples), np.random.default_rng(4).standard_normal((24, 2))
    monkeypatch.setattr(ridge, "STRENGTHS", np.array([0.1]))
    fitted = network.fit(examples, answers_of(answers), TEAM)
    weights = answers_of(answers).weights
    X = network.features(examples, TEAM).astype(np.float64)
    scale, summaries = network._scales(X.astype(np.float32))
    X = (X - weights @ X / len(X)) * scale * np.where(summaries, *map(fitted.weights.get, ("intervals", "filters")))
    for others, left_out in LeaveOneGroupOut().split(X, answers, examples.folds):
        alone = Ridge(0.1 * (weights @ X**2).sum() / len(X)).fit(X[others], answers[others], weights[others])
        np.testing.assert_allclose(fitted.ridge.left_out[left_out], alone.predict(X[left_out]), atol=1e-4)


def test_some_of_many_sequences_are_of_the_first_and_the_last_fold(monkeypatch):
    monkeypatch.setattr(network_module, "ENOUGH", 8)
    folds = np.random.default_rng(0).permutation(np.repeat([0, 1], [99, 1]))
    some = network_module._of_all(folds)
    assert len(set(some)) == 8 and set(folds[some]) == {0, 1}
    assert network_module._of_all(folds[:8]).tolist() == list(range(8))
