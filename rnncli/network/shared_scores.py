"""The losses of a batch, each of whose rows is run by one of several processes; all of them get the losses of all."""

import numpy as np

from rnncli.data.batches import Batch, in_order
from rnncli.data.examples import Examples
from rnncli.kernels.threads import Team
from rnncli.network.losses import Loss
from rnncli.network.network import Network
from rnncli.network.shares import Joint, own_rows, rows_of


class SharedScores:
    """In place of an `Unfolded`, where nothing is learnt: T steps of N rows, of which this process has some, or none.
    A row has the bits that it has among all. `losses` (T, N) are of all rows.
    """

    def __init__(self, network: Network, T: int, N: int, team: Team, joint: Joint):
        self.network, self.T, self.N, self.joint = network, T, N, joint
        self.counts, self.first, self.last = own_rows(joint, N)
        self.u = network.unfold(T, self.last - self.first, team) if self.last > self.first else None
        self.losses = np.zeros((T, N), network.theta.flat.dtype)

    def pack(self) -> None:
        """As of any unfolding."""
        if self.u:
            self.u.pack()

    def carry(self, steps: int) -> None:
        """As of any unfolding."""
        if self.u:
            self.u.carry(steps)

    def scored(self, loss: Loss, batch: Batch) -> np.ndarray:
        """Run forward over a batch; the losses (steps, N) of its targets."""
        steps = 1 if self.network.architecture.pool else batch.steps
        own = np.empty((0, steps), self.losses.dtype)
        if self.u:
            own = np.ascontiguousarray(loss.losses(self.u, rows_of(batch, self.first, self.last)).T)
        self.losses[:steps] = self.joint.gather(own, self.counts).T
        return self.losses[:steps]

    def pooled(self, examples: Examples) -> np.ndarray:
        """The outputs of whole sequences (sequences, outputs), in the order of the examples."""
        out = np.empty((len(examples), self.network.architecture.outputs), np.float32)
        for indices, batch in in_order(examples, self.N):
            own = np.empty((0, out.shape[1]), np.float32)
            if self.u:
                self.u.forward(rows_of(batch, self.first, self.last))
                own = self.u.outputs(0, 1)[0].astype(np.float32)
            out[indices] = self.joint.gather(own, self.counts)[: len(indices)]
        return out
