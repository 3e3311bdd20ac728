"""A stream, or lines one after the other, of text that is scored and then learnt from, see training/adaptation.py."""

from collections.abc import Callable

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.vocabulary import Vocabulary
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.unfolding import Unfolding
from rnncli.predictors.scored_stream import Place, ScoredStream
from rnncli.training.adaptation import Adaptation

NAME = ""  # of the one stream


class AdaptiveStream(ScoredStream):
    """One stream. What it has learnt is kept when it begins anew."""

    def __init__(self, unfold: Callable[[int, int], Unfolding], vocabulary: Vocabulary, adaptation: Adaptation):
        self.adaptation = adaptation
        super().__init__(unfold, vocabulary)
        self.packed = adaptation.version

    def reset(self) -> None:
        super().reset()
        self.begins = True  # the next token is the first of a sequence

    def losses(self, ids: np.ndarray, in_sequence: bool = False, begins: np.ndarray | None = None) -> np.ndarray:
        """Nats of each of the ids, given all before, by the weights that the pieces before have led to. `begins`: 1
        where a sequence begins; none, where the one under way goes on.
        """
        ids, done, out = ids.astype(np.int32), 0, np.empty(len(ids), np.float32)
        starts = np.zeros(len(ids), np.uint8) if begins is None else begins.copy()
        starts[:1] |= self.begins
        self.begins = self.begins and not len(ids)
        while done < len(ids):
            end = min(len(ids), done + self.adaptation.left(NAME))
            out[done:end] = self._piece(ids[done:end], starts[done:end])
            done = end
        return out

    def set_state(self, state: Place) -> None:
        super().set_state(state)
        self.begins = False

    def _piece(self, ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Score some ids, then learn from them if they end a piece."""
        self.adaptation.use(NAME)
        if self.packed != self.adaptation.version:
            self.u.pack()
            self.packed = self.adaptation.version
        x, steps = np.concatenate([[self.last], ids[:-1]]).astype(np.int32), len(ids)
        batch = Batch(x[:, None], ids[:, None], starts[:, None].copy(), count=steps, steps=steps)
        before = [state.copy() for state in self.u.states()]
        nats = CROSS_ENTROPY.losses(self.u, batch)[:, 0].copy()
        self.adaptation.refuse_no_numbers(nats)
        self.u.carry(steps)
        self.receive(ids)
        self.passed(self.place + steps)
        self.adaptation.read(NAME, batch, before)
        return nats
