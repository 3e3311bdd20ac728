"""Several processes on one training: which rows of a batch are this one's, and how what they find comes together.

Each of the R ranks has the groups R-th of a batch that are next to each other (`--batch` is that of all), sums them up,
and the sums are joined in the tree of kernels/groups.py, so that the bits are those of one process. Messages only move
bytes: rank r gets the r-th part of the sums of all branches, adds them up, and gives the total to all.

Whoever decides something by the clock or by a signal does so by what all ranks know: the time is that of rank 0, and
the training stops if any rank was asked to.
"""

import json
import math
import os
from collections.abc import Callable
from functools import cached_property, partial
from hashlib import sha256
from typing import Any, BinaryIO, ClassVar, Protocol

import numpy as np

from rnncli.errors import RnncliError, UsageError, note
from rnncli.kernels.branches import Branch, branches_in, joined
from rnncli.kernels.groups import ROWS
from rnncli.kernels.threads import share
from rnncli.process.launched import is_bound_alone

PIECE = 1 << 20  # bytes that are passed on at a time


class Channel(Protocol):
    """What moves bytes between the ranks."""

    number: int  # of this rank, from 0 on
    of: int  # how many there are
    beside: bool  # whether another thread than the one that has made it may use it

    def exchange(self, sent: list[np.ndarray], sizes: list[int]) -> list[np.ndarray]:
        """Send each rank its array of bytes, in order; get one of each, of these sizes. They are there until the next
        exchange but one.
        """

    def cpus(self, usable: int) -> int:
        """What this rank has of the cores that it may use, which others of its machine may use too."""


class Ranks:
    """This process among the others. Without a channel it is alone."""

    here: ClassVar["Ranks"]

    def __init__(self, channel: Channel | None = None):
        self.channel = channel
        self.number, self.of = (channel.number, channel.of) if channel else (0, 1)

    @property
    def leads(self) -> bool:
        """Whether this is the one that shows and writes."""
        return self.number == 0

    def cpus(self, usable: int) -> int:
        """What this rank has of the cores that it may use."""
        if self.channel:
            return self.channel.cpus(usable)
        if is_bound_alone():
            note(f"the process is bound to one core of {os.cpu_count()}: mpirun --bind-to none leaves all to it")
        return usable

    # -- rows ---------------------------------------------------------------------------------------------------

    def refuse_few(self, batch: int, by: str = "") -> None:
        """UsageError for a batch that has less than a group of rows for each rank; `by` says where it comes from."""
        groups = -(-batch // ROWS)
        if groups < self.of:
            raise UsageError(
                f"{by}--batch {batch}: {groups} group{'s' * (groups > 1)} of {ROWS} rows for {self.of} ranks, expected "
                f"one or more for each: start fewer ranks, or use --batch {ROWS * self.of} or more"
            )

    def own(self, groups: int) -> list[Branch]:
        """The branches of the tree over so many groups that are this rank's."""
        return self._branches(self.number, groups)

    def _branches(self, number: int, groups: int) -> list[Branch]:
        return branches_in(*share(groups, number, self.of), groups)

    def rows_of_each(self, rows: int) -> list[int]:
        """How many rows of a batch each rank has."""
        groups = -(-rows // ROWS)
        ends = [min(rows, ROWS * share(groups, number, self.of)[1]) for number in range(self.of)]
        return np.diff([0, *ends]).tolist()

    # -- what comes together ------------------------------------------------------------------------------------

    def join(self, sums: np.ndarray, groups: int) -> np.ndarray:
        """From the sums (branches, numbers) of this rank's branches those of all groups (numbers,)."""
        size, ranks = sums.shape[1], range(self.of)
        parts = [share(size, number, self.of) for number in ranks]
        begin, end = parts[self.number]
        branches = [self._branches(number, groups) for number in ranks]
        sent = [_bytes(sums[:, first:last]) for first, last in parts]
        sizes = [len(one) * (end - begin) * sums.itemsize for one in branches]
        found = self.channel.exchange(sent, sizes)
        known = {
            branch: row
            for of_rank, data in zip(branches, found, strict=True)
            for branch, row in zip(of_rank, data.view(sums.dtype).reshape(len(of_rank), -1), strict=True)
        }
        total = _bytes(joined(known, groups))
        sizes = [(last - first) * sums.itemsize for first, last in parts]
        return np.concatenate(self.channel.exchange([total] * self.of, sizes)).view(sums.dtype)

    def joining(self, sums: np.ndarray, groups: int) -> Callable[[], np.ndarray]:
        """`join` beside other work, in the order in which it is called; what waits for it and gives its result."""
        if self.channel.beside:
            return self._beside.submit(self.join, sums, groups).result
        return partial(_as_it_is, self.join(sums, groups))

    @cached_property
    def _beside(self) -> Any:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(1, "rnncli-ranks")

    def gather(self, rows: np.ndarray, counts: list[int]) -> np.ndarray:
        """From its own rows those of all ranks, in their order; `counts` are how many rows each has."""
        width = rows.itemsize * math.prod(rows.shape[1:])  # of one row, also where there are none
        found = self.channel.exchange([_bytes(rows)] * self.of, [count * width for count in counts])
        return np.concatenate(found).view(rows.dtype).reshape(-1, *rows.shape[1:])

    def refuse_others(self, what: str, data: bytes) -> None:
        """RnncliError where ranks do not have the same."""
        if self.of == 1:
            return
        digests = self.gather(np.frombuffer(sha256(data).digest(), np.uint8), [32] * self.of).reshape(-1, 32)
        others = np.flatnonzero((digests != digests[0]).any(axis=1)).tolist()
        if others:
            raise RnncliError(
                f"{what} of rank {others[0]} are not those of rank 0, expected the same in all ranks: the same files, "
                "the same version, and one type of CPU"
            )

    # -- whole trainings, of which each rank has some --------------------------------------------------------------

    def dealt(self, count: int) -> range:
        """Which of so many are this rank's."""
        return range(self.number, count, self.of)

    def refuse_more(self, count: int, what: str) -> None:
        """UsageError where there is not one for each rank."""
        if count < self.of:
            raise UsageError(f"{what}: found {self.of} ranks for {count} trainings, expected at most one for each")

    def gather_bytes(self, data: bytes) -> list[bytes]:
        """Those of each rank, to all."""
        return self._moved(data, list(range(self.of)))

    def to_first(self, data: bytes) -> list[bytes]:
        """Those of each rank, to rank 0; the others get their own alone."""
        return self._moved(data, [0])

    def _moved(self, data: bytes, to: list[int]) -> list[bytes]:
        if self.channel is None:
            return [data]
        own, none = np.frombuffer(data, np.uint8), np.empty(0, np.uint8)
        lengths = self.gather(np.array([len(data)]), [1] * self.of).tolist()
        sent = [own if other in (*to, self.number) else none for other in range(self.of)]
        sizes = [n if self.number in (*to, other) else 0 for other, n in enumerate(lengths)]
        return [found.tobytes() for found in self.channel.exchange(sent, sizes)]

    def pass_on(self, file: BinaryIO | None, write: Callable[[bytes], Any]) -> None:
        """Rank 0 writes what is in the files of the others, one after the other, a piece at a time."""
        length = file.seek(0, os.SEEK_END) if file else 0
        if file:
            file.seek(0)
        lengths, none = self.gather(np.array([length]), [1] * self.of).tolist(), np.empty(0, np.uint8)
        for number in range(1, self.of) if self.number == 0 else [self.number]:
            for begin in range(0, lengths[number], PIECE):
                size = min(PIECE, lengths[number] - begin)
                sent, sizes = [none] * self.of, [0] * self.of
                if file:
                    sent[0] = np.frombuffer(file.read(size), np.uint8)
                else:
                    sizes[number] = size
                found = self.channel.exchange(sent, sizes)
                if not file:
                    write(found[number].tobytes())

    def collect(self, found: list[Any]) -> list[Any]:
        """From what each rank has of those that were dealt to it, plain data, all of them in their order."""
        if self.of == 1:
            return found
        each = [json.loads(data) for data in self.gather_bytes(json.dumps(found).encode())]
        return [each[k % self.of][k // self.of] for k in range(sum(map(len, each)))]

    # -- decisions ------------------------------------------------------------------------------------------------

    def any(self, flag: bool) -> bool:
        """Whether it is true of any rank: a whole number of each, since MAX of a NaN is not the same everywhere."""
        if self.of == 1:
            return flag
        return bool(self.gather(np.array([flag], np.int64), [1] * self.of).any())

    def clock(self, clock: Callable[[], float]) -> Callable[[], float]:
        """The clock of rank 0, which all ranks have to ask at the same places."""
        if self.of == 1:
            return clock
        return lambda: float(self.gather(np.array([clock()]), [1] * self.of)[0])


def _as_it_is(array: np.ndarray) -> np.ndarray:
    return array


def _bytes(array: np.ndarray) -> np.ndarray:
    """Its numbers in the order of C, which is what a message has."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


Ranks.here = Ranks()
