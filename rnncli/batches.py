"""Sequences to batches: N rows read their own stretch of the data side by side, window after window.

The data is one long row of tokens F. Row n of the batch walks through its stretch F[begin[n] : end[n]], T tokens a
window, and carries its state from window to window. At position p the network has read F[p-1] and predicts F[p]; where
a sequence starts at p it has read the line end instead, and its state is zero. So a line longer than a window is
trained in windows with carried state, and nothing leaks from line to line.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.sequences import Sequences

SHUFFLE_LIMIT = 1 << 28  # tokens; more than that is read in its own order


@dataclass
class Batch:
    """One window: x, y (T, N) int32, starts (T, N) uint8, `count` targets that are not -1, `steps` in use."""

    x: np.ndarray
    y: np.ndarray
    starts: np.ndarray
    count: int
    steps: int


class Walk:
    """The windows of one pass over `sequences` in N rows of T steps.

    `whole` cuts the stretches at starts of sequences (lines), else anywhere (streams). `warm` lets every stretch begin
    that many tokens early, without loss, so that its state is not cold.
    """

    def __init__(self, sequences: Sequences, N: int, T: int, start_token: int, whole=False, warm=0, skip=0):
        self.F, self.N, self.T, self.start_token = sequences.tokens, N, T, start_token
        offsets, total = sequences.offsets, sequences.total
        cuts = np.linspace(min(skip, max(0, total - N)), total, N + 1).astype(np.int64)
        if whole:
            cuts[1:-1] = offsets[np.searchsorted(offsets, cuts[1:-1])]
        self.end, self.first_target = cuts[1:], cuts[:-1]
        self.begin = np.maximum(cuts[:-1] - warm, 0) if warm else cuts[:-1]
        self.is_start = np.zeros(total, np.uint8)
        self.is_start[offsets[:-1][offsets[:-1] < total]] = 1
        self.windows = int(-(-(self.end - self.begin).max() // T))

    def positions(self, window: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Where in F the (steps, N) targets of a window stand, and which of them are inside their stretch."""
        P = self.begin + window * self.T + np.arange(steps)[:, None]
        return P, self.end > P

    def batch(self, window: int) -> Batch:
        P, inside = self.positions(window, self.T)
        steps = int(inside.any(axis=1).sum())
        P = np.where(inside, P, np.minimum(self.begin, len(self.F) - 1))
        y = np.where(inside & (self.first_target <= P), self.F[P].astype(np.int32), -1).astype(np.int32)
        starts = self.is_start[P]
        x = np.where(starts, self.start_token, self.F[P - 1].astype(np.int32)).astype(np.int32)
        if window == 0:
            starts = starts | (self.begin == P)
        return Batch(x, y, np.ascontiguousarray(starts), int((y >= 0).sum()), steps)


class Epochs:
    """Training windows in their order: epoch after epoch, lines shuffled anew each time, streams cut elsewhere.

    Lines are cut anywhere too, so that stretches are equally long even if one line is most of the data: the up to N - 1
    lines that a stretch begins within are read from a zero state on, like the middle of a text.
    """

    def __init__(self, sequences: Sequences, N: int, T: int, start_token: int, by_line: bool, seed: int):
        self.sequences, self.N, self.T, self.start_token = sequences, N, T, start_token
        self.by_line, self.seed = by_line, seed
        self.epoch, self.walk = -1, None
        # The same number every pass: the least, so that at most the ends of the stretches are passed over.
        self.windows = Walk(sequences, N, T, start_token, skip=0 if by_line else T - 1).windows

    def batch(self, update: int) -> Batch:
        """The window of the `update`-th update, from 0 on."""
        epoch, window = divmod(update, self.windows)
        if epoch != self.epoch:
            self.epoch, self.walk = epoch, self._walk(epoch)
        return self.walk.batch(window)

    def _walk(self, epoch: int) -> Walk:
        rng = np.random.default_rng([self.seed, 2, epoch])
        sequences = self.sequences
        if not self.by_line:
            return Walk(sequences, self.N, self.T, self.start_token, skip=int(rng.integers(self.T)) if epoch else 0)
        if sequences.total < SHUFFLE_LIMIT:
            sequences = sequences.select(rng.permutation(len(sequences)))
        return Walk(sequences, self.N, self.T, self.start_token)
