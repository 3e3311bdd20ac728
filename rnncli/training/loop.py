"""Truncated back-propagation through time: a generator of reports. It never prints.

One update: the next window of T steps in N rows, states carried in from the window before; forward, loss, backward;
gradients clipped; one step of the optimiser. The rate follows a schedule (schedule.py) over the budget (budget.py), the
best weights are kept (best_weights.py), and a loss that explodes leads back to them (recovery.py).
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.kernels.randomness import mix64
from rnncli.kernels.threads import Team
from rnncli.models.summary import History
from rnncli.models.tensors import refuse_others
from rnncli.network.architecture import Architecture
from rnncli.network.needed import unfold_within
from rnncli.network.network import Dropout, Network
from rnncli.network.own_rows import OwnRows
from rnncli.network.shares import Shares
from rnncli.process.phases import NEXT_S, under_way
from rnncli.stored import expect, read
from rnncli.tasks.task import Material
from rnncli.training.best_weights import BestWeights
from rnncli.training.budget import IN_TIME, SPARE_S, Budget
from rnncli.training.counters import Counters
from rnncli.training.kept import Kept
from rnncli.training.local_steps import announce, train_apart
from rnncli.training.optimisers import Optimiser
from rnncli.training.pace import Pace
from rnncli.training.ranks import Ranks
from rnncli.training.recovery import count_rollback, exploded
from rnncli.training.reports import (
    CheckpointDue,
    Finished,
    Progress,
    RolledBack,
    State,
    Update,
    Validation,
    WindowChanged,
)
from rnncli.training.schedule import Schedule
from rnncli.training.search import batch_times, enough_epochs
from rnncli.training.window import ReachInWindows

REPORT_SECONDS = 1.0
REACH_SECONDS = 10.0
CHECKPOINT_SECONDS = 60.0
LOOK_AT = 0.1  # of the budget: then it is asked whether the window suits
LONG_S = 0.3  # of an update: then the state before it is kept; of one of several ranks it has to be gathered


def drawn(m: Material, architecture: Architecture | None = None, member: int = 0) -> Network:
    """A network to be trained, by the seed of a member; of another architecture than the options have, where given."""
    found = architecture or m.task.architecture(m.config)
    network = Network.initialised(found, (m.config.seed + member) % (1 << 64))
    m.task.initialise(network, m.train)
    return network


class Training:
    """`for report in training.reports(): ..`. Set `training.stop = True` to end it after the current update."""

    validations, spare_s = 10, SPARE_S  # validations in a training, and the seconds that it leaves of its minutes

    def __init__(
        self,
        network: Network,
        material: Material,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        ranks: Ranks | None = None,
        corrects: bool = False,
    ):
        """`corrects`: a window that the reach says is too long or too short is changed, once."""
        under_way("preparing the first update")
        self.ranks = ranks or Ranks.here
        self.network, self.clock, self.team, self.counters = network, self.ranks.clock(clock), Team(threads), Counters()
        self.material, self.task, self.config = material, (task := material.task), (config := material.config)
        self.chance = task.chance()
        self.batches = task.feed(material.train, config)
        self.unfolded: Any = self._unfolded()
        turned = network.architecture.orthogonal
        self.optimiser = Optimiser(config.optimizer, network.theta, self.unfolded.grads, self.team, turned)
        self.budget = Budget(config, self.batches.windows, self.spare_s, enough_epochs(material))
        self.local_steps = config.local_steps if self.ranks.of > 1 else None  # alone there is nothing to average
        if self.local_steps:
            announce(self.local_steps, self.budget.updates, self.ranks.of)
        self.schedule = self._scheduled()
        self.nominal = self.budget.expected_tokens(self.batches.N * self.batches.T, network.multiply_adds())
        self.valid = material.valid
        self.best = BestWeights(network, self.team)
        if not config.minutes:
            self._fit_validator(self.nominal)
        self.reach = self._reach_in_windows()
        self.last_reach: int | None = None
        self.corrects = corrects and network.architecture.receptive_field is None  # else the layers fit the window
        self.validations_s = 0.0  # that all took
        self.stop = False
        self.pace = Pace()
        self.kept = Kept(self.checkpoint)  # the state before what may take long

    def _scheduled(self) -> Schedule:
        """The rate over the updates, which are of windows as they are now."""
        window = self.batches.N * self.batches.T
        return Schedule(self.config, self.task.floor, window, self.budget.updates, batch_times(self.material))

    def _unfolded(self) -> Any:
        """The network over a window, all of its rows or those of this rank."""
        N, T = self.batches.N, self.batches.T
        dropout = Dropout(self.config.dropout, self.config.variational)
        if self.ranks.of == 1:
            return unfold_within(self.config.room, self.network, T, N, self.team, dropout)
        self.ranks.refuse_few(N)
        if self.config.local_steps:
            return OwnRows(self.network, T, N, self.team, dropout, self.ranks)
        return Shares(self.network, T, N, self.team, dropout, self.ranks)

    # -- the loop -----------------------------------------------------------------------------------------------

    def reports(self) -> Iterator[Progress | Validation | RolledBack | WindowChanged | CheckpointDue | Finished]:
        """Train to the end of the budget."""
        c = self.counters
        self.unfolded.pack()
        self.began, first = self.clock() - c.elapsed_s, True
        last_report = last_checkpoint = last_reach = self.clock()
        stopped = "done"
        took, lasts = LONG_S, 0.0  # an update; of the first one nothing is known, and it may have had to compile
        next_validation = self._next_validation()
        if c.validating and self.valid:  # where the training was ended
            yield self._validate()
        while self.done() < 1 and self.budget.has_time(lasts, c.elapsed_s):
            if self.config.patience and c.without_gain >= self.config.patience:
                stopped = "patience"
                break
            if self.corrects and not c.looked and self.done() >= LOOK_AT:
                yield from self._look_at_window()
            if took < LONG_S:
                self.kept.forget()
            else:
                self.kept.keep(copied=bool(self.local_steps))
            under_way("update", c.step + 1, NEXT_S)
            start = self.clock()
            update = self.update()
            now = self.clock()
            took = now - start
            lasts = 0.0 if first else took
            if first:  # the clock starts with the first update, which may have had to compile
                self.began, start = now - c.elapsed_s, now
            self.pace.add(update, now - start)
            c.elapsed_s = now - self.began
            if update.exploded:
                yield RolledBack(c.step, update.loss, self.schedule.lr * 0.5**c.rollbacks)
            if now - last_reach >= REACH_SECONDS and self.task.carries:
                self._measure_reach()
                last_reach = self.clock()
            if now - last_report >= REPORT_SECONDS or first:
                yield self._progress(update, self.pace.report())
                first, last_report = False, now
            if self._is_due(next_validation, c.step, c.elapsed_s) and self.done() < 1:
                next_validation = self._next_validation()
                if self.valid:
                    yield self._validate()
                else:
                    self.best.keep()
            # after a validation that was due, so that a resumed training has the same history
            if self.ranks.any(self.stop):
                yield Finished(c.step, c.tokens, c.elapsed_s, None, c.best_step, {}, "interrupted")
                return
            if self.clock() - last_checkpoint >= CHECKPOINT_SECONDS:
                yield CheckpointDue()
                last_checkpoint = self.clock()
        if self.budget.had_enough(c.step):
            stopped = "enough"
        yield from self._finish(stopped)

    def update(self) -> Update:
        """One update of the weights; a loss that has exploded leads back to the best ones instead."""
        if self.local_steps:
            return self._apart()
        c, u, rate, task = self.counters, self.unfolded, self.rate(), self.task
        batch = self.batches.batch(self.budget.place(c.step))
        task.perturb(batch, self.config.seed, c.step)
        c.step += 1
        self._gradients(batch, mix64(self.config.seed, c.step))
        loss = task.loss.mean(u, batch)
        if exploded(c, loss, batch.count, self.chance):
            self._roll_back(loss)
            return Update(rate, loss, 0, True)
        with self.kept.changed():
            c.optimiser_step += 1
            self.optimiser.update(c.optimiser_step, rate, self.config.clip, self.config.weight_decay)
            self.best.average.update(c.optimiser_step)
        if task.carries:
            u.carry(batch.steps)
        u.pack()
        c.tokens += batch.tokens
        c.loss_sum += loss * batch.count
        c.loss_count += batch.count
        return Update(rate, loss, batch.tokens)

    def _apart(self) -> Update:
        """Some updates by own rows, and the mean of the weights, as one update."""
        c, rate = self.counters, self.rate()
        loss, targets, tokens = train_apart(self, self.local_steps)
        if exploded(c, loss, targets, self.chance):
            self._roll_back(loss)
            return Update(rate, loss, 0, True)
        c.loss_sum += loss * targets
        c.loss_count += targets
        return Update(rate, loss, tokens)

    def _gradients(self, batch: Batch, update: int) -> None:
        """Those of a window, with the masks of an update."""
        u, loss = self.unfolded, self.task.loss
        if self.ranks.of > 1:
            u.learn(batch, loss, update)
        else:
            u.gradients(batch, loss.gradient, update, loss.is_steady(batch))
            loss.own_gradients(u)

    @property
    def is_kept(self) -> bool:
        """Whether the state before what is under way is."""
        return self.kept.state is not None

    def hold(self) -> State | None:
        """That state, which never changes from now on; None if there is none."""
        return self.kept.hold()

    def network_of(self, arrays: dict[str, np.ndarray]) -> Network:
        """The network of a checkpoint."""
        return Network(self.network.architecture, flat=arrays["theta"])

    @property
    def history(self) -> History:
        """The validations so far."""
        return self.counters.history

    def done(self) -> float:
        """The part of the budget that is used, 0 to 1."""
        return self.budget.done(self.counters.step, self.counters.elapsed_s)

    def rate(self) -> float:
        """Of the next update."""
        c = self.counters
        return self.schedule.rate(self.done(), c.tokens - c.warm_from, c.rollbacks)

    def _roll_back(self, loss: float) -> None:
        """Go on from the best weights, with a fresh optimiser and states of zero."""
        with self.kept.changed():
            count_rollback(self.counters, loss, self.config.lr, self.config.clip)
            self.best.restore()
            for array in self.optimiser.state.values():
                array[...] = 0
        self.unfolded.set_states()
        self.unfolded.pack()

    # -- the window ---------------------------------------------------------------------------------------------

    def _reach_in_windows(self) -> ReachInWindows:
        return ReachInWindows(self.network, self.task.loss, self.batches, self.config.window, self.team)

    def _measure_reach(self) -> None:
        """In the window of the next update."""
        self.last_reach = self.reach.measure(self.budget.place(self.counters.step))

    def _look_at_window(self) -> Iterator[WindowChanged]:
        """Go on with another one, if the reach says so."""
        c, T = self.counters, self.batches.T
        c.looked = c.step
        reach, steps = self.reach.look(self.budget.place(c.step))
        if steps and (steps < T or self.config.room is None):
            c.window = steps
            self._change_window()
            yield WindowChanged(c.step, reach, T, steps)

    def _change_window(self) -> None:
        """Unfold anew: weights, states and the optimiser go on as they are."""
        c = self.counters
        self.config = self.config.having(steps=c.window)
        self.batches = self.task.feed(self.material.train, self.config)
        self.budget.cut_anew(c.looked, self.batches.windows)
        self.schedule = self._scheduled()
        states, self.reach = self.unfolded.states(), self._reach_in_windows()
        self.unfolded = self._unfolded()
        self.unfolded.set_states(states)
        self.unfolded.pack()
        self.optimiser.follow(self.unfolded.grads)

    def _progress(self, update: Update, speed: float) -> Progress:
        c, done = self.counters, self.done()
        epoch, left = self.budget.epoch(c.step), self.budget.left_s(done, c.elapsed_s)
        return Progress(
            c.step, epoch, c.tokens, c.elapsed_s, speed, update.rate, update.loss, done, left, self.last_reach
        )

    # -- validation ---------------------------------------------------------------------------------------------

    def _next_validation(self) -> float:
        """The part of the budget at which the next one is due."""
        early = [part for part in self.task.early if part > self.done()]
        return min([*early, (math.floor(self.done() * self.validations) + 1) / self.validations])

    def _is_due(self, next_validation: float, updates: int, elapsed_s: float) -> bool:
        """Whether it is time for a validation after so many updates and seconds."""
        budget = self.budget
        return budget.done(updates, elapsed_s) >= next_validation and budget.allows_for(self.validations_s, elapsed_s)

    def _fit_validator(self, expected: float) -> None:
        """Validate on what a training of as many tokens allows for."""
        if self.valid:
            self.valid = self.task.sample(self.valid, expected)
            self.best.validator = self.task.validator(self.network, self.valid, self.team, expected)
            if self.ranks.of > 1:
                self.best.validator.divide(self.ranks)

    def _validate(self) -> Validation:
        c, began = self.counters, self.clock()
        under_way("validation after update", c.step, NEXT_S)
        if not self.best.validator:  # how fast the training is shows by now
            c.expected = min(self.nominal, IN_TIME * c.tokens / self.done())
            self._fit_validator(c.expected)
        own, c.validating = self.network.theta.flat.copy(), True
        self.kept.keep(theta=own)
        self.ranks.refuse_others("the weights", own.tobytes() if self.ranks.of > 1 else b"")
        valid_loss, found, self.budget.quick_s = self.best.compare(c, own, self.clock)
        self.budget.validation_s = self.budget.quick_s * self.best.validator.whole_to_quick
        loss = c.train_loss()
        with self.kept.changed():
            best = self.best.take(c, valid_loss, found)
            self.network.theta.flat[...] = own
        c.history.append({"update": c.step, "tokens": c.tokens, "loss": loss, "valid_loss": valid_loss})
        c.loss_sum, c.loss_count, c.validating = 0.0, 0, False
        now = self.clock()  # among ranks each look at it is a message
        c.elapsed_s, self.validations_s = now - self.began, self.validations_s + now - began
        epoch, pace = self.budget.epoch(c.step), self.pace
        return Validation(c.step, epoch, c.tokens, c.elapsed_s, pace.tokens_per_s, pace.rate, loss, valid_loss, best)

    def _finish(self, stopped: str) -> Iterator[Validation | Finished]:
        """A last validation of the last weights, then the whole validation part with the best ones."""
        c = self.counters
        if not c.history or c.history[-1]["update"] < c.step:  # else the training was ended after that
            if self.valid:
                yield self._validate()
            else:
                c.best_step = c.step
                c.history.append({"update": c.step, "tokens": c.tokens, "loss": c.train_loss()})
        under_way("validation on the whole part")
        self.kept.keep(theta=self.network.theta.flat.copy())
        valid_loss, found = self.best.choose()
        if self.task.carries:
            self._measure_reach()
        c.elapsed_s = self.clock() - self.began
        changed = c.window or None
        yield Finished(c.step, c.tokens, c.elapsed_s, valid_loss, c.best_step, found, stopped, self.last_reach, changed)

    # -- checkpoints --------------------------------------------------------------------------------------------

    def checkpoint(self) -> State:
        """Arrays and values from which `restore` goes on, bit for bit."""
        return self._arrays(), vars(self.counters)

    def restore(self, arrays: dict[str, np.ndarray], values: dict) -> None:
        """Go on from a checkpoint; Damaged if it is none of this training."""
        mine, self.counters = self._arrays(), self.refuse_damage(arrays, values)
        if self.counters.window:
            self._change_window()
        for name, array in mine.items():
            array[...] = arrays[name]
        if self.counters.expected:
            self._fit_validator(self.counters.expected)
        if self.task.carries:
            self.unfolded.set_states([arrays[name] for name in mine if name.startswith("state.")])

    def refuse_damage(self, arrays: dict[str, np.ndarray], values: dict) -> Counters:
        """The counters of a checkpoint; Damaged if it is none of this training, or of one like it."""
        refuse_others(arrays, {name: (array.shape, array.dtype) for name, array in self._arrays().items()})
        for name in set(arrays) & {"optimiser.v"}:
            expect((arrays[name] >= 0).all(), name, float(arrays[name].min()), "squares")
        c = read(Counters, values, "training")
        most = 2 * self.batches.T
        expect(c.window <= most, "training.window", c.window, f"at most {most}")
        return c

    def _arrays(self) -> dict[str, np.ndarray]:
        """All that a training changes beside the counters, in place."""
        arrays = {"theta": self.network.theta.flat, "average": self.best.average.flat, "best": self.best.flat}
        arrays |= {f"optimiser.{name}": array for name, array in self.optimiser.state.items()}
        states = self.unfolded.states() if self.task.carries else []
        return arrays | {f"state.{index}": state for index, state in enumerate(states)}
