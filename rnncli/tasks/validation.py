"""The loss on the validation part: of streams and lines, of whole sequences, or of series."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from rnncli.data.batches import Batch, Walk, in_order
from rnncli.data.ranks import Ranks
from rnncli.data.sequences import Sequences
from rnncli.data.series_windows import sweep
from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY, Loss
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.network.shared_scores import SharedScores
from rnncli.network.shares import Joint
from rnncli.tasks.paired import batches_of_tokens

PIECES = 32  # the validation part is read in so many pieces side by side
WARM_STEPS = 64  # each piece begins so many tokens early, to warm its state; a network may remember for longer, so
FINAL_WARM_STEPS = 512  # for the loss that is told, or as many as a convolution reads, if it reads more
ROWS = 32  # whole sequences, or series, side by side
QUICK_TOKENS = (4_000, 50_000)  # least and most of the validation part that decide which weights are best; else
QUICK_PART = 1 / 100  # of the tokens that are trained on
WHOLE_LEAST, WHOLE_PART = 10_000, 1 / 8  # the same of the final loss; a tenth of one epoch's tokens is less
KEPT_BYTES = 32 << 20  # of windows of series that are kept
MEASURED = 2.0  # times as long as the loss of all takes that and what else is said of them
STEPS = 128  # of a piece, or of a series, at a time


def quick_tokens(expected: float) -> int:
    """Of the validation part, that a quick validation reads; `expected` is what training will read."""
    least, most = QUICK_TOKENS
    return int(min(max(least, QUICK_PART * expected), most))


def whole_tokens(expected: float) -> int:
    """Of the validation part, that the final loss is measured on at most."""
    return int(max(WHOLE_LEAST, WHOLE_PART * expected))


class WholeValidator:
    """The loss on whole sequences; `measure(unfolded, valid)` is what the task says of them in the end. A quick
    validation reads a `part` of them, or all. `calibrated(outputs, valid)` finds the loss from all outputs at once,
    where it is not the mean of `loss`.
    """

    def __init__(
        self,
        network: Any,
        valid: Any,
        team: Team,
        loss: Loss,
        measure: Callable | None,
        part: Any | None = None,
        calibrated: Callable[[np.ndarray, Any], float] | None = None,
    ):
        self.network, self.valid, self.team, self.loss, self.measure = network, valid, team, loss, measure
        self.calibrated = calibrated
        self.part = valid if part is None else part
        self.whole_to_quick = MEASURED * valid.total / max(1, self.part.total)
        steps, side_by_side = self.room()
        self.unfolded = network.unfold(steps, side_by_side, team)
        self.joint: Joint | None = None
        self.scorer: Any = self.unfolded  # what finds the losses

    def divide(self, joint: Joint) -> None:
        """Find the losses together with other processes; all of them call the same."""
        u, self.joint = self.unfolded, joint
        self.scorer = SharedScores(self.network, u.T, u.N, self.team, joint)

    def room(self) -> tuple[int, int]:
        """(steps, sequences) of a batch."""
        return int(self.valid.lengths.max()), min(ROWS, len(self.valid))

    def batches(self) -> Iterator[Batch]:
        """All that is read."""
        return (batch for _, batch in in_order(self.valid, self.unfolded.N))

    def quick(self) -> float:
        """The mean over all targets of the part."""
        return self.of_part.loss_of_all()

    def whole(self) -> tuple[float, dict]:
        """The mean over all targets, and what the task makes of them."""
        loss = self.loss_of_all()
        self.unfolded.pack()  # it may be another one that has found the losses
        return loss, self.measure(self.unfolded, self.valid)

    def loss_of_all(self) -> float:
        """The mean over all targets."""
        if self.calibrated:
            self.scorer.pack()
            return self.calibrated(self.scorer.pooled(self.valid), self.valid)
        return self._mean(self.batches())

    @cached_property
    def of_part(self) -> "WholeValidator":
        """Of the part."""
        if self.part is self.valid:
            return self
        part = type(self)(self.network, self.part, self.team, self.loss, self.measure, None, self.calibrated)
        if self.joint:
            part.divide(self.joint)
        return part

    def _mean(self, batches: Iterable[Batch]) -> float:
        self.scorer.pack()
        total, count = 0.0, 0
        for batch in batches:
            total += float(self.loss.losses(self.scorer, batch).sum(dtype=np.float64))
            count += batch.count
        return total / max(1, count)


class SeriesValidator(WholeValidator):
    """The loss on the rows of series that have targets; those before them warm the state."""

    def room(self) -> tuple[int, int]:
        return min(STEPS, int(self.valid.lengths.max())), min(ROWS, len(self.valid.lengths))

    def batches(self) -> Iterator[Batch]:
        for batch in self.kept if self.is_small else self._made():
            yield batch
            self.scorer.carry(batch.steps)

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
    """The loss on text, read in pieces side by side; each begins a little early to warm its state. `rivals` are the
    nats of its first tokens by other models.
    """

    rivals: dict[str, np.ndarray] = {}

    def __init__(self, network: Network | Members, valid: Sequences, end: int, team: Team, by_record: bool, quick: int):
        self.end, self.by_record, pieces = end, by_record, min(PIECES, max(1, valid.total // 64))
        final = max(FINAL_WARM_STEPS, network.architecture.receptive_field or 0)
        self.walk = Walk(valid, pieces, STEPS, end, by_record, 0 if by_record else WARM_STEPS)
        self.final_walk = self.walk if by_record else Walk(valid, pieces, STEPS, end, warm=final)
        self.quick_windows = min(self.walk.windows, max(2, -(-quick // (STEPS * pieces))))
        super().__init__(network, valid, team, CROSS_ENTROPY, None)
        self.whole_to_quick = self.final_walk.windows / self.quick_windows

    def room(self) -> tuple[int, int]:
        return STEPS, self.walk.N

    def batches(self) -> Iterator[Batch]:
        """Those of a quick validation."""
        return self._read(self.walk, self.quick_windows)

    def _read(self, walk: Walk, windows: int, nats: np.ndarray | None = None) -> Iterator[Batch]:
        """The first windows of a walk; `nats` are filled in by position, as they are found."""
        for window in range(windows):
            batch = walk.batch(window)
            yield batch
            if nats is not None:
                scored = batch.y[: batch.steps] >= 0
                positions, _ = walk.positions(window, batch.steps)
                nats[positions[scored]] = self.scorer.losses[: batch.steps][scored]
            self.scorer.carry(batch.steps)

    def whole(self) -> tuple[float, dict]:
        """Mean nats of the whole part; `line_ranks`: the Ranks of its lines' (or records') bits a token; and the means
        of batches beside those of the rivals, see paired.py.
        """
        walk, nats = self.final_walk, np.zeros(self.valid.total)
        mean, bounds = self._mean(self._read(walk, walk.windows, nats)), self._bounds()
        bits = np.add.reduceat(nats[: bounds[-1]], bounds[:-1]) / np.diff(bounds) / math.log(2)
        found: dict[str, Any] = {"line_ranks": Ranks.of(bits).to_json()}
        if beside := batches_of_tokens({"": nats} | self.rivals) if self.rivals else {}:
            found |= {"batches": beside.pop(""), "rivals_batches": beside}
        return mean, found

    def _bounds(self) -> np.ndarray:
        """Where its sequences begin and end, or the lines of a stream (lines + 1,)."""
        if self.by_record:
            return self.valid.offsets
        ends = np.flatnonzero(self.valid.tokens == self.end) + 1
        return np.append(0, ends if len(ends) else self.valid.total)
