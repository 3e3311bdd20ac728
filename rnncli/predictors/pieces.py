"""A long sequence read in pieces side by side that together equal one walk along it.

A carried state is a chain, but a network that was trained forgets: a start from zero some hundred steps earlier leads
to the same state, to the rounding of float32. So the sequence is cut at every PIECE-th step since its state began. Each
piece starts from zero WARM steps early, many side by side, and that is verified: where a state at the start of a piece
is further than NEAR from the one that the piece before ends with (of the largest of its layer), warm-ups are doubled
from there on, once. Is it still further, the piece goes on from the true state; after MOST such pieces in a row the
rest does, in sequence.

The cuts depend on the number of steps alone: the same values, to the bit, for any number of threads and whatever number
of steps is given at a time.
"""

from collections.abc import Callable, Iterator

import numpy as np

from rnncli.data.batches import Batch
from rnncli.network.unfolding import Unfolding

PIECE = 4096  # steps, a multiple of STEPS
WARM = 512  # the same: what is left of a state in a cell whose forget gate is 0.96
NEAR = 1e-5
MOST = 3
ROWS = 64  # pieces side by side; at first fewer, until it is known that the network forgets
FIRST_ROWS = 4
STEPS = 128  # window of pieces side by side
GROUP = ROWS * PIECE  # steps that are best given at a time

States = list[np.ndarray]  # (1, H) of all layers


class Pieces:
    """A walk that may run ahead of itself. `u` is the network at `place`, one row; from `known` on places can be read
    again. `unfold(T, N)` gives the network, packed, over T steps of N rows.
    """

    unfold: Callable[[int, int], Unfolding]
    u: Unfolding
    rows_at_most = ROWS

    def begin(self, place: int = 0) -> None:
        """The state of `u` has read so many steps, none of which can be read again."""
        self.place = self.known = place
        self.warm, self.rows = WARM, min(FIRST_ROWS, self.rows_at_most)
        self.strange = 0  # pieces in a row that needed the true state

    # -- what is read -------------------------------------------------------------------------------------------

    def to_read(self, places: np.ndarray) -> Batch:
        """What stands at these places (T, N)."""
        raise NotImplementedError

    def values(self, u: Unfolding, places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Read these places, and what is wanted of them (T, N, ..), in rows that are `wanted` (N,)."""
        raise NotImplementedError

    def passed(self, place: int) -> None:
        """All before this place has been read."""
        self.place = place

    # -- the walk -----------------------------------------------------------------------------------------------

    def along(self, end: int, in_sequence: bool = False) -> Iterator[tuple[int, np.ndarray]]:
        """(place, values (steps, ..)) from where it stands up to `end`; `in_sequence`: in one walk."""
        while self.place < end:
            to_cut = -self.place % PIECE
            if in_sequence or to_cut or self.strange == MOST or self.place - self.known < 2 * WARM:
                yield from self._walk(min(end, self.place + (to_cut or PIECE)))
            else:
                yield from self._side_by_side(min(end, self.place + self.rows * PIECE))

    def _walk(self, end: int) -> Iterator[tuple[int, np.ndarray]]:
        """In sequence, from the state as it is."""
        while self.place < end:
            place, steps = self.place, min(self.u.T, end - self.place)
            found = self.values(self.u, place + np.arange(steps)[:, None], np.ones(1, bool))[:, 0]
            self.u.carry(steps)
            self.passed(place + steps)
            yield place, found

    def _side_by_side(self, end: int) -> Iterator[tuple[int, np.ndarray]]:
        """Pieces from a cut on, of which the last may be cut short; fewer, if warm-ups were too short."""
        warmed, found, ends = self._pieces(end)
        for i, begin in enumerate(range(self.place, end, PIECE)):
            stop, near = min(end, begin + PIECE), self._is_near(_row(warmed, i))
            if near and stop - begin == PIECE:
                self.u.set_states(_row(ends, i))
                self.passed(stop)
                yield begin, found[:, i]
            elif near:
                self.u.set_states(_row(warmed, i))
                yield from self._walk(stop)
            elif self.warm == WARM and self._is_near_after(2 * WARM):
                self.warm = 2 * WARM  # the same piece again
                return
            else:
                self.strange, self.rows = self.strange + 1, min(FIRST_ROWS, self.rows_at_most)
                yield from self._walk(stop)
                if self.strange == MOST:
                    return
                continue
            self.strange = 0
        self.rows = min(self.rows_at_most, 2 * self.rows)

    def _pieces(self, end: int) -> tuple[States, np.ndarray, States]:
        """Of what lies before `end`, cut into N pieces: states (N, H) after the warm-up, values (PIECE, N, ..), and
        states at the end, of the pieces that are not cut short.
        """
        count = end - self.place
        pieces = -(-count // PIECE)
        N = 1 << (pieces - 1).bit_length()  # few sizes, whose buffers are kept
        begins = self.place + PIECE * np.minimum(np.arange(N), pieces - 1)
        places = np.minimum(begins + np.arange(-self.warm, PIECE)[:, None], end - 1)
        u, whole = self.unfold(STEPS, N), np.arange(N) < count // PIECE
        u.set_states()
        for begin in range(0, self.warm, STEPS):
            u.forward(self.to_read(places[begin : begin + STEPS]))
            u.carry(STEPS)
        warmed, found = [state.copy() for state in u.states()], []
        for begin in range(self.warm, self.warm + PIECE if whole.any() else 0, STEPS):
            found.append(self.values(u, places[begin : begin + STEPS], whole).copy())
            u.carry(STEPS)
        return warmed, np.concatenate(found or [np.empty((0, N))]), [state.copy() for state in u.states()]

    def _is_near(self, states: States) -> bool:
        """Whether they are those of the walk, but for rounding."""
        pairs = zip(states, self.u.states(), strict=True)
        return all(np.abs(mine - true).max() <= NEAR * np.abs(true).max() for mine, true in pairs)

    def _is_near_after(self, steps: int) -> bool:
        """Whether a warm-up of so many steps leads to the state of the walk."""
        true = [state.copy() for state in self.u.states()]
        self.u.set_states()
        for window in self.to_read(np.arange(self.place - steps, self.place)[:, None]).windows(self.u.T):
            self.u.forward(window)
            self.u.carry(window.steps)
        warmed = [state.copy() for state in self.u.states()]
        self.u.set_states(true)
        return self._is_near(warmed)


def _row(states: States, n: int) -> States:
    return [state[n : n + 1] for state in states]
