"""The tree over the groups of a batch (groups.py), cut into branches whose sums are made apart.

    node of groups a .. b - 1     left a .. a + m - 1, right a + m .. b - 1; m the largest power of two below b - a

Whoever has consecutive groups sums up the largest nodes that lie in them. Put together in the tree, these are the sum
of all groups, bit for bit, however the groups were divided.
"""

from collections.abc import Mapping

import numpy as np

Branch = tuple[int, int]  # the first group, and the one behind the last


def children(branch: Branch) -> tuple[Branch, Branch]:
    """The left and the right one of a node of two groups or more."""
    first, last = branch
    middle = first + (1 << (last - first - 1).bit_length() - 1)
    return (first, middle), (middle, last)


def branches_in(first: int, last: int, groups: int) -> list[Branch]:
    """The largest nodes of the tree over so many groups that lie in first .. last - 1, in order."""

    def within(node: Branch) -> list[Branch]:
        if first <= node[0] and node[1] <= last:
            return [node]
        if last <= node[0] or node[1] <= first:
            return []
        left, right = children(node)
        return within(left) + within(right)

    return within((0, groups)) if groups and first < last else []


def joined(sums: Mapping[Branch, np.ndarray], groups: int) -> np.ndarray:
    """The sum of all groups from those of branches, whose arrays are written over."""

    def of(node: Branch) -> np.ndarray:
        if node in sums:
            return sums[node]
        left, right = map(of, children(node))
        return np.add(left, right, out=left)

    return of((0, groups))
