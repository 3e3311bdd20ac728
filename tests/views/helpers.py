"""Readings for the views, without a model file."""

from contextlib import contextmanager

import numpy as np
import pytest

from rnncli.data.examples import Examples
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.views import dynamics
from rnncli.views.dynamics import fixed_points
from rnncli.views.reading import Reading, in_a_row
from tests.helpers import V, random_network
from tests.network.test_whole_sequences import OUTPUTS
from tests.network.test_whole_sequences import architecture as whole_architecture


@contextmanager
def brief_dynamics():
    """The view of dynamics searches less and runs shorter, for what only shows it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamics, "STARTS", (16, 16))
        patch.setattr(dynamics, "FREE_STEPS", dynamics.WARM + 100)
        patch.setattr(fixed_points, "UPDATES", 200)
        yield


def text_reading(row, loss=CROSS_ENTROPY):
    """Of one row of tokens."""
    names = [chr(ord("a") + token) for token in range(V)]
    return Reading(row, loss, [names[token] for token in row.x[:, 0]], names, tokens=row.x[:, 0])


def whole_reading(pool, both, sequences=4, loss=CROSS_ENTROPY, own=None):
    """(network, reading) of sequences of 3 to 7 steps with a category, words and two numbers, and classes or tags."""
    rng = np.random.default_rng(4)
    lengths = rng.integers(3, 8, sequences)
    rows = int(lengths.sum())
    ids = [rng.integers(0, 4, rows).astype(np.int32), rng.integers(0, 5, rows).astype(np.int32)]
    grams = np.array([0, 2, 3, 6, 6, 8], np.int32), np.array([0, 1, 6, 2, 3, 2, 4, 5], np.int32)
    numbers = rng.standard_normal((rows, 2)).astype(np.float32)
    targets = rng.integers(0, OUTPUTS, sequences if pool else rows).astype(np.int32)
    examples = Examples(np.concatenate([[0], np.cumsum(lengths)]), ids, numbers, grams, targets)
    network = random_network(whole_architecture(pool=pool, both=both, own=own), np.float32)
    outputs = [str(k) for k in range(OUTPUTS)]
    columns = {"a": 0, "b": 1}
    return network, Reading(in_a_row(examples), loss, list(map(str, range(rows))), outputs, numbers=columns)
