"""Kernels over token ids: rows of a table."""

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.tile import PANEL


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64, int64, int64)")
def lookup(table, ids, Z, steps, first, last, begin, end):
    """Z[t, n] = table[0, ids[t, n]] for the rows first <= n < last, in the columns of the panels begin <= j < end."""
    for t in range(steps):
        for n in range(first, last):
            source = table[0, np.uint32(ids[t, n]), begin * PANEL : end * PANEL]
            target = Z[t, n, begin * PANEL : end * PANEL]
            for m in range(target.shape[0]):
                target[m] = source[m]
