"""The loss on the validation part: of streams and lines, of whole sequences, or of series."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from rnncli.data.batches import Batch, Walk, in_order
from rnncli.data.extent import Extent
from rnncli.data.ranks import Ranks
from rnncli.data.sequences import Sequences
from rnncli.data.series_windows import sweep
from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY, Loss
from rnncli.network.members import Members
from rnncli.network.network import Network

PIECES = 32  # the validation part is read in so many pieces side by side
WARM_STEPS = 64  # each piece begins so many tokens early, to warm its state
ROWS = 32  # whole sequences, or series, side by side
KEPT_BYTES = 32 << 20  # of windows of series that are kept
MEASURED = 2.0  # times as long as the loss of all series takes what is said of them
STEPS = 128  # of a piece, or of a series, at a time


class WholeValidator:
    """The loss on whole sequences; `measure(unfolded, valid)` is what the task says of them in the end."""

    whole_to_quick = 1.0

    def __init__(self, network: Network | Members, valid: Any, team: Team, loss: Loss, measure: Callable | None):
        self.valid, self.loss, self.measure = valid, loss, measure
        steps, side_by_side = self.room()
        self.unfolded = network.unfold(steps, side_by_side, team)

    def room(self) -> tuple[int, int]:
        """(steps, sequences) of a batch."""
        return int(self.valid.lengths.max()), min(ROWS, len(self.valid))

    def batches(self) -> Iterator[Batch]:
        """All that a quick validation reads."""
        return (batch for _, batch in in_order(self.valid, self.unfolded.N))

    def quick(self) -> float:
        """The mean over all targets."""
        return self._mean(self.batches())

    def whole(self) -> tuple[float, dict]:
        """The same, and what the task makes of it."""
        return self.quick(), self.measure(self.unfolded, self.valid)

    def _mean(self, batches: Iterable[Batch]) -> float:
        self.unfolded.pack()
        total, count = 0.0, 0
        for batch in batches:
            total += float(self.loss.losses(self.unfolded, batch).sum(dtype=np.float64))
            count += batch.count
        return total / max(1, count)


class SeriesValidator(WholeValidator):
    """The loss on the rows of series that have targets; those before them warm the state. `quick` is a sample of them,
    or they themselves.
    """

    def __init__(self, network: Any, valid: Extent, team: Team, loss: Loss, measure: Callable, quick: Extent):
        super().__init__(network, valid, team, loss, measure)
        self.network, self.team, self.part = network, team, quick
        self.whole_to_quick = MEASURED * valid.total / max(1, quick.total)

    def room(self) -> tuple[int, int]:
        return min(STEPS, int(self.valid.lengths.max())), min(ROWS, len(self.valid.lengths))

    def quick(self) -> float:
        return self.of_part.loss_of_all()

    @cached_property
    def of_part(self) -> "SeriesValidator":
        """Of the sample."""
        if self.part is self.valid:
            return self
        return SeriesValidator(self.network, self.part, self.team, self.loss, self.measure, self.part)

    def whole(self) -> tuple[float, dict]:
        return self.loss_of_all(), self.measure(self.unfolded, self.valid)

    def loss_of_all(self) -> float:
        """The mean over all targets."""
        return self._mean(self.batches())

    def batches(self) -> Iterator[Batch]:
        for batch in self.kept if self.is_small else self._made():
            yield batch
            self.unfolded.carry(batch.steps)

    @property
    def is_small(self) -> bool:
        """Whether its windows are kept, since they are read again and again."""
        s = self.valid.series
        return 4 * self.valid.total * (s.X.shape[1] + s.outlook.horizon * len(s.outlook.targets)) <= KEPT_BYTES

    @cached_property
    def kept(self) -> list[Batch]:
        """All its windows."""
        return list(self._made())

    def _made(self) -> Iterator[Batch]:
        u = self.unfolded
        for rows, inside, starts, _ in sweep(self.valid.reads, self.valid.last, u.N, u.T):
            yield self.valid.batch(rows, inside, starts)


class StreamValidator(WholeValidator):
    """The loss on text, read in pieces side by side; each begins a little early to warm its state."""

    def __init__(self, network: Network | Members, valid: Sequences, end: int, team: Team, by_record: bool, quick: int):
        self.end, self.by_record, pieces = end, by_record, min(PIECES, max(1, valid.total // 64))
        self.walk = Walk(valid, pieces, STEPS, end, by_record, 0 if by_record else WARM_STEPS)
        self.quick_windows = min(self.walk.windows, max(2, -(-quick // (STEPS * pieces))))
        self.whole_to_quick = self.walk.windows / self.quick_windows
        super().__init__(network, valid, team, CROSS_ENTROPY, None)

    def room(self) -> tuple[int, int]:
        return STEPS, self.walk.N

    def batches(self, windows: int = 0, nats: np.ndarray | None = None) -> Iterator[Batch]:
        """So many windows, else those of a quick validation; `nats` are filled in by position, as they are found."""
        for window in range(windows or self.quick_windows):
            batch = self.walk.batch(window)
            yield batch
            if nats is not None:
                scored = batch.y[: batch.steps] >= 0
                positions, _ = self.walk.positions(window, batch.steps)
                nats[positions[scored]] = self.unfolded.losses[: batch.steps][scored]
            self.unfolded.carry(batch.steps)

    def whole(self) -> tuple[float, dict]:
        """Mean nats of the whole part; and `line_ranks`: the Ranks of its lines' (or records') bits a token."""
        nats = np.zeros(self.valid.total)
        mean, bounds = self._mean(self.batches(self.walk.windows, nats)), self._bounds()
        bits = np.add.reduceat(nats[: bounds[-1]], bounds[:-1]) / np.diff(bounds) / math.log(2)
        return mean, {"line_ranks": Ranks.of(bits).to_json()}

    def _bounds(self) -> np.ndarray:
        """Where its sequences begin and end, or the lines of a stream (lines + 1,)."""
        if self.by_record:
            return self.valid.offsets
        ends = np.flatnonzero(self.valid.tokens == self.end) + 1
        return np.append(0, ends if len(ends) else self.valid.total)
