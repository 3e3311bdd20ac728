"""A group of features: what a frozen network reads of the series, or of their differences."""

from typing import Any

import numpy as np

from rnncli.frozen.signals import Rows, dilations_for


class Group:
    """Base of the groups."""

    kind: str
    source: str  # a key of signals.SOURCES
    parts: list[int]  # how many features there are of each kind that counts alike

    @classmethod
    def sized(cls, source: str, steps: int, columns: int, signals: int) -> "Group":
        """One for sequences of so many steps, typically."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Its sizes, as the class takes them."""
        raise NotImplementedError

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """What is drawn."""
        return {}

    def draw(self, theta: dict[str, np.ndarray], rng: np.random.Generator, rows: Rows) -> None:
        """Draw it; `rows` is the training part."""

    def compute(
        self, theta: dict[str, np.ndarray], rows: Rows, out: np.ndarray, at: int, first: int, last: int
    ) -> None:
        """Features of the sequences first <= s < last into out (sequences, .), from column `at` on."""
        raise NotImplementedError


class DilatedGroup(Group):
    """Filters at several dilations, each of which reads one of the signals."""

    most: int  # dilations
    size: int  # features of each part at one dilation

    def __init__(self, source: str, dilations: list[int], columns: int, signals: int):
        self.source, self.dilations, self.columns, self.signals = source, dilations, columns, signals
        self.parts = 2 * [len(dilations) * self.size]

    @classmethod
    def sized(cls, source: str, steps: int, columns: int, signals: int) -> "DilatedGroup":
        return cls(source, dilations_for(steps, cls.most, columns), columns, signals)

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "dilations": self.dilations, "columns": self.columns, "signals": self.signals}
