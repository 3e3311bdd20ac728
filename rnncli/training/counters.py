"""What a training counts."""

import math
from dataclasses import dataclass, field


@dataclass
class Counters:
    """Everything of a training beside arrays that decides its future; saved in checkpoints."""

    step: int = 0
    tokens: int = 0
    loss_sum: float = 0.0  # over the updates since the last validation
    loss_count: int = 0
    elapsed_s: float = 0.0
    best_loss: float = math.inf
    best_step: int = 0
    without_gain: int = 0
    first_loss: float = 0.0
    rollbacks: int = 0
    recent_loss: float = 0.0
    optimiser_step: int = 0  # since the last rollback
    warm_from: int = 0  # tokens at the last rollback
    history: list[dict] = field(default_factory=list)

    def train_loss(self) -> float:
        """The mean loss of a target over the updates since the last validation."""
        return self.loss_sum / max(1, self.loss_count)
