"""Windows of a batch: cut out of a long row of tokens, and the sum of their losses."""

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.dropout import mix32


@kernel(
    "void(token[::1], uint8[::1], int64[::1], int64[::1], int64[::1], int64, int32, int32, uint32, uint32, int64,"
    " int32[:,::1], int32[:,::1], uint8[:,::1], int64[::1])"
)
def cut(F, is_start, begin, end, first_target, window, start_token, unknown, chance, key, update, x, y, starts, used):
    """Row n of the window-th window of T steps stands in F from begin[n] + window·T on, and ends at end[n].

    y[t, n]       the token there, if it is one from first_target[n] on, else -1; each is replaced by `unknown` with a
                  probability of chance / 2^32, by a hash of (key, update, t, n)
    x[t, n]       the token before it, replaced too; at the start of a sequence, and beyond the end, start_token
    starts[t, n]  1 where a sequence starts, and at begin[n]

    used          how many targets there are, and the steps that are in use

    F is only read.
    """
    T, N = y.shape
    count, steps = 0, 0
    first = mix32(np.uint32(key + np.uint32(update) * np.uint32(0x9E3779B9)))
    for t in range(T):
        for n in range(N):
            p = begin[n] + window * T + t
            x[t, n], y[t, n], starts[t, n] = start_token, -1, p == begin[n]
            if p < end[n]:
                steps = t + 1
                if is_start[p]:
                    starts[t, n] = 1
                else:
                    x[t, n] = y[t - 1, n] if t and y[t - 1, n] >= 0 else F[p - 1]
                if p >= first_target[n]:
                    y[t, n] = unknown if mix32(np.uint32(first + np.uint32(t * N + n))) < chance else F[p]
                    count += 1
    used[0], used[1] = count, steps


@kernel("void(real[:,::1], int64, float64[::1])")
def add_up(losses, steps, total):
    """total[0] = Σ losses[t, n] over t < steps, in float64."""
    result = 0.0
    for t in range(steps):
        for n in range(losses.shape[1]):
            result += np.float64(losses[t, n])
    total[0] = result
