"""The state of a training before what may take long, for an end in the middle of it.

While gradients are computed, the weights, their average and what the optimiser knows are as before; a validation puts
others in the place of the weights, of which a copy is kept. So the state is those arrays themselves. Only the short
work that changes them is waited for.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import numpy as np

from rnncli.training.reports import State

HOLD_S, TRIES = 0.01, 30  # for an update that is nearly done


class Kept:
    """Changed by the thread that trains, held by the one that hears of signals."""

    def __init__(self, now: Callable[[], State]):
        """`now()` is the state at this time: the arrays themselves."""
        self.now = now
        self.state: State | None = None
        self._changing = Lock()

    def keep(self, copied: bool = False, **arrays: np.ndarray) -> None:
        """That of now, until something is `changed`, `arrays` in place of its own. `copied`: the weights change on the
        way; the states that a window starts from do anyway.
        """
        mine, values = self.now()
        taken = {name: array.copy() for name, array in mine.items() if copied or name.startswith("state.")}
        self.state = mine | taken | arrays, values | {"history": [*values["history"]]}

    def forget(self) -> None:
        """What comes now is short."""
        self.state = None

    @contextmanager
    def changed(self) -> Iterator[None]:
        """In here the arrays change, so the state is no longer the one that was kept. Never entered once it is held."""
        with self._changing:
            self.state = None
            yield

    def hold(self) -> State | None:
        """The state, which never changes from now on: the process is about to end; None if there is none."""
        for _ in range(TRIES):
            if self._changing.acquire(timeout=HOLD_S):
                if self.state is not None:
                    return self.state
                self._changing.release()
            time.sleep(HOLD_S)
        return None
