"""What a training would be, without training it: `--dry-run`. How long it takes is told by some updates of it."""

import statistics
import time
from dataclasses import dataclass
from typing import Any

from rnncli.training.choice import PART
from rnncli.training.experiment import Experiment
from rnncli.training.loop import Training
from rnncli.training.reports import Prepared

TIMED_S, MOST_TIMED = 2.0, 50  # seconds, or updates, that are timed after the first, which may have to compile


@dataclass(frozen=True)
class Plan:
    """What was found and chosen; `updates` and `seconds` are None where nobody knows them before."""

    prepared: Prepared
    updates: int | None = None  # of the training; in a budget of minutes about so many
    seconds: float | None = None
    timed: int = 0  # updates

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        m = self.prepared.material
        return {
            "data": m.data,
            "validation": m.held,
            "task": m.task.name,
            "parameters": self.prepared.parameters,
            "threads": self.prepared.threads,
            "updates": self.updates,
            "estimated_s": self.seconds,
            "timed_updates": self.timed,
            "config": m.config.to_json(),
        }


def plan(experiment: Experiment) -> Plan:
    """Read the data, choose, and time some updates of a network that is thrown away.

    An estimate is that of the updates, seconds = median of those timed x updates, for each of several networks; where
    the task tries several ways first, PART of it for each is added. Validation, rivals and --tune are not in it.
    """
    prepared = experiment.prepared(None)
    m, asked = prepared.material, experiment.asked
    if m.config.learn == "readout":
        return Plan(prepared)
    training = Training(experiment.fresh(0), m, prepared.threads)
    took = _timed(training)
    typical = statistics.median(took)
    updates = training.budget.updates
    if updates is None:
        seconds = training.budget.most_s(typical, max(1, m.config.members))
        return Plan(prepared, max(1, round(seconds / typical)), seconds, len(took))
    ways = len(m.task.ways()) if m.valid is not None and not asked.of_training() else 1
    times = (1 + PART * ways * (ways > 1)) * max(1, m.config.members)
    return Plan(prepared, updates, times * updates * typical, len(took))


def _timed(training: Training) -> list[float]:
    """The seconds of some updates."""
    training.unfolded.pack()
    training.update()
    took: list[float] = []
    while not took or (sum(took) < TIMED_S and len(took) < MOST_TIMED):
        start = time.perf_counter()
        training.update()
        took.append(time.perf_counter() - start)
    return took
