"""One row of a network that walks along a stream: what it says next, its states, and tokens drawn from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.vocabulary import Vocabulary
from rnncli.kernels.softmax import pick, softmax
from rnncli.network.unfolding import Unfolding

STREAM_STEPS = 256  # window of a carried stream
COLDEST = 1e-6  # a lower temperature is zero: the likeliest token, without a draw
HOTTEST = 1e30  # a higher one is this: all tokens are as likely, and float32 holds it


@dataclass(frozen=True)
class Choice:
    """How the next token is drawn: p^(1/temperature), among the top_k likeliest and the top_p part of the mass."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


class Stream:
    """Walks with its state; `last` is the token that it reads next.

    `unfold(T, N)` gives the network, packed, over T steps of N rows.
    """

    def __init__(self, unfold: Callable[[int, int], Unfolding], vocabulary: Vocabulary):
        self.unfold, self.vocabulary = unfold, vocabulary
        self.u = unfold(STREAM_STEPS, 1)
        self.scratch = np.empty(self.u.network.architecture.outputs, np.float32)
        self.reset()

    def reset(self) -> None:
        """State zero, and the line end that starts a sequence just read."""
        self.u.set_states()
        self.last = self.vocabulary.end
        self.fresh = True  # `last` has not been fed yet

    def feed(self, ids: np.ndarray) -> None:
        """Read the ids, so that the logits of what follows are there."""
        ids = np.concatenate([[self.last], ids]).astype(np.int32) if self.fresh else ids.astype(np.int32)
        self.fresh = False
        for window in self._windows(ids):
            self.u.forward(window)
            self.u.carry(window.steps)
            self.logits = self.u.outputs(window.steps - 1, 1)[0, 0]
        self.token = np.zeros((1, 1), np.int32)

    def states(self, ids: np.ndarray) -> np.ndarray:
        """h (steps, layers, H) while reading the ids."""
        if self.fresh:
            self.feed(ids[:0])
        out = []
        for window in self._windows(ids.astype(np.int32)):
            self.u.forward(window)
            out.append(np.stack([layer.Y[: window.steps, 0] for layer in self.u.layers], axis=1))
            self.u.carry(window.steps)
        return np.concatenate(out)

    def _windows(self, ids: np.ndarray) -> Iterator[Batch]:
        return Batch.to_read(ids[:, None], np.zeros((len(ids), 1), np.uint8)).windows(STREAM_STEPS)

    def step(self, token: int) -> None:
        """Read one token."""
        self.token[0, 0] = token
        self.u.step(self.token)

    def probabilities(self) -> np.ndarray:
        """Of every token to come next."""
        softmax(self.logits, np.float32(1), self.scratch)
        return self.scratch

    def draw(self, choice: Choice, u: float) -> int:
        """A token by the uniform number u; never <unk>."""
        unknown = self.vocabulary.unknown
        if unknown is not None:
            self.logits[unknown] = -np.inf
        if choice.temperature < COLDEST:
            return int(np.argmax(self.logits))
        softmax(self.logits, np.float32(min(choice.temperature, HOTTEST)), self.scratch)
        if unknown is not None:
            self.scratch[unknown] = 0
        if choice.top_k or choice.top_p < 1:
            _restrict(self.scratch, self.logits, choice)
        return pick(self.scratch, u)


def _restrict(p: np.ndarray, logits: np.ndarray, choice: Choice) -> None:
    """Zero all but the top_k likeliest, and of these all beyond the top_p part of the mass. The logits tell which are
    likelier where a high temperature has made their p equal.
    """
    order = np.argsort(-logits, kind="stable")
    keep = min(choice.top_k or len(p), len(p))
    if choice.top_p < 1:
        keep = min(keep, 1 + int(np.searchsorted(np.cumsum(p[order]), choice.top_p)))
    p[order[keep:]] = 0
