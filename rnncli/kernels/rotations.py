"""Orthogonal matrices R (H, H) that are turned, R ← (I + A) R with a skew-symmetric A, and then are orthogonal again.

The gradient in A at A = 0 is (G Rᵀ - R Gᵀ) / 2 for G = dL/dR: all that is left of G where R may only turn. Nearly
orthogonal, R goes to the nearest orthogonal matrix by R ← (3 R - R Rᵀ R) / 2, which takes a singular value 1 + e to
1 - 3/2 e² (Björck & Bowie 1971, doi 10.1137/0708036).

Matrices are (1, H, H). Every kernel takes the rows first <= n < last; each number is one sum in a fixed order.
"""

from math import sqrt

from rnncli.kernels.compiler import kernel, unsigned

MOST = 0.4  # |A|: then two steps towards the nearest orthogonal matrix leave singular values at 1 - 1e-5 or nearer


@kernel("void(real[:,:,::1], real[:,:,::1], int64, int64)")
def set_aside(R, before, first, last):
    """before = R, and R = 0: the optimiser, which changes R, leaves A there."""
    for n in range(first, last):
        for j in range(unsigned(R.shape[2])):
            before[0, n, j] = R[0, n, j]
            R[0, n, j] = 0


@kernel("void(real[:,:,::1], real[:,:,::1], int64, int64)")
def skew(S, G, first, last):
    """G = (S - Sᵀ) / 2."""
    half = S.dtype.type(0.5)
    for n in range(first, last):
        for j in range(unsigned(S.shape[2])):
            G[0, n, j] = half * (S[0, n, j] - S[0, j, n])


@kernel("void(real[:,:,::1], real[::1], int64, int64)")
def row_squares(A, squares, first, last):
    """squares[n] = Σ_j A[n, j]²."""
    for n in range(first, last):
        squares[n] = 0
        for j in range(unsigned(A.shape[2])):
            squares[n] += A[0, n, j] * A[0, n, j]


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], real[::1], float64, int64, int64)")
def turn(before, AR, R, squares, rate, first, last):
    """R = before + AR·scale: scale is `rate`, or less where |A|·scale would be more than MOST; `squares` are those of
    the rows of A.
    """
    total = 0.0
    for n in range(squares.shape[0]):
        total += squares[n]
    length = rate * sqrt(total)
    scale = R.dtype.type(rate if length <= MOST else rate * MOST / length)
    for n in range(first, last):
        for j in range(unsigned(R.shape[2])):
            R[0, n, j] = before[0, n, j] + scale * AR[0, n, j]


@kernel("void(real[:,:,::1], real[:,:,::1], int64, int64)")
def approach_nearest(RRR, R, first, last):
    """R = (3 R - RRR) / 2, where RRR is R Rᵀ R."""
    more, half = R.dtype.type(1.5), R.dtype.type(0.5)
    for n in range(first, last):
        for j in range(unsigned(R.shape[2])):
            R[0, n, j] = more * R[0, n, j] - half * RRR[0, n, j]
