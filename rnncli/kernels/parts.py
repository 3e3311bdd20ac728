"""What each thread has of a batch: rows, of which the members of a group of threads share the hidden units.

    thread i of a team    group i // members, member i % members
    group                 rows first .. last of the batch; its members meet after every step of a layer
    member                some panels of every matrix's columns, which are units or outputs; and its `own` ones of the
                          rows, for what goes row by row

With one member a thread has its rows for itself and never meets the others on the way.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from rnncli.kernels.barrier import meet, words_of
from rnncli.kernels.compiler import kernel
from rnncli.kernels.threads import Team, Work, share
from rnncli.kernels.tile import PANEL

Range = tuple[int, int]

NOBODY = words_of(1)


@kernel("void(int64[::1], int64)")
def meet_members(sync, members):
    """Return when all members of a group are here."""
    meet(sync, members)


class Part:
    """The share of one thread."""

    def __init__(self, rows: Range, member: int = 0, members: int = 1, sync: np.ndarray = NOBODY):
        self.rows, self.member, self.members, self.sync = rows, member, members, sync

    @cached_property
    def own(self) -> Range:
        """The rows that this member has for itself."""
        first, last = self.rows
        begin, end = self.share(last - first)
        return first + begin, first + end

    def share(self, count: int) -> Range:
        """This member's of so many things, of which the group has all."""
        return share(count, self.member, self.members)

    def panels(self, columns: int) -> Range:
        """This member's panels of so many columns."""
        return self.share(-(-columns // PANEL))

    def units(self, hidden: int) -> Range:
        """This member's hidden units: whole panels."""
        begin, end = self.panels(hidden)
        return begin * PANEL, min(end * PANEL, hidden)

    def gate_panels(self, hidden: int, gates: int) -> list[Range]:
        """The panels of this member's units in each of the gates, which stand side by side; one range if it has all."""
        if self.members == 1:
            return [self.panels(gates * hidden)]
        begin, end = self.panels(hidden)
        each = hidden // PANEL
        return [(gate * each + begin, gate * each + end) for gate in range(gates)]

    def meet(self) -> None:
        """Return when all members of the group are here."""
        if self.members > 1:
            meet_members(self.sync, self.members)


def of_parts(parts: list[Part], *calls: Callable[[Part], object]) -> Work:
    """Each thread makes the calls for its part."""
    return lambda thread, threads: [call(parts[thread]) for call in calls]


def most_members(hidden: int, threads: int) -> int:
    """Into how many members groups of a team may be divided, each with whole panels of units: 1 if not at all."""
    if hidden % PANEL:
        return 1
    return max(m for m in range(1, threads + 1) if threads % m == 0 and m <= hidden // PANEL)


def parts_of(team: Team, N: int, members: int) -> list[Part]:
    """Of the threads of a team that share N rows."""
    groups = team.threads // members
    words = [words_of(members, team.threads) for _ in range(groups)]
    return [
        Part(share(N, thread // members, groups), thread % members, members, words[thread // members])
        for thread in range(team.threads)
    ]
