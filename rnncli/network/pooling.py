"""What is read from whole sequences: the last state, or the mean or largest over time, or several side by side.

last    h[L-1] of a layer that runs onwards, h[0] of one that runs backwards: each has then read all
mean    mean of h[t] over the L steps
max     the largest h[t] over the L steps, unit by unit
"""

import numpy as np

from rnncli.kernels.pooling import pool_last, pool_max, pool_mean, unpool_last, unpool_max, unpool_mean
from rnncli.kernels.product import aligned
from rnncli.kernels.states import clear


class Pooling:
    """Buffers for N rows: P (1, N, kinds · W) and its gradient."""

    def __init__(
        self,
        kinds: list[str],
        width: int,
        N: int,
        lengths: np.ndarray,
        both: bool,
        dtype: np.dtype | type,
        training: bool,
    ):
        self.kinds, self.width, self.lengths, self.both = kinds, width, lengths, both
        shape = (1, N, len(kinds) * width)
        self.P, self.dP = aligned(shape, dtype), aligned(shape, dtype) if training else None
        self.when = np.zeros((N, width), np.int32)

    def forward(self, Y: np.ndarray, first: int, last: int) -> None:
        """Y (T, N, W) to P."""
        for index, kind in enumerate(self.kinds):
            at = index * self.width
            if kind == "last":
                pool_last(Y, self.lengths, self.P, at, self.both, first, last)
            elif kind == "mean":
                pool_mean(Y, self.lengths, self.P, at, first, last)
            else:
                pool_max(Y, self.lengths, self.P, self.when, at, first, last)

    def backward(self, dY: np.ndarray, steps: int, first: int, last: int) -> None:
        """dP to dY (T, N, W), which is assigned."""
        clear(dY, steps, first, last)
        for index, kind in enumerate(self.kinds):
            at = index * self.width
            if kind == "last":
                unpool_last(self.dP, self.lengths, dY, at, self.both, first, last)
            elif kind == "mean":
                unpool_mean(self.dP, self.lengths, dY, at, first, last)
            else:
                unpool_max(self.dP, self.when, dY, at, first, last)
