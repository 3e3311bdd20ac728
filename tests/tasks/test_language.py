"""A language model: the tokens that training replaces by <unk>."""

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.data.vocabulary import Bytes, Characters
from rnncli.readers.form import Form
from rnncli.tasks.language import UNKNOWN_RATE, Language

T, N, UPDATES = 40, 32, 2000
LETTERS = Language(Characters([10, *range(97, 123)]), Form("text"))
UNKNOWN = LETTERS.vocabulary.unknown


def window():
    """Tokens from 1 on, of which the last two steps of some rows are not there; sequences start here and there."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(1, 27, size=(T + 1, N)).astype(np.int32)
    x, y = tokens[:-1].copy(), tokens[1:].copy()
    y[-2:, :5] = -1
    starts = (rng.random((T, N)) < 0.1).astype(np.uint8)
    return Batch(x, y, starts, int((y >= 0).sum()), T)


def perturbed(update, task=LETTERS):
    batch = window()
    task.perturb(batch, 5, update)
    return batch


@pytest.fixture(scope="module")
def replaced():
    """Which targets of which update are replaced, and which inputs."""
    before, batches = window(), [perturbed(update) for update in range(UPDATES)]
    for batch in batches:
        for array, was in ((batch.x, before.x), (batch.y, before.y)):
            assert ((array == was) | (array == UNKNOWN)).all()
    return np.array([batch.y == UNKNOWN for batch in batches]), np.array([batch.x == UNKNOWN for batch in batches])


def test_each_target_is_replaced_with_the_same_chance(replaced):
    there = window().y >= 0
    targets = replaced[0]
    assert not targets[:, ~there].any()
    expected = UPDATES * UNKNOWN_RATE
    counts = targets.sum(axis=0)[there]
    assert abs(counts.mean() - expected) < 4 * np.sqrt(expected / counts.size)
    assert counts.var() == pytest.approx(expected, rel=6 / np.sqrt(counts.size))
    assert targets.any(axis=0)[:, 0].any()
    assert targets.any(axis=0)[:, -1].any()


def test_the_input_of_the_step_after_is_replaced_too_where_no_sequence_starts(replaced):
    targets, inputs = replaced
    expected = np.zeros_like(inputs)
    expected[:, 1:] = targets[:, :-1] & (window().starts[1:] == 0)
    np.testing.assert_array_equal(inputs, expected)
    assert inputs.sum() > 1000


def test_the_same_update_has_the_same_tokens_replaced():
    np.testing.assert_array_equal(perturbed(77).y, perturbed(77).y)


def test_steps_that_are_not_in_use_stay():
    short = window()
    short.steps = 3
    for update in range(UPDATES):
        LETTERS.perturb(short, 5, update)
    assert (short.y[:3] == UNKNOWN).sum() > 30
    assert (short.y[3:] != UNKNOWN).all()
    assert (short.x[3:] != UNKNOWN).all()


def test_of_bytes_nothing_is_unknown():
    task = Language(Bytes(), Form("text"))
    for update in range(50):
        np.testing.assert_array_equal(perturbed(update, task).y, window().y)
