"""The sum of a branch of the tree over groups of rows, by the rule of kernels/groups.py, on its own."""

import numpy as np


def branch_sum(sums: np.ndarray, first: int, last: int) -> np.ndarray:
    """Of the groups from `first` to before `last`."""
    if last - first == 1:
        return sums[first].copy()
    left = 1
    while 2 * left < last - first:
        left *= 2
    return branch_sum(sums, first, first + left) + branch_sum(sums, first + left, last)
