"""The surprise of every token of a stream, read in pieces side by side that together equal one walk along it.

A carried state is a chain, but a network that was trained forgets: a start from zero some hundred tokens earlier leads
to the same state, to the rounding of float32. So the stream is cut at every PIECE-th token since its state began. Each
piece starts from zero WARM tokens early, many side by side, and that is verified: where a state at the start of a piece
is further than NEAR from the one that the piece before ends with (of the largest of its layer), the warm-up is doubled;
is it still further, the piece goes on from the true state. After MOST such pieces in a row the rest does, in sequence.

The cuts depend on the number of tokens alone: the same nats, to the bit, for any number of threads and whatever number
of tokens is given at a time.
"""

from dataclasses import dataclass
from typing import Required, TypedDict

import numpy as np

from rnncli.data.batches import Batch
from rnncli.models.tensors import refuse_others
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.predictors.stream import STREAM_STEPS, Stream
from rnncli.stored import Count, expect, read

PIECE = 4096  # tokens, a multiple of STEPS
WARM = 512  # the same: what is left of a state in a cell whose forget gate is 0.96
NEAR = 1e-5
MOST = 3
ROWS = 64  # pieces side by side; at first fewer, until it is known that the network forgets
FIRST_ROWS = 4
STEPS = 128  # window of pieces side by side
GROUP = ROWS * PIECE  # tokens that are best given at a time

States = list[np.ndarray]  # (1, H) of all layers


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


class ScoredStream(Stream):
    """One stream, whose state can be kept in a file."""

    def reset(self) -> None:
        super().reset()
        self.tokens = 0  # since the state was zero
        self.before = np.array([self.last], np.int32)  # the latest of them, 2 · WARM + 1 at most
        self.strange, self.rows = 0, FIRST_ROWS  # pieces in a row that needed the true state

    # -- nats ---------------------------------------------------------------------------------------------------

    def losses(self, ids: np.ndarray, in_sequence: bool = False) -> np.ndarray:
        """Nats of each of the ids, given all before; `in_sequence`: in one walk, without warm-ups."""
        ids = ids.astype(np.int32)
        out = np.empty(len(ids), np.float32)
        done = 0
        while done < len(ids):
            to_cut = -self.tokens % PIECE
            if in_sequence or to_cut or self.strange == MOST or len(self.before) <= 2 * WARM:
                end = min(len(ids), done + (to_cut or PIECE))
                out[done:end] = self._walk(ids[done:end])
            else:
                end = min(len(ids), done + self.rows * PIECE)
                end = done + self._side_by_side(ids[done:end], out[done:end])
            done = end
        return out

    def _walk(self, ids: np.ndarray) -> np.ndarray:
        """In sequence, from the state as it is."""
        out = np.empty(len(ids), np.float32)
        for start in range(0, len(ids), STREAM_STEPS):
            y = ids[start : start + STREAM_STEPS]
            x, steps = np.concatenate([[self.last], y[:-1]]).astype(np.int32), len(y)
            batch = Batch(x[:, None], y[:, None], np.zeros((steps, 1), np.uint8), count=steps, steps=steps)
            out[start : start + steps] = CROSS_ENTROPY.losses(self.u, batch)[:, 0]
            self.u.carry(steps)
            self._passed(y)
        return out

    def _passed(self, ids: np.ndarray) -> None:
        self.last, self.tokens = int(ids[-1]), self.tokens + len(ids)
        self.before = np.concatenate([self.before, ids])[-(2 * WARM + 1) :]

    def _side_by_side(self, ids: np.ndarray, out: np.ndarray) -> int:
        """Pieces from a cut on, of which the last may be cut short; how many tokens were scored."""
        warmed, nats, ends = self._pieces(np.concatenate([self.before, ids]), len(ids))
        for i, begin in enumerate(range(0, len(ids), PIECE)):
            piece, near = ids[begin : begin + PIECE], self._is_near(_row(warmed, i))
            if near and len(piece) == PIECE:
                out[begin : begin + PIECE] = nats[:, i]
                self.u.set_states(_row(ends, i))
                self._passed(piece)
            else:
                if near:
                    self.u.set_states(_row(warmed, i))
                else:
                    near = self._warm_longer()
                    self.rows = FIRST_ROWS
                out[begin : begin + len(piece)] = self._walk(piece)
            self.strange = 0 if near else self.strange + 1
            if self.strange == MOST:
                return begin + len(piece)
        self.rows = min(ROWS, 2 * self.rows)
        return len(ids)

    def _pieces(self, read: np.ndarray, count: int) -> tuple[States, np.ndarray, States]:
        """Of the last `count` tokens read, cut into N pieces: states (N, H) after the warm-up, nats (PIECE, N), and
        states at the end, of the pieces that are not cut short.
        """
        pieces = -(-count // PIECE)
        N = 1 << (pieces - 1).bit_length()  # few sizes, whose buffers are kept
        at = WARM + np.arange(WARM + PIECE)[:, None] + PIECE * np.minimum(np.arange(N), pieces - 1)
        x, y = (read[np.minimum(at + ahead, len(read) - 1)] for ahead in (0, 1))
        y[:, np.arange(N) >= count // PIECE] = -1
        u, starts = self.unfold(STEPS, N), np.zeros((STEPS, N), np.uint8)
        u.set_states()
        for begin in range(0, WARM, STEPS):
            u.forward(Batch.to_read(x[begin : begin + STEPS], starts))
            u.carry(STEPS)
        warmed, nats = [state.copy() for state in u.states()], np.empty((PIECE, N), np.float32)
        for begin in range(0, PIECE if count >= PIECE else 0, STEPS):
            window = slice(WARM + begin, WARM + begin + STEPS)
            batch = Batch(x[window], y[window], starts, count=1, steps=STEPS)
            nats[begin : begin + STEPS] = CROSS_ENTROPY.losses(u, batch)
            u.carry(STEPS)
        return warmed, nats, u.states()

    def _is_near(self, states: States) -> bool:
        """Whether they are those of the stream, but for rounding."""
        pairs = zip(states, self.u.states(), strict=True)
        return all(np.abs(mine - true).max() <= NEAR * np.abs(true).max() for mine, true in pairs)

    def _warm_longer(self) -> bool:
        """Go on from a warm-up twice as long, if that leads to the state of the stream; else from that."""
        true = [state.copy() for state in self.u.states()]
        self.u.set_states()
        for window in self._windows(self.before[:-1]):
            self.u.forward(window)
            self.u.carry(window.steps)
        warmed = [state.copy() for state in self.u.states()]
        self.u.set_states(true)
        near = self._is_near(warmed)
        if near:
            self.u.set_states(warmed)
        return near

    # -- the state, as a `state_file.Holder` --------------------------------------------------------------------

    def state(self) -> Place:
        """A copy."""
        return Place([state.copy() for state in self.u.states()], self.last, self.tokens)

    def set_state(self, state: Place) -> None:
        """Go on from what `state` gave."""
        self.reset()
        self.u.set_states(state.states)
        self.last, self.tokens = state.last, state.tokens
        self.before = np.array([self.last], np.int32)

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


def _row(states: States, n: int) -> States:
    return [state[n : n + 1] for state in states]
