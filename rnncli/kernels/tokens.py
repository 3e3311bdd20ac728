"""Kernels over token ids: rows of a table out, gradients back into its rows, dropout, and the softmax of the output."""

import math

import numpy as np

from rnncli.kernels.activations import exp
from rnncli.kernels.compiler import helper, kernel, maximum, summation


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64)")
def lookup(table, ids, Z, steps, first, last):
    """Z[t, n] = table[0, ids[t, n]] for the rows first <= n < last."""
    for t in range(steps):
        for n in range(first, last):
            token = np.uint32(ids[t, n])
            for m in range(Z.shape[2]):
                Z[t, n, m] = table[0, token, m]


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64)")
def scatter(dZ, ids, dtable, steps, first, last):
    """dtable[0, v] += Σ dZ[t, n] over ids[t, n] = v, the columns first <= m < last."""
    for t in range(steps):
        for n in range(dZ.shape[1]):
            source = dZ[t, n, first:last]
            target = dtable[0, np.uint32(ids[t, n]), first:last]
            for m in range(source.shape[0]):
                target[m] += source[m]


@kernel("void(real[:,:,::1], uint32, real, boolean, int64, int64, int64)")
def dropout(Y, key, rate, variational, steps, first, last):
    """Y[t, n, j] is zeroed with probability `rate`, else divided by 1 - rate.

    The choice is a hash of (key, t, n, j), so the same call on dY is the way back, for any split into threads. If
    `variational` it is one of (key, n, j), the same at all steps (Gal & Ghahramani 2016, arXiv 1512.05287).
    """
    width, zero = Y.shape[2], Y.dtype.type(0)
    keep = Y.dtype.type(1) / (Y.dtype.type(1) - rate)
    threshold = np.uint32(rate * 4294967296.0)
    for t in range(steps):
        for n in range(first, last):
            counter = n if variational else t * Y.shape[1] + n
            row = _mix(np.uint32(key + np.uint32(counter) * np.uint32(0x9E3779B9)))
            for j in range(width):
                Y[t, n, j] = Y[t, n, j] * (zero if _mix(np.uint32(row + np.uint32(j))) < threshold else keep)


@kernel("void(real[:,:,::1], int32[:,::1], real, real[:,::1], boolean, int64, int64, int64, int64)")
def softmax_loss(logits, targets, scale, losses, keep_logits, t0, steps, first, last):
    """losses[t0+t, n] = log Σ_v exp(logits[t, n, v]) - logits[t, n, target], in nats; the logits become
    dlogits = (softmax - onehot(target)) · scale unless `keep_logits`. Where the target is negative both are zero.
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
                factor = logits.dtype.type(scale / total)
                for v in range(V):
                    row[v] *= factor
                row[np.uint32(target)] -= scale
            losses[t0 + t, n] = math.log(total) + (top - at_target)


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


@kernel("int64(real[::1], float64)")
def pick(weights, u):
    """The index whose share of the weights' running sum contains u, for u in [0, 1)."""
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
    return chosen


@helper
def _mix(x):
    """A 32-bit hash in which every input bit reaches every output bit."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))
