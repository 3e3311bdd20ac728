"""`--members N`: N trainings, one after the other, whose networks are one model (network/members.py).

Member k starts from `--seed` + k, which also orders its data. Of each the best weights are kept. A budget of epochs is
that of each member, one of minutes is for all and for the validation of all together at the end.

Of several ranks each trains every so many-th member by itself. At a checkpoint they tell the first one how far they
are, and at the end each other, so that it does not matter by how many ranks a training is resumed.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from rnncli.config import TrainConfig
from rnncli.models.summary import History
from rnncli.models.tensors import packed, refuse_others, unpacked
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.stored import Count, Unbounded, expect, read
from rnncli.tasks.task import Material
from rnncli.training import loop
from rnncli.training.apart import Apart
from rnncli.training.counters import Counters, Seconds
from rnncli.training.loop import Training
from rnncli.training.ranks import Ranks
from rnncli.training.reports import CheckpointDue, Finished, MemberBegins, Progress, RolledBack, State, Validation

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


@dataclass
class Beside:
    """A member that is trained, or was begun, beside the first ones that are trained and the current one."""

    member: Count
    ended: Ended | None
    counters: Counters | None


def updates_in(values: dict) -> int:
    """How many updates a checkpoint with these values has seen; Damaged if they are none."""
    counters, ended, beside, member = _parted(values)
    trained = {*range(len(ended)), *(one.member for one in beside if one.ended)}
    found = [*ended, *(one.ended or one.counters for one in beside), None if member in trained else counters]
    return sum(one.step for one in found if one)


def _parted(values: dict) -> tuple[Counters, list[Ended], list[Beside], int]:
    """Of a checkpoint: the current member, the first ones that are trained, others; the number of the current one."""
    rest = dict(values)
    ended = read(list[Ended], rest.pop("ended", []), "training.ended")
    beside = read(list[Beside], rest.pop("beside", []), "training.beside")
    member = read(Count, rest.pop("member", len(ended)), "training.member")
    return read(Counters, rest, "training"), ended, beside, member


class MembersTraining:
    """In place of a Training."""

    def __init__(
        self,
        fresh: Callable[[int], Network],
        material: Material,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        ranks: Ranks | None = None,
    ):
        """`fresh(k)` is member k before its training."""
        self.fresh, self.material, self.threads, self.clock = fresh, material, threads, clock
        self.count, self._stop = material.config.members, False
        self.ranks = ranks or Ranks.here
        self.ranks.refuse_more(self.count, f"--members {self.count}")
        self.apart, self.mine = Apart(self.ranks, self._tell_first), self.ranks.dealt(self.count)
        self.ended: dict[int, Ended] = {}
        self.kept: dict[int, State] = {}  # of members that were begun, but not here or not in this run
        self.told: set[int] = set()  # that are trained, as the first rank knows
        self.member, self.current = self.mine[0], self._begin(self.mine[0])
        self.all = Members(self.current.network.architecture, material.task.loss.links, self.count)

    def _begin(self, member: int) -> Training:
        material = replace(self.material, config=self._config(member))
        training = Training(self.fresh(member), material, self.threads, self.clock, self.apart)
        training.stop = self._stop
        return training

    def _config(self, member: int) -> TrainConfig:
        """The options of a member: its share of the time that is left, less what the validation of all will take."""
        c = self.material.config
        minutes = c.minutes
        if minutes is not None:
            validation_s = self.count * self.current.budget.validation_s if member else 0.0
            left_s = 60 * minutes - validation_s - sum(one.elapsed_s for one in self.ended.values())
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
    def is_kept(self) -> bool:
        """Whether the state before what is under way is."""
        return self.current.is_kept

    def hold(self) -> State | None:
        """That state, which never changes from now on; None if there is none."""
        state = self.current.hold()
        return self._with_others(state) if state else None

    def network_of(self, arrays: dict[str, np.ndarray]) -> Members:
        """The networks of a checkpoint."""
        members = self.network
        if self.member not in self.ended:
            members.members[-1].theta.flat[...] = arrays["theta"]
        return members

    @property
    def network(self) -> Members:
        """The first ones that are trained, and the current one."""
        first = self._first
        if self.member in self.ended:
            return self.all.first(max(1, first))  # a rank that is not the first one may not know of the first member
        members = self.all.first(first + 1)
        members.members[-1].theta.flat[...] = self.current.network.theta.flat
        return members

    @property
    def _first(self) -> int:
        """How many of the first ones are trained."""
        return len([*takewhile(self.ended.__contains__, range(self.count))])

    @property
    def history(self) -> History:
        """The validations of the first ones and the current one, one after the other."""
        each = [(k, self.ended[k].history) for k in range(self._first)]
        if self.member not in self.ended:
            each.append((self.member, self.current.history))
        before = np.cumsum([(0, 0), *((self.ended[k].step, self.ended[k].tokens) for k in range(self._first))], axis=0)
        return [
            entry | {"member": k, "update": entry["update"] + updates, "tokens": entry["tokens"] + tokens}
            for (k, entries), (updates, tokens) in zip(each, before.tolist(), strict=False)
            for entry in entries
        ]

    def reports(self) -> Iterator[Any]:
        """Those of each training, counted on from one to the next; `Finished` once, of all."""
        for member in self.mine:
            if member in self.ended:
                continue
            self._enter(member)
            yield MemberBegins(member, self.count)
            for report in self.current.reports():
                if isinstance(report, Finished):
                    if report.stopped == "interrupted":
                        yield self._counted_on(report)
                        return
                    self._end(report)
                elif isinstance(report, CheckpointDue) and self.ranks.of > 1:
                    self.apart.wanted = True
                else:
                    yield self._counted_on(report)
                yield from self._due()
        yield from self._wait()
        if not self.apart.stopped:
            yield self._finish()

    def _enter(self, member: int) -> None:
        """Make it the current one, as far as it has come."""
        if member != self.member:
            self.current, self.member = self._begin(member), member
        if member in self.kept:
            self.current.restore(*self.kept.pop(member))

    def _due(self) -> Iterator[CheckpointDue]:
        if self.apart.due and self.ranks.leads:
            self.apart.due = False
            yield CheckpointDue()

    def _wait(self) -> Iterator[CheckpointDue | Finished]:
        """For the other ranks, and for what they have trained."""
        if self.ranks.of == 1:
            return
        last = self.clock()
        while not self.apart.ended:
            self.apart.wanted = self.clock() - last >= loop.CHECKPOINT_SECONDS
            self.apart.meet(self._stop, done=True)
            if self.apart.stopped:
                yield self._counted_on(Finished(0, 0, 0.0, None, 0, {}, "interrupted"))
                return
            last = self.clock() if self.apart.due else last
            yield from self._due()
        for data in self.ranks.gather_bytes(self._told(every=True)):
            self._learn(data)

    def _end(self, f: Finished) -> None:
        """Keep the weights of the current member."""
        self.all.members[self.member].theta.flat[...] = self.current.network.theta.flat
        self.ended[self.member] = Ended(
            f.step, f.tokens, f.elapsed_s, f.best_step, f.valid_loss, f.stopped, f.reach, self.current.history
        )

    def _finish(self) -> Finished:
        """The loss of all together."""
        start, m, ended = self.clock(), self.material, [self.ended[k] for k in range(self.count)]
        loss, found = None, {}
        if m.valid:
            valid = m.task.sample(self.current.valid, self.current.nominal)
            loss, found = m.task.validator(self.all, valid, self.current.team, 0).whole()
            found["members"] = [one.valid_loss for one in ended]
        total = _added(Finished(0, 0, self.clock() - start, loss, 0, found, "done", ended[-1].reach), ended)
        reasons = {one.stopped for one in ended}
        best_step = sum(one.best_step for one in ended)
        return replace(total, best_step=best_step, stopped=reasons.pop() if len(reasons) == 1 else "done")

    def _counted_on(self, report: Any) -> Any:
        """With the updates, tokens and seconds of the members before it."""
        if not isinstance(report, Progress | Validation | RolledBack | Finished):
            return report
        before = [self.ended[k] for k in self.mine if k in self.ended]
        found = _added(report, before)
        if isinstance(report, Progress):
            done = (len(before) + report.done) / len(self.mine)
            return replace(found, done=done, left_s=found.elapsed_s * (1 - done) / done if done else None)
        return found

    # -- checkpoints --------------------------------------------------------------------------------------------

    def checkpoint(self) -> State:
        """That of the current training, and of all others as far as this rank knows."""
        return self._with_others(self.current.checkpoint())

    def _with_others(self, state: State) -> State:
        arrays, values = state
        first, kept = self._first, dict(self.kept)
        flat = self.all.theta.flat.reshape(self.count, -1)[:first]
        arrays = arrays | {"members": flat}
        values = values | {"ended": [asdict(self.ended[k]) for k in range(first)]}
        values |= {"member": self.member} if self.member != first else {}
        its, others = self._beside([k for k in self.ended if k > first], kept)
        return arrays | its, values | ({"beside": others} if others else {})

    def _beside(self, ended: Iterable[int], running: dict[int, State]) -> tuple[dict[str, np.ndarray], list[dict]]:
        arrays = {f"beside.{k}.theta": self.all.members[k].theta.flat for k in ended}
        arrays |= {f"beside.{k}.{name}": array for k, (its, _) in running.items() for name, array in its.items()}
        values = [{"member": k, "ended": asdict(self.ended[k]), "counters": None} for k in ended]
        values += [{"member": k, "ended": None, "counters": values} for k, (_, values) in running.items()]
        return arrays, values

    def restore(self, arrays: dict[str, np.ndarray], values: dict) -> None:
        """Go on from a checkpoint; Damaged if it is none of this training."""
        _, ended, beside, member = _parted(values)
        count, size = len(ended), self.all.theta.flat.size // self.count
        expect(count <= self.count, "training.ended", count, f"{self.count} members at most")
        expect(member < self.count, "training.member", member, f"less than {self.count} members")
        refuse_others({"members": arrays.get("members")}, {"members": ((count, size), np.float32)})
        self.ended = dict(enumerate(ended))
        for network, flat in zip(self.all.members, arrays["members"], strict=False):
            network.theta.flat[...] = flat
        self._take(arrays, beside)
        others = {"members", *(name for name in arrays if name.startswith("beside."))}
        own = {name: array for name, array in arrays.items() if name not in others}
        counters = {name: value for name, value in values.items() if name not in ("ended", "beside", "member")}
        self.current.refuse_damage(own, counters)
        if member not in self.ended:
            self.kept[member] = own, counters
        self.told = set(self.ended)
        left = [k for k in self.mine if k not in self.ended]
        self._enter(left[0] if left else self.mine[-1])

    def _take(self, arrays: dict[str, np.ndarray], beside: list[Beside]) -> None:
        """Members that others have trained, or begun."""
        size = self.all.theta.flat.size // self.count
        for one in beside:
            k, prefix = one.member, f"beside.{one.member}."
            expect(k < self.count, "training.beside.member", k, f"less than {self.count} members")
            own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            if one.ended:
                refuse_others(own, {"theta": ((size,), np.float32)})
                self.all.members[k].theta.flat[...] = own["theta"]
                self.ended[k] = one.ended
                self.kept.pop(k, None)
            elif one.counters and k not in self.ended:
                counters = vars(one.counters)
                self.current.refuse_damage(own, counters)
                self.kept[k] = own, counters

    # -- between ranks ------------------------------------------------------------------------------------------

    def _tell_first(self) -> None:
        """How far this rank is: the first one takes it."""
        for data in self.ranks.to_first(b"" if self.ranks.leads else self._told()):
            if self.ranks.leads and data:
                self._learn(data)

    def _told(self, every: bool = False) -> bytes:
        """What others do not know of its members; `every` one that it has trained."""
        ended = [k for k in self.mine if k in self.ended and (every or k not in self.told)]
        self.told |= set(ended)
        running = {} if self.member in self.ended else {self.member: self.current.checkpoint()}
        arrays, values = self._beside(ended, running)
        return packed(arrays | {"values": np.frombuffer(json.dumps(values).encode(), np.uint8)}, {})

    def _learn(self, data: bytes) -> None:
        """What another rank has told."""
        arrays = unpacked(data)
        others = json.loads(arrays.pop("values").tobytes())
        self._take(arrays, read(list[Beside], others, "training.beside"))


def _added(report: Any, before: Iterable[Ended]) -> Any:
    """A report with the updates, tokens and seconds of other members."""
    fields = [name for name in ("step", "tokens", "elapsed_s") if hasattr(report, name)]
    return replace(report, **{n: getattr(report, n) + sum(getattr(e, n) for e in before) for n in fields})
