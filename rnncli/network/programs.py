"""The programs of an unfolded network: kernels over a batch of some size, noted once and run for every batch of it."""

from collections.abc import Callable, Hashable
from copy import deepcopy
from operator import attrgetter

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team, Work

LAYOUT = attrgetter("shape", "dtype.char")
SIZES = 64  # of batches, for which there are programs; those of other sizes go without


class Programs:
    """Programs of a team, by what they do and the size of their batch, whose arrays they keep."""

    def __init__(self, team: Team):
        self.team = team
        self.made: dict[Hashable, Callable[[], None]] = {}
        self.batches: dict[Hashable, Batch] = {}

    def play(self, what: Hashable, works: Callable[[], list[Work]]) -> None:
        """Run the program of this name, which is made of works."""
        if what not in self.made:
            self.made[what] = self.team.program(*works())
        self.made[what]()

    def over(self, batch: Batch, what: Hashable, works: Callable[[Batch], list[Work]]) -> None:
        """The same over a batch: its arrays are copied to those of the program, if they are others."""
        size = batch.steps if batch.reused else (batch.steps, *map(LAYOUT, batch.arrays))
        if size not in self.batches and len(self.batches) < SIZES:
            self.batches[size] = batch if batch.reused else deepcopy(batch)
        kept = self.batches.get(size)
        if kept is None:
            self.team.run_all(works(batch))
            return
        if kept.y is not batch.y:
            for array, source in zip(kept.arrays, batch.arrays, strict=True):
                array[...] = source
        self.play((what, size), lambda: works(kept))
