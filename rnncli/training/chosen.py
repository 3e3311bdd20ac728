"""What a training has found for what was left to it: the way to learn the same, the variant of `--tune`, a read-out.

A training that is resumed takes over what was found before, though it might choose otherwise now.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rnncli.config import TrainConfig
from rnncli.models.model_file import Model
from rnncli.tasks.task import Material, Rivals
from rnncli.training.choice import Choice, after_choice
from rnncli.training.fitting import ReadOut, beside, instead
from rnncli.training.ranks import Ranks
from rnncli.training.tuning import Tuning, after_tuning, variant

AUTOMATIC = (None, "auto")
BUDGET = ("epochs", "minutes", "patience")  # these may differ when a run is resumed


@dataclass
class Chosen:
    """The material of a training, which each choice may replace by another one."""

    asked: TrainConfig
    #: (options, task) -> the data as these options have them read
    reread: Callable[[dict[str, Any], str], Material]
    material: Material
    usual: Material | None = None  # where --tune trains networks, and only a read-out is fitted without it
    read_out: ReadOut | None = None  # tried beside the training
    ways: dict[str, Any] | None = None  # what the choice of a way found
    way: dict[str, Any] | None = None  # the options that ask for the way that was taken
    tuned: dict[str, Any] | None = None  # what --tune found

    def choose_way(self, rivals: Rivals, threads: int, ranks: Ranks) -> Iterator:
        """Try the ways to learn the same; the best is the material from then on."""
        m = self.material
        (first, _), *others = m.task.ways().items()
        ways = {first: m} | {name: self._otherwise(options) for name, options in others}
        choice = Choice(ways, self.asked, rivals.measure, threads, ranks)
        yield from choice.reports()
        self.material, self.read_out = ways[choice.best], choice.read_outs[choice.best]
        self.way = dict(others).get(choice.best)
        self.ways = {"measure": rivals.measure, "errors": choice.errors}

    def tune(self, rivals: Rivals, threads: int, ranks: Ranks) -> Iterator:
        """Try variants; the best is the material from then on."""
        m = replace(self.material, config=after_choice(self.material.config)) if self.ways else self.material
        tuning = Tuning(m, self.asked, self._otherwise, rivals, threads, ranks=ranks)
        yield from tuning.reports()
        self.tuned = tuning.table
        self._take(tuning.best.changes)

    def _take(self, changes: dict[str, Any]) -> None:
        """The variant that --tune has found is the material from then on."""
        if changes:
            self.material, self.read_out = variant(self.material, self.asked, changes, self._otherwise), None

    def _otherwise(self, options: dict[str, Any], task: str = "") -> Material:
        """The data as these options, beside the way that was taken, have them read."""
        return self.reread((self.way or {}) | options, task or self.material.task.name)

    def try_network(self) -> None:
        """Networks are trained where only a read-out would be fitted, which is `usual` then."""
        self.usual, self.material = self.material, self._otherwise({"learn": "all"})

    def try_read_out(self, threads: int) -> None:
        """Fit a read-out beside the training, unless the choice of a way has done it."""
        if self.usual:
            self.read_out = instead(self.usual, self.material, threads)
        elif self.read_out is None:
            self.read_out = beside(self.material, self.asked, threads)

    def adopt(self, model: Model) -> None:
        """What was left to `auto` is as it was when this training began, also where another budget would choose
        otherwise now.
        """
        if self.usual and model.config.learn == "readout":  # which was better than what --tune has found
            self.material = self.usual
            return
        self.ways, self.tuned = model.summary.get("ways"), model.summary.get("tuned")
        for options in self.material.task.ways().values() if self.ways else ():
            if all(getattr(model.config, name) == value for name, value in options.items()):
                self.material, self.way = self._otherwise(options), options
        if self.tuned:
            self._take(self.tuned["rows"][self.tuned["kept"]]["changes"])
        left = [name for name, value in self.asked.to_json().items() if value in AUTOMATIC and name not in BUDGET]
        config = self.material.config.having(**{name: getattr(model.config, name) for name in left})
        self.material = replace(self.material, config=config)

    def to_train(self) -> Material:
        """The material, with the minutes that trying has left."""
        config = after_choice(self.material.config) if self.ways else self.material.config
        return replace(self.material, config=after_tuning(config, self.tuned) if self.tuned else config)

    def summary(self) -> dict[str, Any]:
        """What the model keeps of it."""
        found = {"ways": self.ways, "tuned": self.tuned}
        return {name: table for name, table in found.items() if table}
