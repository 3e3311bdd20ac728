"""The register tile of the matrix product: up to TILE rows times one panel of columns.

A row of it is two vectors, with AVX-512 of 16 floats, else of 8; the sums are the same, bit for bit. Here stands what
`tile`, `strip_tile`, `copy_strip` and `copy_row` mean, in plain Python; compiled code has native/tiles.py in their
place.
"""

from rnncli.kernels import machine
from rnncli.kernels.stand_ins import helper

WIDE = "+avx512f" in machine.cpu()[2]
LANES = 16 if WIDE else 8  # of a vector of floats
PANEL = 2 * LANES  # columns of a panel
LINE = 16  # floats of a cache line
#: rows of a tile: 20 accumulators of AVX-512's 32 registers (with 24 LLVM has too few left), 12 of AVX2's 16
TILE = 10 if WIDE else 6


def tile(height, A, ta, na, ka, P, j, k, depth, C, tc, nc, mc, add):
    """C[tc, nc:nc+height, mc:mc+PANEL] = A[ta, na:na+height, ka:ka+depth] · P[j, k:k+depth], plus C if `add`."""
    width = min(PANEL, C.shape[2] - mc)
    value = A[ta, na : na + height, ka : ka + depth] @ P[j, k : k + depth, :width]
    target = C[tc, nc : nc + height, mc : mc + width]
    target[...] = target + value if add else value


def strip_tile(height, strips, i, s, panel, depth, C, level, kc, add):
    """C[level, kc:kc+height] = strips[i, s:s+depth, :height]ᵀ · panel[0, :depth], plus C if `add`; each row of PANEL
    columns stands behind the one before it. The height is TILE or half of it.
    """
    value = strips[i, s : s + depth, :height].T @ panel[0, :depth]
    target = C[level, kc * PANEL : (kc + height) * PANEL].reshape(height, PANEL)
    target[...] = target + value if add else value


def copy_strip(source, row, column, target, i, j):
    """target[i, j, :TILE] = source[row, column : column + TILE]; reads LANES of them."""
    target[i, j, :TILE] = source[row, column : column + TILE]


def copy_row(source, row, column, target, i, j):
    """target[i, j, :PANEL] = source[row, column : column + PANEL]."""
    target[i, j, :PANEL] = source[row, column : column + PANEL]


def prefetch(A, i, j, k):
    """Say that A[i, j, k], and the cache line that it is in, will be read soon."""


@helper
def fetch(A, i, j, begin, end):
    """The same of A[i, j, begin:end]."""
    for k in range(begin, end, LINE):
        prefetch(A, i, j, k)
