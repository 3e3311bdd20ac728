"""The loss of sets of labels, by its formula and as PyTorch 2.5 counts it, and its gradient."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.network.losses import BinaryCrossEntropy

NAN = np.nan
LOGITS = [[0.0, 1.0, -2.0], [3.0, -0.5, 0.25], [100.0, -100.0, 100.0], [1.0, 2.0, 3.0]]
BITS = [[1, 0, 0], [1, 1, 0], [1, 0, 0], [NAN, NAN, NAN]]
#: log(1 + exp z) - y z; torch.nn.BCEWithLogitsLoss(reduction="none") of the same gives these digits
LOSSES = [0.693147 + 1.313262 + 0.126928, 0.048587 + 0.974077 + 0.825939, 100.0, 0.0]


@pytest.fixture(params=[np.float32, np.float64])
def dtype(request):
    return request.param


def run(dtype, bits, scale=0.0, only_losses=True):
    """As much of a network as the loss looks at, after it."""
    u = SimpleNamespace(
        logits=np.array([LOGITS], dtype), losses=np.full((1, 4), -1, dtype), scale=np.full(1, scale, dtype)
    )
    batch = SimpleNamespace(y=np.array([bits], dtype))
    BinaryCrossEntropy().rows(u, batch, only_losses, 0, 1, 0, 4)
    return u


def test_the_loss_is_the_sum_over_labels(dtype):
    assert run(dtype, BITS).losses[0] == pytest.approx(np.array(LOSSES), abs=1e-5)


def test_the_gradient_is_the_probability_less_the_bit(dtype):
    z, y = np.array(LOGITS), np.array(BITS)
    expected = np.nan_to_num(0.25 * (1 / (1 + np.exp(-z)) - y))  # none where there is no answer
    assert run(dtype, BITS, 0.25, False).logits[0] == pytest.approx(expected, abs=1e-6)


def test_labels_that_the_network_does_not_know_have_no_loss(dtype):
    wider = np.concatenate([np.array(BITS), np.ones((4, 2))], axis=1)
    assert (run(dtype, wider, 0.5, False).losses == run(dtype, BITS, 0.5, False).losses).all()
    assert (run(dtype, wider, 0.5, False).logits == run(dtype, BITS, 0.5, False).logits).all()
