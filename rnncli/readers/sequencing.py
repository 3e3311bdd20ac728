"""Rows to sequences: those of a group together, in the order of time, and what is said of all of them."""

from collections.abc import Callable, Iterator

import numpy as np

from rnncli.data.columns import offsets_of
from rnncli.process.temporary import blocks, in_blocks, zeros
from rnncli.readers.source import display


def in_order(groups: np.ndarray | None, times: np.ndarray | None, rows: int) -> tuple[np.ndarray | None, np.ndarray]:
    """The order that the rows are to be brought into (None: they are in it), and where each sequence starts.

    Groups are numbered as they first appear, and so come the sequences. Rows of one time stay as they are.
    """
    if groups is None:
        offsets = np.array([0, rows], np.int64)
        if times is None or all((times[a + 1 : b + 1] >= times[a:b]).all() for a, b in blocks(rows - 1)):
            return None, offsets
        return np.argsort(times, kind="stable"), offsets
    offsets = offsets_of(np.bincount(groups))
    if not any(_are_apart(groups[a : b + 1], None if times is None else times[a : b + 1]) for a, b in blocks(rows - 1)):
        return None, offsets
    order = _by_group(groups, offsets)
    if times is not None and any(_are_apart(groups[some], times[some]) for some in _overlapping(order)):
        order = np.lexsort((times, groups))
    return order, offsets


def _by_group(groups: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """`np.argsort(groups, kind="stable")`, block by block: a counting sort."""
    order, following = zeros(len(groups), np.int64), offsets[:-1].copy()
    for a, b in blocks(len(groups)):
        rows = np.argsort(groups[a:b], kind="stable")
        numbers, starts, counts = np.unique(groups[a:b][rows], return_index=True, return_counts=True)
        order[np.repeat(following[numbers] - starts, counts) + np.arange(b - a)] = a + rows
        following[numbers] += counts
    return order


def _overlapping(order: np.ndarray) -> Iterator[np.ndarray]:
    """Blocks of it, each with the first one of the next."""
    return (order[a : b + 1] for a, b in blocks(len(order) - 1))


def _are_apart(groups: np.ndarray, times: np.ndarray | None) -> bool:
    """Whether a row belongs before the one before it."""
    apart = groups[1:] < groups[:-1]
    if times is not None:
        apart |= (groups[1:] == groups[:-1]) & (times[1:] < times[:-1])
    return bool(apart.any())


def first_of_each(values: np.ndarray, there: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, int | None]:
    """The first value that is there in each sequence (else the one of its first row); a row that differs from it."""
    places = in_blocks(len(values), lambda a, b: np.where(there[a:b], np.arange(a, b), len(values)))
    places = np.minimum.reduceat(places, offsets[:-1])
    first = values[np.where(places < len(values), places, offsets[:-1])]
    for a, b in blocks(len(values)):
        sequence = np.searchsorted(offsets, np.arange(a, b), "right") - 1
        other = there[a:b] & (values[a:b] != first[sequence])
        if other.any():
            return first, a + int(np.argmax(other))
    return first, None


def line_of_sequence(path: str, lines: list[int], offsets: np.ndarray) -> Callable[[int], str]:
    """file:line of a row, where a sequence is a line."""
    return lambda row: f"{display(path)}:{lines[int(np.searchsorted(offsets, row, 'right')) - 1]}"
