"""What frozen filters read: the sequences or their differences, and mixes of the columns.

Of several columns a filter reads a signal: some of them, drawn, each with the sign + or -.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.data.columns import Sequenced, offsets_of
from rnncli.data.examples import Examples
from rnncli.kernels.filters import MIDDLE, SIZE

MIXES = 64  # signals of several columns
MOST_MIXED = 8  # columns of a signal


@dataclass
class Rows(Sequenced):
    """Whole sequences, one after the other: rows offsets[s] to offsets[s + 1] of x (rows, C)."""

    x: np.ndarray
    offsets: np.ndarray

    def room(self, signals: int, margin: int) -> np.ndarray:
        """For one thread, see kernels/filters.py."""
        return np.zeros((signals + 1 + SIZE, int(self.lengths.max(initial=1)) + 2 * margin), self.x.dtype)


def series(examples: Examples) -> Rows:
    """The scaled numbers as they are."""
    return Rows(np.ascontiguousarray(examples.numbers), np.ascontiguousarray(examples.offsets, np.int64))


def differences(examples: Examples) -> Rows:
    """x[t] - x[t-1], a step less for each sequence of two steps and more; 0 for one step."""
    x, offsets, lengths = examples.numbers, examples.offsets, examples.lengths
    change = np.diff(x, axis=0, prepend=x[:1])
    first = np.zeros(len(x), bool)
    first[offsets[:-1][lengths > 1]] = True
    change[offsets[:-1][lengths == 1]] = 0
    return Rows(np.ascontiguousarray(change[~first]), offsets_of(np.maximum(lengths - 1, np.minimum(lengths, 1))))


SOURCES = {"series": series, "differences": differences}


def draw_mixes(rng: np.random.Generator, columns: int) -> np.ndarray:
    """(M, C): of one column that itself."""
    if columns == 1:
        return np.ones((1, 1))
    out = np.zeros((MIXES, columns))
    for signal in out:
        count = int(min(columns, MOST_MIXED) ** rng.random() + 0.5)
        chosen = rng.choice(columns, count, replace=False)
        signal[chosen] = rng.choice([-1.0, 1.0], count) / np.sqrt(count)
    return out


def dilations_for(steps: int, most: int, columns: int) -> list[int]:
    """Up to `most`, evenly apart in their logarithms, so that the nine taps reach over `steps` at most. Of several
    columns each has `most`, some of them more than once: the signals differ.
    """
    longest = max(1.0, (steps - 1) / (2 * MIDDLE))
    spaced = [int(d) for d in np.geomspace(1, longest, most) + 1e-9]
    return spaced if columns > 1 else sorted(set(spaced))
