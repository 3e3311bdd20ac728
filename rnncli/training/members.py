"""`--members N`: N trainings, one after the other, whose networks are one model (network/members.py).

Member k starts from `--seed` + k, which also orders its data. Of each the best weights are kept. A budget of epochs is
that of each member, one of minutes is for all and for the validation of all together at the end.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from rnncli.config import TrainConfig
from rnncli.models.summary import History
from rnncli.models.tensors import refuse_others
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.stored import Count, Unbounded, expect, read
from rnncli.tasks.task import Material
from rnncli.training.counters import Counters, Seconds
from rnncli.training.loop import Training
from rnncli.training.reports import Finished, MemberBegins, Progress, RolledBack, State, Validation

LEAST_MINUTES = 1e-3


@dataclass
class Ended:
    """What is left to say of a member that is trained."""

    step: Count
    tokens: Count
    elapsed_s: Seconds
    best_step: Count
    valid_loss: Unbounded | None
    stopped: str
    reach: Count | None
    history: History


def updates_in(values: dict) -> int:
    """How many updates a checkpoint with these values has seen; Damaged if they are none."""
    ended = read(list[Ended], values.get("ended", []), "training.ended")
    counters = read(Counters, {name: value for name, value in values.items() if name != "ended"}, "training")
    return counters.step + sum(one.step for one in ended)


class MembersTraining:
    """In place of a Training."""

    def __init__(
        self,
        fresh: Callable[[int], Network],
        material: Material,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        """`fresh(k)` is member k before its training."""
        self.fresh, self.material, self.threads, self.clock = fresh, material, threads, clock
        self.count, self.ended, self._stop = material.config.members, list[Ended](), False
        self.current = self._begin(0)
        self.all = Members(self.current.network.architecture, material.task.loss.links, self.count)

    def _begin(self, member: int) -> Training:
        training = Training(
            self.fresh(member), replace(self.material, config=self._config(member)), self.threads, self.clock
        )
        training.stop = self._stop
        return training

    def _config(self, member: int) -> TrainConfig:
        """The options of a member: its share of the time that is left, less what the validation of all will take."""
        c = self.material.config
        minutes = c.minutes
        if minutes is not None:
            validation_s = self.count * self.current.budget.validation_s if member else 0.0
            left_s = 60 * minutes - validation_s - sum(one.elapsed_s for one in self.ended)
            minutes = max(LEAST_MINUTES, left_s / 60 / (self.count - member))
        return c.having(members=1, seed=(c.seed + member) % (1 << 64), minutes=minutes)

    @property
    def stop(self) -> bool:
        """Whether to end after the current update."""
        return self._stop

    @stop.setter
    def stop(self, value: bool) -> None:
        self._stop = self.current.stop = value

    @property
    def before(self) -> State | None:
        """The state before an update that may take long."""
        return self._with_ended(self.current.before) if self.current.before else None

    def network_of(self, arrays: dict[str, np.ndarray]) -> Members:
        """The networks of a checkpoint."""
        members = self.all.first(min(self.count, len(self.ended) + 1))
        if len(self.ended) < self.count:
            members.members[-1].theta.flat[...] = arrays["theta"]
        return members

    @property
    def network(self) -> Members:
        """Those members whose training has begun."""
        if len(self.ended) < self.count:
            self.all.members[len(self.ended)].theta.flat[...] = self.current.network.theta.flat
        return self.all.first(min(self.count, len(self.ended) + 1))

    @property
    def history(self) -> History:
        """The validations of all, one after the other."""
        now = self.current.history if len(self.ended) < self.count else []
        each = enumerate([*(one.history for one in self.ended), now])
        before = np.cumsum([(0, 0), *((one.step, one.tokens) for one in self.ended)], axis=0).tolist()
        return [
            entry | {"member": k, "update": entry["update"] + before[k][0], "tokens": entry["tokens"] + before[k][1]}
            for k, entries in each
            for entry in entries
        ]

    def reports(self) -> Iterator[Any]:
        """Those of each training, counted on from one to the next; `Finished` once, of all."""
        for member in range(len(self.ended), self.count):
            yield MemberBegins(member, self.count)
            for report in self.current.reports():
                if isinstance(report, Finished) and report.stopped != "interrupted":
                    self._end(report)
                else:
                    yield self._counted_on(report)
            if len(self.ended) == member:  # interrupted
                return
            if member + 1 < self.count:
                self.current = self._begin(member + 1)
        yield self._finish()

    def _end(self, f: Finished) -> None:
        """Keep the weights of the current member."""
        self.all.members[len(self.ended)].theta.flat[...] = self.current.network.theta.flat
        self.ended.append(
            Ended(f.step, f.tokens, f.elapsed_s, f.best_step, f.valid_loss, f.stopped, f.reach, self.current.history)
        )

    def _finish(self) -> Finished:
        """The loss of all together."""
        start, m = self.clock(), self.material
        loss, found = None, {}
        if m.valid:
            loss, found = m.task.validator(self.all, self.current.valid, self.current.team, 0).whole()
            found["members"] = [one.valid_loss for one in self.ended]
        total = self._counted_on(Finished(0, 0, self.clock() - start, loss, 0, found, "done", self.ended[-1].reach))
        early = all(one.stopped == "patience" for one in self.ended)
        best_step = sum(one.best_step for one in self.ended)
        return replace(total, best_step=best_step, stopped="patience" if early else "done")

    def _counted_on(self, report: Any) -> Any:
        """With the updates, tokens and seconds of the members before it."""
        if not isinstance(report, Progress | Validation | RolledBack | Finished):
            return report
        fields = ("step", "tokens", "elapsed_s")
        sums = {n: getattr(report, n) + sum(getattr(e, n) for e in self.ended) for n in fields if hasattr(report, n)}
        if isinstance(report, Progress):
            done = (len(self.ended) + report.done) / self.count
            sums |= {"done": done, "left_s": sums["elapsed_s"] * (1 - done) / done if done else None}
        return replace(report, **sums)

    # -- checkpoints --------------------------------------------------------------------------------------------

    def checkpoint(self) -> State:
        """That of the current training, and what has ended before it."""
        return self._with_ended(self.current.checkpoint())

    def _with_ended(self, state: State) -> State:
        arrays, values = state
        flat = self.all.theta.flat.reshape(self.count, -1)[: len(self.ended)]
        return arrays | {"members": flat}, values | {"ended": [asdict(one) for one in self.ended]}

    def restore(self, arrays: dict[str, np.ndarray], values: dict) -> None:
        """Go on from a checkpoint; Damaged if it is none of this training."""
        values = dict(values)
        self.ended = read(list[Ended], values.pop("ended", []), "training.ended")
        ended, size = len(self.ended), self.all.theta.flat.size // self.count
        expect(ended < self.count, "training.ended", ended, f"less than {self.count} members")
        refuse_others({"members": arrays.get("members")}, {"members": ((ended, size), np.float32)})
        for member, flat in zip(self.all.members, arrays["members"], strict=False):
            member.theta.flat[...] = flat
        self.current = self._begin(len(self.ended))
        self.current.restore({name: array for name, array in arrays.items() if name != "members"}, values)
