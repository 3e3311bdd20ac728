"""What a training reports while it goes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnncli.models.model_file import Model
from rnncli.tasks.task import Material

State = tuple[dict[str, np.ndarray], dict]  # of a training: arrays and values of a checkpoint


@dataclass
class Prepared:
    """What is about to be trained, for the first lines on the screen."""

    source: str
    material: Material
    parameters: int
    threads: int
    notes: list[tuple[str, str]]  # (option, what came of it) of --resume and --init
    again: bool = False  # another network on the same data, see comparison.py


@dataclass
class Update:
    """One update: its rate, the mean loss of its targets, the tokens that it learnt from; none if the loss exploded."""

    rate: float
    loss: float
    tokens: int
    exploded: bool = False


@dataclass
class Progress:
    """After an update. `tokens_per_s` counts the updates since the last report, without validation and checkpoints."""

    step: int
    epoch: float
    tokens: int
    elapsed_s: float
    tokens_per_s: float
    lr: float
    loss: float
    done: float  # 0 to 1
    left_s: float | None
    reach: int | None  # steps back that the gradient of the loss reaches, see reach.py


@dataclass
class Trying:
    """One of several ways to learn the same is trained for a while, see choice.py."""

    way: str
    number: int
    count: int


@dataclass
class Tried:
    """All have been: their errors on the validation part, of which the least is taken."""

    measure: str
    errors: dict[str, float]


@dataclass
class Tuned:
    """All candidates of --tune have been trained: the table that the model keeps, see tuning.py."""

    table: dict[str, Any]


@dataclass
class MemberBegins:
    """The training of one of several networks, counted from 0."""

    member: int
    count: int


@dataclass
class Validation:
    """A validation: nats a token. `lr` is that of the update before it, None right after --resume; `tokens_per_s` as of
    a Progress.
    """

    step: int
    epoch: float
    tokens: int
    elapsed_s: float
    tokens_per_s: float
    lr: float | None
    loss: float
    valid_loss: float
    best: bool


@dataclass
class RolledBack:
    """The loss exploded: training goes on from the best weights so far, at half the rate."""

    step: int
    loss: float
    lr: float


@dataclass
class WindowChanged:
    """The window was too long for the reach: training goes on in windows of `steps`."""

    step: int
    reach: int
    before: int
    steps: int


class CheckpointDue:
    """The caller may write `training.checkpoint()` now."""


@dataclass
class Finished:
    """The end: the best weights are in the network."""

    step: int
    tokens: int
    elapsed_s: float
    valid_loss: float | None
    best_step: int
    found: dict  # what the validation part says beside the loss, see tasks/validation.py
    stopped: str  # "done", "patience", "enough" or "interrupted"
    reach: int | None = None
    window: int | None = None  # its steps at the end, where they have been changed


@dataclass
class Saved:
    """MODEL is written."""

    path: str
    result: Finished
    model: Model
    by_earlier_run: bool = False
    warm: str | None = None  # the model of --init
    one_of_several: bool = False  # MODEL is written later
