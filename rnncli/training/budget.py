"""How long a training goes on."""

from rnncli.config import TrainConfig
from rnncli.training.search import NOMINAL_SPEED

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
