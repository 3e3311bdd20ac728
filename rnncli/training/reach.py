"""How far back the gradient reaches: the lag from which on that of the loss by the state stays below 1 %.

    g[k] = ‖dL[T]/dh[T-k]‖    over some rows and all layers, for a loss at the last step of a window only
    reach = the least k from which on g[k] < 0.01 g[0], or T if there is none

What lies further back than the reach hardly trains the network (Pascanu et al. 2013, arXiv 1211.5063).
"""

import numpy as np

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.losses import Loss
from rnncli.network.network import SCORED_BYTES, Network

FADED = 0.01
ROWS = 8  # of a batch that are looked at


class Reach:
    """A small unfolding of a network over windows of T steps, beside the one that trains."""

    def __init__(self, network: Network, loss: Loss, T: int, N: int, team: Team):
        self.N, self.T, self.loss = min(ROWS, N), T, loss
        self.unfolded = network.unfold(T, self.N, team, training=True, logits=SCORED_BYTES >> 2)

    def measure(self, batch: Batch) -> int | None:
        """The reach in the first T steps of a window, 1 to their number; None if there is no gradient to speak of."""
        norms = self.profile(batch)
        return None if norms is None else faded(norms) or len(norms)

    def profile(self, batch: Batch) -> np.ndarray | None:
        """g by lag in the first T steps of a window; None if there is no gradient to speak of."""
        norms = self.norms(batch.first(self.T) if batch.steps > self.T else batch)
        return norms if np.isfinite(norms).all() and norms[0] > 0 else None

    def norms(self, batch: Batch) -> np.ndarray:
        """g by lag, 0 to steps - 1, from states of zero."""
        u, steps = self.unfolded, batch.steps
        last = batch.only_last(self.N)
        u.set_states()
        u.pack()
        u.gradients(last, self.loss.gradient, steady=self.loss.is_steady(last))
        squares = sum((layer.dY[:steps].astype(np.float64) ** 2).sum(axis=(1, 2)) for layer in u.layers)
        return np.sqrt(squares)[::-1]


def faded(norms: np.ndarray) -> int | None:
    """The first lag from which on the norm is below 1 % of that at lag 0, if there is one: a convolution has lags
    between its taps at which there is none.
    """
    reach = 1 + int(np.flatnonzero(norms >= FADED * norms[0])[-1])
    return reach if reach < len(norms) else None
