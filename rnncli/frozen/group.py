"""A group of features: what a frozen network reads of the series, or of their differences."""

from typing import Annotated, Any, TypedDict

import numpy as np

from rnncli.frozen.signals import MIXES, Rows, dilations_for
from rnncli.stored import OneOf, Range, Size, expect

MOST_DILATION = 1 << 20
Source = Annotated[str, OneOf("series", "differences")]  # the keys of signals.SOURCES


class Group:
    """Base of the groups."""

    kind: str
    source: str
    sizes: Any  # what `to_json` gives, as a TypedDict
    columns: int
    signals = 0  # mixes of the columns that are read, if it reads such
    parts: list[int]  # how many features there are of each kind that counts alike

    @classmethod
    def sized(cls, source: str, steps: int, columns: int, signals: int) -> "Group":
        """One for sequences of so many steps, typically."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Its sizes, as the class takes them."""
        raise NotImplementedError

    def refuse_damage(self, where: str) -> None:
        """Damaged for sizes that do not go together."""

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


class DilatedSizes(TypedDict):
    """Of a DilatedGroup."""

    source: Source
    dilations: list[Annotated[int, Range(1, MOST_DILATION)]]
    columns: Size
    signals: Size


class DilatedGroup(Group):
    """Filters at several dilations, each of which reads one of the signals."""

    sizes = DilatedSizes
    most: int  # dilations
    size: int  # features of each part at one dilation

    def __init__(self, source: str, dilations: list[int], columns: int, signals: int):
        self.source, self.dilations, self.columns, self.signals = source, dilations, columns, signals
        self.parts = 2 * [len(dilations) * self.size]

    @classmethod
    def sized(cls, source: str, steps: int, columns: int, signals: int) -> "DilatedGroup":
        return cls(source, dilations_for(steps, cls.most, columns), columns, signals)

    def refuse_damage(self, where: str) -> None:
        signals = 1 if self.columns == 1 else MIXES
        expect(self.signals == signals, f"{where}.signals", self.signals, f"{signals} of {self.columns} columns")
        expect(self.dilations, f"{where}.dilations", self.dilations, "at least one")

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "dilations": self.dilations, "columns": self.columns, "signals": self.signals}
