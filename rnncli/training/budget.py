"""How long a training goes on, and the rate at each moment of it."""

import math

from rnncli.config import TrainConfig
from rnncli.training.search import NOMINAL_SPEED

WARM_TOKENS = 100_000  # the rate rises over these, or over the first twentieth of the budget if that is less
RESERVE = 1.5  # times the seconds of the last validation are kept at the end of a --minutes training, and one second


class Budget:
    """A number of updates (`--epochs`) or of seconds (`--minutes`), of which the last validation needs some."""

    def __init__(self, config: TrainConfig, windows: int):
        """`windows` are the updates of an epoch."""
        self.minutes = config.minutes
        self.updates = max(1, round(config.epochs * windows)) if config.epochs else None
        self.validation_s = 0.0  # that the last validation is expected to take

    def done(self, updates: int, elapsed_s: float) -> float:
        """The part of it that is used, 0 to 1."""
        if self.updates:
            return updates / self.updates
        return min(1.0, elapsed_s / max(0.5, 60 * self.minutes - 1.0 - RESERVE * self.validation_s))

    def left_s(self, done: float, elapsed_s: float) -> float | None:
        """Seconds to the end, None before they can be told."""
        if self.minutes:
            return max(0.0, 60 * self.minutes - elapsed_s)
        return elapsed_s * (1 - done) / done if done > 0 else None

    def expected_tokens(self, window: int, multiply_adds: int) -> float:
        """That will be trained on, `window` an update; by the nominal speed, never by a measured one."""
        if self.updates:
            return self.updates * window
        return 60 * self.minutes * NOMINAL_SPEED / (6 * multiply_adds)


class Schedule:
    """rate = lr · rising · falling · 0.5^rollbacks.

    rising goes from 0 to 1 over the first tokens, falling from 1 to the task's `floor` over the budget: as half a
    cosine, linearly, or not at all.
    """

    def __init__(self, config: TrainConfig, floor: float, window: int, updates: int | None):
        """`window` tokens an update; `updates` of the budget, if it is one of updates."""
        self.lr, self.kind, self.floor, self.window = config.lr, config.schedule, floor, window
        self.warm = min(WARM_TOKENS, updates * window / 20) if updates else WARM_TOKENS

    def rate(self, done: float, tokens: int, rollbacks: int) -> float:
        """After so many tokens since the last rollback."""
        rising = min(1.0, (tokens + self.window) / self.warm) if self.warm else 1.0
        return self.lr * rising * self._falling(done) * 0.5**rollbacks

    def _falling(self, done: float) -> float:
        if self.kind == "constant":
            return 1.0
        left = 0.5 + 0.5 * math.cos(math.pi * done) if self.kind == "cosine" else 1 - done
        return self.floor + (1 - self.floor) * left
