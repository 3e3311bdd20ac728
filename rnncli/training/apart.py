"""A rank that trains by itself, while others train something else: all of it by its own, none of it with the others.

The ranks meet every SLICE_S seconds between two updates, as long as one of them has something to do, so that they stop
together, and one of them can write what all have come to.
"""

import time
from collections.abc import Callable

import numpy as np

from rnncli.training.ranks import Ranks

SLICE_S = 0.5


class Apart(Ranks):
    """In place of the ranks for what is trained here alone."""

    def __init__(self, joint: Ranks, tell: Callable[[], None] = lambda: None):
        """`tell()` says to the first of the `joint` ranks how far this one is, when all do."""
        super().__init__()
        self.joint, self.tell, self.met = joint, tell, time.monotonic()
        self.wanted = self.due = self.stopped = self.ended = False  # wanted, due: a checkpoint

    def any(self, flag: bool) -> bool:
        """Whether to stop, asked after each update."""
        if self.joint.of == 1:
            return self.joint.any(flag)
        if time.monotonic() - self.met >= SLICE_S:
            self.meet(flag)
        return self.stopped

    def meet(self, stop: bool, done: bool = False) -> None:
        """Together with all others: is one to stop, have all `done` their part, is there to be a checkpoint."""
        flags = np.array([[stop, done, self.wanted and self.joint.leads]], np.int64)
        found = self.joint.gather(flags, [1] * self.joint.of)
        self.ended = bool(found[:, 1].all())
        self.stopped, self.due = bool(found[:, 0].any()) and not self.ended, bool(found[:, 2].any())
        if self.stopped or self.due:
            self.tell()
        self.wanted, self.met = False, time.monotonic()
