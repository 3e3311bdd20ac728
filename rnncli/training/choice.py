"""Ways to learn the same, chosen between by the validation part: each is trained for a part of the budget.

The part is PART of the epochs for each, or PART of the minutes for all: cut by updates, the choice is the same for the
same seed and any number of threads. Compared is the error in the measure of the rivals, which is of the same values
whatever the way; of a way that has a read-out in closed form beside its training, the smaller error of the two. The
best way is then trained from its start.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import cast

from rnncli.config import TrainConfig
from rnncli.errors import RnncliError
from rnncli.tasks.task import Material, Rivals
from rnncli.training.fitting import ReadOut, beside
from rnncli.training.loop import Training, drawn
from rnncli.training.ranks import Ranks
from rnncli.training.reports import Finished, Progress, Tried, Trying

PART = 0.2


def has_choice(material: Material, asked: TrainConfig, rivals: Rivals) -> bool:
    """Whether the task knows several ways and nothing speaks against trying them: an option of training, or nothing to
    compare them by.
    """
    return bool(rivals.figures and len(material.task.ways()) > 1 and not asked.of_training())


def refuse_unvalidated(option: str, material: Material, name: str) -> None:
    """RnncliError for an option that chooses, where there is nothing to choose by."""
    if material.valid is None:
        raise RnncliError(
            f"{name}: {option} chooses by a validation part, found none: give one with --valid FILE, or more data"
        )


def after_choice(config: TrainConfig) -> TrainConfig:
    """The options of the training that follows: it has the rest of the minutes."""
    return config if config.minutes is None else config.having(minutes=(1 - PART) * config.minutes)


def trained(training: Training) -> Generator[Progress, None, Finished]:
    """Train one of several; its progress, and what came of it."""
    for report in training.reports():
        if isinstance(report, Progress):
            yield replace(report, left_s=None)
    return cast(Finished, report)


class Choice:
    """`for report in choice.reports(): ..`, and then `best`."""

    def __init__(
        self, ways: dict[str, Material], asked: TrainConfig, measure: str, threads: int, ranks: Ranks | None = None
    ):
        self.ranks = ranks
        self.ways, self.asked, self.measure, self.threads = ways, asked, measure, threads
        self.errors: dict[str, float] = {}
        self.read_outs: dict[str, ReadOut | None] = {}  # beside the training of each, see fitting.py

    def reports(self) -> Iterator[Trying | Progress | Tried]:
        """Train each for its part."""
        for name, material in self.ways.items():
            yield Trying(name, len(self.errors), len(self.ways))
            part = replace(material, config=self._part(material.config))
            training = Training(drawn(material), part, self.threads, ranks=self.ranks)
            report = yield from trained(training)
            self.read_outs[name] = read_out = beside(material, self.asked, self.threads)
            self.errors[name] = min(map(self._error, [report, *([read_out.found] if read_out else ())]))
        yield Tried(self.measure, self.errors)

    def _error(self, report: Finished) -> float:
        return report.found["metrics"][self.measure]

    def _part(self, config: TrainConfig) -> TrainConfig:
        config = config.having(patience=0)  # all of the part, for each
        if config.minutes is not None:
            return config.having(minutes=PART * config.minutes / len(self.ways))
        return config.having(epochs=PART * config.epochs)

    @property
    def best(self) -> str:
        """The way of the least error."""
        return min(self.errors, key=self.errors.__getitem__)
