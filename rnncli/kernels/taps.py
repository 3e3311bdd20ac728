"""A causal convolution as one sum of its taps, each a product with rows of other steps: nothing is laid side by side.

    c[t]  = Σ_i x[t - i d] · W_i            0 <= i < k, from the oldest tap to the newest
    dx[t] = Σ_i dc[t + i d] · W_iᵀ            the gradients of W_i: see outer_taps.py

The state that a window starts from is what the steps before it have told its first (k - 1) d steps, s in
kernels/convolution.py, and here where the sums of these steps begin; what the window tells the (k - 1) d steps behind
it are sums that have begun. So C has rows for T + (k - 1) d steps, and a sum has the same bits however a sequence is
cut into windows. A tap from before the start of a sequence adds nothing: since[t] tells how many steps ago that was.
"""

from rnncli.kernels.arrays import reshaped
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.product import BLOCK, DEPTH
from rnncli.kernels.stand_ins import helper, shared
from rnncli.kernels.tile import PANEL, TILE, fetch, tile


@kernel("void(real[:,::1], real[:,:,::1], int64, int64)")
def pack_taps(B, P, first, last):
    """P[j, i D + k, c] = B[k, i H + PANEL j + c] for the panels first <= j < last: the taps of B (D, k·H) one
    behind the other; P (., k·D, PANEL).
    """
    D, taps = B.shape[0], P.shape[1] // B.shape[0]
    H = B.shape[1] // taps
    for j in range(first, last):
        width = min(PANEL, H - j * PANEL)
        for i in range(taps):
            for k in range(D):
                for c in range(width):
                    P[j, i * D + k, c] = B[k, i * H + j * PANEL + c]


@kernel("void(uint8[:,::1], int32[:,::1], int64, int64, int64, int64)")
def count_since(starts, since, steps, before, first, last):
    """since[t, n] = the steps from the start of the sequence to t, for t < steps + before; with none in the window more
    than `before` and t. No sequence starts behind the window.
    """
    for n in range(first, last):
        count = before
        for t in range(steps + before):
            count = 0 if t < steps and starts[t, n] else count + 1
            since[t, n] = count


@kernel("void(real[:,:,::1], int64, real[:,:,::1], int64, int32[:,::1], int64, int64, int64, boolean, int64, int64)")
def take_state(S, slot, C, row, since, d, begin, end, every, first, last):
    """See `told`."""
    told(S, slot, C, row, since, d, begin, end, every, first, last)


@helper
def told(S, slot, C, row, since, d, begin, end, every, first, last):
    """C[row + q] = what the state tells the step q, for begin <= q < end and the rows first <= n < last: zero behind
    the (k - 1) d steps that it reaches, and unless `every` from the start of a sequence on.

    S (., N, (k-1)·H): the part j of its slot p, counted from `slot` on, is of the step q = p + j d.  C (., N, H).
    """
    H = unsigned(C.shape[2])
    before = d * (S.shape[2] // C.shape[2])
    for q in range(begin, end):
        for n in range(first, last):
            target = C[row + q, n]
            if q < before and (every or since[q, n] > q):
                source = S[slot + q % d, n, (q // d) * C.shape[2] : (q // d + 1) * C.shape[2]]
                for m in range(H):
                    target[m] = source[m]
            else:
                for m in range(H):
                    target[m] = 0


@kernel("void(real[:,:,::1], int64, real[:,:,::1], int64, int32[:,::1], int64, boolean, int64, int64)")
def give_state(C, row, S, slot, since, d, every, first, last):
    """The way back of `take_state`, for all slots."""
    H = unsigned(C.shape[2])
    for q in range(d * (S.shape[2] // C.shape[2])):
        for n in range(first, last):
            source = C[row + q, n]
            target = S[slot + q % d, n, (q // d) * C.shape[2] : (q // d + 1) * C.shape[2]]
            if every or since[q, n] > q:
                for m in range(H):
                    target[m] = source[m]
            else:
                for m in range(H):
                    target[m] = 0


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], int32[:,::1], int64, int64, int64,"
    " int64, boolean, int64, int64)"
)
def convolve(A, P, b, S, C, since, d, begin, end, limit, active, first, last):
    """c[t, n] = s + Σ_i A[t - i d, n] · W_i over 0 <= t - i d < limit, or relu(b + c) if `active`; for begin <= t < end
    and the rows first <= n < last.

    A (., N, K).  P: the panels of the taps W_i (K, M), one behind the other, as of `pack_taps`.  C (., N, M).  S: the
    state (slots, N, (k-1)·M), whose first d slots hold s, see `take_state`.
    """
    together = max(1, BLOCK // max(1, last - first))
    for t in range(begin, end, together):
        stop = min(t + together, end)
        told(S, 0, C, 0, since, d, t, stop, False, first, last)
        add_taps(A, P, C, since, -d, t, stop, limit, first, last)
        if active:
            rectify(C, b, t, stop, first, last)


@kernel(
    "void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], int32[:,::1], int64, int64, int64, int64, real,"
    " boolean, int64, int64)"
)
def convolve_back(A, P, U, C, since, d, begin, end, limit, kept, active, first, last):
    """The way back: C[t, n] += Σ_i A[t + i d, n] · W_iᵀ over t + i d < limit. If `active` instead of the old value
    zero counts, and of the sum what stands where U is not zero, times `kept`.
    """
    together = max(1, BLOCK // max(1, last - first))
    for t in range(begin, end, together):
        stop = min(t + together, end)
        if active:
            for s in range(t, stop):
                C[s, first:last] = 0
        add_taps(A, P, C, since, d, t, stop, limit, first, last)
        if active:
            hold_back(U, C, kept, t, stop, first, last)


@kernel(
    "void(real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], int32[:,::1], int64, int64, int64, int64, boolean,"
    " int64, int64)"
)
def add_products(Z, b, S, C, since, d, begin, end, limit, active, first, last):
    """As `convolve`, of products that are there: c[t, n] = s + Σ_i Z[t - i d, n, i M : (i + 1) M]; Z (., N, k·M or
    more).
    """
    M = unsigned(C.shape[2])
    for t in range(begin, end):
        told(S, 0, C, 0, since, d, t, t + 1, False, first, last)
        for i in range(S.shape[2] // C.shape[2], -1, -1):
            for n in range(first, last):
                if 0 <= t - i * d < limit and since[t, n] >= i * d:
                    source = Z[t - i * d, n, i * C.shape[2] : (i + 1) * C.shape[2]]
                    for m in range(M):
                        C[t, n, m] += source[m]
        if active:
            rectify(C, b, t, t + 1, first, last)


@kernel("void(real[:,:,::1], real[:,:,::1], int32[:,::1], int64, int64, int64, int64, int64, int64, int64)")
def share_out(C, Z, since, d, taps, begin, end, limit, first, last):
    """The way back: Z[t, n, i M : (i + 1) M] = C[t + i d, n] over the taps with t + i d < limit, else zero."""
    M = unsigned(C.shape[2])
    for t in range(begin, end):
        for n in range(first, last):
            for i in range(taps):
                target = Z[t, n, i * C.shape[2] : (i + 1) * C.shape[2]]
                if t + i * d < limit and since[t + i * d, n] >= i * d:
                    for m in range(M):
                        target[m] = C[t + i * d, n, m]
                else:
                    for m in range(M):
                        target[m] = 0


@shared
def add_taps(A, P, C, since, step, begin, end, limit, first, last):
    """C[t, n] += Σ_i A[t + i·step, n] · B_i over 0 <= t + i·step < limit, if both steps are of one sequence."""
    N, K, taps = A.shape[1], A.shape[2], P.shape[1] // A.shape[2]
    A, C = reshaped(A, (1, A.shape[0] * N, K)), reshaped(C, (1, C.shape[0] * N, C.shape[2]))
    ages = reshaped(since, (since.shape[0] * N,))
    size, count = last - first, end - begin  # spans of rows that lie side by side
    if size == N:
        size, count = count * N, 1
    for i in range(taps - 1, -1, -1):
        shift = i * step * N
        for k in range(0, K, DEPTH):
            depth = min(DEPTH, K - k)
            for j in range(P.shape[0]):
                for s in range(count):
                    row = (begin + s) * N + first
                    stop = min(row + size, limit * N - shift)
                    row = max(row, -shift)
                    while row < stop:
                        row, after = same_sequence(ages, max(shift, 0), abs(i * step), row, stop)
                        tiles = -(-(after - row) // TILE)
                        for left in range(tiles, 0, -1):  # rows split evenly: 25 are five tiles of 5
                            height = (after - row + left - 1) // left
                            if j == 0:
                                fetch_rows(A, row + shift + (end - begin) * N, height, k)
                            tile(height, A, 0, row + shift, k, P, j, i * K + k, depth, C, 0, row, j * PANEL, True)
                            row += height


@helper
def fetch_rows(A, row, rows, k):
    """Have rows that come next, as far as they are there, brought into the cache."""
    for r in range(row, min(row + rows, A.shape[1])):
        fetch(A, 0, r, k, min(k + DEPTH, A.shape[2]))


@helper
def same_sequence(ages, shift, reach, row, stop):
    """The next rows, up to `stop`, whose sequence is at least so old: the first, and the one behind the last."""
    while row < stop and ages[row + shift] < reach:
        row += 1
    after = row
    while after < stop and ages[after + shift] >= reach:
        after += 1
    return row, after


@helper
def rectify(C, b, begin, end, first, last):
    """C[t, n] = relu(b + C[t, n])."""
    H, zero = unsigned(b.shape[0]), C.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            for j in range(H):
                c = b[j] + C[t, n, j]
                C[t, n, j] = zero if c < zero else c


@helper
def hold_back(U, C, kept, begin, end, first, last):
    """C[t, n] = kept · C[t, n] where U[t, n] is not zero, else zero. U is relu(c), with dropout times 0 or `kept`."""
    H, zero = unsigned(U.shape[2]), C.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            for j in range(H):
                C[t, n, j] = C[t, n, j] * kept if U[t, n, j] > zero else zero


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, int64, int64, int64)")
def add_rectified(V, X, Y, begin, end, first, last):
    """Y[t, n] = relu(V[t, n] + X[t, n]) for begin <= t < end and the rows first <= n < last."""
    H, zero = unsigned(Y.shape[2]), V.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            for j in range(H):
                y = V[t, n, j] + X[t, n, j]
                Y[t, n, j] = zero if y < zero else y


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, real, int64, int64, int64, int64)")
def open_rectified(dY, Y, V, dX, offset, kept, begin, end, first, last):
    """The way back of y = relu(v + x): dX is assigned, from the column `offset` on, and V, which was relu(c), becomes
    the gradient at c. `kept`: 1, or with dropout of V what was kept was multiplied by.
    """
    H, zero = unsigned(Y.shape[2]), V.dtype.type(0)
    for t in range(begin, end):
        for n in range(first, last):
            x = dX[t, n, offset : offset + Y.shape[2]]
            for j in range(H):
                dx = dY[t, n, j] if Y[t, n, j] > zero else zero
                x[j] = dx
                V[t, n, j] = dx * kept if V[t, n, j] > zero else zero
