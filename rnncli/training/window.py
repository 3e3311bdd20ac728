"""The steps of a window: which trainings change them, and what is said about one as long as all."""

from rnncli.config import FULL, TrainConfig
from rnncli.errors import note
from rnncli.tasks.task import Material

FEW_UPDATES = 10  # in all


def corrects(asked: TrainConfig, material: Material) -> bool:
    """Whether a training asks its reach for a shorter window: that of one network on a stream of text, where --steps
    was left open. Variants of --tune are compared in windows that stay, and so do those of ranks that train apart.
    """
    found = material.config
    stream = material.task.carries and found.format == "text" and found.members == 1
    return stream and asked.steps is None and not asked.tune and not asked.local_steps


def say_few_updates(config: TrainConfig) -> None:
    """A line where windows of all steps leave few updates."""
    if config.steps == FULL and config.epochs and round(config.epochs) < FEW_UPDATES:
        updates = max(1, round(config.epochs))
        note(f"--steps full: {updates} update{'s' * (updates > 1)}, one an epoch: --epochs or --minutes sets more")
