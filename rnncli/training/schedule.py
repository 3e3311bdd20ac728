"""The learning rate at each moment of a training: its warm-up, and how it falls."""

import math

from rnncli.config import TrainConfig

WARM_TOKENS = 100_000  # the rate rises over these, or over the first twentieth of the budget if that is less


class Schedule:
    """rate = lr · rising · falling · 0.5^rollbacks.

    rising goes from 0 to 1 over the first tokens, falling from 1 to the task's `floor` over the budget: as half a
    cosine, linearly, or not at all. For a batch k times the usual one `--scale-rate sqrt` has √k times the rate, and
    rises over k times the tokens, or the first half of the budget if that is less (LEGW, You et al. 2019, 1901.08256).
    """

    def __init__(self, config: TrainConfig, floor: float, window: int, updates: int | None, times: float = 1):
        """`window` tokens an update; `updates` of the budget, if it is one of updates; the batch is so many `times` the
        usual one, where that is to matter.
        """
        self.kind, self.floor, self.window = config.schedule, floor, window
        self.lr = config.lr * math.sqrt(times)
        total = updates * window if updates else math.inf
        self.warm = min(min(WARM_TOKENS, total / 20) * times, total / 2)

    def rate(self, done: float, tokens: int, rollbacks: int) -> float:
        """After so many tokens since the last rollback."""
        rising = min(1.0, (tokens + self.window) / self.warm) if self.warm else 1.0
        return self.lr * rising * self._falling(done) * 0.5**rollbacks

    def _falling(self, done: float) -> float:
        if self.kind == "constant":
            return 1.0
        left = 0.5 + 0.5 * math.cos(math.pi * done) if self.kind == "cosine" else 1 - done
        return self.floor + (1 - self.floor) * left
