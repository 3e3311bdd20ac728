"""The matrix product that everything runs on: rows times a packed matrix, by a register tile (tile.py).

A matrix B (K, N) is packed into panels of 32 columns with AVX-512, else of 16, `P[j, k, c] = B[k, PANEL j + c]`, the
last one filled with zeros. A tile multiplies some rows of A with one panel, and its sums stay in registers while k
runs. Each element of C is one sum over k in ascending order, whatever the tile, so neither the number of rows
nor the thread that owns them changes a bit.
"""

import numpy as np

from rnncli.kernels.arrays import reshaped
from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.stand_ins import helper, shared
from rnncli.kernels.tile import PANEL, TILE, copy_row, tile

DEPTH = 256  # rows of B at a time: a panel of them (16 or 32 KB) stays in the first-level cache
BLOCK = 96  # rows of A at a time: they stay in the second-level cache while the panels stream by


def panels_of(rows: int, columns: int) -> tuple[int, int, int]:
    """Shape of the panels of a (rows, columns) matrix."""
    return -(-columns // PANEL), rows, PANEL


def aligned(shape: tuple[int, ...], dtype) -> np.ndarray:
    """Zeros that begin at a cache line (64 bytes), so that no vector load crosses two lines."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    buffer = np.zeros(count * dtype.itemsize + 64, np.uint8)
    start = -buffer.ctypes.data % 64
    return buffer[start : start + count * dtype.itemsize].view(dtype).reshape(shape)


@kernel("void(real[:,::1], real[:,:,::1], int64, int64)")
def pack(B, P, first, last):
    """P[j, k, c] = B[k, PANEL j + c] for the panels first <= j < last; B (K, N)."""
    for j in range(first, last):
        copy_panel(B, 0, B.shape[0], P, j, j * PANEL)


@kernel("void(real[:,::1], real[:,:,::1], int64, int64)")
def pack_transposed(B, P, first, last):
    """P[j, k, c] = B[PANEL j + c, k] for the panels first <= j < last: the panels of Bᵀ; B (N, K)."""
    N, K = B.shape
    for j in range(first, last):
        width = min(PANEL, N - j * PANEL)
        for k0 in range(0, K, PANEL):  # squares: both sides use whole cache lines
            for c in range(width):
                for k in range(k0, min(k0 + PANEL, K)):
                    P[j, k, c] = B[j * PANEL + c, k]


@helper
def copy_panel(B, k0, depth, P, j, column):
    """P[j, k, c] = B[k0 + k, column + c] for k < depth and the columns that there are."""
    if column + PANEL <= B.shape[1]:
        for k in range(depth):
            copy_row(B, k0 + k, column, P, j, k)
    else:
        for k in range(depth):
            for c in range(B.shape[1] - column):
                P[j, k, c] = B[k0 + k, column + c]


@shared
def multiply(A, ta, P, C, tc, steps, first, last, add, column=0):
    """C[tc + t, n] = A[ta + t, n] · B, plus C's old value if `add`, for t < steps and rows first <= n < last.

    A (., N, K), P the panels of B (K, M), C (., N, M), or more of which those from `column` on are meant.
    """
    K, rows = P.shape[1], last - first
    chunk = max(1, BLOCK // max(1, rows))
    for k in range(0, K, DEPTH):
        depth = min(DEPTH, K - k)
        for t0 in range(0, steps, chunk):
            for n0 in range(first, last, BLOCK):
                n1 = min(n0 + BLOCK, last)
                tiles = -(-(n1 - n0) // TILE)
                for j in range(P.shape[0]):
                    for t in range(t0, min(t0 + chunk, steps)):
                        n = n0
                        for s in range(tiles, 0, -1):  # rows split evenly: 25 are five tiles of 5
                            height = (n1 - n + s - 1) // s
                            tile(
                                height, A, ta + t, n, k, P, j, k, depth, C, tc + t, n, column + j * PANEL, add or k > 0
                            )
                            n += height


@helper
def multiply_gates(A, ta, P, C, tc, gates, first, last, add, begin, end):
    """C[tc, n] = A[ta, n] · B, plus C's old value if `add`, for the rows first <= n < last and, of each gate's columns,
    the units begin <= j < end: all of them, or whole panels.
    """
    units = C.shape[2] // gates
    if end - begin == units:  # the gates side by side
        gates, units, count = 1, 0, P.shape[0]
    else:
        count = (end - begin) // PANEL
    for gate in range(gates):
        column = gate * units + begin
        panels = P[column // PANEL : column // PANEL + count]
        multiply(A, ta, panels, C, tc, 1, first, last, add, column)


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, int64, int64, int64, boolean)")
def product(A, P, C, first, last, begin, end, add):
    """C[t, n] = A[t, n] · B, plus C's old value if `add`, for all t and the rows first <= n < last, in the columns of
    the panels begin <= j < end; see `multiply`.
    """
    T, N, K = A.shape
    if last - first == N:  # all rows: one matrix of T·N rows, in whole tiles
        A, C, last = reshaped(A, (1, T * N, K)), reshaped(C, (1, T * N, C.shape[2])), T * N
    multiply(A, 0, P[begin:end], C, 0, A.shape[0], first, last, add, begin * PANEL)


def affine(A, P, b, C, first, last, begin, end):
    """C[t, n] = b + A[t, n] · B for all t and the rows first <= n < last, in the columns of the panels
    begin <= j < end; b (M,).
    """
    fill(C, b, first, last, begin, end)
    product(A, P, C, first, last, begin, end, True)


@kernel("void(real[:,:,::1], real[::1], int64, int64, int64, int64)")
def fill(C, b, first, last, begin, end):
    """C[t, n] = b for all t and the rows first <= n < last, in the columns of the panels begin <= j < end."""
    left, right = unsigned(begin * PANEL), unsigned(min(end * PANEL, C.shape[2]))
    for t in range(C.shape[0]):
        for n in range(first, last):
            for m in range(left, right):
                C[t, n, m] = b[m]


@kernel("void(real[:,::1], real[:,::1], int64, int64)")
def add_transposed(A, C, first, last):
    """C[k, m] += A[m, k] for the columns first <= m < last of C; A (M, K), C (K, M)."""
    for k0 in range(0, A.shape[1], PANEL):  # squares: both sides use whole cache lines
        for m0 in range(first, last, PANEL):
            for k in range(k0, min(k0 + PANEL, A.shape[1])):
                for m in range(m0, min(m0 + PANEL, last)):
                    C[k, m] += A[m, k]
