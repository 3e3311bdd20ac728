"""`--shard I/N`: which part of the sequences of an input one of N jobs predicts. It imports nothing heavy.

Shard I has the sequences from ⌈(I - 1) K / N⌉ to ⌈I K / N⌉ of K, counted from 0: in order, as equal as they can be, and
the first one has some wherever there are any, so that it has the names on top too.
"""

import re
from dataclasses import dataclass

from rnncli.errors import UsageError


@dataclass(frozen=True)
class Shard:
    """Number `number`, from 1 on, of `of`."""

    number: int = 1
    of: int = 1

    @classmethod
    def parsed(cls, text: str | None) -> "Shard":
        """Of the option's value; without one the whole."""
        if text is None:
            return cls()
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise UsageError(f"--shard {text}: expected I/N with I from 1 to N, such as 2/4")
        return cls(int(found[1]), int(found[2]))

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return self.of == 1

    @property
    def continues(self) -> bool:
        """Whether its rows follow those of another one, which has the names on top."""
        return self.number > 1

    def part(self, total: int) -> tuple[int, int]:
        """The first of so many sequences, and the one behind the last."""
        begin, end = (-(-total * number // self.of) for number in (self.number - 1, self.number))
        return begin, end

    def has(self, place: int, total: int) -> bool:
        """Whether what stands before this sequence is its own; behind the last one, that of the last shard."""
        begin, end = self.part(total)
        return begin <= place < end or (place == total and self.number == self.of)
