"""Element-wise kernels of the optimisers over a range of the flat parameter vector, and the norm of the gradients.

The ranges are sliced off first: LLVM vectorises a loop over range(length), not one over range(first, last), whose
indices might be negative.
"""

import math

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import helper

CHUNK = 8192  # elements a partial sum: the same ones whatever the number of threads
LANES = 8  # sums side by side


@kernel("void(real[::1], float64[:,::1], int64, int64)")
def square_sums(g, partial, first, last):
    """Σ g² over the i-th chunk as sums of LANES + 1 shares, partial[i], for chunks first <= i < last: lane j has the
    elements j, j + LANES, .. as far as all lanes have one, and the last share the elements behind them.
    """
    for i in range(first, last):
        start, stop = i * CHUNK, min((i + 1) * CHUNK, g.shape[0])
        for lane in range(LANES + 1):
            partial[i, lane] = 0.0
        rounds = (stop - start) // LANES
        for k in range(rounds):
            for lane in range(LANES):
                value = np.float64(g[start + LANES * k + lane])
                partial[i, lane] += value * value
        for k in range(start + LANES * rounds, stop):
            partial[i, LANES] += np.float64(g[k]) * np.float64(g[k])


@kernel("void(real[::1], float64[:,::1], float64[::1])")
def clip_norm(constants, partial, norm):
    """norm[0] = √Σ partial, that of the gradients. constants[0] = the scale that takes it down to constants[6], if that
    is not zero.
    """
    total = 0.0
    for i in range(partial.shape[0]):
        chunk = partial[i, LANES]
        for lane in range(LANES):
            chunk += partial[i, lane]
        total += chunk
    norm[0] = math.sqrt(total)
    constants[0] = constants[6] / norm[0] if 0 < constants[6] < norm[0] else 1


@helper
def _constants(p, constants, decays):
    """One, then `constants`: scale, rate, β1, β2, ε, decay, which is zero where nothing `decays`; behind them is the
    norm to clip to.
    """
    one = p.dtype.type(1)
    decay = constants[5] if decays else p.dtype.type(0)
    return one, constants[0], constants[1], constants[2], constants[3], constants[4], decay


@kernel("void(real[::1], real[::1], real[::1], real[::1], real[::1], boolean, int64, int64)")
def adam(p, g, m, v, constants, decays, first, last):
    """m = β1 m + (1-β1) g;  v = β2 v + (1-β2) g²;  p = p (1 - decay) - rate m / (√v + ε), with g·scale for g.

    The caller folds the bias corrections into rate and ε.
    """
    one, scale, rate, beta1, beta2, epsilon, decay = _constants(p, constants, decays)
    p, g, m, v = p[first:last], g[first:last], m[first:last], v[first:last]
    for i in range(p.shape[0]):
        gradient = g[i] * scale
        m[i] = beta1 * m[i] + (one - beta1) * gradient
        v[i] = beta2 * v[i] + (one - beta2) * gradient * gradient
        p[i] = p[i] * (one - decay) - rate * m[i] / (math.sqrt(v[i]) + epsilon)


@kernel("void(real[::1], real[::1], real[::1], real[::1], boolean, int64, int64)")
def momentum(p, g, m, constants, decays, first, last):
    """m = β m + g;  p = p (1 - decay) - rate m, with g·scale for g."""
    one, scale, rate, beta, _, _, decay = _constants(p, constants, decays)
    p, g, m = p[first:last], g[first:last], m[first:last]
    for i in range(p.shape[0]):
        m[i] = beta * m[i] + g[i] * scale
        p[i] = p[i] * (one - decay) - rate * m[i]


@kernel("void(real[::1], real[::1], real[::1], real[::1], boolean, int64, int64)")
def rmsprop(p, g, v, constants, decays, first, last):
    """v = β v + (1-β) g²;  p = p (1 - decay) - rate g / (√v + ε), with g·scale for g."""
    one, scale, rate, _, beta, epsilon, decay = _constants(p, constants, decays)
    p, g, v = p[first:last], g[first:last], v[first:last]
    for i in range(p.shape[0]):
        gradient = g[i] * scale
        v[i] = beta * v[i] + (one - beta) * gradient * gradient
        p[i] = p[i] * (one - decay) - rate * gradient / (math.sqrt(v[i]) + epsilon)


@kernel("void(real[::1], real[::1], real[::1], int64, int64)")
def approach(a, p, weight, first, last):
    """a += weight[0] (p - a)."""
    a, p, weight = a[first:last], p[first:last], weight[0]
    for i in range(p.shape[0]):
        a[i] += weight * (p[i] - a[i])
