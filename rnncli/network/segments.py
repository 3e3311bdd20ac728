"""Back-propagation through windows that do not fit into memory: in segments, whose states are computed again.

    there        h at the start of each segment, from the first to the last
    back         dL/dh at the end of each segment, from the last to the first, each computed forward again
    sums         the gradients, from the first to the last, each computed there and back again from what was kept

Only the states and their gradients at the borders are kept (Chen et al. 2016, arXiv 1604.06174; Gruslys et al. 2016,
arXiv 1606.03401): needed.py has the memory that it takes. The last pass is there because gradients are sums in
ascending order of time (kernels/groups.py). A plain window adds in that order too, so the bits are those of a plain
window, however long the segments are. Of K segments K - 1 are computed forward three times and back twice: about twice
the work of a plain window.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import take
from rnncli.kernels.parts import Part, of_parts
from rnncli.kernels.threads import Team, Work
from rnncli.network.backward import rows, segment_sums, whole_sums
from rnncli.network.continued_sums import ContinuedSums
from rnncli.network.inputs import ColumnRuns, Input
from rnncli.network.network import Dropout, Network, Unfolded
from rnncli.network.segment_runs import SegmentRuns

Segment = tuple[int, int]  # the first step, and how many


class Segments:
    """A network unfolded over windows of up to T steps of N rows, S of them at a time. It has what a training asks of
    an `Unfolded`: `losses` (T, N), `grads`, `states`, `carry`, `pack` and `gradients`.
    """

    pooling = None

    def __init__(self, network: Network, T: int, N: int, team: Team, dropout: Dropout, S: int):
        self.network, self.T, self.N, self.team = network, T, N, team
        self.block = network.block(T, N)
        self.steps = min(S, T, self.block)
        self.u = _Unfolded(network, self.steps, N, team, dropout, T)
        self.runs = self.u.input if isinstance(self.u.input, SegmentRuns) else None
        self.u.sums = self.sums = ContinuedSums(N, team.threads, network.theta.flat.dtype)
        self.grads, self.extra = self.u.grads, self.u.extra
        self.losses = np.zeros((T, N), network.theta.flat.dtype)
        self.output = [self.u.dW_out, self.grads["output.b"].reshape(1, 1, -1)]
        count, states = len(list(self.segments(T))), self.u.states()
        #: at the start of each segment and at the end of all; and the gradients at the end of each
        self.borders, self.slopes = ([np.zeros((n, *s.shape), s.dtype) for s in states] for n in (count + 1, count))
        self.count = 0  # of segments of the last window

    def pack(self) -> None:
        """As of any unfolding."""
        self.u.pack()

    def states(self) -> list[np.ndarray]:
        """Those that the window starts from."""
        return self.u.states()

    def set_states(self, states: list[np.ndarray] | None = None) -> None:
        """As of any unfolding."""
        self.u.set_states(states)

    def carry(self, steps: int) -> None:
        """The states at the end of the window become the initial ones."""
        self.u.set_states([kept[self.count] for kept in self.borders])

    def segments(self, steps: int) -> Iterator[Segment]:
        """Those of a window, none of which has steps of two blocks of the output layer: sums over these are added."""
        for begin in range(0, steps, self.block):
            end = min(begin + self.block, steps)
            yield from ((t0, min(self.steps, end - t0)) for t0 in range(begin, end, self.steps))

    def gradients(self, batch: Batch, loss: Callable, update: int = 0, steady: bool = False) -> None:
        """As of an `Unfolded`, with the same bits. Of the loss each step by itself has to be enough."""
        u, segments = self.u, list(self.segments(batch.steps))
        over, self.count = partial(self._over, batch, loss, update, steady), len(segments)
        self._begin_window(batch)
        _keep(self.borders, 0, u.states())
        for number, segment in enumerate(segments[:-1]):
            over(segment, _there)
            u.carry(segment[1])
            _keep(self.borders, number + 1, u.states())
        for slope in self.slopes:
            slope[self.count - 1] = 0  # as of any window
        for number, segment in reversed(list(enumerate(segments))):
            self._begin(number)
            over(segment, _back)
            if number == self.count - 1:
                _keep(self.borders, self.count, u.states(segment[1]))
            if number:
                _keep(self.slopes, number - 1, self._state_gradients())
        self.sums.begin(self.sums.gradients)
        for number, segment in enumerate(segments):
            if number:  # the first is still there
                self._begin(number)
                over(segment, _back)
            over(segment, _sums)
            self._close_output(sum(segment), batch.steps)
        u.programs.play(("whole", self.runs.whole.most if self.runs else 0), self._whole)
        u.set_states([kept[0] for kept in self.borders])

    def _begin_window(self, batch: Batch) -> None:
        if self.runs and self.runs.begin_window(self.u.layers[0], batch.x, batch.steps):
            self.u.programs.made.clear()  # which know the array that it had before

    def _begin(self, number: int) -> None:
        """Start a segment from its states, and its way back from the gradients at its end."""
        self.u.set_states([kept[number] for kept in self.borders])
        for mine, kept in zip(self._state_gradients(), self.slopes, strict=True):
            mine[...] = kept[number]

    def _state_gradients(self) -> list[np.ndarray]:
        return [gradient for layer in self.u.layers for gradient in layer.state_gradients()]

    def _over(self, batch: Batch, loss: Callable, update: int, steady: bool, segment: Segment, way: Callable) -> None:
        """Go through a segment in some way."""
        u, (begin, steps) = self.u, segment
        here = slice(begin, begin + steps)
        part = Batch(take(batch.x, here), batch.y[here], batch.starts[here], batch.count, steps)
        if way is _sums:
            u.input.sort(part.x, self.sums.groups(steps))
            if self.runs:
                self.runs.begin_segment(begin, steps)
        with u.dropping(update, begin) as dropped:
            works = partial(way, u, loss, dropped, u.parts_for(steady))
            u.run((way, loss, dropped), part, works, steady)
        self.losses[here] = u.losses[:steps]

    def _close_output(self, end: int, steps: int) -> None:
        """The sums of the output layer, at the end of each of its blocks."""
        if end % self.block and end < steps:
            return
        add = end > self.block
        self.u.programs.play(("close", add), lambda: [partial(self.sums.close, self.output, add)])
        self.sums.begin(self.output)

    def _whole(self) -> list[Work]:
        """What comes after the last segment."""
        closed = {gradient.ctypes.data for gradient in self.output}
        left = [gradient for gradient in self.sums.gradients if gradient.ctypes.data not in closed]
        read = [partial(self.runs.read_whole, self.u.layers[0])] if self.runs else []
        return [partial(self.sums.close, left, False), *read, *whole_sums(self.u, self.sums.whole)]


class _Unfolded(Unfolded):
    """Over a segment of T steps of a window of `whole`."""

    def __init__(self, network: Network, T: int, N: int, team: Team, dropout: Dropout, whole: int):
        self.whole = whole
        super().__init__(network, T, N, team, True, dropout, False, False)
        for layer in self.layers:
            layer.beyond = True

    def _input(self, given: bool) -> Input:
        found, n = super()._input(given), self.network
        if not isinstance(found, ColumnRuns):
            return found
        return SegmentRuns(n.architecture, n.theta, self.grads, self.T, self.N, self.whole)


def _there(u: Any, loss: Callable, dropped: bool, parts: list[Part], batch: Batch) -> list[Work]:
    """The states alone."""
    return [of_parts(parts, partial(u.forward_part, batch, dropped))]


def _back(u: Any, loss: Callable, dropped: bool, parts: list[Part], batch: Batch) -> list[Work]:
    """There, and back from the gradients that the end states have."""
    return [rows(u, loss, dropped, parts, batch, ended=False)]


def _sums(u: Any, loss: Callable, dropped: bool, parts: list[Part], batch: Batch) -> list[Work]:
    """The sums over steps that have been there and back."""
    return segment_sums(u, batch)


def _keep(kept: list[np.ndarray], number: int, arrays: list[np.ndarray]) -> None:
    for array, there in zip(arrays, kept, strict=True):
        there[number] = array
