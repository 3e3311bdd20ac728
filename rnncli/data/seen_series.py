"""Hashes by which steps of series are known again: of the values of the STRETCH rows up to each.

Times and names do not matter, so a part of a series is known in any other file that has it. Stretches of fewer than
DISTINCT different rows are left out: zeros, or few states in turn, are in every file of the kind.
"""

from collections.abc import Iterator

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.ranges import Ranges
from rnncli.data.seen import EVEN, Known, bits_of, mixed, shortened
from rnncli.data.temporary import in_blocks

STRETCH = 8
DISTINCT = 5
BLOCK = 1 << 13  # rows at a time: their stretches fit into a cache


def step_hashes(extent: Extent) -> Iterator[np.ndarray]:
    """Those of the rows that are forecast or scored, in blocks; of a sample those of all that it is a sample of."""
    return (hashes for _, hashes in _steps(extent))


def new_steps(extent: Extent, known: Known) -> np.ndarray:
    """Whether a row (rows,) is one of these that the model is known not to have seen; all are counted."""
    new = np.zeros(len(extent.series.values), bool)
    for rows, hashes in _steps(extent):
        new[rows] = ~known.look_at(hashes) & known.are_told(hashes)
    return new


def _steps(extent: Extent) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows (n,) that are looked up, and their hashes."""
    s = extent.series
    hashes = in_blocks(len(s.values), lambda begin, end: _of_rows(s.values[begin:end]))
    ranges = Ranges(extent.begins, extent.stops if extent.cuts is None else s.offsets[1:])
    for begin in range(0, len(ranges), BLOCK):
        rows = ranges.at(np.arange(begin, min(begin + BLOCK, len(ranges))))
        rows = rows[rows - s.first[rows] >= STRETCH - 1]
        stretches = hashes[rows[:, None] + np.arange(1 - STRETCH, 1)]
        steps = mixed(np.arange(STRETCH, dtype=np.uint64))
        told = _distinct(np.ascontiguousarray(stretches.T)) >= DISTINCT
        yield rows[told], shortened(mixed(mixed(stretches[told] + steps).sum(axis=1, dtype=np.uint64)))


def _distinct(rows: np.ndarray) -> np.ndarray:
    """How many different values (n,) each column of (rows, n) has."""
    found = np.ones(rows.shape[1], np.int8)
    for i in range(1, len(rows)):
        found += ~np.logical_or.reduce([rows[i] == one for one in rows[:i]])
    return found


def _of_rows(values: np.ndarray) -> np.ndarray:
    """A hash of each row (rows,) of values (rows, K)."""
    found = np.zeros(len(values), np.uint64)
    for column in values.T:
        found = mixed(found + EVEN + bits_of(column))
    return found
