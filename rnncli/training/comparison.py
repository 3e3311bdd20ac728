"""`--cells`: for each named cell the same data in the same order, as many parameters and the same budget.

The first cell has the sizes that were asked for, or that `auto` chooses. Each other cell has the hidden size whose
number of parameters is nearest to those of the first, and as many layers unless its kind needs others. A budget of
minutes is shared out evenly. Each network is kept in MODEL-CELL; the one with the least loss on the validation part
becomes MODEL.
"""

from bisect import bisect_left
from collections.abc import Iterator
from copy import copy
from dataclasses import asdict, dataclass, replace
from math import prod
from typing import Any

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted
from rnncli.models.model_file import save_model
from rnncli.models.output import kept_as
from rnncli.readers.source import display
from rnncli.tasks.task import Material
from rnncli.training import search
from rnncli.training.choice import refuse_unvalidated
from rnncli.training.experiment import Experiment, Prepared, Saved

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
        asked = experiment.asked
        share = None if asked.minutes is None else asked.minutes / len(cells)
        self.asked = {cell: asked.having(cell=cell, minutes=share) for cell in cells}
        experiment.asked = self.asked[cells[0]]

    def stop(self, signal_number: int) -> str | None:
        """End after the current update, with a checkpoint; Interrupted if there is nothing yet to save."""
        if self.rows and not (self.running and self.running.updated):
            done = ", ".join(row.model for row in self.rows)
            raise Interrupted(f"stopped; {done} written: give the same command with --resume to go on", signal_number)
        return (self.running or self.first).stop(signal_number)

    def abandon(self) -> str:
        """What is left if the process ends now."""
        return (self.running or self.first).abandon()

    def reports(self) -> Iterator:
        """Those of each experiment, then `Compared`, then `Saved`."""
        material, saved = self.first.material, []
        refuse_unvalidated("--cells", material, display(self.first.paths[0]))
        sizes = {cell: self._sized(material, cell) for cell in self.cells}
        for cell in self.cells:
            one = self.running = self.first.with_cell(kept_as(self.output, cell), self.asked[cell], sizes[cell])
            for report in one.reports():
                if isinstance(report, Saved):
                    self.running, self.first.rivals = None, one.rivals  # which are computed once
                    saved.append(report)
                    self.rows.append(_row(report))
                yield self._marked(report)
        best = min(saved, key=lambda one: one.result.valid_loss)
        best.model.summary["cells"] = [asdict(row) for row in self.rows]
        save_model(self.output, best.model)
        yield Compared(self.output, best.model.summary["rivals_measure"], self.rows)
        yield replace(best, path=self.output)

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
