"""What predicts over a window of steps: a network unfolded (network.py), or several as one (members.py)."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnncli.data.batches import Batch, in_order
from rnncli.data.examples import Examples
from rnncli.data.window import Window
from rnncli.kernels.threads import Team


class Unfolding:
    """Up to T steps of N rows. `logits` (block, N, outputs) and `losses` (T, N) are of the last block of steps."""

    network: Any
    T: int
    N: int
    team: Team
    block: int  # steps of the output layer at a time
    pooling: Any  # None where there is an output at every step
    layers: list
    lengths: np.ndarray
    scale: np.ndarray
    logits: np.ndarray
    losses: np.ndarray
    extra: dict  # what a loss keeps here

    def pack(self) -> None:
        """Bring what is computed of θ up to date with it."""
        raise NotImplementedError

    def states(self, slot: int = 0) -> list[np.ndarray]:
        """The states of all layers that step `slot` starts from: (N, H), or (N, P, H), see `Layer.state`."""
        raise NotImplementedError

    def set_states(self, states: list[np.ndarray] | None = None) -> None:
        """Start from these states of all layers; None: from zero."""
        raise NotImplementedError

    def carry(self, steps: int) -> None:
        """The states after `steps` steps become the initial ones."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> None:
        """Run the layers over a batch of at most T steps; h of layer l is then in `layers[l].Y[:batch.steps]`."""
        raise NotImplementedError

    def outputs(self, t0: int, steps: int) -> np.ndarray:
        """Logits (steps, N, outputs) of the steps from t0 on; at most `block` of them at a time."""
        raise NotImplementedError

    def step(self, x: np.ndarray | Window) -> None:
        """One step of all rows, states carried and logits made: the shortest way for generation."""
        raise NotImplementedError

    def scored(self, loss: Any, batch: Batch) -> np.ndarray:
        """Run forward over a batch; the losses (steps, N) of its targets."""
        raise NotImplementedError

    def blocks(self, steps: int) -> Iterator[tuple[int, int]]:
        """(t0, how many) steps of the output layer at a time, for a batch of `steps`."""
        steps = 1 if self.pooling else steps
        return ((t0, min(self.block, steps - t0)) for t0 in range(0, steps, self.block))

    def over(self, examples: Examples) -> Iterator[tuple[np.ndarray, Batch]]:
        """Run whole sequences through the layers: (indices, batch) of each batch, whose states are then here."""
        for indices, batch in in_order(examples, self.N):
            self.forward(batch)
            yield indices, batch

    def pooled(self, examples: Examples) -> np.ndarray:
        """The outputs of whole sequences (sequences, outputs), in the order of the examples."""
        out = np.empty((len(examples), self.network.architecture.outputs), np.float32)
        for indices, _ in self.over(examples):
            out[indices] = self.outputs(0, 1)[0, : len(indices)]
        return out
