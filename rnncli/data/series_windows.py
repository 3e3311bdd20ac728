"""Windows of series: T steps of N series side by side, to train on them or to read them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnncli.data.batches import Batch, Epochs
from rnncli.data.extent import Extent
from rnncli.data.sequences import Sequences
from rnncli.data.series import Series
from rnncli.process.temporary import WhenRead

TARGETS_BYTES = 1 << 26  # of targets that are kept


class SeriesEpochs:
    """Training windows: series shuffled each epoch, a single one cut elsewhere."""

    def __init__(self, train: Extent, N: int, T: int | None, seed: int, shift: int = 0):
        self.train, self.N, self.seed, self.shift = train, N, seed, shift
        self.targets = _targets(train)
        lengths = train.lengths[train.lengths > 0]
        sequences = Sequences(train.rows.every(1), np.cumsum(lengths) - lengths)
        self.epochs = Epochs(sequences, N, T, 0, len(lengths) > 1, seed)
        self.T, self.windows = self.epochs.T, self.epochs.windows

    def batch(self, update: int) -> Batch:
        """The window of the `update`-th update, from 0 on."""
        rows, inside, starts = self.epochs.places(update)
        batch = self.train.batch(rows, inside, starts, self.targets)
        if self.shift:
            self._shift(batch, rows, update // self.windows)
        return batch

    def _shift(self, batch: Batch, rows: np.ndarray, epoch: int) -> None:
        """Move the bits of each series by up to `shift` columns, the same way all through an epoch."""
        s, K = self.train.series, len(self.train.series.outlook.targets)
        by = np.random.default_rng([self.seed, 4, epoch]).integers(-self.shift, self.shift + 1, len(s))
        by = by[s.series_of(rows)][..., None]
        own, ahead = batch.x.numbers[..., :K], batch.y.reshape(*rows.shape, -1, K)
        own[...], ahead[...] = moved(own, by), moved(ahead, by[..., None])


def _targets(train: Extent) -> WhenRead | None:
    """Those of all rows, kept as they are read again and again; None if they are too many."""
    s, o = train.series, train.series.outlook
    if 4 * o.horizon * len(o.targets) * len(s.z) > TARGETS_BYTES:
        return None

    def made(begin: int, end: int) -> np.ndarray:
        rows = np.arange(begin, end)
        return s.residuals(rows, train.limits(rows))

    return WhenRead(len(s.z), made)


def moved(bits: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Bit k of (.., K) goes to k + by (.., 1); zeros come in, and what is no number stays where it is."""
    columns = np.arange(bits.shape[-1]) - by
    there = (columns >= 0) & (columns < bits.shape[-1])
    out = np.where(there, np.take_along_axis(bits, np.where(there, columns, 0), axis=-1), 0)
    return np.where(np.isnan(bits), bits, out)


def sweep(
    begin: np.ndarray, end: np.ndarray, N: int, T: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Rows begin[i] to end[i], N series side by side, those of like lengths together, window after window: (rows,
    inside, starts), each (T, N); and the numbers of the series, of which there may be fewer than N.

    States are carried from window to window of the same series.
    """
    lengths = np.maximum(0, end - begin)
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    for at in range(0, len(order), N):
        chosen = order[at : at + N]
        first, stop = np.zeros(N, np.int64), np.zeros(N, np.int64)
        first[: len(chosen)], stop[: len(chosen)] = begin[chosen], end[chosen]
        for start in range(0, int((stop - first).max()), T):
            rows = first + start + np.arange(T)[:, None]
            inside = rows < stop
            starts = np.zeros(rows.shape, np.uint8)
            starts[0] = start == 0
            yield np.where(inside, rows, first), inside, starts, chosen


def read(
    u: Any, s: Series, begin: np.ndarray, end: np.ndarray, initial: list[np.ndarray] | None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, int]]:
    """Run an unfolded network over rows begin[i] to end[i], from states `initial` (i, H) or zero: (rows, inside)
    (T, N), the numbers i, steps; after each window the states and outputs of its steps are in `u`.
    """
    for rows, inside, starts, chosen in sweep(begin, end, u.N, u.T):
        if initial is not None and starts[0, 0]:
            starts[0] = 0
            for state, given in zip(u.states(), initial, strict=True):
                state[: len(chosen)] = given[chosen]
        batch = Batch.to_read(s.window(rows, inside), starts)
        batch.steps = int(inside.any(axis=1).sum())
        u.forward(batch)
        yield rows, inside, chosen, batch.steps
        u.carry(batch.steps)
