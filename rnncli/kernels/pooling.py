"""Kernels that pool whole sequences of unequal length over time.

Row n has steps 0 .. lengths[n] - 1; what lies beyond is padding, from which nothing comes and to which nothing goes.
"""

from rnncli.kernels.compiler import kernel


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int64, boolean, int64, int64)")
def pool_last(Y, lengths, P, offset, both, first, last):
    """P[0, n, offset + j] = Y[L - 1, n, j]; if `both`, of the second half of j, which runs backwards, Y[0, n, j]."""
    W = Y.shape[2]
    for n in range(first, last):
        for j in range(W):
            t = 0 if both and 2 * j >= W else max(0, lengths[n] - 1)
            P[0, n, offset + j] = Y[t, n, j]


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int64, boolean, int64, int64)")
def unpool_last(dP, lengths, dY, offset, both, first, last):
    """The way back of `pool_last`: added to dY."""
    W = dY.shape[2]
    for n in range(first, last):
        for j in range(W):
            t = 0 if both and 2 * j >= W else max(0, lengths[n] - 1)
            dY[t, n, j] += dP[0, n, offset + j]


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int64, int64, int64)")
def pool_mean(Y, lengths, P, offset, first, last):
    """P[0, n, offset + j] = mean of Y[t, n, j] over the L steps."""
    for n in range(first, last):
        target = P[0, n, offset : offset + Y.shape[2]]
        target[:] = 0
        share = Y.dtype.type(1.0 / max(1, lengths[n]))
        for t in range(lengths[n]):
            source = Y[t, n]
            for j in range(target.shape[0]):
                target[j] += source[j] * share


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int64, int64, int64)")
def unpool_mean(dP, lengths, dY, offset, first, last):
    """The way back of `pool_mean`: added to dY."""
    for n in range(first, last):
        source = dP[0, n, offset : offset + dY.shape[2]]
        share = dY.dtype.type(1.0 / max(1, lengths[n]))
        for t in range(lengths[n]):
            target = dY[t, n]
            for j in range(target.shape[0]):
                target[j] += source[j] * share


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int32[:,::1], int64, int64, int64)")
def pool_max(Y, lengths, P, when, offset, first, last):
    """P[0, n, offset + j] = max over the L steps of Y[t, n, j], the first of them at `when[n, j]`."""
    for n in range(first, last):
        target = P[0, n, offset : offset + Y.shape[2]]
        for j in range(target.shape[0]):
            target[j] = Y[0, n, j]
        when[n] = 0
        for t in range(1, lengths[n]):
            source = Y[t, n]
            for j in range(target.shape[0]):
                if source[j] > target[j]:
                    target[j] = source[j]
                    when[n, j] = t


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64)")
def unpool_max(dP, when, dY, offset, first, last):
    """The way back of `pool_max`: added to dY."""
    for n in range(first, last):
        for j in range(dY.shape[2]):
            dY[when[n, j], n, j] += dP[0, n, offset + j]
