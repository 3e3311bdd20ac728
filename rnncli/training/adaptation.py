"""Dynamic evaluation: a network learns from each piece of its input after that piece was scored.

    g      = ∂ mean loss of the piece / ∂θ, through its own steps alone
    v      = mean over the pieces so far of g²
    r      = √v + EPSILON √(mean of v)
    change = change (1 - DECAY · RATE) - RATE g / r        θ = θ as trained + change

A piece whose loss is beyond that of even odds, and by more than WORSE of that beyond the loss of the trained weights,
was misled by what was learnt: after a large shift, or by too large a RATE. Then change is 0 again, and g is that of the
trained weights.

Krause et al. 2018 ("Dynamic Evaluation of Neural Sequence Models", arXiv 1709.07432): a gradient scaled by its root
mean square, and a decay back to the trained weights. There v is gathered on the training data; a model file has none of
these, so here it is gathered on the input, piece by piece, the present one among them.

Each stream has a change of its own, which depends on nothing but the stream: not on how it is cut into parts, nor on
what comes beside it.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.errors import DivergedError, note
from rnncli.kernels.optimisers import rmsprop
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.losses import Loss
from rnncli.network.members import Members
from rnncli.stored import expect

PIECES = {"char": 32, "byte": 32, "word": 8, "series": 8}  # steps that are learnt from together: tokens, rows
EPSILON = 1.0
DECAY = 1.0
READOUT = "output."
WORSE = 0.25  # of the loss of even odds


@dataclass(frozen=True)
class Learnt:
    """What one stream has taught: arrays like θ, and the piece under way. It does not change any more."""

    change: np.ndarray
    squares: np.ndarray  # v
    pieces: int = 0
    held: Batch | None = None  # the steps of the piece under way, which were scored
    states: list[np.ndarray] = field(default_factory=list)  # before them


class Adaptation:
    """A network in the place of a trained one, which learns from some streams by turns, each under its name."""

    def __init__(self, model: Model, loss: Loss, rate: float, chance: float, N: int, team: Team):
        """`rate` is RATE, `chance` the loss of even odds; N are the rows of a piece."""
        self.loss, self.rate, self.chance, self.N, self.trained = loss, rate, chance, N, model.network
        self.piece = PIECES[model.vocabulary.kind if model.vocabulary else "series"]
        several = isinstance(self.trained, Members)
        self.network: Any = (
            self.trained.first(len(self.trained.members)) if several else self.trained.astype(np.float32)
        )
        self.fixed = self.trained.architecture.orthogonal  # a sum of changes would not be orthogonal
        self.only_readout = model.config.learn == "readout"  # all else stays as it was drawn
        self.learnt: dict[str, Learnt] = {}
        self.current: np.ndarray | None = None  # the change that θ has
        self.version = 0  # another one after each change of θ: then what is unfolded has to be packed again
        self.each = [one.unfold(self.piece, N, team, training=True) for one in self.network.members]

    def left(self, name: str) -> int:
        """How many steps of a stream there are still to come until something is learnt."""
        one = self.learnt.get(name)
        return self.piece - (one.held.steps if one and one.held else 0)

    def use(self, name: str) -> None:
        """Have the weights that this stream has led to."""
        one = self.learnt.get(name)
        change = one.change if one else None
        if change is not self.current:
            theta, trained = self.network.theta.flat, self.trained.theta.flat
            np.add(trained, change, out=theta) if change is not None else np.copyto(theta, trained)
            self.current, self.version = change, self.version + 1
            if isinstance(self.network, Members):
                self.network.average_own()

    def read(self, name: str, batch: Batch, states: list[np.ndarray]) -> None:
        """These steps of a stream have been scored from these states on; no more of them than are `left`."""
        one = self.learnt.get(name) or Learnt(*(np.zeros_like(self.trained.theta.flat) for _ in range(2)))
        if one.held is None:
            one = replace(one, held=batch, states=[state.copy() for state in states])
        else:
            one = replace(one, held=_joined(one.held, batch))
        if one.held.steps == self.piece:
            one = self._learn(name, one)
        self.learnt[name] = one

    def refuse_no_numbers(self, found: np.ndarray) -> None:
        """DivergedError for outputs or losses of which some are no numbers."""
        if not np.isfinite(found).all():
            raise DivergedError(
                f"--adapt {self.rate:g}: what was learnt has led to outputs that are no numbers: use a smaller RATE"
            )

    # -- a piece ------------------------------------------------------------------------------------------------

    def _learn(self, name: str, one: Learnt) -> Learnt:
        """After a whole piece."""
        batch, after = one.held, replace(one, held=None, states=[])
        if batch is None or not batch.count:
            return after
        self.use(name)
        change, squares = one.change.copy(), one.squares.copy()
        size = change.size // len(self.each)
        for k, u in enumerate(self.each):
            states, part = self._of_member(one.states, k), slice(k * size, (k + 1) * size)
            if self._misled(self._gradients(u, batch, states), k, batch, states):
                change[part] = 0
            self._step(change[part], squares[part], u.grads.flat, one.pieces)
        return replace(after, change=change, squares=squares, pieces=one.pieces + 1)

    def _gradients(self, u: Any, batch: Batch, states: list[np.ndarray]) -> float:
        """Leave those of the mean loss of a batch, which is returned."""
        u.pack()
        u.set_states(states)
        u.gradients(batch, self.loss.gradient, 0, self.loss.is_steady(batch))
        self.loss.own_gradients(u)
        for name, gradient in u.grads.items():
            if name in self.fixed or (self.only_readout and not name.startswith(READOUT)):
                gradient[...] = 0
        return self.loss.mean(u, batch)

    def _step(self, change: np.ndarray, squares: np.ndarray, gradient: np.ndarray, pieces: int) -> None:
        """The equations above, of one network."""
        before = np.float32(pieces / (pieces + 1))  # the weight of the pieces before
        mean = before * squares.mean(dtype=np.float64) + (1 - before) * np.square(gradient).mean(dtype=np.float64)
        constants = np.array([1, self.rate, 0, before, EPSILON * math.sqrt(mean), DECAY * self.rate, 0], np.float32)
        if constants[4] > 0:  # else there is no gradient at all
            rmsprop(change, gradient, squares, constants, True, 0, change.size)

    def _misled(self, loss: float, k: int, batch: Batch, states: list[np.ndarray]) -> bool:
        """Whether a piece is worse than even odds, and that much worse than by the trained weights. Then these are
        the weights, and the gradients are theirs.
        """
        if loss <= self.chance:
            return False
        u, theta = self.each[k], self.network.members[k].theta.flat
        now = theta.copy()
        theta[...] = self.trained.members[k].theta.flat
        if not loss <= self._gradients(u, batch, states) + WORSE * self.chance:
            note(
                f"--adapt {self.rate:g}: what was learnt made a piece far worse than the trained weights do: it was "
                "forgotten; if the result is no better than without --adapt, use a smaller RATE"
            )
            return True
        theta[...] = now
        self._gradients(u, batch, states)
        return False

    def _of_member(self, states: list[np.ndarray], k: int) -> list[np.ndarray]:
        count = len(states) // len(self.each)
        return states[k * count : (k + 1) * count]

    # -- what may be held, for a state file ---------------------------------------------------------------------

    def sample(self, steps: int) -> Batch:
        """So many steps of a piece, empty."""
        a, N = self.trained.architecture, self.N
        starts, ids = np.zeros((steps, N), np.uint8), np.zeros((steps, N), np.int32)
        if not a.columns:
            return Batch(ids, ids, starts, 0, steps)
        numbers = np.zeros((steps, N, a.numbers), np.float32)
        y = np.zeros((steps, N, a.outputs // len(self.loss.links)), np.float32)
        return Batch(Window([ids for _ in a.categories], numbers), y, starts, 0, steps)

    def refuse_damage(self, batch: Batch, where: str) -> None:
        """Damaged for ids beyond the tables of the network."""
        a, x = self.trained.architecture, batch.x
        sizes = [size for _, size, _ in a.categories] if a.columns else [a.tokens]
        for j, (ids, size) in enumerate(zip(x.ids if a.columns else [x], sizes, strict=True)):
            least = -1 if a.columns else 0
            expect(least <= ids.min() and ids.max() < size, f"{where}x.{j}", int(ids.max()), f"below {size:,}")
        if not a.columns:
            y = batch.y
            expect(y.min() >= 0 and y.max() < a.outputs, f"{where}y", int(y.max()), f"below {a.outputs:,}")
        expect((batch.starts <= 1).all(), f"{where}starts", int(batch.starts.max()), "0 or 1")


def _joined(one: Batch, other: Batch) -> Batch:
    """The steps of one behind those of the other."""
    x: Any = one.x
    if isinstance(x, Window):
        ids = [np.concatenate(pair) for pair in zip(x.ids, other.x.ids, strict=True)]
        x = Window(ids, np.concatenate([x.numbers, other.x.numbers]), x.grams)
    else:
        x = np.concatenate([x, other.x])
    y, starts = np.concatenate([one.y, other.y]), np.concatenate([one.starts, other.starts])
    return Batch(x, y, starts, one.count + other.count, one.steps + other.steps)
