"""The programs of an unfolded network: kernels over a batch of some size, noted once and run for every batch of it."""

from collections.abc import Callable, Hashable
from copy import deepcopy
from dataclasses import replace
from operator import attrgetter

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team, Work

LAYOUT = attrgetter("shape", "dtype.char")
PROGRAMS = 128  # at most; batches of sizes that come later go without


class Programs:
    """Programs of a team, by what they do and the size of their batch; and the arrays of the batches."""

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
        """The same over a batch: its arrays are copied to those of the programs for its layout, if they are others."""
        layout = batch.reused or (id(getattr(batch.x, "grams", None)), *map(LAYOUT, batch.arrays))
        name = what, batch.steps, layout
        if name not in self.made and len(self.made) >= PROGRAMS:
            self.team.run_all(works(batch))
            return
        if layout not in self.batches:
            self.batches[layout] = batch if batch.reused else deepcopy(batch)
        kept = self.batches[layout]
        if kept.y is not batch.y:
            for array, source in zip(kept.arrays, batch.arrays, strict=True):
                array[...] = source
        self.play(name, lambda: works(replace(kept, steps=batch.steps)))
