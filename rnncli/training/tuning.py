"""`--tune`: options that were left to be chosen are varied, and the best variant is trained.

The first candidate is what `train` takes without --tune. Each other one differs from it in one to MOST options, drawn
by --seed from the values that the declarations of the options name. By successive halving (Jamieson and Talwalkar 2016,
arXiv 1502.07943) all are trained for a small part of the budget, and the best ones for a larger part:

    round   candidates                     epochs of each     minutes of all
    1       9                              1/9 of its own     at most 1/5, shared out evenly
    2       the best 3 (with --minutes     1/3 of its own     3/10, shared out evenly
            the best 1), and the first

Each trial is a training from the start, with a schedule of its length. Short trials flatter what learns fast and soon
learns no more: a small network, a high rate. So another candidate than the first is taken only if it is better in the
second round and by a line through its errors e of the two rounds as well, continued to the training that follows:

    e(t) = e(t2) + (e(t2) - e(t1)) log(t / t2) / log(t2 / t1)      at the budget t, of the trials t1 and t2

Without --minutes a trial is cut by its updates: the choice is the same for the same seed and any number of threads. The
epochs of a variant, and all else that was left to be chosen, are those that it would have if its options were given.
Of several ranks each trains every so many-th candidate by itself, and tells the others the errors.

With --minutes there are only as many candidates as leave UPDATES of a trial to its updates, the rest to validation and
to what it takes to begin; where there is no time for two, nothing is tried.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from rnncli.config import TrainConfig, option_name
from rnncli.errors import DivergedError, RnncliError, UsageError, note
from rnncli.registry import meant_for
from rnncli.tasks.task import Material, Rivals
from rnncli.training import search
from rnncli.training.choice import refuse_unvalidated, trained
from rnncli.training.loop import Training, drawn
from rnncli.training.ranks import Ranks
from rnncli.training.reports import Progress, Trying, Tuned
from rnncli.training.verdict import MORE_IS_BETTER
from rnncli.values import check, duration

COUNT = 9  # candidates
PARTS = 1 / 9, 1 / 3  # of its epochs that a candidate has in the rounds
SHARES = 0.2, 0.3  # of the minutes that a round has at most
KEPT, KEPT_IN_TIME = 3, 1  # candidates that go on to the second round beside the first one; with --minutes
LONGER = 3  # times the minutes of a trial of the first round are those of the second one at least
MOST = 3  # options that a candidate varies
DRAWS = 50  # for each candidate, until one is found that is new and possible
LEAST_MINUTES = 1e-3  # of a trial
UPDATES = 0.85  # of the time of a trial
OF_NETWORKS = ("Model", "Training")  # groups of options for which nothing is read again


class Trial(Training):
    """A short training: few validations, and nothing is written after it."""

    validations, spare_s = 3, 0.0


class Probe(Training):
    """A training of the least time: what it takes is what a trial needs beside its updates."""

    validations, spare_s = 1, 0.0


@dataclass
class Candidate:
    """What differs from the first one, the data and options, and its errors: one for each round, inf if diverged."""

    changes: dict[str, Any]
    material: Material
    errors: list[float] = field(default_factory=list)
    learnt = True  # in the last one: else its error is that of its first weights, by chance

    @property
    def last(self) -> tuple[int, float]:
        """What is least for the best: of those that came furthest the error."""
        return -len(self.errors), self.errors[-1] if self.errors and self.learnt else math.inf


class Tuning:
    """`for report in tuning.reports(): ..`, and then `best` and `table`."""

    def __init__(
        self,
        first: Material,
        asked: TrainConfig,
        reread: Callable[[dict[str, Any]], Material],
        rivals: Rivals,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        ranks: Ranks | None = None,
    ):
        """`reread(options)` is the data as these options have them read."""
        self.ranks = ranks or Ranks.here
        of_errors = rivals.figures and rivals.measure not in MORE_IS_BETTER
        self.measure = rivals.measure if of_errors else "nats"
        self.threads, self.clock = threads, clock
        self.candidates = _candidates(first, asked, reread)
        if asked.members == 1:  # one of them is trained by all ranks together
            self.ranks.refuse_few(min(one.material.config.batch for one in self.candidates), "--tune tries ")
        self.began: float | None = None  # with the first update

    def reports(self) -> Iterator[Trying | Progress | Tuned]:
        """Train the candidates of each round."""
        if self.candidates[0].material.config.minutes is not None:
            self._shorten()
        for number in range(2 if len(self.candidates) > 1 else 0):
            chosen = self._going_on() if number else self.candidates
            for index in self.ranks.dealt(len(chosen)):
                candidate = chosen[index]
                yield Trying(words(candidate.changes), index, len(chosen))
                config = self._part(candidate.material.config, number, len(chosen) - index)
                yield from self._trial(candidate, config)
            self._share(chosen)
        yield Tuned(self.table)

    def _share(self, chosen: list[Candidate]) -> None:
        """What each rank has found of those that it has tried."""
        if self.ranks.of == 1:
            return
        mine = [chosen[index] for index in self.ranks.dealt(len(chosen))]
        found = self.ranks.collect([(one.errors[-1], one.learnt) for one in mine])
        for index, (error, learnt) in enumerate(found):
            if index % self.ranks.of != self.ranks.number:
                chosen[index].errors.append(error)
                chosen[index].learnt = learnt

    def _shorten(self) -> None:
        """Leave out candidates for which a round has no time."""
        first = self.candidates[0].material
        config = first.config.having(members=1, minutes=LEAST_MINUTES)
        for _ in range(2):  # the first one may have to compile
            start = self.clock()
            for _ in Probe(drawn(first), replace(first, config=config), self.threads).reports():
                self.began = self.clock() if self.began is None else self.began
        beside_s = self.clock() - start
        round_s = 60 * first.config.minutes * (1 - UPDATES)
        most = int(SHARES[0] * round_s / beside_s) if self._first_share(2) / 2 * round_s >= beside_s else 0
        if most < 2:
            note(f"--tune: {duration(first.config.minutes)} is too little to try anything: give more")
        self.candidates = self.candidates[: max(1, most)]

    def _trial(self, candidate: Candidate, config: TrainConfig) -> Iterator[Progress]:
        m = candidate.material
        training = Trial(drawn(m), replace(m, config=config), self.threads, ranks=Ranks())
        try:
            report = yield from trained(training)
            error = report.valid_loss if self.measure == "nats" else report.found["metrics"][self.measure]
            candidate.errors.append(error if math.isfinite(error) else math.inf)
            candidate.learnt = report.best_step > 0
        except DivergedError:
            candidate.errors.append(math.inf)

    def _part(self, config: TrainConfig, number: int, left: int) -> TrainConfig:
        """The options of a trial, one of so many that are left of the round; it goes on to its end."""
        config = config.having(patience=0)
        if config.minutes is None:
            return config.having(members=1, epochs=PARTS[number] * config.epochs)
        until = self._first_share(len(self.candidates)) + number * SHARES[1]
        return config.having(members=1, minutes=max(LEAST_MINUTES, (until * config.minutes - self._used()) / left))

    @staticmethod
    def _first_share(count: int) -> float:
        """Of the minutes that the first round has for so many candidates."""
        return min(SHARES[0], count * SHARES[1] / (KEPT_IN_TIME + 1) / LONGER)

    def _used(self) -> float:
        """Minutes since the first update."""
        return 0.0 if self.began is None else (self.clock() - self.began) / 60

    def _going_on(self) -> list[Candidate]:
        """The first candidate and those of least error, in their order."""
        first, *others = self.candidates
        kept = KEPT if first.material.config.minutes is None else KEPT_IN_TIME
        best = sorted(others, key=lambda one: one.last)[:kept]
        return [first, *(one for one in others if one in best)]

    @property
    def best(self) -> Candidate:
        """The first candidate, or one that is better in the second round and by the line through both."""
        first, *others = self.candidates
        better = [one for one in others if one.last < first.last and self._in_full(one) < self._in_full(first)]
        return min(better, key=lambda one: one.last, default=first)

    def _in_full(self, one: Candidate) -> float:
        """The error by the line through both rounds."""
        if not (one.learnt and len(one.errors) == 2 and all(map(math.isfinite, one.errors))):
            return math.inf
        t1, t2, t = *PARTS, 1.0
        if one.material.config.minutes is not None:
            share = self._first_share(len(self.candidates))
            t1, t2, t = share / len(self.candidates), SHARES[1] / (KEPT_IN_TIME + 1), 1 - share - SHARES[1]
        return one.errors[1] + (one.errors[1] - one.errors[0]) * math.log(t / t2) / math.log(t2 / t1)

    @property
    def table(self) -> dict[str, Any]:
        """What the model keeps: the candidates, what each reached in the rounds (None: it diverged), the one taken; and
        what is left of the minutes.
        """
        rows = [
            {"changes": one.changes, "errors": [e if math.isfinite(e) else None for e in one.errors]}
            for one in self.candidates
        ]
        minutes = self.candidates[0].material.config.minutes
        left = None if minutes is None else max(LEAST_MINUTES, minutes - self._used())
        return {"measure": self.measure, "rows": rows, "kept": self.candidates.index(self.best), "minutes": left}


def refuse_untuned(m: Material, asked: TrainConfig, name: str) -> None:
    """An error where there is nothing to vary, or nothing to choose by."""
    refuse_unvalidated("--tune", m, name)
    if not space(m, asked):
        raise UsageError("--tune has no effect: each option that it varies was given: leave some of them out")


def words(changes: Mapping[str, Any]) -> str:
    """`hidden 128, lr 0.01`; of no changes `as without --tune`."""
    found = {one.name: changes[one.name] for one in fields(TrainConfig) if one.name in changes}
    values = {option_name(name)[2:]: f"{v:g}" if isinstance(v, float) else v for name, v in found.items()}
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "as without --tune"


def after_tuning(config: TrainConfig, table: Mapping[str, Any]) -> TrainConfig:
    """The options of the training that follows: it has the rest of the minutes."""
    return config if config.minutes is None else config.having(minutes=table["minutes"])


def variant(
    m: Material, asked: TrainConfig, changes: dict[str, Any], reread: Callable[[dict[str, Any]], Material]
) -> Material:
    """The same with these options changed, and all others that were left to be chosen as they follow from them."""
    said = {one.name: one for one in fields(TrainConfig)}
    of_networks = [name for name, one in said.items() if one.metadata.get("group") in OF_NETWORKS]
    if reading := {name: value for name, value in changes.items() if name not in of_networks}:
        m = reread(reading)
    left = [name for name in of_networks if getattr(asked, name) is None]
    config = m.config.having(**dict.fromkeys(left) | {"minutes": m.config.minutes} | changes)
    return search.sized(replace(m, config=config, task=copy(m.task)))


def space(m: Material, asked: TrainConfig) -> dict[str, list[Any]]:
    """Option that was left to be chosen, and has a meaning for the task -> the values to try in its place."""
    found = {}
    for one in fields(TrainConfig):
        said, tasks = one.metadata.get("tune"), meant_for().get(one.name, [m.task.name])
        if said and getattr(asked, one.name) is None and m.task.name in tasks:
            found[one.name] = [v for v in _values(said, getattr(m.config, one.name)) if _allowed(v, one.metadata)]
    return {name: values for name, values in found.items() if values}


def _values(said: Mapping[str, Any], usual: Any) -> list[Any]:
    """Those that are declared, without the usual one."""
    computed = [usual * times for times in said.get("times", ())] + [usual + more for more in said.get("plus", ())]
    rounded = [round(value) if isinstance(usual, int) else float(f"{value:.3g}") for value in computed]
    return [value for value in dict.fromkeys([*said.get("values", ()), *rounded]) if value != usual]


def _allowed(value: Any, said: Mapping[str, Any]) -> bool:
    with suppress(UsageError):
        check("", value, said)
        return True
    return False


def _candidates(first: Material, asked: TrainConfig, reread: Callable) -> list[Candidate]:
    """The first one and others that differ from it, each once; fewer where there is less to vary."""
    values, read = space(first, asked), dict[tuple, Material]()

    def reread_once(options: dict[str, Any]) -> Material:
        key = tuple(options.items())
        read[key] = read.get(key) or reread(options)
        return read[key]

    rng, found = np.random.default_rng([asked.seed, 7]), [Candidate({}, first)]
    for _ in range(DRAWS * COUNT):
        changes = _drawn(values, rng)
        if len(found) < COUNT and all(changes != one.changes for one in found):
            with suppress(RnncliError):  # options that exclude each other, or data that are too short for one
                material = variant(first, asked, changes, reread_once)
                material.task.architecture(material.config)
                found.append(Candidate(changes, material))
    return found


def _drawn(values: Mapping[str, list[Any]], rng: np.random.Generator) -> dict[str, Any]:
    """Some of the options with one of their values, in the order of their declarations."""
    count = int(rng.integers(1, min(MOST, len(values)) + 1))
    chosen = sorted(rng.choice(len(values), count, replace=False).tolist())
    names = list(values)
    return {names[i]: values[names[i]][int(rng.integers(len(values[names[i]])))] for i in chosen}
