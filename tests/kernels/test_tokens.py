"""Kernels over token ids: table look-ups, dropout, and the softmax of the output layer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.tokens import dropout, lookup, pick, scatter, softmax, softmax_loss
from tests import naive

REALS = [np.float32, np.float64]
T, N, V, M = 5, 7, 11, 19
SENTINEL = -77777.0


def ids(seed=0):
    return np.random.default_rng(seed).integers(0, V, (T, N)).astype(np.int32)


def whole_numbers(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(dtype)


@pytest.mark.parametrize("dtype", REALS)
def test_lookup_copies_rows_of_the_table(dtype):
    table, Z = whole_numbers((1, V, M), dtype), np.full((T, N, M), SENTINEL, dtype)
    lookup(table, ids(), Z, 4, 2, 6)
    np.testing.assert_array_equal(Z[:4, 2:6], table[0][ids()[:4, 2:6]])
    Z[:4, 2:6] = SENTINEL
    assert (Z == SENTINEL).all()


@pytest.mark.parametrize("dtype", REALS)
def test_scatter_sums_into_the_rows_of_the_table(dtype):
    dZ, old = whole_numbers((T, N, M), dtype), whole_numbers((1, V, M), dtype, seed=1)
    dtable = old.copy()
    scatter(dZ, ids(), dtable, 4, 3, 17)
    expected = np.zeros((V, M))
    np.add.at(expected, ids()[:4], dZ[:4])
    expected[:, :3] = expected[:, 17:] = 0
    np.testing.assert_array_equal(dtable - old, expected[None])


def dropped(shape, key, rate, dtype=np.float32, value=1.0):
    Y = np.full(shape, value, dtype)
    dropout(Y, np.uint32(key), rate, False, shape[0], 0, shape[1])
    return Y


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_dropout_zeroes_its_rate_and_scales_the_rest(dtype, rate):
    Y = dropped((30, 20, 100), 12345, rate, dtype)
    kept = Y != 0
    np.testing.assert_allclose(Y[kept], 1 / (1 - rate), rtol=1e-6)
    sigma = np.sqrt(rate * (1 - rate) / Y.size)
    assert abs((~kept).mean() - rate) < 4 * sigma
    for axis in range(3):  # no step, row or unit is favoured
        other = tuple(i for i in range(3) if i != axis)
        part = np.sqrt(rate * (1 - rate) * Y.shape[axis] / Y.size)
        assert np.abs((~kept).mean(axis=other) - rate).max() < 5 * part


def test_dropout_zeroes_half_of_each_unit_with_its_neighbours_independent():
    kept = dropped((40, 30, 50), 7, 0.5) != 0
    for a, b in (
        (kept[1:], kept[:-1]),
        (kept[:, 1:], kept[:, :-1]),
        (kept[..., 1:], kept[..., :-1]),
        (kept, dropped((40, 30, 50), 8, 0.5) != 0),
    ):
        assert abs((a == b).mean() - 0.5) < 4 * np.sqrt(0.25 / a.size)


def test_dropout_on_the_way_back_is_the_same_mask():
    mask = dropped((T, N, M), 99, 0.3)
    dY = np.random.default_rng(0).standard_normal((T, N, M)).astype(np.float32)
    back = dY.copy()
    dropout(back, np.uint32(99), 0.3, False, T, 0, N)
    np.testing.assert_array_equal(back, dY * mask)


def test_dropout_in_parts_of_the_rows_is_the_same_mask():
    whole, parts = dropped((T, N, M), 99, 0.3), np.ones((T, N, M), np.float32)
    for first, last in ((4, 7), (0, 1), (1, 4)):
        dropout(parts, np.uint32(99), 0.3, False, T, first, last)
    np.testing.assert_array_equal(parts, whole)
    short = np.ones((T, N, M), np.float32)
    dropout(short, np.uint32(99), 0.3, False, 3, 0, N)
    np.testing.assert_array_equal(short[:3], whole[:3])
    assert (short[3:] == 1).all()


def logits_and_targets(dtype, spread=3.0, seed=0):
    """Logits (3, N, V) of the steps 2 to 4 of targets (T, N), some of them masked."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, V, (T, N)).astype(np.int32)
    y[3, 1] = y[2, 0] = y[4, N - 1] = -1
    return (spread * rng.standard_normal((3, N, V))).astype(dtype), y


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
    softmax_loss(kept, y, 0.125, keeping, True, 2, 3, 0, N)
    np.testing.assert_array_equal(kept, logits)

    softmax_loss(logits, y, 0.125, losses, False, 2, 3, 0, N)
    np.testing.assert_allclose(logits, 0.125 * dlogits, rtol=0, atol=tolerance)
    for computed in (losses, keeping):
        np.testing.assert_allclose(computed[2:], expected, rtol=tolerance, atol=tolerance)
        assert (computed[2:][y[2:] < 0] == 0).all()
        assert (computed[:2] == SENTINEL).all()
    assert (logits[y[2:] < 0] == 0).all()


def test_softmax_loss_touches_its_rows_only():
    logits, y = logits_and_targets(np.float32)
    before, losses = logits.copy(), np.full((T, N), SENTINEL, np.float32)
    softmax_loss(logits, y, 1.0, losses, False, 2, 2, 3, 5)
    assert (losses[2:4, 3:5] != SENTINEL).all()
    losses[2:4, 3:5] = SENTINEL
    assert (losses == SENTINEL).all()
    assert (logits[:2, 3:5] != before[:2, 3:5]).all()
    logits[:2, 3:5] = before[:2, 3:5]
    np.testing.assert_array_equal(logits, before)


def test_softmax_loss_gradient_equals_finite_differences():
    logits, y = logits_and_targets(np.float64)
    losses, dlogits = np.zeros((T, N)), logits.copy()
    softmax_loss(dlogits, y, 0.5, losses, False, 2, 3, 0, N)
    numeric, step = np.zeros_like(logits), 1e-6
    for index in np.ndindex(logits.shape):
        sums = []
        for sign in (1, -1):
            moved = logits.copy()
            moved[index] += sign * step
            softmax_loss(moved, y, 0.5, losses, True, 2, 3, 0, N)
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
