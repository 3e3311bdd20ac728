"""One long series, read in pieces side by side, see pieces.py."""

from collections.abc import Callable, Iterator

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.extent import Extent
from rnncli.network.unfolding import Unfolding
from rnncli.predictors import pieces
from rnncli.predictors.pieces import Pieces, States

LEAST = 3  # pieces of a series that is long
FOUND = 1 << 24  # bytes of what is kept of pieces until their states are verified


class LongSeries(Pieces):
    """Place p is the row so many after the first one that is read. Values are the outputs (steps, N, outputs) at rows
    that count; `outputs` is 0 where only states are asked for.
    """

    def __init__(
        self, unfold: Callable[[int, int], Unfolding], u: Unfolding, extent: Extent, number: int, outputs: int
    ):
        self.unfold, self.u, self.extent, self.outputs = unfold, u, extent, outputs
        self.row, self.counted = int(extent.reads[number]), int(extent.first[number])
        self.rows_at_most = _rows_at_most(outputs)
        u.set_states(None if extent.initial is None else [state[number : number + 1] for state in extent.initial])
        self.begin()

    @staticmethod
    def only(lengths: np.ndarray, outputs: int) -> int | None:
        """The number of the one series that has rows (series,) to be read, if it is to be read so."""
        (numbers,) = np.nonzero(lengths > 0)
        long = len(numbers) == 1 and lengths[numbers[0]] >= LEAST * pieces.PIECE
        return int(numbers[0]) if long and _rows_at_most(outputs) >= pieces.FIRST_ROWS else None

    def until(self, row: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows (n,), outputs (n, outputs)) up to a row, in their order."""
        for place, found in self.along(row - self.row):
            rows = self.row + place + np.arange(len(found))
            counts = rows >= self.counted
            if counts.any():
                yield rows[counts], found[counts]

    def states(self, row: int) -> States:
        """Those before a row."""
        for _ in self.along(row - self.row):
            pass
        return [state.copy() for state in self.u.states()]

    def to_read(self, places: np.ndarray) -> Batch:
        rows = self.row + places
        return Batch.to_read(self.extent.series.window(rows, np.ones(rows.shape, bool)), np.zeros(rows.shape, np.uint8))

    def values(self, u: Unfolding, places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        u.forward(self.to_read(places))
        found = np.zeros((*places.shape, self.outputs), np.float32)
        if self.outputs and wanted.any() and self.row + places.max() >= self.counted:
            for t, steps in u.blocks(len(places)):
                found[t : t + steps] = u.outputs(t, steps)
        return found


def _rows_at_most(outputs: int) -> int:
    """Pieces side by side, a power of two."""
    fit = FOUND // (4 * pieces.PIECE * max(1, outputs))
    return min(pieces.ROWS, 1 << max(0, fit.bit_length() - 1)) if fit else 0
