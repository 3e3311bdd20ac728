"""Kernels over whole sequences of unequal length: reversal, and both directions side by side.

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
