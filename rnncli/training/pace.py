"""How fast a training goes: what reports say of the updates between them."""

from rnncli.training.reports import Update


class Pace:
    """The rate of the last update, and tokens a second of the updates alone, without validations and checkpoints."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self.busy_s, self.tokens, self.before = 0.0, 0, 0.0

    def add(self, update: Update, seconds: float) -> None:
        """Another update, which took so long."""
        self.rate = update.rate
        self.busy_s, self.tokens = self.busy_s + seconds, self.tokens + update.tokens

    @property
    def tokens_per_s(self) -> float:
        """Since the last `report`; as there where no time has been measured since."""
        return self.tokens / self.busy_s if self.busy_s else self.before

    def report(self) -> float:
        """The same, and count anew from here."""
        self.before = self.tokens_per_s
        self.busy_s, self.tokens = 0.0, 0
        return self.before
