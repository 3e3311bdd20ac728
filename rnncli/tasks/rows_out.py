"""What the rows of predictions have in common: what is wanted of them, the names of their fields."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rnncli.data.digits import PROBABLE, probability

EVERY = 6  # decimal places of the probabilities of all labels, by which figures are computed elsewhere

#: names of the fields, and the rows
Rows = tuple[tuple[str, ...], Iterator[tuple]]


@dataclass
class Wanted:
    """Which labels of a sequence are written, and whether tagged text comes in the lines of the input."""

    top: int | None = None
    every: bool = False
    threshold: float | None = None
    together: bool = True  # several labels in one field
    lines: bool = True


def with_input(names: Iterable[str]) -> tuple[str, ...]:
    """The names of the fields; the last is `input`."""
    names = tuple(names)
    return told_apart((*names, "input"), set(range(len(names))))


def told_apart(names: Sequence[str], fixed: set[int]) -> tuple[str, ...]:
    """The names of fields, each once: those at the places `fixed` are the file's and stay as they are, others get
    as many _ after them as it takes.
    """
    found: list[str] = []
    taken = {name for i, name in enumerate(names) if i in fixed}
    for i, name in enumerate(names):
        while i not in fixed and name in taken:
            name += "_"
        taken.add(name)
        found.append(name)
    return tuple(found)


def rounded(values: Iterable[float], least: int = PROBABLE) -> list[float]:
    """Probabilities as they are written, with so many decimal places at least."""
    return [probability(float(value), least) for value in values]
