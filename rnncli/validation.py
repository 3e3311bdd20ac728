"""The loss on the validation part."""

import math

import numpy as np

from rnncli.batches import Walk
from rnncli.kernels.team import Team
from rnncli.network import Network
from rnncli.sequences import Sequences
from rnncli.tasks import language
from rnncli.vocabulary import Vocabulary

PIECES = 32  # the validation part is read in so many pieces side by side
WARM_STEPS = 64  # each piece begins so many tokens early, to warm its state


class Validator:
    """The loss on the validation part, read in pieces side by side; each begins a little early to warm its state."""

    def __init__(
        self, network: Network, valid: Sequences, vocabulary: Vocabulary, team: Team, by_line: bool, quick: int
    ):
        self.network, self.valid, self.vocabulary, self.team, self.by_line = network, valid, vocabulary, team, by_line
        pieces = min(PIECES, max(1, valid.total // 64))
        self.T = 128
        self.unfolded = network.unfold(self.T, pieces, team)
        self.walk = Walk(valid, pieces, self.T, vocabulary.newline, by_line, 0 if by_line else WARM_STEPS)
        self.quick_windows = min(self.walk.windows, max(2, -(-quick // (self.T * pieces))))
        self.whole_to_quick = self.walk.windows / self.quick_windows

    def quick(self) -> float:
        """Mean nats over the first tokens of each piece."""
        return self._mean(self.quick_windows)

    def whole(self) -> tuple[float, list[float]]:
        """Mean nats of the whole part, and the 0, 1, .. 100 % quantiles of its lines' bits a token."""
        nats = np.zeros(self.valid.total)
        mean = self._mean(self.walk.windows, nats)
        ends = np.flatnonzero(self.valid.tokens == self.vocabulary.newline) + 1
        if not len(ends):
            ends = np.array([self.valid.total])
        begins = np.concatenate([[0], ends[:-1]])
        bits = np.add.reduceat(nats[: ends[-1]], begins) / (ends - begins) / math.log(2)
        return mean, [round(float(q), 5) for q in np.quantile(bits, np.linspace(0, 1, 101))]

    def _mean(self, windows: int, nats: np.ndarray | None = None) -> float:
        """The mean over so many windows; fills `nats` by position if it is given."""
        u = self.unfolded
        u.pack()
        total, count = 0.0, 0
        for window in range(windows):
            batch = self.walk.batch(window)
            losses = language.losses(u, batch)
            if nats is not None:
                scored = batch.y[: batch.steps] >= 0
                nats[self.walk.positions(window, batch.steps)[0][scored]] = losses[scored]
            total += float(losses.sum(dtype=np.float64))
            count += batch.count
            u.carry(batch.steps)
        return total / max(1, count)
