"""The softmax of the output: its loss, and tokens drawn from it."""

import math

import numpy as np

from rnncli.kernels.activations import exp
from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import maximum, summation


@kernel("void(real[:,:,::1], int32[:,::1], real[::1], real[::1], real[:,::1], boolean, int64, int64, int64, int64)")
def softmax_loss(logits, targets, weights, scale, losses, keep_logits, t0, steps, first, last):
    """losses[t0+t, n] = log Σ_v exp(logits[t, n, v]) - logits[t, n, target], in nats; the logits become
    dlogits = (softmax - onehot(target)) · scale[0] unless `keep_logits`; both times weights[target], if there are
    weights (V,) and not none (0,). Where the target is negative both are zero.
    """
    V = logits.shape[2]
    for t in range(steps):
        for n in range(first, last):
            target = targets[t0 + t, n]
            if target < 0:
                losses[t0 + t, n] = 0
                if not keep_logits:
                    for v in range(V):
                        logits[t, n, v] = 0
                continue
            row = logits[t, n]
            top = largest(row)
            at_target = row[np.uint32(target)]
            total = exp_sum(row, top) if keep_logits else assign_exp(row, top)
            if not keep_logits:
                factor = logits.dtype.type(scale[0] / total)
                for v in range(V):
                    row[v] *= factor
                row[np.uint32(target)] -= scale[0]
            losses[t0 + t, n] = math.log(total) + (top - at_target)
            if weights.shape[0]:
                weight = weights[np.uint32(target)]
                losses[t0 + t, n] *= weight
                if not keep_logits:
                    for v in range(V):
                        row[v] *= weight


@maximum
def largest(row):
    """The largest element; of a row with a NaN any of them."""
    top = row[0]
    for v in range(row.shape[0]):
        top = max(top, row[v])
    return top


@summation
def exp_sum(row, top):
    """Σ exp(row - top), in float64."""
    total = 0.0
    for v in range(row.shape[0]):
        total += exp(row[v] - top)
    return total


@summation
def assign_exp(row, top):
    """row = exp(row - top); returns the sum, in float64."""
    total = 0.0
    for v in range(row.shape[0]):
        row[v] = exp(row[v] - top)
        total += row[v]
    return total


@kernel("void(real[::1], real, real[::1])")
def softmax(logits, temperature, out):
    """out = softmax(logits / temperature)."""
    top = largest(logits)
    total = 0.0
    for v in range(logits.shape[0]):
        out[v] = exp((logits[v] - top) / temperature)
        total += out[v]
    for v in range(logits.shape[0]):
        out[v] /= total


@kernel("void(real[::1], float64, int64[::1])")
def _pick(weights, u, index):
    total = 0.0
    for v in range(weights.shape[0]):
        total += weights[v]
    threshold, running, chosen = u * total, 0.0, 0
    for v in range(weights.shape[0]):
        if weights[v] > 0:
            chosen = v
            running += weights[v]
            if running > threshold:
                break
    index[0] = chosen


def pick(weights, u: float) -> int:
    """The index whose share of the weights' running sum contains u, for u in [0, 1)."""
    index = np.empty(1, np.int64)
    _pick(weights, u, index)
    return int(index[0])
