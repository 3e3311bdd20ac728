"""Sequences to batches: N rows read their own stretch of the data side by side, window after window.

The data is one long row of tokens F. Row n of the batch walks through its stretch F[begin[n] : end[n]], T tokens a
window, and carries its state from window to window. At position p the network has read F[p-1] and predicts F[p]; where
a sequence starts at p it has read the line end instead, and its state is zero. So a line longer than a window is
trained in windows with carried state, and nothing leaks from line to line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from rnncli.data.examples import Examples
from rnncli.data.label_sets import as_numbers
from rnncli.data.sequences import Sequences
from rnncli.data.window import Window, arrays_of, take
from rnncli.kernels.randomness import key32
from rnncli.kernels.windows import cut
from rnncli.process.temporary import permutation

NO_NOISE = 0, 0, 0, 0
SHUFFLE_LIMIT = 1 << 28  # tokens; more than that is read in its own order


@dataclass
class Batch:
    """One window: x, y (T, N) int32, starts (T, N) uint8, `count` targets that are not -1, `steps` in use.

    Of whole sequences x is a `Window` of their columns, y has a step only if there is one target a sequence, and
    `lengths` (N,) int32 are their steps. `tokens` are the steps that are read, to tell the speed. `reused`: the next
    window of its source is written to the same arrays.
    """

    x: Any  # an array, or a Window
    y: np.ndarray
    starts: np.ndarray
    count: int
    steps: int
    lengths: np.ndarray | None = None
    reused: bool = False

    @property
    def tokens(self) -> int:
        if self.lengths is not None:
            return int(self.lengths.sum())
        return self.count if self.y.ndim == 2 else int(self.targeted.sum())

    @property
    def targeted(self) -> np.ndarray:
        """Which steps of which rows have a target (T, N)."""
        return self.y >= 0 if self.y.ndim == 2 else np.isfinite(self.y).any(axis=2)

    @property
    def arrays(self) -> list[np.ndarray]:
        """All that it is made of."""
        return [*arrays_of(self.x), self.y, self.starts, *([] if self.lengths is None else [self.lengths])]

    @classmethod
    def to_read(cls, x: Any, starts: np.ndarray) -> "Batch":
        """All steps of x, without targets."""
        return cls(x, np.empty((0, starts.shape[1]), np.int32), starts, 0, len(starts))

    def windows(self, T: int) -> Iterator["Batch"]:
        """One after the other, of T steps at most, without targets."""
        for begin in range(0, self.steps, T):
            inside = slice(begin, min(begin + T, self.steps))
            yield Batch.to_read(take(self.x, inside), self.starts[inside])

    def first(self, steps: int) -> "Batch":
        """The first steps of all rows; of a whole sequence with one target, with that."""
        x = take(self.x, slice(steps))
        lengths = None if self.lengths is None else np.minimum(self.lengths, steps).astype(np.int32)
        out = Batch(x, self.y[:steps], self.starts[:steps], 0, min(steps, self.steps), lengths)
        out.count = int(out.targeted.sum())
        return out

    def only_last(self, N: int) -> "Batch":
        """N of the rows, first those with a target at the last step, and no other target."""
        at = self.steps - 1
        rows = np.argsort(~self.targeted[at], kind="stable")[:N]
        x, y = take(self.x, (slice(None), rows)), take(self.y, (slice(None), rows))
        y[:at] = -1 if y.ndim == 2 else np.nan
        count = int((y[at] >= 0).sum() if y.ndim == 2 else np.isfinite(y[at]).sum())
        return Batch(x, y, np.ascontiguousarray(self.starts[:, rows]), count, self.steps)


class Walk:
    """The windows of one pass over `sequences` in N rows of T steps.

    `by_line` cuts the stretches at starts of sequences, else they are cut anywhere (streams). A row starts with the
    token `start`. `warm` lets every stretch begin that many tokens early, without loss, so that its state is not cold.
    """

    def __init__(
        self, sequences: Sequences, N: int, T: int, start: int, by_line: bool = False, warm: int = 0, skip: int = 0
    ):
        self.F, self.N, self.T, self.start_token = np.ascontiguousarray(sequences.tokens), N, T, start
        self.sequences, offsets, total = sequences, sequences.offsets, sequences.total
        cuts = np.linspace(min(skip, max(0, total - N)), total, N + 1).astype(np.int64)
        if by_line:
            cuts[1:-1] = offsets[np.searchsorted(offsets, cuts[1:-1])]
        self.end, self.first_target = cuts[1:], cuts[:-1]
        self.begin = np.maximum(cuts[:-1] - warm, 0) if warm else cuts[:-1]
        self.offsets = offsets
        self.windows = int(-(-(self.end - self.begin).max() // T))

    @cached_property
    def is_start(self) -> np.ndarray:
        """1 where a sequence starts (total,)."""
        return self.sequences.begins

    def positions(self, window: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Where in F the (steps, N) targets of a window stand, and which of them are inside their stretch."""
        P = self.begin + window * self.T + np.arange(steps)[:, None]
        return P, self.end > P

    def buffers(self) -> tuple[np.ndarray, ...]:
        """For x, y and starts of a window."""
        return tuple(np.empty((self.T, self.N), dtype) for dtype in (np.int32, np.int32, np.uint8))

    def batch(self, window: int, buffers: tuple[np.ndarray, ...] = (), noise: tuple = NO_NOISE) -> Batch:
        """A window, in fresh arrays or in these; `noise`: (unknown, chance, key, update), see `cut`."""
        x, y, starts = buffers or self.buffers()
        rows = self.is_start, self.begin, self.end, self.first_target
        used = np.empty(2, np.int64)
        cut(self.F, *rows, window, self.start_token, *noise, x, y, starts, used)
        return Batch(x, y, starts, int(used[0]), int(used[1]), reused=bool(buffers))

    def places(self, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What stands there (T, N), which of it is inside its stretch, and where a state starts from zero."""
        P, inside = self.positions(window, self.T)
        P = np.where(inside, P, np.minimum(self.begin, len(self.F) - 1))
        starts = self.is_start[P]
        if window == 0:
            starts = starts | (self.begin == P)
        return self.F[P], inside, np.ascontiguousarray(starts)


class Epochs:
    """Training windows in their order: epoch after epoch, lines shuffled anew each time, streams cut elsewhere.

    With `piece` a stream is read in its own order once, then in pieces of so many windows in another order each time:
    a window has other company in each epoch. A state is carried from piece to piece, so a few tokens of each are read
    with what is not their past.

    Lines are cut anywhere too, so that stretches are equally long even if one line is most of the data: the up to N - 1
    lines that a stretch begins within are read from a zero state on, like the middle of a text. Targets, and the inputs
    after them, become the token `unknown` at this `rate`, by seed and update. Without T a window is a whole
    stretch, and streams are cut as in the first epoch.
    """

    def __init__(
        self,
        sequences: Sequences,
        N: int,
        T: int | None,
        start_token: int,
        by_line: bool,
        seed: int,
        unknown: int = 0,
        rate: float = 0.0,
        piece: int | None = None,
    ):
        self.whole, self.piece = T is None, piece
        T = T or max(1, -(-sequences.total // N))
        self.sequences, self.N, self.T, self.start_token = sequences, N, T, start_token
        self.by_line, self.seed = by_line, seed
        self.noise = unknown, int(rate * 2**32), int(key32(seed, 3))
        self.walk = lru_cache(1)(self._walk)  # of the epoch under way
        # The same number every pass: the least, so that at most the ends of the stretches are passed over.
        shortest = Walk(sequences, N, T, start_token, skip=0 if by_line or self.whole else T - 1)
        self.windows, self.buffers = shortest.windows, shortest.buffers()

    def batch(self, update: int) -> Batch:
        """The window of the `update`-th update, from 0 on, in the arrays of the one before."""
        walk, window = self._at(update)
        return walk.batch(window, self.buffers, (*self.noise, update))

    def places(self, update: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What stands at the places of that window, which of them are inside, and where a state starts from zero."""
        walk, window = self._at(update)
        return walk.places(window)

    def _at(self, update: int) -> tuple[Walk, int]:
        epoch, window = divmod(update, self.windows)
        return self.walk(epoch), window

    def _walk(self, epoch: int) -> Walk:
        rng = np.random.default_rng([self.seed, 2, epoch])
        sequences = self.sequences
        if not self.by_line:
            again = epoch > 0 and not self.whole
            skip = int(rng.integers(self.T)) if again else 0
            if self.piece and again and sequences.total < SHUFFLE_LIMIT:
                sequences = sequences.reordered(self.piece * self.T, rng)
            return Walk(sequences, self.N, self.T, self.start_token, skip=skip)
        if sequences.total < SHUFFLE_LIMIT:
            sequences = sequences.select(permutation(len(sequences), rng))
        return Walk(sequences, self.N, self.T, self.start_token)


def whole_batch(examples: Examples, indices: np.ndarray, N: int) -> Batch:
    """The sequences of these indices side by side, filled up to N rows with empty ones."""
    lengths = np.zeros(N, np.int32)
    lengths[: len(indices)] = examples.lengths[indices]
    T = max(1, int(lengths.max()))
    inside = np.arange(T)[:, None] < lengths
    begins = np.zeros(N, np.int64)
    begins[: len(indices)] = examples.offsets[indices]
    rows = np.where(inside, begins + np.arange(T)[:, None], 0)
    ids = [np.where(inside, column[rows], -1).astype(np.int32) for column in examples.ids]
    numbers = examples.numbers[rows]
    numbers[~inside] = 0
    starts = np.zeros((T, N), np.uint8)
    starts[0] = 1
    y, count = _whole_targets(examples, indices, rows, inside)
    return Batch(Window(ids, numbers, examples.grams), y, starts, count, T, lengths)


def _whole_targets(examples: Examples, indices: np.ndarray, rows: np.ndarray, inside: np.ndarray):
    """(y, how many targets there are)."""
    targets, N = examples.targets, inside.shape[1]
    if targets is None:
        return np.full((1, N), -1, np.int32), 0
    if examples.by_step:
        y = np.where(inside, targets[rows], -1).astype(np.int32)
    else:
        own = as_numbers(targets[indices]) if examples.are_sets else targets[indices]
        y = np.full((1, N, *own.shape[1:]), np.nan if own.dtype.kind == "f" else -1, own.dtype)
        y[0, : len(indices)] = own
    counted = y[:, :, 0] if examples.are_sets else y  # a sequence counts once, however many labels there are
    return y, int((counted >= 0).sum() if y.dtype.kind == "i" else np.isfinite(counted).sum())


class WholeEpochs:
    """Training batches of N whole sequences: shuffled each epoch, those of like lengths together.

    A pool of POOL batches is sorted by length and cut into batches, whose order is then shuffled: little padding, and
    yet other company for each sequence in each epoch.
    """

    POOL = 32

    def __init__(self, examples: Examples, N: int, seed: int):
        self.examples, self.N, self.seed = examples, N, seed
        self.T = int(examples.lengths.max())
        self.windows = -(-len(examples) // N)
        self.order = lru_cache(1)(self._batches)  # of the epoch under way

    def batch(self, update: int) -> Batch:
        """The batch of the `update`-th update, from 0 on."""
        epoch, window = divmod(update, self.windows)
        return whole_batch(self.examples, self.order(epoch)[window], self.N)

    def _batches(self, epoch: int) -> list[np.ndarray]:
        rng = np.random.default_rng([self.seed, 2, epoch])
        shuffled, size = rng.permutation(len(self.examples)), self.POOL * self.N
        batches = []
        for start in range(0, len(shuffled), size):
            pool = shuffled[start : start + size]
            pool = pool[np.argsort(self.examples.lengths[pool], kind="stable")]
            batches += [pool[i : i + self.N] for i in range(0, len(pool), self.N)]
        return [batches[i] for i in rng.permutation(len(batches))]


def in_order(examples: Examples, N: int) -> Iterator[tuple[np.ndarray, Batch]]:
    """(indices, batch) of all sequences, those of like lengths together."""
    order = np.argsort(examples.lengths, kind="stable")
    for start in range(0, len(order), N):
        indices = order[start : start + N]
        yield indices, whole_batch(examples, indices, N)
