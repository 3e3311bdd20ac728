"""The surprise of every token of a stream, read in pieces side by side, see pieces.py."""

from dataclasses import dataclass
from typing import Required, TypedDict

import numpy as np

from rnncli.data.batches import Batch
from rnncli.models.tensors import refuse_others
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.unfolding import Unfolding
from rnncli.predictors.pieces import WARM, Pieces, States
from rnncli.predictors.stream import Stream
from rnncli.stored import Count, expect, read


class Entry(TypedDict, total=False):
    """A Place as values of a state file, beside its states."""

    last: Required[Count]
    tokens: Count  # files of before have none


@dataclass(frozen=True)
class Place:
    """Where a stream stands: its states, the token to be read next, and how many tokens its state has read."""

    states: States
    last: int
    tokens: int


class ScoredStream(Stream, Pieces):
    """One stream, whose state can be kept in a file. At place p the network reads token p - 1, and token p follows."""

    def reset(self) -> None:
        super().reset()
        self._stand(0)

    def _stand(self, tokens: int) -> None:
        """The state has read so many tokens, of which `last` alone is known."""
        self.begin(tokens)
        self.tokens = np.array([self.last], np.int32)  # the latest, then those that are scored

    # -- nats ---------------------------------------------------------------------------------------------------

    def losses(self, ids: np.ndarray, in_sequence: bool = False) -> np.ndarray:
        """Nats of each of the ids, given all before; `in_sequence`: in one walk, without warm-ups."""
        first, out = self.place, np.empty(len(ids), np.float32)
        self.receive(ids)
        for place, nats in self.along(first + len(ids), in_sequence):
            out[place - first : place - first + len(nats)] = nats
        return out

    def receive(self, ids: np.ndarray) -> None:
        """These follow the token that is read next."""
        before = self.tokens[: self.place - self.known + 1][-(2 * WARM + 1) :]
        self.tokens = np.concatenate([before, ids.astype(np.int32)])
        self.known = self.place - len(before) + 1

    def passed(self, place: int) -> None:
        self.place, self.last = place, int(self.tokens[place - self.known])

    def to_read(self, places: np.ndarray) -> Batch:
        return Batch.to_read(self.tokens[places - self.known], np.zeros(places.shape, np.uint8))

    def values(self, u: Unfolding, places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        batch = self.to_read(places)
        batch.y, batch.count = np.where(wanted, self.tokens[places - self.known + 1], -1).astype(np.int32), places.size
        return CROSS_ENTROPY.losses(u, batch)

    # -- the state, as a `state_file.Holder` --------------------------------------------------------------------

    def state(self) -> Place:
        """A copy."""
        return Place([state.copy() for state in self.u.states()], self.last, self.place)

    def set_state(self, state: Place) -> None:
        """Go on from what `state` gave."""
        self.reset()
        self.u.set_states(state.states)
        self.last = state.last
        self._stand(state.tokens)

    def to_tensors(self, state: Place) -> tuple[dict[str, np.ndarray], dict]:
        """What `state` gave, as tensors and values of a state file."""
        tensors = {f"state.{i}": s for i, s in enumerate(state.states)}
        return tensors, {"last": state.last, "tokens": state.tokens}

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> Place:
        """The way back; Damaged if they are of no state of this network."""
        found = read(Entry, entry, "state")
        expect(found["last"] < len(self.vocabulary), "last", found["last"], f"one of {len(self.vocabulary):,} tokens")
        states = {f"state.{i}": state for i, state in enumerate(self.u.states())}
        refuse_others(tensors, {name: (state.shape, state.dtype) for name, state in states.items()})
        return Place([tensors[name] for name in states], found["last"], found.get("tokens", 0))
