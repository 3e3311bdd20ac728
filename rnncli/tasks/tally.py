"""Figures of sequences that come piece by piece: what is counted of each piece, or kept of it.

What is kept lies in a temporary file as soon as it is large, so that memory does not grow with the input.
"""

from typing import Any

import numpy as np

from rnncli.data.equal_names import first_spelling
from rnncli.data.examples import Examples
from rnncli.data.schema import UNHEARD

IN_MEMORY = 8 << 20  # bytes that are kept
BLOCK = 1 << 14  # sequences whose figures are summed up together


class Tally:
    """The figures of `--evaluate`: `add` pieces of the input, then ask once for the `figures`."""

    unheard: Any = None  # an Unheard, where there are labels
    temperature = 1.0  # of probabilities

    def add(self, predictions: Any, examples: Examples) -> None:
        """Predictions, as those of the task, of examples that have answers."""
        raise NotImplementedError

    def figures(self) -> dict:
        """Of all that was added: the same, whatever the pieces were."""
        raise NotImplementedError

    def details(self) -> dict:
        """More of the same, for `--evaluate` alone."""
        return {}


class Unheard:
    """Labels that are not among those of training, and their numbers over all pieces, by first appearance."""

    def __init__(self) -> None:
        self.spelling, self.numbers = first_spelling(), dict[str, int]()

    @property
    def names(self) -> list[str]:
        """In the order of their numbers."""
        return list(self.numbers)

    def numbers_of(self, names: tuple[str, ...]) -> np.ndarray:
        """Of the unheard labels of a piece (labels,)."""
        numbers = self.numbers
        return np.array([numbers.setdefault(self.spelling(name), len(numbers)) for name in names], np.int64)

    def numbered(self, ids: np.ndarray, names: tuple[str, ...], first: int) -> np.ndarray:
        """The ids of a piece with its unheard labels, UNHEARD and less, as `first` and more."""
        table = np.append(self.numbers_of(names), 0)
        return np.where(ids <= UNHEARD, first + table[np.clip(UNHEARD - ids, 0, len(names))], ids)


def added(total: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Their sum (labels,), where one may end before the other."""
    size = max(len(total), len(counts))
    return np.pad(total, (0, size - len(total))) + np.pad(counts, (0, size - len(counts)))
