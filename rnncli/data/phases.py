"""What a command does before there is anything to show: a phase that takes longer says how far it is."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic

FIRST_S, NEXT_S = 1.0, 5.0  # seconds to the first line of a phase, and from one to the next


class Phases:
    """Where the lines go; nowhere if nobody listens."""

    say: Callable[[str], None] | None = None


def told(what: str, unit: str, blocks: Iterable) -> Iterator:
    """The same blocks; how much of it has gone by is said every few seconds, of what has several blocks."""
    due, count = 0.0, 0
    for block in blocks:
        due = due or monotonic() + FIRST_S  # before the first one libraries are loaded
        yield block
        count += len(block)
        if count > len(block) and monotonic() >= due:
            due = monotonic() + NEXT_S
            if Phases.say:
                Phases.say(f"{what}: {count:,} {unit}")
