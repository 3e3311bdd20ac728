"""What a training counts."""

import math
from dataclasses import dataclass, field
from typing import Annotated

from rnncli.models.summary import History
from rnncli.stored import Count, Range, Unbounded, expect

Seconds = Annotated[float, Range(0)]


@dataclass
class Counters:
    """Everything of a training beside arrays that decides its future; saved in checkpoints."""

    step: Count = 0
    tokens: Count = 0
    loss_sum: float = 0.0  # over the updates since the last validation
    loss_count: Count = 0
    elapsed_s: Seconds = 0.0
    best_loss: Unbounded = math.inf
    best_step: Count = 0
    without_gain: Count = 0
    first_loss: float = 0.0
    rollbacks: Count = 0
    recent_loss: float = 0.0
    optimiser_step: Count = 0  # since the last rollback
    warm_from: Count = 0  # tokens at the last rollback
    looked: Count = 0  # the update before which it was asked whether the window suits, 0 before that
    window: Count = 0  # its steps since then, 0 as at first
    expected: Annotated[float, Range(0)] = 0.0  # tokens of a --minutes training, by which it is validated; 0: not yet
    validating: bool = False  # whether the training was ended in a validation, to be done again
    history: History = field(default_factory=list)

    def refuse_damage(self, where: str) -> None:
        """Damaged for an update that is before another one that it comes after."""
        for name in ("best_step", "optimiser_step", "looked"):
            expect(getattr(self, name) <= self.step, f"{where}.{name}", getattr(self, name), f"at most {self.step}")
        expect(self.warm_from <= self.tokens, f"{where}.warm_from", self.warm_from, f"at most {self.tokens}")

    def train_loss(self) -> float:
        """The mean loss of a target over the updates since the last validation."""
        return self.loss_sum / max(1, self.loss_count)
