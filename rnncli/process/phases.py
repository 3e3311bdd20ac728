"""What a command does while there is nothing to show: a phase that takes longer says how far it is.

A phase of many blocks says how many have gone by (`told`). Of any other one it is only known when it began
(`under_way`): a thread that watches (rnncli/render/notes.py) says what it is and how long it has taken.
"""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any

FIRST_S, NEXT_S = 1.0, 5.0  # seconds to the first line of a phase, and from one to the next


class Phases:
    """Where the lines go; nowhere if nobody listens. And what is under way: (text, its number or None, the seconds to
    its first line), another one for each phase.
    """

    say: Callable[[str], None] | None = None
    now: tuple[str, Any, float] | None = None


def under_way(what: str, number: int | None = None, first_s: float = FIRST_S) -> None:
    """This is what is done now, the one of this number if there are several, until another phase begins."""
    Phases.now = what, number, first_s


def over() -> None:
    """Nothing is under way that has to be said: rows go out."""
    Phases.now = None


def told(what: str, unit: str, blocks: Iterable, size: Callable[[Any], int] = len) -> Iterator:
    """The same blocks; how much of it has gone by is said every few seconds, of what has several blocks."""
    due, count = 0.0, 0
    under_way(what)
    for block in blocks:
        due = due or monotonic() + FIRST_S  # before the first one libraries are loaded
        under_way(f"{what}: {count:,} {unit}" if count else what, None, NEXT_S)
        yield block
        count += size(block)
        if count > size(block) and monotonic() >= due:
            due = monotonic() + NEXT_S
            if Phases.say:
                Phases.say(f"{what}: {count:,} {unit}")
