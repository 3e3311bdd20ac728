"""`--local-steps K`: every process trains K updates by its own rows, then all go on from the mean of their weights.

It is local SGD (Stich 2018, arXiv 1805.09767; for recurrent networks of text DiLoCo, arXiv 2311.08105): messages travel
once in K updates. The means that the optimiser keeps, of gradients and of their squares, are averaged as well, so that
after K updates all processes are in the same state, which is what a checkpoint holds: only there it is validated,
stopped and saved. A loss is the mean over all rows. The sums are joined in the tree of kernels/groups.py with a process
as a group, so the same number of processes finds the same weights; another number finds others.
"""

from typing import Any

import numpy as np

from rnncli.errors import UsageError, note
from rnncli.kernels.randomness import mix64
from rnncli.training.optimisers import Average


def announce(steps: int, updates: int | None, processes: int) -> None:
    """Say what they trade; UsageError for more local steps than there are updates."""
    if updates is not None and steps > updates:
        raise UsageError(
            f"--local-steps {steps}: the training has {updates} update{'s' * (updates > 1)}, so nothing would be "
            "averaged before its end: expected at most as many"
        )
    note(
        f"--local-steps {steps}: weights are averaged every {steps} updates, so MODEL depends on the number of "
        f"processes, which is {processes}"
    )


def train_apart(training: Any, every: int) -> tuple[float, int, int]:
    """Up to so many updates by own rows, and the mean of the weights; (loss, targets, tokens), the loss of all rows."""
    t, c = training, training.counters
    steps = min(every, t.budget.updates - c.step) if t.budget.updates else every
    sums, targets, tokens = np.zeros(2), 0, 0
    for _ in range(steps):
        batch = t.batches.batch(c.step)
        t.task.perturb(batch, t.config.seed, c.step)
        own = t.unfolded.batch(batch)
        rate = t.rate()
        c.step += 1
        loss = t.task.loss
        t.unfolded.gradients(own, loss.gradient, mix64(t.config.seed, c.step), loss.is_steady(own))
        loss.own_gradients(t.unfolded.u)
        sums += loss.mean(t.unfolded.u, own) * own.count, own.count
        c.optimiser_step += 1
        t.optimiser.update(c.optimiser_step, rate, t.config.clip, t.config.weight_decay)
        if t.task.carries:
            t.unfolded.carry(batch.steps)
        t.unfolded.pack()
        targets, tokens = targets + batch.count, tokens + batch.tokens
        c.tokens += batch.tokens
    _average(t.ranks, [t.network.theta.flat, *t.optimiser.state.values()])
    t.optimiser.straighten()
    t.unfolded.pack()
    t.best.average.update(Average.EVERY * -(-c.optimiser_step // every))
    total = t.ranks.gather(sums[None], [1] * t.ranks.of).sum(axis=0)
    return float(total[0] / max(1.0, total[1])), targets, tokens


def _average(ranks: Any, arrays: list[np.ndarray]) -> None:
    """Each becomes the mean over the processes."""
    flat = ranks.join(np.concatenate(arrays)[None], ranks.of) * np.float32(1 / ranks.of)
    for array, mean in zip(arrays, np.split(flat, np.cumsum([array.size for array in arrays])[:-1]), strict=True):
        array[...] = mean
