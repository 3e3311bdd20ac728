"""`--learn readout`: a network is drawn and its read-out fitted in closed form, in place of a training.

Whole sequences are read by frozen features (frozen/network.py), series by a recurrent network (frozen/states.py). The
validation of whole sequences is by leave-one-out: each sequence of the training part is predicted by a read-out of all
others, or of all other folds, which ridge regression knows without fitting it. With `--valid FILE` it is that file.
Series have their validation part.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

from rnncli.config import TrainConfig
from rnncli.data.examples import Examples
from rnncli.frozen import states
from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.network import Fitted, FrozenNetwork, LeftOut
from rnncli.frozen.states import NothingToFit
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.process.phases import under_way
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.task import Material, cell_options
from rnncli.training import search
from rnncli.training.reports import Finished

DRAWN, PLAIN = "far values drawn nearer", "as they are"  # what is tried of columns that have some


@dataclass
class ReadOut:
    """A read-out in closed form beside a training: its material, network and validation, and its loss on the validation
    part of the training.
    """

    material: Material
    network: Network | FrozenNetwork
    found: Finished
    loss: float | None


def fit(architecture: Any, m: Material, threads: int) -> tuple[Network | FrozenNetwork, Finished]:
    """The network, and what the validation says."""
    under_way("fitting a read-out")
    began, team = time.monotonic(), Team(threads)
    network, loss, found = (_features if architecture.frozen else _states)(architecture, m, team)
    return network, Finished(0, m.train.total, time.monotonic() - began, loss, 0, found, "done")


def beside(m: Material, asked: TrainConfig, threads: int) -> ReadOut | None:
    """What is tried beside the training of a network; None where nothing is to be tried (search.beside) or there is
    nothing to fit.
    """
    other = search.beside(m, asked)
    if other is None:
        return None
    with suppress(NothingToFit):
        network, found = fit(other.task.architecture(other.config), other, threads)
        return ReadOut(other, network, found, found.valid_loss)
    return None


def instead(usual: Material, m: Material, threads: int) -> ReadOut:
    """The read-out of frozen features that is `usual` where networks are trained on `m`, a part of the same sequences.
    It is fitted to all, but its loss is that of one that is fitted to the training part of `m`.
    """
    task = type(m.task)(m.task.schema, m.task.form, usual.config)
    held = replace(m, config=usual.config, task=task)
    _, on_held = fit(task.architecture(usual.config), held, threads)
    return ReadOut(usual, *fit(usual.task.architecture(usual.config), usual, threads), on_held.valid_loss)


def _features(architecture: FrozenArchitecture, m: Material, team: Team) -> tuple[FrozenNetwork, float, dict]:
    task = cast(ColumnTask, m.task)
    network, fitted = _drawn(architecture, m, m.train, team)
    tried = {}
    if m.plain is not None:
        plain = m.plain()
        other = _drawn(architecture, m, plain.train, team)
        tried = {DRAWN: fitted.ridge.error, PLAIN: other[1].ridge.error}
        if task.answers(m.train.targets).prefer(other[1].ridge.left_out, fitted.ridge.left_out):
            network, fitted = other
            m.become(plain)
    valid = m.valid or m.train
    unfolded: Any = network.unfold(0, 0, team) if m.valid else LeftOut(fitted.ridge.left_out)
    found = task.measure(unfolded, valid)
    task.temperature = found.get("temperature", 1.0)
    found["readout"] = {
        "strength": fitted.ridge.strength,
        "weights": fitted.weights,
        "features": architecture.width,
        "errors": fitted.ridge.errors,
    }
    if tried:
        found["readout"]["tried"] = tried
    return network, task.mean_loss(unfolded.pooled(valid), valid), found


def _drawn(architecture: FrozenArchitecture, m: Material, train: Examples, team: Team) -> tuple[FrozenNetwork, Fitted]:
    """A network and its read-out, of these sequences."""
    network = FrozenNetwork.drawn(architecture, train, m.config.seed)
    return network, network.fit(train, cast(ColumnTask, m.task).answers(train.targets), team)


def _states(architecture: Architecture, m: Material, team: Team) -> tuple[Network, float | None, dict]:
    """The read-out of the cell that has the least squared error on the validation part, of those to choose from."""
    task, tried = cast(Any, m.task), {}
    for cell in m.cells or (m.config.cell,):
        name, options = cell_options(m.config.having(cell=cell))
        network = Network.initialised(replace(architecture, cell=name, cell_options=options), m.config.seed)
        u = network.unfold(states.STEPS, min(states.ROWS, len(m.train.series)), team)
        u.pack()
        tried[cell] = network, states.fit(u, m.train, m.valid)
    cell = min(tried, key=lambda one: tried[one][1].error)
    network, fitted = tried[cell]
    m.config = task.config = m.config.having(cell=cell)
    states.put(network, fitted, task.loss)
    loss, found = None, {}
    if m.valid is not None:
        loss, found = task.validator(network, m.valid, team, 0).whole()
    found["readout"] = {"strength": fitted.strength, "features": architecture.hidden, "errors": fitted.errors}
    if len(tried) > 1:
        found["readout"]["tried"] = {cell: one.error for cell, (_, one) in tried.items()}
    return network, loss, found
