"""Kernels over token ids: rows of a table."""

import numpy as np

from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.tile import PANEL


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64, int64, int64)")
def lookup(table, ids, Z, steps, first, last, begin, end):
    """Z[t, n] = table[0, ids[t, n]] for the rows first <= n < last, in the columns of the panels begin <= j < end."""
    left, right = unsigned(begin * PANEL), unsigned(min(end * PANEL, Z.shape[2]))
    for t in range(steps):
        for n in range(first, last):
            token = np.uint32(ids[t, n])
            for m in range(left, right):
                Z[t, n, m] = table[0, token, m]
