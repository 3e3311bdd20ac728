"""How long a training goes on."""

from math import inf

from rnncli.config import TrainConfig
from rnncli.training.search import NOMINAL_SPEED

RESERVE = 1.25  # times what the last validation will take is kept at the end of a --minutes training, and
SPARE_S = 1.0  # seconds to write the model
PAIR = 2  # losses that a validation finds: of the weights and of their average
IN_TIME = 0.5  # of the tokens that it reads, by which it is validated, so that most of the time goes to updates
VALIDATIONS = 0.1  # of the time so far that they may have had when another one begins
LEAST_S = 0.05  # of updates, in any training


class Budget:
    """A number of updates (`--epochs`) or of seconds (`--minutes`), of which the last validation needs some."""

    def __init__(self, config: TrainConfig, windows: int, spare_s: float = SPARE_S, enough: float = inf):
        """`windows` are the updates of an epoch; `spare_s` what follows the last validation; `enough` epochs end a
        budget of minutes too.
        """
        self.enough = enough
        self.minutes, self.epochs, self.spare_s = config.minutes, config.epochs, spare_s
        self.windows, self.since = windows, 0  # the update from which on an epoch has so many
        self.passed, self.part = 0, 0.0  # as many windows as were read before, and the part of the epochs
        self.updates = max(1, round(config.epochs * windows)) if config.epochs else None
        self.quick_s = self.validation_s = 0.0  # that a loss on the sample is expected to take, and on all

    def cut_anew(self, update: int, windows: int) -> None:
        """From this update on an epoch has so many windows: go on where the data were left, by the nearest of them."""
        self.passed = round(self.place(update) / self.windows * windows)
        if self.epochs:
            self.part = self.done(update, 0.0)
            self.updates = update + max(1, round((1 - self.part) * self.epochs * windows))
        self.windows, self.since = windows, update

    def place(self, update: int) -> int:
        """The number of the window of an update, through all epochs."""
        return self.passed + update - self.since

    def epoch(self, updates: int) -> float:
        """Passes over the data after so many updates."""
        return self.place(updates) / self.windows

    def done(self, updates: int, elapsed_s: float) -> float:
        """The part of it that is used, 0 to 1."""
        if self.updates:
            left = (self.updates - updates) / (self.updates - self.since)
            return 1 - (1 - self.part) * left if self.since else updates / self.updates
        return min(1.0, max(elapsed_s / self._for_updates_s(RESERVE), self._of_enough(updates)))

    def _of_enough(self, updates: int) -> float:
        return self.place(updates) / (self.enough * self.windows)

    def had_enough(self, updates: int) -> bool:
        """Whether so many updates end a budget of minutes."""
        return self._of_enough(updates) >= 1

    def _for_updates_s(self, reserve: float) -> float:
        """Of the minutes without what comes after the last update."""
        last_s = PAIR * self.quick_s + self.validation_s
        return max(LEAST_S, self.spare_s / 2, 60 * self.minutes - self.spare_s - reserve * last_s)

    def has_time(self, update_s: float, elapsed_s: float) -> bool:
        """Whether an update may begin that takes so long: with `--minutes` it ends before the last validation."""
        return not self.minutes or elapsed_s + update_s <= self._for_updates_s(1.0)

    def allows_for(self, validations_s: float, elapsed_s: float) -> bool:
        """Whether another validation may begin: with `--minutes` it and those so far have a small part of the time."""
        return not self.minutes or validations_s + PAIR * self.quick_s <= VALIDATIONS * elapsed_s

    def left_s(self, done: float, elapsed_s: float) -> float | None:
        """Seconds to the end, None before they can be told."""
        if self.minutes and self.enough == inf:
            return max(0.0, 60 * self.minutes - elapsed_s)
        return elapsed_s * (1 - done) / done if done > 0 else None

    def most_s(self, update_s: float, members: int) -> float:
        """Of updates that take so long, in a budget of minutes for so many networks."""
        return min(60 * self.minutes, members * self.enough * self.windows * update_s)

    def expected_tokens(self, window: int, multiply_adds: int) -> float:
        """That will be trained on, `window` an update; by the nominal speed, never by a measured one."""
        if self.updates:
            return self.updates * window
        tokens = 60 * self.minutes * NOMINAL_SPEED / (6 * multiply_adds)
        return min(tokens, self.enough * self.windows * window)
