"""The loss of whole paths where tags are missing: against the sum over every path that agrees with those there are."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import PathLoss
from rnncli.network.sums import Sums
from tests.helpers import random_network

T, N, C = 4, 3, 3
LENGTHS = np.array([4, 3, 2], np.int32)
TAGS = np.array([[0, -1, -1], [-1, 2, 1], [-1, -1, -1], [1, -1, -1]], np.int32)  # the last two rows are padded


@pytest.fixture(params=[np.float32, np.float64])
def unfolded(request):
    """As much of a network as the loss looks at."""
    rng = np.random.default_rng(0)

    def real(*shape):
        return rng.normal(0, 2, shape).astype(request.param)

    theta = {"task.transitions": real(C, C), "task.begin": real(C), "task.end": real(C)}
    grads = {name: np.zeros_like(array) for name, array in theta.items()}
    losses = np.zeros((T, N), request.param)
    network = SimpleNamespace(theta=theta)
    return SimpleNamespace(
        logits=real(T, N, C),
        losses=losses,
        lengths=LENGTHS,
        extra={},
        network=network,
        grads=grads,
        sums=Sums(N, 1, np.dtype(request.param)),
        scale=np.ones(1, request.param),
    )


def nats(u, logits, n):
    """log Z - log Z' of row n, by all paths."""
    theta, length = u.network.theta, LENGTHS[n]
    scores, agreeing = [], []
    for path in itertools.product(range(C), repeat=int(length)):
        score = theta["task.begin"][path[0]] + theta["task.end"][path[-1]]
        score += sum(logits[t, n, tag] for t, tag in enumerate(path))
        score += sum(theta["task.transitions"][pair] for pair in itertools.pairwise(path))
        scores.append(score)
        if all(TAGS[t, n] in (-1, tag) for t, tag in enumerate(path)):
            agreeing.append(score)
    return np.logaddexp.reduce(scores) - np.logaddexp.reduce(agreeing)


def run(u, only_losses, parts=((0, N),)):
    loss, batch = PathLoss(C), SimpleNamespace(y=TAGS)
    for first, last in parts:
        loss.rows(u, batch, only_losses, 0, T, first, last)
    return loss


@pytest.mark.parametrize("parts", [((0, N),), ((0, 1), (1, 2), (2, N))])
def test_nats_are_those_of_all_paths_less_those_that_agree(unfolded, parts):
    logits = unfolded.logits.astype(np.float64)
    run(unfolded, True, parts)
    np.testing.assert_allclose(unfolded.losses.sum(axis=0), [nats(unfolded, logits, n) for n in range(N)], rtol=1e-5)
    np.testing.assert_array_equal(unfolded.logits, logits.astype(unfolded.logits.dtype))


@pytest.mark.parametrize("parts", [((0, N),), ((0, 2), (2, N))])
def test_gradients_equal_finite_differences(unfolded, parts):
    u, eps = unfolded, 1e-4
    logits = u.logits.astype(np.float64)
    u.network.theta = {name: array.astype(np.float64) for name, array in u.network.theta.items()}

    def total():
        return sum(nats(u, logits, n) for n in range(N))

    arrays = {"logits": logits, **u.network.theta}
    expected = {}
    for name, array in arrays.items():
        expected[name] = np.zeros_like(array)
        for at in np.ndindex(array.shape):
            kept = array[at]
            array[at] = kept + eps
            above = total()
            array[at] = kept - eps
            expected[name][at] = (above - total()) / (2 * eps)
            array[at] = kept
    u.network.theta = {name: array.astype(u.losses.dtype) for name, array in u.network.theta.items()}
    run(u, False, parts).own_gradients(u)
    for name, array in {"logits": u.logits, **u.grads}.items():
        np.testing.assert_allclose(array, expected[name], atol=2e-5, err_msg=name)


def test_threads_that_come_at_once_share_the_arrays(unfolded):
    class NotYet(dict):
        """As each of two threads sees it before the other has added anything."""

        def __contains__(self, key):
            return False

    unfolded.extra, loss = NotYet(), PathLoss(C)
    assert loss._scratch(unfolded) is loss._scratch(unfolded)


def test_a_missing_tag_changes_no_other_row_whoever_computes_it():
    """Bits do not depend on which rows a thread, or a process, has beside one of which a tag is missing."""
    loss, N, steps = PathLoss(3), 8, 5
    rng = np.random.default_rng(0)
    arch = Architecture("lstm", 6, 1, embed=4, tokens=5, outputs=3, own=loss.own)
    net = random_network(arch, np.float32)
    x, y = (rng.integers(0, high, (steps, N)).astype(np.int32) for high in (5, 3))
    y[2, 1] = -1
    whole = Batch(x, y, np.zeros((steps, N), np.uint8), N * steps - 1, steps, np.full(N, steps, np.int32))
    found = []
    for threads in (1, 2, 3):
        u = net.unfold(steps, N, Team(threads), training=True)
        u.pack()
        u.gradients(whole, loss.gradient, steady=False)
        found.append((u.losses.copy(), u.grads.flat.copy()))
    for losses, flat in found[1:]:
        np.testing.assert_array_equal(losses, found[0][0])
        np.testing.assert_array_equal(flat, found[0][1])
