"""Kernels over whole sequences of unequal length: reversal, both directions side by side, and pooling over time.

Row n has steps 0 .. lengths[n] - 1; what lies beyond is padding, from which nothing comes and to which nothing goes.
"""

from rnncli.kernels.compiler import kernel


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int64, int64, int64)")
def reverse(X, lengths, out, steps, first, last):
    """out[t, n] = X[L - 1 - t, n] within the L steps of row n, zero beyond them."""
    for t in range(steps):
        for n in range(first, last):
            source, target = X[max(0, lengths[n] - 1 - t), n], out[t, n]
            if t < lengths[n]:
                for j in range(source.shape[0]):
                    target[j] = source[j]
            else:
                for j in range(source.shape[0]):
                    target[j] = 0


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], int64, int64, int64)")
def add_reversed(X, lengths, out, steps, first, last):
    """out[t, n] += X[L - 1 - t, n] within the L steps of row n."""
    for t in range(steps):
        for n in range(first, last):
            if t < lengths[n]:
                source, target = X[lengths[n] - 1 - t, n], out[t, n]
                for j in range(source.shape[0]):
                    target[j] += source[j]


@kernel("void(real[:,:,::1], real[:,:,::1], int32[::1], real[:,:,::1], int64, int64, int64)")
def join(ahead, back, lengths, Y, steps, first, last):
    """Y[t, n] = [ahead[t, n], back[L - 1 - t, n]] within the L steps of row n, zero beyond them."""
    H = ahead.shape[2]
    for t in range(steps):
        for n in range(first, last):
            inside = t < lengths[n]
            one, other = ahead[t, n], back[max(0, lengths[n] - 1 - t), n]
            left, right = Y[t, n, :H], Y[t, n, H:]
            if inside:
                for j in range(H):
                    left[j] = one[j]
                for j in range(H):
                    right[j] = other[j]
            else:
                for j in range(H):
                    left[j] = 0
                for j in range(H):
                    right[j] = 0


@kernel("void(real[:,:,::1], int32[::1], real[:,:,::1], real[:,:,::1], int64, int64, int64)")
def separate(dY, lengths, dahead, dback, steps, first, last):
    """The way back of `join`."""
    H = dahead.shape[2]
    for t in range(steps):
        for n in range(first, last):
            inside = t < lengths[n]
            left, right = dY[t, n, :H], dY[max(0, lengths[n] - 1 - t), n, H:]
            one, other = dahead[t, n], dback[t, n]
            if inside:
                for j in range(H):
                    one[j] = left[j]
                for j in range(H):
                    other[j] = right[j]
            else:
                for j in range(H):
                    one[j] = 0
                for j in range(H):
                    other[j] = 0


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
        target[:] = Y[0, n]
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
