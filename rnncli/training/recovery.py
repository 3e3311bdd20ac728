"""When a loss has exploded: back to the best weights, at half the rate."""

import math

from rnncli.errors import DivergedError
from rnncli.training.counters import Counters

EXPLODED = 3.0  # times the first loss: training has lost its way
RECENT = 1000  # tokens whose mean loss tells
TRIES = 3  # to go on from the best weights at half the rate


def exploded(c: Counters, loss: float, count: int, chance: float) -> bool:
    """Whether the loss of `count` targets is no number, or its mean over some RECENT tokens is far above the first loss
    and above `chance`, that of even odds.
    """
    c.first_loss = c.first_loss or (loss if math.isfinite(loss) else 0.0)
    c.recent_loss += min(1.0, count / RECENT) * (loss - c.recent_loss)
    return not c.recent_loss <= EXPLODED * max(c.first_loss, chance)


def count_rollback(c: Counters, loss: float, lr: float, clip: float) -> None:
    """One more; the optimiser starts afresh and the rate warms up again. DivergedError after TRIES of them."""
    if c.rollbacks == TRIES:
        raise DivergedError(
            f"training diverged: loss {loss:.3g} at update {c.step:,}, after {TRIES} tries at half the rate each: "
            f"train with a lower --lr (it was {lr:g})" + (" or a smaller --clip" if clip else ", or with --clip 1")
        )
    c.rollbacks += 1
    c.optimiser_step, c.warm_from, c.recent_loss = 0, c.tokens, 0.0
