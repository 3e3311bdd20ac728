"""Windows cut out of a row of tokens, and the sum of losses, against NumPy."""

import numpy as np
import pytest

from rnncli.data.batches import NO_NOISE, Walk
from rnncli.data.sequences import Sequences
from rnncli.kernels.windows import add_up, cut

T, LINE_END = 6, 300
BEGIN, END, FIRST = np.array([0, 12, 20, 29]), np.array([12, 20, 29, 29]), np.array([0, 15, 20, 29])
IS_START = np.isin(np.arange(29), [0, 9, 12, 13, 28]).astype(np.uint8)


def expected(F, window):
    """x, y, starts, targets, steps."""
    p = BEGIN + window * T + np.arange(T)[:, None]
    inside = p < END
    q = np.where(inside, p, 0)
    start = IS_START[q] > 0
    y = np.where(inside & (p >= FIRST), F[q].astype(int), -1)
    x = np.where(inside & ~start, F[q - 1].astype(int), LINE_END)
    return x, y, (inside & start) | (p == BEGIN), (y >= 0).sum(), inside.any(axis=1).sum()


@pytest.mark.parametrize("function", [cut, getattr(cut, "function", cut)])  # as machine code, and as Python
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int32, np.int64])
@pytest.mark.parametrize("window", range(3))
def test_a_window_is_what_numpy_cuts(function, dtype, window):
    F = np.random.default_rng(0).permutation(np.arange(29)).astype(dtype)
    F.setflags(write=dtype == np.uint8)  # tokens may be read-only
    arrays = np.full((T, 4), 77, np.int32), np.full((T, 4), 77, np.int32), np.full((T, 4), 77, np.uint8)
    used = np.zeros(2, np.int64)
    with np.errstate(over="ignore"):  # of hashes in plain Python
        function(F, IS_START, BEGIN, END, FIRST, window, LINE_END, *NO_NOISE, *arrays, used)
    for ours, theirs in zip((*arrays, *used), expected(F, window), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_tokens_of_a_file_are_read_as_they_are(tmp_path):
    tokens = np.random.default_rng(1).integers(200, size=1000).astype(np.uint16)
    tokens.tofile(tmp_path / "tokens")
    mapped = np.memmap(tmp_path / "tokens", np.uint16, "r")
    walks = [Walk(Sequences(array, np.array([0])), 3, 20, 0) for array in (tokens, mapped)]
    assert np.shares_memory(walks[1].F, mapped)
    for window in range(walks[0].windows):
        batches = [walk.batch(window) for walk in walks]
        np.testing.assert_array_equal(batches[0].x, batches[1].x)
        np.testing.assert_array_equal(batches[0].y, batches[1].y)


@pytest.mark.parametrize("function", [add_up, getattr(add_up, "function", add_up)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_total_is_that_of_the_steps_in_use_in_double_precision(function, dtype):
    losses = np.random.default_rng(0).standard_normal((T, 50)).astype(dtype) * dtype(1e4)
    losses[0, 0] = 1e9

    def total(steps):
        out = np.full(1, 77.0)
        function(losses, steps, out)
        return out[0]

    assert total(4) == pytest.approx(losses[:4].sum(dtype=np.float64), rel=1e-12)
    assert total(0) == 0
    losses[3, 7] = np.nan
    assert np.isnan(total(4))
    assert not np.isnan(total(3))


def test_plain_python_replaces_the_same_tokens_and_an_input_is_the_target_before():
    F, unknown = np.arange(29, dtype=np.uint8), 99
    found = []
    for function in (cut, getattr(cut, "function", cut)):
        for key, update in ((5, 0), (2**32 - 3, 7)):
            x, y, starts = (np.full((T, 4), 77, dtype) for dtype in (np.int32, np.int32, np.uint8))
            with np.errstate(over="ignore"):
                noise = unknown, 2**31, key, update
                function(F, IS_START, BEGIN, END, FIRST, 0, LINE_END, *noise, x, y, starts, np.zeros(2, np.int64))
            found.append((x, y))
            assert 3 < (y == unknown).sum() < 18
            later = (y[:-1] >= 0) & (y[1:] >= 0) & (starts[1:] == 0)
            np.testing.assert_array_equal(x[1:][later], y[:-1][later])
    half = len(found) // 2
    for compiled, plain in zip(found[:half], found[half:], strict=True):
        np.testing.assert_array_equal(compiled, plain)
    assert not np.array_equal(found[0][1], found[1][1])
