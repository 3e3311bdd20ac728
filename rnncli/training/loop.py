"""Truncated back-propagation through time: a generator of reports. It never prints.

One update: the next window of T steps in N rows, states carried in from the window before; forward, loss, backward;
gradients clipped; one step of the optimiser. The rate warms up over the first tokens and then follows the schedule
over the budget, which is a number of updates (`--epochs`) or of seconds (`--minutes`).
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnncli.config import TrainConfig
from rnncli.errors import DivergedError
from rnncli.kernels.threads import Team
from rnncli.network.network import Dropout, Network
from rnncli.randomness import mix64
from rnncli.tasks.task import Task
from rnncli.training.optimisers import Average, Optimiser
from rnncli.training.reach import Reach
from rnncli.training.reports import CheckpointDue, Finished, Progress, RolledBack, Validation
from rnncli.training.search import NOMINAL_SPEED

WARM_TOKENS = 100_000  # the rate rises over these, or over the first twentieth of the budget if that is less
VALIDATIONS = 10  # in a run
QUICK_TOKENS = (4_000, 50_000)  # least and most of the validation part that decide which weights are best; else
QUICK_PART = 1 / 50  # of the tokens that the run trains on
EXPLODED = 3.0  # times the first loss: training has lost its way
RECENT = 1000  # tokens whose mean loss tells
TRIES = 3  # to go on from the best weights at half the rate
REPORT_SECONDS = 1.0
REACH_SECONDS = 10.0
CHECKPOINT_SECONDS = 60.0
RESERVE = 1.5  # the end of a --minutes run keeps this many times the seconds of the last validation, and one second


@dataclass
class Counters:
    """Everything of a run beside arrays that decides its future; saved in checkpoints."""

    step: int = 0
    tokens: int = 0
    loss_sum: float = 0.0  # over the updates since the last validation
    loss_count: int = 0
    elapsed_s: float = 0.0
    best_loss: float = math.inf
    best_step: int = 0
    without_gain: int = 0
    first_loss: float = 0.0
    rollbacks: int = 0
    recent_loss: float = 0.0
    optimiser_step: int = 0  # since the last of them
    warm_from: int = 0  # tokens at the last of them
    history: list[dict] = field(default_factory=list)


class Run:
    """One training run: `for report in run.reports(): ..`. Set `run.stop = True` to end it after the current update."""

    def __init__(
        self,
        network: Network,
        task: Task,
        config: TrainConfig,
        train: Any,
        valid: Any,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.network, self.task, self.config, self.clock = network, task, config, clock
        self.team = Team(threads)
        self.epochs = task.feed(train, config)
        dropout = Dropout(config.dropout, config.variational)
        self.unfolded = network.unfold(self.epochs.T, self.epochs.N, self.team, training=True, dropout=dropout)
        self.optimiser = Optimiser(config.optimizer, network.theta.flat.size)
        self.average = Average(network.theta)
        self.best = network.theta.flat.copy()
        self.total = max(1, round(config.epochs * self.epochs.windows)) if config.epochs else None
        quick = int(min(max(QUICK_TOKENS[0], QUICK_PART * self._expected_tokens()), QUICK_TOKENS[1]))
        self.validator = task.validator(network, valid, self.team, config, quick) if valid else None
        self.counters = Counters()
        self.reach: Reach | None = None  # made when it is first measured
        self.last_reach: int | None = None
        self.rolled_back: RolledBack | None = None
        self.stop = False
        self.validation_s = 0.0

    # -- the budget ---------------------------------------------------------------------------------------------

    def done(self) -> float:
        """The part of the budget that is used, 0 to 1."""
        c = self.counters
        if self.total:
            return c.step / self.total
        return min(1.0, c.elapsed_s / max(1e-9, self._seconds()))

    def _seconds(self) -> float:
        """Seconds of a --minutes run that updates and validations in between may take."""
        return max(0.5, 60 * self.config.minutes - 1.0 - RESERVE * self.validation_s)

    def _expected_tokens(self) -> float:
        """That the run will train on, by the nominal speed: never by a measured one."""
        if self.total:
            return self.total * self.epochs.N * self.epochs.T
        return 60 * self.config.minutes * NOMINAL_SPEED / (6 * self.network.multiply_adds())

    def rate(self) -> float:
        """Warm-up, then the schedule from the full rate down to the task's floor."""
        c, done, floor = self.counters, self.done(), self.task.floor
        window = self.epochs.N * self.epochs.T
        warm = min(WARM_TOKENS, self.total * window / 20) if self.total else WARM_TOKENS
        rising = min(1.0, (c.tokens - c.warm_from + window) / warm) if warm else 1.0
        if self.config.schedule == "cosine":
            falling = floor + (1 - floor) * (0.5 + 0.5 * math.cos(math.pi * done))
        elif self.config.schedule == "linear":
            falling = floor + (1 - floor) * (1 - done)
        else:
            falling = 1.0
        return self.config.lr * rising * falling * 0.5**c.rollbacks

    # -- the loop -----------------------------------------------------------------------------------------------

    def reports(self) -> Iterator[Progress | Validation | RolledBack | CheckpointDue | Finished]:
        """Train to the end of the budget."""
        c = self.counters
        self.unfolded.pack()
        self.began, first = self.clock() - c.elapsed_s, True
        last_report = last_checkpoint = last_reach = self.clock()
        busy, tokens, stopped = 0.0, 0, "done"
        next_validation = self._next_validation()
        while self.done() < 1:
            start = self.clock()
            rate, loss, count = self.update()
            now = self.clock()
            if first:  # the clock starts with the first update, which may have had to compile
                self.began, start = now - c.elapsed_s, now
            busy, tokens = busy + now - start, tokens + count
            c.elapsed_s = now - self.began
            if self.rolled_back:
                yield self.rolled_back
                self.rolled_back = None
            if now - last_reach >= REACH_SECONDS and self.task.carries:
                self._measure_reach()
                last_reach = self.clock()
            if now - last_report >= REPORT_SECONDS or first:
                yield self._progress(rate, loss, tokens / busy if busy else 0.0)
                first, last_report, busy, tokens = False, now, 0.0, 0
            if next_validation <= self.done() < 1:
                next_validation = self._next_validation()
                if self.validator:
                    yield self._validate()
                else:
                    self._keep()
                if self.config.patience and c.without_gain >= self.config.patience:
                    stopped = "patience"
                    break
            if self.stop:  # after a validation that was due, so that a resumed run has the same history
                stopped = "interrupted"
                break
            if self.clock() - last_checkpoint >= CHECKPOINT_SECONDS:
                yield CheckpointDue(self.clock() - self.began)
                last_checkpoint = self.clock()
        if stopped != "interrupted":
            yield from self._finish(stopped)
        else:
            yield Finished(c.step, c.tokens, c.elapsed_s, None, c.best_step, {}, stopped)

    def _next_validation(self) -> float:
        """The part of the run at which the next one is due."""
        early = [part for part in self.task.early if part > self.done()]
        return min([*early, (math.floor(self.done() * VALIDATIONS) + 1) / VALIDATIONS])

    def update(self) -> tuple[float, float, int]:
        """One update; returns rate, mean loss, tokens."""
        c, rate = self.counters, self.rate()
        batch = self.epochs.batch(c.step)
        self.task.perturb(batch, self.config.seed, c.step)
        c.step += 1
        dropout_key = mix64(self.config.seed, c.step)
        u = self.unfolded
        u.set_lengths(batch)
        u.gradients(batch.x, batch.starts, batch.steps, self.task.loss.gradient(batch), dropout_key)
        self.task.loss.own_gradients(u)
        losses = u.losses if u.pooling else u.losses[: batch.steps]
        loss = float(losses.sum(dtype=np.float64)) / max(1, batch.count)
        if self._exploded(loss, batch.count):
            self._roll_back(loss)
            return rate, loss, 0
        c.optimiser_step += 1
        self.optimiser.update(
            self.network.theta,
            self.unfolded.grads,
            self.team,
            c.optimiser_step,
            rate,
            self.config.clip,
            self.config.weight_decay,
        )
        self.average.update(self.network.theta, self.team, c.optimiser_step)
        if self.task.carries:
            u.carry(batch.steps)
        u.pack()
        c.tokens += batch.tokens
        c.loss_sum += loss * batch.count
        c.loss_count += batch.count
        return rate, loss, batch.tokens

    def _exploded(self, loss: float, count: int) -> bool:
        """Whether it is no number, or its mean over some RECENT tokens is far above that of even odds, or the first."""
        c = self.counters
        c.first_loss = c.first_loss or loss
        c.recent_loss += min(1.0, count / RECENT) * (loss - c.recent_loss)
        return not c.recent_loss <= EXPLODED * max(c.first_loss, self.task.chance())

    def _roll_back(self, loss: float) -> None:
        """Go on from the best weights, a fresh optimiser and states of zero, at half the rate and warming up again."""
        c = self.counters
        if c.rollbacks == TRIES:
            raise DivergedError(
                f"the loss is {loss:.3g} at update {c.step:,}, after {TRIES} tries at half the rate each: "
                f"train with a lower --lr (it was {self.config.lr:g})"
                + (" or a smaller --clip" if self.config.clip else ", or with --clip 1")
            )
        c.rollbacks += 1
        c.optimiser_step, c.warm_from, c.recent_loss = 0, c.tokens, 0.0
        self.network.theta.flat[...] = self.average.flat[...] = self.best
        for array in [*self.optimiser.state.values(), *self.unfolded.states()]:
            array[...] = 0
        self.unfolded.pack()
        self.rolled_back = RolledBack(c.step, loss, self.config.lr * 0.5**c.rollbacks, self.clock() - self.began)

    def _keep(self) -> None:
        """Without validation: the weights to go back to, if they are sound."""
        if np.isfinite(self.network.theta.flat).all():
            self.best[...] = self.network.theta.flat

    def _measure_reach(self) -> None:
        """In the window of the next update, or in the one before it if that is a short one."""
        step = self.counters.step
        batch = self.epochs.batch(step)
        if batch.steps < self.epochs.T and step:
            batch = self.epochs.batch(step - 1)
        self.reach = self.reach or Reach(self.network, self.task.loss, self.epochs.T, self.epochs.N, self.team)
        self.last_reach = self.reach.measure(batch)

    def _progress(self, rate, loss, speed) -> Progress:
        c, done = self.counters, self.done()
        left = c.elapsed_s * (1 - done) / done if done > 0 else None
        if self.config.minutes:
            left = max(0.0, 60 * self.config.minutes - c.elapsed_s)
        epoch = c.step / self.epochs.windows
        return Progress(c.step, epoch, c.tokens, c.elapsed_s, speed, rate, loss, done, left, self.last_reach)

    def _validate(self) -> Validation:
        """Of the weights as they are and of their running average; the better ones are kept if none were better."""
        c = self.counters
        if c.best_loss == math.inf:  # what is worse than the first weights is not to be kept, nor gone back to
            c.best_loss = self._quick_loss(self.best)
        start = self.clock()
        valid_loss, weights = self._quick_loss(self.network.theta.flat), self.network.theta.flat
        self.validation_s = (self.clock() - start) * self.validator.whole_to_quick
        of_average = self._quick_loss(self.average.flat)
        if of_average < valid_loss:
            valid_loss, weights = of_average, self.average.flat
        best = valid_loss < c.best_loss
        if best:
            c.best_loss, c.best_step, c.without_gain = valid_loss, c.step, 0
            self.best[...] = weights
        else:
            c.without_gain += 1
        loss = c.loss_sum / max(1, c.loss_count)
        c.history.append({"update": c.step, "tokens": c.tokens, "loss": loss, "valid_loss": valid_loss})
        c.loss_sum, c.loss_count = 0.0, 0
        c.elapsed_s = self.clock() - self.began
        return Validation(c.step, c.tokens, c.elapsed_s, loss, valid_loss, best)

    def _quick_loss(self, weights: np.ndarray) -> float:
        """Of any weights; the network's own are then as they were."""
        theta, own = self.network.theta.flat, self.network.theta.flat.copy()
        theta[...] = weights
        loss = self.validator.quick()
        theta[...] = own
        return loss

    def _finish(self, stopped) -> Iterator[Validation | Finished]:
        """A last validation of the last weights, then the whole validation part with the best ones."""
        c = self.counters
        valid_loss, found = None, {}
        if self.validator:
            if not c.history or c.history[-1]["update"] < c.step:
                yield self._validate()
            self.network.theta.flat[...] = self.best
            valid_loss, found = self.validator.whole()
        else:
            sound = np.isfinite(self.network.theta.flat).all()
            self.network.theta.flat[...] = self.average.flat if sound else self.best
            c.best_step = c.step
            c.history.append({"update": c.step, "tokens": c.tokens, "loss": c.loss_sum / max(1, c.loss_count)})
        if self.task.carries:
            self._measure_reach()
        c.elapsed_s = self.clock() - self.began
        yield Finished(c.step, c.tokens, c.elapsed_s, valid_loss, c.best_step, found, stopped, self.last_reach)

    # -- checkpoints --------------------------------------------------------------------------------------------

    def checkpoint(self) -> tuple[dict[str, np.ndarray], dict]:
        """Arrays and values from which `restore` goes on, bit for bit."""
        arrays = {"theta": self.network.theta.flat, "average": self.average.flat, "best": self.best}
        arrays |= {f"optimiser.{name}": array for name, array in self.optimiser.state.items()}
        if self.task.carries:
            arrays |= {f"state.{index}": np.ascontiguousarray(s) for index, s in enumerate(self.unfolded.states())}
        return arrays, vars(self.counters)

    def restore(self, arrays: dict[str, np.ndarray], values: dict) -> None:
        self.counters = Counters(**values)
        self.network.theta.flat[...] = arrays["theta"]
        self.average.flat[...] = arrays["average"]
        self.best[...] = arrays["best"]
        for name, array in self.optimiser.state.items():
            array[...] = arrays[f"optimiser.{name}"]
        for index, state in enumerate(self.unfolded.states() if self.task.carries else []):
            state[...] = arrays[f"state.{index}"]
