"""Kernels of causal convolutions over time, whose taps stand side by side in the columns of a product.

    Z[t] = x[t] · [W_0, W_1, .., W_k-1]           what step t tells the steps t, t + d, .., t + (k - 1) d
    s_i[t] = Z_i[t] + s_i+1[t - d]                1 <= i < k, with s_k = 0
    c[t] = Z_0[t] + s_1[t - d] = Σ_i x[t - i d] · W_i

So the only state is what s (k - 1 of them, H each) was in the d steps before, and each c[t] is one sum from the oldest
tap to the newest, however a sequence is cut into windows. Of steps before the start of a sequence s counts as zero.
Here s of every step is known; where that of the last ones is enough, in training, taps.py is faster.
"""

from rnncli.kernels.compiler import kernel, unsigned


@kernel("void(real[:,:,::1], real[:,:,::1], real[::1], real[:,:,::1], uint8[:,::1], int64, int64, int64, int64)")
def gather(Z, S, b, A, starts, begin, d, first, last):
    """A[t] = relu(b + c[t]), for all t and the rows first <= n < last.

    Z (T, N, k·H or more): products of the taps.  S (d + T, N, (k-1)·H): s of the step t - d is in slot t; the first d
    slots are given.  b (H,).  A (T, N, H).  starts (., N): 1 where a sequence starts; of its steps those from `begin`
    on are meant.
    """
    H, columns, zero = unsigned(A.shape[2]), unsigned(S.shape[2]), Z.dtype.type(0)
    older = unsigned(S.shape[2] - A.shape[2])
    for n in range(first, last):
        since = d  # the start of the sequence, or longer
        for t in range(max(0, begin - d), begin):
            since = 0 if starts[t, n] else since + 1
        for t in range(Z.shape[0]):
            since = 0 if starts[begin + t, n] else since + 1
            if since >= d:
                for m in range(older):
                    S[d + t, n, m] = Z[t, n, H + m] + S[t, n, H + m]
                for m in range(older, columns):
                    S[d + t, n, m] = Z[t, n, H + m]
                for j in range(H):
                    a = b[j] + Z[t, n, j] + S[t, n, j]
                    A[t, n, j] = zero if a < zero else a
            else:
                for m in range(columns):
                    S[d + t, n, m] = Z[t, n, H + m]
                for j in range(H):
                    a = b[j] + Z[t, n, j]
                    A[t, n, j] = zero if a < zero else a


@kernel("void(real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, int64, int64, int64, int64, int64, int64)")
def scatter(Z, dS, starts, H, d, steps, begin, end, first, last):
    """The way back of `gather` from dc: dZ_i[t] = dc[t + i d], for begin <= t < end and the rows first <= n < last.

    Z (T, N, k·H or more): in dc of these and all later steps in the first H columns, out dZ.  dS (d, N, (k-1)·H): in
    the gradient at the end state, out, with the steps from 0 on, the one at the initial state.
    """
    stop = begin if begin > 0 else -d
    for n in range(first, last):
        ahead = d + 1  # how far the next start is, or further
        for t in range(min(steps, end + d) - 1, end - 1, -1):
            ahead = t - end if starts[t, n] else ahead
        for t in range(end - 1, stop - 1, -1):
            ahead = 1 if 0 <= t + 1 < steps and starts[t + 1, n] else ahead + 1
            later = t + d - steps  # from 0 on in the end state
            target = Z[t, n, H : H + dS.shape[2]] if t >= 0 else dS[t + d, n, 0 : dS.shape[2]]
            source = dS[later, n, 0 : dS.shape[2]] if later >= 0 else Z[t + d, n, 0 : dS.shape[2]]
            if ahead > d:
                for m in range(target.shape[0]):
                    target[m] = source[m]
            else:
                for m in range(target.shape[0]):
                    target[m] = 0


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, real, int64, int64)")
def open_block(dY, Z, V, dZU, offset, kept, first, last):
    """The way back of `close`, for all t and the rows first <= n < last.

    dY, V (T, N, H).  Z (T, N, offset + H): in its last columns in y, out the gradient at x.  dZU (T, N, k·H): in its
    first columns that before the relu of v, `kept` (1 without dropout) times what reaches v.
    """
    H, zero = dY.shape[2], V.dtype.type(0)
    for t in range(dY.shape[0]):
        for n in range(first, last):
            x, dv = Z[t, n, offset : offset + H], dZU[t, n, 0:H]
            for j in range(H):
                x[j] = dY[t, n, j] if x[j] > zero else zero
            for j in range(H):
                dv[j] = x[j] * kept if V[t, n, j] > zero else zero


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real, int64, int64)")
def through(dU, U, dZ, kept, first, last):
    """dZ = kept · dU where U is not zero, for all t and the rows first <= n < last; dU, U (T, N, H), dZ has more.

    U is relu(z), or with dropout that times 0 or `kept`, which is 1 without.
    """
    zero = U.dtype.type(0)
    for t in range(U.shape[0]):
        for n in range(first, last):
            source, out, target = dU[t, n], U[t, n], dZ[t, n, 0 : U.shape[2]]
            for j in range(U.shape[2]):
                target[j] = source[j] * kept if out[j] > zero else zero


@kernel("void(real[:,:,::1], real[:,:,::1], int64, real[::1], real[:,:,::1], int64, int64)")
def close(V, Z, offset, b, Y, first, last):
    """y = relu(v + x + b), for all t and the rows first <= n < last.

    V, Y (T, N, H).  Z (T, N, offset + H): in its last columns x, out y.  b (H,), or empty for none.
    """
    H, zero = Y.shape[2], Y.dtype.type(0)
    for t in range(Y.shape[0]):
        for n in range(first, last):
            x, y = Z[t, n, offset : offset + H], Y[t, n]
            for j in range(b.shape[0]):
                x[j] += b[j]
            for j in range(H):
                value = V[t, n, j] + x[j]
                x[j] = zero if value < zero else value
            for j in range(H):
                y[j] = x[j]
