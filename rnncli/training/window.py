"""The steps of a window: when the reach of the gradient says that there are too many or too few of them.

    too many    the reach is below a quarter of the window: as many as twice the reach, but no fewer than those whose
                tokens cost a tenth more by the model of network/cost.py than in usual windows
    too few     of the gradient at the last step a tenth and more is left at the first one: twice as many

Fewer steps make more updates of the same text, each of them cheaper by nearly as much. Nothing here depends on a
measured time, nor on the number of threads or ranks.
"""

from functools import cached_property
from typing import Any

import numpy as np

from rnncli.config import FULL, TrainConfig
from rnncli.data.batches import Batch
from rnncli.errors import note
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.cost import least_steps
from rnncli.network.losses import Loss
from rnncli.network.network import Network
from rnncli.tasks.task import Material
from rnncli.training.reach import Reach, faded
from rnncli.training.search import WINDOW, WORDS_WINDOW

FEW_UPDATES = 10  # in all
LOOKS = 5  # windows in which the reach is measured
WHOLE_STEPS = 512  # that it is measured in where a window is the whole sequence
SMALL = 0.25  # of the window: a reach below that has no need of it
DEARER = 1.1  # times as much may a token cost in a shorter window
WORTH = 0.75  # of the steps at most are worth a change
MUCH = 0.1  # of the gradient, left at the end of the window


class ReachInWindows:
    """The reach of the gradient in the windows of a training, whose batches are `batches`: of `steps`, or None where a
    window is the whole sequence. What it needs is made when it is first asked for.
    """

    def __init__(self, network: Network, loss: Loss, batches: Any, steps: int | None, team: Team):
        self.network, self.loss, self.batches, self.team = network, loss, batches, team
        self.steps = steps or min(batches.T, WHOLE_STEPS)

    @cached_property
    def reach(self) -> Reach:
        """What measures it in one window."""
        return Reach(self.network, self.loss, self.steps, self.batches.N, self.team)

    def measure(self, place: int) -> int | None:
        """The reach in the window at a place; None if there is no gradient to speak of."""
        return self.reach.measure(self._window(place))

    def look(self, place: int) -> tuple[int, int | None]:
        """(the reach, the steps that suit better or None), by the windows from a place on."""
        measured = [self.reach.profile(self._window(i)) for i in range(place, place + LOOKS)]
        profiles = [norms for norms in measured if norms is not None]
        return suited(self.network.architecture, self.batches.N, self.batches.T, profiles)

    def _window(self, place: int) -> Batch:
        """This one, or the one before it if that is a short one."""
        batch = self.batches.batch(place)
        return self.batches.batch(place - 1) if batch.steps < self.batches.T and place else batch


def corrects(asked: TrainConfig, material: Material) -> bool:
    """Whether a training asks its reach for another window: that of one network on a stream of text, where --steps was
    left open. Variants of --tune are compared in windows that stay, and so do those of ranks that train apart.
    """
    found = material.config
    stream = material.task.carries and found.format == "text" and found.members == 1
    return stream and asked.steps is None and not asked.tune and not asked.local_steps


def shorter(architecture: Architecture, N: int, T: int, reach: int) -> int | None:
    """The steps that suit a reach in windows of N rows and T steps, if they are notably fewer."""
    if reach >= SMALL * T:
        return None
    steps = max(2 * reach, least_steps(architecture, N, max(T, WINDOW), DEARER))
    return steps if steps <= WORTH * T else None


def suited(architecture: Architecture, N: int, T: int, profiles: list[np.ndarray]) -> tuple[int, int | None]:
    """(the median reach, the steps that suit better or None), from gradients by lag in some windows of T steps."""
    if not profiles:
        return 0, None
    reach = int(np.median([faded(norms) or T for norms in profiles]))
    if np.median([norms[-1] / norms[0] for norms in profiles]) >= MUCH:
        return reach, 2 * T
    return reach, shorter(architecture, N, T, reach)


def advice(architecture: Architecture, N: int, T: int, reach: int) -> str | None:
    """What the reach of a trained network says about its window, if it says something."""
    if reach >= T:  # in usual windows that says nothing: with half the steps as much is learnt, in more updates
        longer = f"the gradient reaches through the whole window of {T}: a longer --steps may learn more"
        return longer if T < WORDS_WINDOW else None
    better = shorter(architecture, N, T, reach)
    return None if better is None else f"the gradient reaches {reach} of {T} steps: --steps {better} would train faster"


def say_few_updates(config: TrainConfig) -> None:
    """A line where windows of all steps leave few updates."""
    if config.steps == FULL and config.epochs and round(config.epochs) < FEW_UPDATES:
        updates = max(1, round(config.epochs))
        note(f"--steps full: {updates} update{'s' * (updates > 1)}, one an epoch: --epochs or --minutes sets more")
