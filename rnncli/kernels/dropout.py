"""Dropout, whose masks are hashes of counters."""

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import helper

GOLDEN = 0x9E3779B9  # 2^32 by the golden ratio: from counter to counter


@kernel("void(real[:,:,::1], uint32[::1], int64, real, boolean, int64, int64, int64, int64, int64)")
def dropout(Y, keys, index, rate, variational, N, begin, end, first, last):
    """Y[t, n, j] is zeroed with probability `rate`, else divided by 1 - rate: begin <= t < end, first <= n < last.

    The choice is a hash of (key, t, n, j), with key = keys[index], in a batch of N rows, so the same call on dY is the
    way back, for any split into threads. If `variational` it is one of (key, n, j), the same at all steps (Gal &
    Ghahramani 2016, arXiv 1512.05287).
    """
    key = keys[index]
    width, zero = Y.shape[2], Y.dtype.type(0)
    keep = Y.dtype.type(1) / (Y.dtype.type(1) - rate)
    threshold = np.uint32(rate * 4294967296.0)
    for t in range(begin, end):
        for n in range(first, last):
            counter = n if variational else t * N + n
            row = mix32(np.uint32(key + np.uint32(counter) * np.uint32(GOLDEN)))
            for j in range(width):
                Y[t, n, j] = Y[t, n, j] * (zero if mix32(np.uint32(row + np.uint32(j))) < threshold else keep)


def later(key: np.uint32, counters: int) -> int:
    """The key with which the first row has the mask that with this one comes so many rows later."""
    return (int(key) + counters * GOLDEN) % (1 << 32)


@helper
def mix32(x):
    """A 32-bit hash in which every input bit reaches every output bit."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))
