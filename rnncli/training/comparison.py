"""`--cells`: for each named cell the same data in the same order, as many parameters and the same budget.

The first cell has the sizes that were asked for, or that `auto` chooses. Each other cell has the hidden size whose
number of parameters is nearest to those of the first, and as many layers unless its kind needs others. A budget of
minutes is shared out evenly. Each network is kept in MODEL-CELL; the one with the least loss on the validation part
becomes MODEL. Of several ranks each trains every so many-th network by itself.
"""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict, dataclass, replace
from math import prod
from signal import SIGINT
from typing import Any

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted
from rnncli.models.model_file import save_model
from rnncli.models.output import kept_as
from rnncli.readers.source import display
from rnncli.tasks.task import Material
from rnncli.tasks.trained import load_model
from rnncli.training import search
from rnncli.training.apart import Apart
from rnncli.training.choice import refuse_unvalidated
from rnncli.training.experiment import Experiment, saved_before
from rnncli.training.reports import Prepared, Saved

OF_CELL = ("layers", "dropout")  # options whose usual value depends on the cell
WIDEST = 16384  # units


@dataclass
class Trained:
    """A row of the table."""

    cell: str
    layers: int
    hidden: int
    parameters: int
    valid_loss: float
    metrics: dict[str, Any]
    tokens_per_s: float | None  # trained ones in the whole time from the first update on; None for one trained before
    reads: int | None  # steps back: the receptive field, or else the measured reach
    model: str


@dataclass
class Compared:
    """All networks are trained, and the best one is written as MODEL."""

    path: str
    measure: str  # of the rivals
    rows: list[Trained]


class Comparison:
    """One call of `train` with `--cells`: in place of an Experiment."""

    breaks = False

    def __init__(self, experiment: Experiment, cells: tuple[str, ...]):
        """`experiment` is what would run without `--cells`."""
        self.cells, self.output, self.first = cells, experiment.output, experiment
        self.running: Experiment | None = experiment  # None between two
        self.rows: list[Trained] = []
        self.joint = experiment.ranks
        if self.joint.of > 1:
            self.joint.refuse_more(len(cells), f"--cells {','.join(cells)}")
            experiment.ranks = self.apart = Apart(self.joint)
        asked = experiment.asked
        share = None if asked.minutes is None else asked.minutes / len(cells)
        self.asked = {cell: asked.having(cell=cell, minutes=share) for cell in cells}
        experiment.asked = self.asked[cells[0]]

    def stop(self, signal_number: int) -> str | None:
        """End after the current update, with a checkpoint; Interrupted if there is nothing yet to save."""
        if self.rows and not (self.running and self.running.updated):
            raise self._stopped_between(signal_number)
        return (self.running or self.first).stop(signal_number)

    def _stopped_between(self, signal_number: int) -> Interrupted:
        done = ", ".join(row.model for row in self.rows)
        return Interrupted(f"stopped; {done} written: give the same command with --resume to go on", signal_number)

    def pause(self) -> str:
        """End after the current update, or the first one, with a checkpoint."""
        self.first.paused = True  # of which the next one is a copy
        return (self.running or self.first).pause()

    def abandon(self) -> str:
        """What is left if the process ends now."""
        return (self.running or self.first).abandon()

    def reports(self) -> Iterator:
        """Those of each experiment, then `Compared`, then `Saved`."""
        material, saved = self.first.material, dict[str, Saved]()
        self.joint.refuse_others("the data or options", f"{self.first.data_hash} {material.config}".encode())
        refuse_unvalidated("--cells", material, display(self.first.paths[0]))
        sizes = {cell: self._sized(material, cell) for cell in self.cells}
        for cell in [self.cells[k] for k in self.joint.dealt(len(self.cells))]:
            one = self.running = self.first.with_cell(kept_as(self.output, cell), self.asked[cell], sizes[cell])
            with self._together():
                for report in one.reports():
                    if isinstance(report, Saved):
                        self.running, self.first.rivals = None, one.rivals  # which are computed once
                        saved[cell] = report
                        self.rows.append(_row(report))
                    yield self._marked(report)
        if self.joint.of > 1:
            self._wait()
        best = min(self.rows, key=lambda row: row.valid_loss)
        found = saved.get(best.cell) or saved_before(best.model, load_model(best.model))
        found.model.summary["cells"] = [asdict(row) for row in self.rows]
        if self.joint.leads:
            save_model(self.output, found.model)
        yield Compared(self.output, found.model.summary["rivals_measure"], self.rows)
        yield replace(found, path=self.output)

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Whoever is stopped waits for the checkpoints of all, since the end of one process is that of all."""
        try:
            yield
        except Interrupted:
            self.joint.any(True)
            raise

    def _wait(self) -> None:
        """For the networks of the other ranks, and their rows."""
        while not self.apart.ended:
            self.apart.meet(self.first.paused, done=True)
            if self.apart.stopped:
                with self._together():
                    raise self._stopped_between(int(SIGINT))
        self.rows = [Trained(**row) for row in self.joint.collect([asdict(row) for row in self.rows])]

    def _marked(self, report: Any) -> Any:
        """With what the screen need not say again."""
        if isinstance(report, Prepared):
            return replace(report, again=bool(self.rows))
        return replace(report, one_of_several=True) if isinstance(report, Saved) else report

    def _sized(self, material: Material, cell: str) -> Material:
        """What was read, for another cell at the same number of parameters."""
        if cell == self.cells[0]:
            return material
        asked = self.asked[cell]
        left = {name: getattr(asked, name) for name in OF_CELL}
        other = replace(material, config=material.config.having(cell=cell, **left), task=copy(material.task))
        found = search.sized(other)
        found.config = found.task.config = _as_large(found, _parameters(material, material.config))
        return found


def _as_large(material: Material, parameters: int) -> TrainConfig:
    """With the hidden size whose number of parameters is nearest to this one."""

    def having(hidden: int) -> TrainConfig:
        c = material.config
        return c.having(hidden=hidden, embed=hidden if c.tied else c.embed)

    def size(hidden: int) -> int:
        return _parameters(material, having(hidden))

    above = bisect_left(range(1, WIDEST), parameters, key=size) + 1  # the first that has as many
    return having(min((h for h in (above - 1, above) if h), key=lambda h: abs(size(h) - parameters)))


def _parameters(material: Material, config: TrainConfig) -> int:
    return sum(prod(shape) for shape in material.task.architecture(config).shapes().values())


def _row(saved: Saved) -> Trained:
    f, c, network = saved.result, saved.model.config, saved.model.network
    return Trained(
        cell=c.cell,
        layers=c.layers,
        hidden=c.hidden,
        parameters=int(network.theta.flat.size),
        valid_loss=f.valid_loss,
        metrics=saved.model.summary.get("metrics") or {},
        tokens_per_s=f.tokens / f.elapsed_s if f.elapsed_s else None,
        reads=network.architecture.receptive_field or f.reach,
        model=saved.path,
    )
