"""A network unfolded over the rows of a batch that this process has, and trained by these alone (`--local-steps`)."""

from dataclasses import replace

import numpy as np

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.network import Dropout, Network, Unfolded
from rnncli.network.shares import Joint, own_rows, rows_of


class OwnRows:
    """In place of an `Unfolded`, for a training: T steps of N rows, of which this process has some. `states` are of all
    rows, all else is of its own. The masks of dropout are those of the row in the batch.
    """

    def __init__(self, network: Network, T: int, N: int, team: Team, dropout: Dropout, joint: Joint):
        self.joint = joint
        self.counts, self.first, self.last = own_rows(joint, N)
        self.u = Unfolded(network, T, self.last - self.first, team, True, dropout, False, False, (self.first, N))
        self.grads, self.pack, self.carry = self.u.grads, self.u.pack, self.u.carry
        self.gradients = self.u.gradients

    def batch(self, whole: Batch) -> Batch:
        """Its rows of a batch; the loss is the mean over their targets."""
        own = rows_of(whole, self.first, self.last)
        return replace(own, count=int(own.targeted.sum()))

    def states(self) -> list[np.ndarray]:
        """Those of all rows: copies."""
        return [self.joint.gather(np.ascontiguousarray(state), self.counts) for state in self.u.states()]

    def set_states(self, states: list[np.ndarray] | None = None) -> None:
        """From those of all rows; None: from zero."""
        self.u.set_states(None if states is None else [state[self.first : self.last] for state in states])
