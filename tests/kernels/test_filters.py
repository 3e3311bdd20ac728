"""Fixed filters against their definition, sequence by sequence and step by step."""

import numpy as np
import pytest

from rnncli.frozen.filters import TRIPLES
from rnncli.kernels.filters import MIDDLE, SIZE, TAPS, contests, shares_above

LENGTHS = 1, 7, 40, 23  # some shorter than the filters reach
DILATIONS = np.array([1, 4])
MARGIN = MIDDLE * 4


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def rows(rng):
    x = rng.standard_normal((sum(LENGTHS), 2)).astype(np.float32)
    return x, np.cumsum([0, *LENGTHS])


MIXES = np.array([[1, 0], [0.5, -0.5], [0, 1]], np.float32)


def respond(signal, weights, dilation):
    """z[t] = Σ_j w[j] · signal[t + (j - 4) d], zeros outside."""
    at = np.arange(len(signal))[:, None] + (np.arange(TAPS) - MIDDLE) * dilation
    inside = (at >= 0) & (at < len(signal))
    return np.where(inside, signal[np.clip(at, 0, len(signal) - 1)], 0) @ weights


def room(extra):
    return np.full((len(MIXES) + extra, max(LENGTHS) + 2 * MARGIN), np.nan, np.float32)


def test_shares_above_are_those_of_the_definition(rng, rows):
    x, offsets = rows
    signals = rng.integers(len(MIXES), size=(len(DILATIONS), len(TRIPLES)))
    thresholds = rng.standard_normal((*signals.shape, 3)).astype(np.float32)
    count = thresholds.size
    out = np.full((len(LENGTHS), 2 * count + 5), 7, np.float32)
    shares_above(
        *(x, offsets, MIXES, DILATIONS, TRIPLES, signals, thresholds, room(2), MARGIN, out, 5, 1, len(LENGTHS))
    )  # fmt: skip
    assert (out[0] == 7).all() and (out[:, :5] == 7).all()
    for s in range(1, len(LENGTHS)):
        sequence = x[offsets[s] : offsets[s + 1]].astype(np.float64)
        shares, excesses = [], []
        for i, d in enumerate(DILATIONS):
            for f, triple in enumerate(TRIPLES):
                weights = -np.ones(TAPS)
                weights[triple] = 2
                z = respond(sequence @ MIXES[signals[i, f]], weights, d)
                if (i + f) % 2 and len(z) > 2 * MIDDLE * d:
                    z = z[MIDDLE * d : len(z) - MIDDLE * d]
                above = z[:, None] - thresholds[i, f]
                shares += (above > 0).mean(axis=0).tolist()
                excesses += np.maximum(above, 0).mean(axis=0).tolist()
        np.testing.assert_allclose(out[s, 5 : 5 + count], shares, atol=1e-6)
        np.testing.assert_allclose(out[s, 5 + count :], excesses, atol=1e-5)


def test_contests_are_those_of_the_definition(rng, rows):
    x, offsets = rows
    groups = 3
    signals = rng.integers(len(MIXES), size=(len(DILATIONS), groups))
    weights = rng.standard_normal((*signals.shape, SIZE, TAPS)).astype(np.float32)
    count = signals.size * SIZE
    out = np.zeros((len(LENGTHS), 2 * count), np.float32)
    place = room(1 + SIZE)
    winners = np.zeros((2, place.shape[1]), np.int32)
    contests(x, offsets, MIXES, DILATIONS, signals, weights, place, MARGIN, winners, out, 0, 0, len(LENGTHS))
    for s in range(len(LENGTHS)):
        sequence = x[offsets[s] : offsets[s + 1]].astype(np.float64)
        won, least = np.zeros((2, *weights.shape[:3]))
        for i, d in enumerate(DILATIONS):
            for g in range(groups):
                z = np.stack([respond(sequence @ MIXES[signals[i, g]], w, d) for w in weights[i, g].astype(np.float64)])
                for t in range(z.shape[1]):
                    won[i, g, z[:, t].argmax()] += max(0, z[:, t].max())
                    least[i, g, z[:, t].argmin()] += 1
        expected = np.sqrt(np.concatenate([won.ravel(), least.ravel()]) / LENGTHS[s])
        np.testing.assert_allclose(out[s], expected, atol=1e-5)
        assert np.isclose((out[s, count:] ** 2).sum(), signals.size)  # each step has one least of each group
