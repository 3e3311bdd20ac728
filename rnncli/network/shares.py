"""A network unfolded over some rows of a batch, whose other rows are in other processes; the gradients are of all rows.

    own      forward, loss and backward of each stretch of rows that are here, and the sums over its groups
    joined   the sums of all stretches, here and elsewhere, in the tree of kernels/groups.py; those of a layer while the
             layer below it is computed
    whole    what is made of these sums (backward.py): by every process alike

A stretch has the rows of a branch of that tree (kernels/branches.py), so its sums are numbers that the sum over the
whole batch has on its way, and the gradients have the bits of one process. Masks of dropout are those of the row in the
batch. The output layer is done in the blocks of steps that it has for the whole batch, whose sums are joined each for
itself, since blocks are added after the tree.
"""

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import take
from rnncli.kernels.branches import Branch
from rnncli.kernels.groups import ROWS, Groups, SortedIds
from rnncli.kernels.product import aligned
from rnncli.kernels.threads import Team, Work
from rnncli.network import backward
from rnncli.network.losses import Loss
from rnncli.network.network import Dropout, Network, Unfolded
from rnncli.network.sums import Outer, Sums

Turn = tuple[Hashable, np.ndarray]  # its name, and what it has summed up
OWN = "own"  # the turn of the task's parameters


class Joint(Protocol):
    """What knows of the other processes."""

    number: int  # of this one, from 0 on

    def own(self, groups: int) -> list[Branch]:
        """The branches, of the tree over so many groups, that are this process's."""

    def joining(self, sums: np.ndarray, groups: int) -> Callable[[], np.ndarray]:
        """From the sums (branches, numbers) of its own branches those of all groups (numbers,), which come while other
        work is done here.
        """

    def gather(self, rows: np.ndarray, counts: list[int]) -> np.ndarray:
        """From its own rows those of all processes, in their order; `counts` are how many rows each has."""

    def rows_of_each(self, rows: int) -> list[int]:
        """How many of the rows of a batch each process has."""


def rows_of(whole: Batch, first: int, last: int) -> Batch:
    """Some rows of a batch, with the number of targets of all."""
    index = slice(None), slice(first, last)
    lengths = None if whole.lengths is None else np.ascontiguousarray(whole.lengths[index[1]])
    x, y, starts = (take(array, index) for array in (whole.x, whole.y, whole.starts))
    return replace(whole, x=x, y=y, starts=starts, lengths=lengths, reused=False)


def own_rows(joint: Joint, N: int) -> tuple[list[int], int, int]:
    """(how many of N rows each process has; the first of this one, and the one behind its last)."""
    counts = joint.rows_of_each(N)
    first = sum(counts[: joint.number])
    return counts, first, first + counts[joint.number]


class NotedSums(Sums):
    """Sums that notes what it sums up, in the order in which it comes first: the same in each process."""

    def __init__(self, N: int, threads: int, dtype: np.dtype):
        super().__init__(N, threads, dtype)
        self.noted: dict[Hashable, dict[int, np.ndarray]] = {}  # by turn, and by address
        self.turn: Hashable = None
        self.words: dict[int, tuple[np.ndarray, tuple, np.ndarray]] = {}  # sums of words, to be those of n-grams

    def _note(self, out: np.ndarray) -> None:
        self.noted.setdefault(self.turn, {}).setdefault(out.ctypes.data, out)

    def works(self, products: Any, first: Any = (), second: Any = ()) -> list[Work]:
        for product in products:
            self._note(product.C)
        return super().works(products, first, second)

    def product(self, A: np.ndarray, B: np.ndarray, C: np.ndarray, steps: int, add: bool = False) -> Outer:
        """Blocks of steps are added when they are joined."""
        return super().product(A, B, C, steps)

    def columns(
        self,
        B: np.ndarray,
        groups: Groups,
        out: np.ndarray,
        thread: int,
        threads: int,
        offset: int = 0,
        add: bool = False,
    ) -> None:
        self._note(out)
        super().columns(B, groups, out, thread, threads, offset)

    def by_id(
        self, B: np.ndarray, groups: Groups, ids: SortedIds, out: np.ndarray, thread: int, threads: int, offset: int = 0
    ) -> None:
        self._note(out)
        super().by_id(B, groups, ids, out, thread, threads, offset)

    def by_gram(
        self, B: np.ndarray, groups: Groups, ids: SortedIds, grams: tuple, out: np.ndarray, offset: int, *part: int
    ) -> None:
        """By word: those of the n-grams are made of them when they are whole."""
        if out.ctypes.data not in self.words:  # the same for all threads
            sums = aligned((1, len(ids.ends) - 1, out.shape[2]), self.dtype)
            self.words.setdefault(out.ctypes.data, (sums, grams, out))
        thread, threads = part
        self.by_id(B, groups, ids, self.words[out.ctypes.data][0], thread, threads, offset)

    def by_gram_of(self, whole: Sums, thread: int, threads: int) -> None:
        """The sums by n-gram, of those by word: this thread's share."""
        for sums, grams, out in self.words.values():
            count = sums.shape[1]
            every = SortedIds(np.arange(count, dtype=np.int32), np.arange(count + 1, dtype=np.int32))
            whole.by_gram(sums[0], Groups.one(count), every, grams, out, 0, thread, threads)


class Stretch:
    """Some rows of a batch of `of` rows, from `first` on, unfolded over T steps."""

    def __init__(self, network: Network, T: int, team: Team, dropout: Dropout, rows: tuple[int, int], of: int):
        self.first, self.last = rows
        self.u = Unfolded(network, T, self.last - self.first, team, True, dropout, False, False, (self.first, of))
        self.u.sums = self.sums = NotedSums(self.u.N, team.threads, network.theta.flat.dtype)

    def batch(self, whole: Batch) -> Batch:
        """Its rows of a batch, whose loss is still the mean over all targets."""
        return rows_of(whole, self.first, self.last)

    def learn(self, batch: Batch, loss: Loss, update: int) -> Iterator[Turn]:
        """There and back; the sums turn by turn (backward.py), each as soon as it is there, the task's own last."""
        u, steady, blocks = self.u, loss.is_steady(batch), list(self.u.blocks(batch.steps))
        u.input.sort(batch.x, self.sums.groups(batch.steps))
        with u.dropping(update) as dropped:
            for what, works in backward.turns(u, loss.gradient, dropped, u.parts_for(steady), blocks):
                self.sums.turn = what
                u.run((what, loss, dropped), batch, works, steady)
                yield from self._found()
        self.sums.turn = OWN
        loss.own_gradients(u)
        yield from self._found()

    def _found(self) -> Iterator[Turn]:
        """What this turn has summed up, if it has."""
        turn = self.sums.turn
        if arrays := self.sums.noted.get(turn):
            yield turn, np.concatenate([array.reshape(-1) for array in arrays.values()])

    def take(self, turns: Iterable[Turn]) -> None:
        """The sums of all rows in place of its own, with the blocks of the output layer added up."""
        seen = set[int]()
        for turn, sums in turns:
            arrays = self.sums.noted[turn]
            for address, piece in zip(arrays, _cut(sums, arrays.values()), strict=True):
                array = arrays[address]
                whole = piece.reshape(array.shape)
                array[...] = whole + array if address in seen else whole
            seen.update(arrays)


class Shares:
    """In place of an `Unfolded`, for a training: T steps of N rows, of which this process has some. `losses` (T, N),
    `states` and `grads` are of all rows.
    """

    pooling = None

    def __init__(self, network: Network, T: int, N: int, team: Team, dropout: Dropout, joint: Joint):
        self.network, self.T, self.N, self.team, self.joint = network, T, N, team, joint
        self.groups = -(-N // ROWS)
        rows = [(ROWS * first, min(ROWS * last, N)) for first, last in joint.own(self.groups)]
        self.stretches = [Stretch(network, T, team, dropout, stretch, N) for stretch in rows]
        self.u = self.stretches[0].u
        self.grads, self.plain = self.u.grads, Sums(self.u.N, team.threads, network.theta.flat.dtype)
        self.losses = np.zeros((len(self.u.top), N), network.theta.flat.dtype)

    def pack(self) -> None:
        """As of any unfolding."""
        for stretch in self.stretches:
            stretch.u.pack()

    def carry(self, steps: int) -> None:
        """As of any unfolding."""
        for stretch in self.stretches:
            stretch.u.carry(steps)

    def states(self) -> list[np.ndarray]:
        """Those of all rows: copies."""
        own = zip(*(stretch.u.states() for stretch in self.stretches), strict=True)
        return [self._gathered(np.concatenate(states)) for states in own]

    def set_states(self, states: list[np.ndarray] | None = None) -> None:
        """From those of all rows; None: from zero."""
        for stretch in self.stretches:
            here = None if states is None else [state[stretch.first : stretch.last] for state in states]
            stretch.u.set_states(here)

    def learn(self, batch: Batch, loss: Loss, update: int) -> None:
        """Fill `losses`, and `grads` with the gradients of a window of all rows."""
        u, joint, groups = self.u, self.joint, self.groups
        *before, last = [stretch.learn(stretch.batch(batch), loss, update) for stretch in self.stretches]
        done = zip(*(list(turns) for turns in before), strict=True) if before else itertools.repeat(())
        coming = [
            (turn, joint.joining(np.stack([*(sums for _, sums in others), own]), groups))
            for others, (turn, own) in zip(done, last, strict=bool(before))
        ]
        self.stretches[0].take((turn, sums()) for turn, sums in coming)
        u.programs.play((backward.whole_sums, u.input.most), self._whole)
        steps = min(batch.steps, len(self.losses))
        own = np.concatenate([stretch.u.losses[:steps].T for stretch in self.stretches])
        self.losses[:steps] = self._gathered(own).T

    def _whole(self) -> list[Work]:
        grams = partial(self.stretches[0].sums.by_gram_of, self.plain)
        return [*backward.whole_sums(self.u, self.plain), grams]

    def _gathered(self, own: np.ndarray) -> np.ndarray:
        return self.joint.gather(np.ascontiguousarray(own), self.joint.rows_of_each(self.N))


def _cut(flat: np.ndarray, like: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Pieces of the sizes of these arrays, one after the other."""
    begin = 0
    for array in like:
        yield flat[begin : begin + array.size]
        begin += array.size
