"""The logits of several networks to those of their mean probabilities."""

import math

import numpy as np

from rnncli.kernels.activations import exp
from rnncli.kernels.compiler import kernel
from rnncli.kernels.softmax import exp_sum, largest
from rnncli.kernels.stand_ins import helper

LEAST = 1e-30  # of a sum of probabilities: below it float32 has few digits, so it is summed by its logarithm


@helper
def _log_sum(logits, less, t, n, v):
    """log Σ_k exp(logits[k, t, n, v] - less[k]), however small."""
    top = logits[0, t, n, v] - less[0]
    for k in range(1, less.shape[0]):
        top = max(top, logits[k, t, n, v] - less[k])
    total = 0.0
    for k in range(less.shape[0]):
        total += math.exp(logits[k, t, n, v] - less[k] - top)
    return top + math.log(total)


@kernel("void(real[:,:,:,::1], real[:,:,::1], int64, int64, int64)", makes_arrays=True)
def join_softmax(logits, joint, steps, first, last):
    """joint[t, n] = log (1/K Σ_k softmax(logits[k, t, n])), of the rows first <= n < last."""
    K, V = logits.shape[0], logits.shape[3]
    less = np.zeros(K)  # log Σ_v exp of each
    for t in range(steps):
        for n in range(first, last):
            out = joint[t, n]
            out[:] = 0
            for k in range(K):
                row = logits[k, t, n]
                top = largest(row)
                less[k] = top + math.log(exp_sum(row, top))
                shift = joint.dtype.type(less[k])
                for v in range(V):
                    out[v] += exp(row[v] - shift)
            for v in range(V):
                total = math.log(out[v]) if out[v] > LEAST else _log_sum(logits, less, t, n, v)
                out[v] = total - math.log(K)
