"""How far back the gradient reaches: the lag from which on that of the loss by the state stays below 1 %.

    g[k] = ‖dL[T]/dh[T-k]‖    over some rows and all layers, for a loss at the last step of a window only
    reach = the least k from which on g[k] < 0.01 g[0], or T if there is none

What lies further back than the reach hardly trains the network (Pascanu et al. 2013, arXiv 1211.5063).
"""

import numpy as np

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.losses import Loss
from rnncli.network.network import Network

FADED = 0.01
ROWS = 8  # of a batch that are looked at
SMALL = 0.25  # of the window: a reach below that has no need of it
LEAST_STEPS = 8  # no window is advised to be shorter, nor advised on


class Reach:
    """A small unfolding of a network over windows of T steps, beside the one that trains."""

    def __init__(self, network: Network, loss: Loss, T: int, N: int, team: Team):
        self.N, self.T, self.loss = min(ROWS, N), T, loss
        self.unfolded = network.unfold(T, self.N, team, training=True)

    def measure(self, batch: Batch) -> int | None:
        """The reach in the first T steps of a window, 1 to their number; None if there is no gradient to speak of."""
        batch = batch.first(self.T) if batch.steps > self.T else batch
        norms = self.norms(batch)
        if not np.isfinite(norms).all() or not norms[0] > 0:
            return None
        return faded(norms) or batch.steps

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


def advice(reach: int, steps: int) -> str | None:
    """What a reach says about the window, if it says something."""
    if steps < LEAST_STEPS:
        return None
    if reach >= steps:
        return f"the gradient reaches through the whole window of {steps}: a longer --steps may learn more"
    if reach < SMALL * steps and steps > LEAST_STEPS:
        return (
            f"the gradient reaches {reach} of {steps} steps: --steps {max(LEAST_STEPS, 2 * reach)} would train faster"
        )
    return None
