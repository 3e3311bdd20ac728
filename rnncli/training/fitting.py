"""`--learn readout`: a frozen network is drawn and its read-out fitted, in place of a training.

Its validation is by leave-one-out: each sequence of the training part is predicted by a read-out of all others, which
ridge regression knows without fitting it (frozen/ridge.py). With `--valid FILE` it is that file.
"""

import time
from typing import Any, cast

from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.network import FrozenNetwork, LeftOut
from rnncli.kernels.threads import Team
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.task import Material
from rnncli.training.reports import Finished


def fit(architecture: FrozenArchitecture, m: Material, threads: int) -> tuple[FrozenNetwork, Finished]:
    """The network, and what the validation says."""
    began, team, task = time.monotonic(), Team(threads), cast(ColumnTask, m.task)
    network = FrozenNetwork.drawn(architecture, m.train, m.config.seed)
    fitted = network.fit(m.train, task.answers(m.train.targets), team)
    valid = m.valid or m.train
    unfolded: Any = network.unfold(0, 0, team) if m.valid else LeftOut(fitted.ridge.left_out)
    found = task.measure(unfolded, valid)
    task.temperature = found.get("temperature", 1.0)
    loss = task.mean_loss(unfolded.pooled(valid), valid)
    found["readout"] = {
        "strength": fitted.ridge.strength,
        "weights": fitted.weights,
        "features": architecture.width,
        "left_out": fitted.ridge.errors,
    }
    elapsed = time.monotonic() - began
    return network, Finished(0, m.train.total, elapsed, loss, 0, found, "done")
