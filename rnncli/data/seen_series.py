"""Hashes by which steps of series are known again: of the values of the STRETCH rows up to each.

Times and names do not matter, so a part of a series is known in any other file that has it. Stretches of fewer than
DISTINCT different rows are left out: zeros, or few states in turn, are in every file of the kind.
"""

from collections.abc import Iterator

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.seen import EVEN, Known, bits_of, mixed, shortened
from rnncli.process.temporary import zeros

STRETCH = 8
DISTINCT = 5
BLOCK = 1 << 13  # rows at a time: their stretches fit into a cache


def step_hashes(extent: Extent) -> Iterator[np.ndarray]:
    """Those of the rows that are forecast or scored, in blocks; of a sample those of all that it is a sample of."""
    return (hashes for _, hashes in _steps(extent))


def new_steps(extent: Extent, known: Known) -> np.ndarray:
    """Whether a row (rows,) is one of these that the model is known not to have seen; all are counted."""
    new = zeros(len(extent.series.values), bool)
    for rows, hashes in _steps(extent):
        new[rows] = ~known.look_at(hashes) & known.are_told(hashes)
    return new


def _steps(extent: Extent) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows (n,) that are looked up, and their hashes."""
    s, begins = extent.series, extent.begins
    stops = extent.stops if extent.cuts is None else s.offsets[1:]
    for begin in range(int(begins.min()), int(stops.max()), BLOCK):
        first = max(0, begin + 1 - STRETCH)
        rows = np.arange(first + STRETCH - 1, min(begin + BLOCK, int(stops.max())))
        number = s.series_of(rows)
        there = (rows >= begins[number]) & (rows < stops[number]) & (rows - s.offsets[number] >= STRETCH - 1)
        if there.any():
            hashes = _of_rows(s.values[first : rows[-1] + 1])
            there &= _distinct(hashes) >= DISTINCT
            yield rows[there], shortened(mixed(_of_stretches(hashes)))[there]


def _of_stretches(hashes: np.ndarray) -> np.ndarray:
    """A hash (n - STRETCH + 1,) of the stretch up to each of n rows, of those of the rows (n,)."""
    count, steps = len(hashes) + 1 - STRETCH, mixed(np.arange(STRETCH, dtype=np.uint64))
    found = np.zeros(count, np.uint64)
    for i, step in enumerate(steps):
        found += mixed(hashes[i : i + count] + step)
    return found


def _distinct(hashes: np.ndarray) -> np.ndarray:
    """How many different rows (n - STRETCH + 1,) there are in the stretch up to each of n: those of which none before
    in the stretch has the hash; hashes (n,).
    """
    back = np.full(len(hashes), STRETCH, np.int8)  # rows to the last one before with the same hash, STRETCH for none
    for i in range(STRETCH - 1, 0, -1):
        back[i:][hashes[i:] == hashes[:-i]] = i
    count = len(hashes) + 1 - STRETCH
    return sum((back[i : i + count] > i for i in range(STRETCH)), np.zeros(count, np.int8))


def _of_rows(values: np.ndarray) -> np.ndarray:
    """A hash of each row (rows,) of values (rows, K)."""
    found = np.zeros(len(values), np.uint64)
    for column in values.T:
        found = mixed(found + EVEN + bits_of(column))
    return found
