"""The softmax of the output layer, its loss and its draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.softmax import pick, softmax, softmax_loss
from tests import naive

T, N, V = 5, 7, 11
SENTINEL = -77777.0


def logits_and_targets(dtype, spread=3.0, seed=0):
    """Logits (3, N, V) of the steps 2 to 4 of targets (T, N), some of them masked."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, V, (T, N)).astype(np.int32)
    y[3, 1] = y[2, 0] = y[4, N - 1] = -1
    return (spread * rng.standard_normal((3, N, V))).astype(dtype), y


def scaled(logits, scale):
    """No weights, and the scale, as the kernel takes them."""
    return np.zeros(0, logits.dtype), np.full(1, scale, logits.dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 1e-13)])
@pytest.mark.parametrize("spread", [0.1, 3.0, 200.0])
def test_softmax_loss_and_its_gradient_equal_numpy(dtype, tolerance, spread):
    logits, y = logits_and_targets(dtype, spread)
    exact, losses = logits.astype(np.float64), np.full((T, N), SENTINEL, dtype)
    top = exact.max(axis=-1)
    log_total = np.log(np.exp(exact - top[..., None]).sum(axis=-1)) + top
    picked = np.take_along_axis(exact, np.maximum(y[2:], 0)[..., None], axis=-1)[..., 0]
    expected = np.where(y[2:] >= 0, log_total - picked, 0.0)
    dlogits = naive.softmax(exact) - np.eye(V)[y[2:]]
    dlogits[y[2:] < 0] = 0

    keeping = losses.copy()
    kept = logits.copy()
    softmax_loss(kept, y, *scaled(kept, 0.125), keeping, True, 2, 3, 0, N)
    np.testing.assert_array_equal(kept, logits)

    softmax_loss(logits, y, *scaled(logits, 0.125), losses, False, 2, 3, 0, N)
    np.testing.assert_allclose(logits, 0.125 * dlogits, rtol=0, atol=tolerance)
    for computed in (losses, keeping):
        np.testing.assert_allclose(computed[2:], expected, rtol=tolerance, atol=tolerance)
        assert (computed[2:][y[2:] < 0] == 0).all()
        assert (computed[:2] == SENTINEL).all()
    assert (logits[y[2:] < 0] == 0).all()


def test_softmax_loss_touches_its_rows_only():
    logits, y = logits_and_targets(np.float32)
    before, losses = logits.copy(), np.full((T, N), SENTINEL, np.float32)
    softmax_loss(logits, y, *scaled(logits, 1.0), losses, False, 2, 2, 3, 5)
    assert (losses[2:4, 3:5] != SENTINEL).all()
    losses[2:4, 3:5] = SENTINEL
    assert (losses == SENTINEL).all()
    assert (logits[:2, 3:5] != before[:2, 3:5]).all()
    logits[:2, 3:5] = before[:2, 3:5]
    np.testing.assert_array_equal(logits, before)


def test_softmax_loss_gradient_equals_finite_differences():
    logits, y = logits_and_targets(np.float64)
    losses, dlogits = np.zeros((T, N)), logits.copy()
    softmax_loss(dlogits, y, *scaled(dlogits, 0.5), losses, False, 2, 3, 0, N)
    numeric, step = np.zeros_like(logits), 1e-6
    for index in np.ndindex(logits.shape):
        sums = []
        for sign in (1, -1):
            moved = logits.copy()
            moved[index] += sign * step
            softmax_loss(moved, y, *scaled(moved, 0.5), losses, True, 2, 3, 0, N)
            sums.append(0.5 * losses[2:].sum())
        numeric[index] = (sums[0] - sums[1]) / (2 * step)
    assert np.linalg.norm(dlogits) > 1
    assert np.linalg.norm(numeric - dlogits) < 1e-6 * np.linalg.norm(dlogits)


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.0])
def test_softmax_equals_numpy_at_any_temperature(temperature):
    logits = np.random.default_rng(0).standard_normal(V).astype(np.float32)
    out = np.empty_like(logits)
    softmax(logits, np.float32(temperature), out)
    np.testing.assert_allclose(out, naive.softmax(logits.astype(np.float64) / temperature), rtol=5e-6)


def test_softmax_bears_huge_and_impossible_logits():
    out = np.empty(4, np.float32)
    softmax(np.array([3e38, -3e38, 3e38, -np.inf], np.float32), np.float32(1), out)
    np.testing.assert_allclose(out, [0.5, 0, 0.5, 0], atol=1e-30)


def test_pick_follows_the_running_sum():
    weights = np.array([0.5, 0.0, 1.5, 2.0], np.float32)
    shares = {0.0: 0, 0.124: 0, 0.125: 2, 0.25: 2, 0.499: 2, 0.5: 3, 0.75: 3, 1 - 2**-53: 3}
    assert {u: pick(weights, u) for u in shares} == shares


@given(st.lists(st.sampled_from([0.0, 0.0, 0.1, 1.0, 1e-6, 30.0]), min_size=1, max_size=9), st.floats(0, 1))
def test_pick_never_takes_what_has_no_weight(weights, u):
    weights = np.array([*weights, 1.0, 0.0], np.float32)
    assert weights[pick(weights, min(u, 1 - 2**-53))] > 0
