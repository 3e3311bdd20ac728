"""The best weights so far: those with the least loss on the validation part."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from rnncli.kernels.threads import Team
from rnncli.network.network import Network
from rnncli.training.counters import Counters
from rnncli.training.optimisers import Average


class BestWeights:
    """Chooses between the weights as they are, their running average, and the best ones of before.

    Without a validator there is nothing to choose by: the last sound weights are kept to go back to.
    """

    def __init__(self, network: Network, team: Team):
        self.network = network
        self.validator: Any = None  # given before the first validation
        self.average = Average(network.theta, team, network.architecture.orthogonal)
        self.flat = network.theta.flat.copy()

    def keep(self) -> None:
        """Without validation: the weights to go back to, if they are sound."""
        if self._sound():
            self.flat[...] = self.network.theta.flat

    def compare(self, c: Counters, own: np.ndarray, clock: Callable[[], float]) -> tuple[float, np.ndarray, float]:
        """The loss of the better of the weights and their average, that one, and the seconds that one of the two took.
        The network's weights, of which `own` is a copy, are others then.
        """
        if c.best_loss == math.inf:  # what is worse than the first weights is not to be kept, nor gone back to
            c.best_loss = self._quick_loss(self.flat)
        start = clock()
        loss = self._quick_loss(own)
        seconds = clock() - start
        of_average = self._quick_loss(self.average.flat)
        return (of_average, self.average.flat, seconds) if of_average < loss else (loss, own, seconds)

    def take(self, c: Counters, loss: float, weights: np.ndarray) -> bool:
        """Whether they are the best so far; they are kept then."""
        best = loss < c.best_loss
        if best:
            c.best_loss, c.best_step, c.without_gain = loss, c.step, 0
            self.flat[...] = weights
        else:
            c.without_gain += 1
        return best

    def restore(self) -> None:
        """The network has the best weights, and the average begins there."""
        self.network.theta.flat[...] = self.average.flat[...] = self.flat

    def choose(self) -> tuple[float | None, dict]:
        """At the end the network has the best weights; loss on the whole validation part, and what it found."""
        if self.validator:
            self.network.theta.flat[...] = self.flat
            return self.validator.whole()
        self.network.theta.flat[...] = self.average.flat if self._sound() else self.flat
        return None, {}

    def _sound(self) -> bool:
        return bool(np.isfinite(self.network.theta.flat).all())

    def _quick_loss(self, weights: np.ndarray) -> float:
        self.network.theta.flat[...] = weights
        return self.validator.quick()
