"""The one place that knows of MPI: the channel between the ranks.

mpi4py is imported only under a launcher (process/launched.py): the import alone takes a second.
MPI moves bytes and does no arithmetic: sums of floats have other bits by library, size and call, and MAX of a NaN is
not the same in all ranks.
"""

import os
import time
from functools import cached_property
from typing import Any

import numpy as np

from rnncli.errors import RnncliError, note
from rnncli.process.launched import Launched

AT_ONCE, PAUSE_S = 20, 5e-5  # how often it is asked whether a message is there, and then after how long
PIECE = 1 << 28  # bytes of a message: some libraries count them in 31 bits


class _Room:
    """Memory for what arrives, used again and again: new memory takes longer to be had than a message to arrive."""

    def __init__(self):
        self.data = np.empty(0, np.uint8)

    def of(self, size: int) -> np.ndarray:
        """So many bytes of it."""
        if len(self.data) < size:
            self.data = np.empty(size, np.uint8)
        return self.data[:size]


class Mpi:
    """The channel between the ranks of a job."""

    def __init__(self, said: Launched):
        try:
            from mpi4py import MPI
        except (ImportError, RuntimeError) as error:
            raise RnncliError(
                f"{said.by} started {said.of} processes, but mpi4py cannot be loaded ({error}): to work together "
                "they need pip install 'rnncli[mpi]' and the library of this launcher"
            ) from None
        self.mpi, self.comm = MPI, MPI.COMM_WORLD
        self.number, self.of = self.comm.Get_rank(), self.comm.Get_size()
        self.rooms = [[_Room() for _ in range(self.of)] for _ in range(2)]  # for the next exchange, and of the last one
        self.beside = MPI.Query_thread() >= MPI.THREAD_SERIALIZED  # another thread may call, while this one does not
        if (self.number, self.of) != (said.number, said.of):
            library = MPI.Get_library_version().split(",")[0].split("\n")[0].strip()
            raise RnncliError(
                f"{said.by} started {said.of} processes, but {library}, which mpi4py has loaded, knows of {self.of}: "
                "use the launcher of that library"
            )

    def exchange(self, sent: list[np.ndarray], sizes: list[int]) -> list[np.ndarray]:
        """Send each rank its array of bytes, in order; get one of each, of these sizes."""
        self.rooms.reverse()
        found = [room.of(size) for room, size in zip(self.rooms[0], sizes, strict=True)]
        requests = []
        for other in range(self.of):
            if other != self.number:
                requests += [self.comm.Irecv(piece, other) for piece in _pieces(found[other])]
        for step in range(1, self.of):
            other = (self.number + step) % self.of
            requests += [self.comm.Isend(piece, other) for piece in _pieces(sent[other])]
        found[self.number][...] = sent[self.number]
        self._wait(requests)
        return found

    def _wait(self, requests: list) -> None:
        """Until all are done. Asked now and then, a message goes on while another thread of this rank computes, and a
        rank that waits for others leaves its core to them.
        """
        tries = 0
        while not self.mpi.Request.Testall(requests):
            tries += 1
            if tries > AT_ONCE:
                time.sleep(PAUSE_S)

    def cpus(self, usable: int) -> int:
        """What this rank has of the cores that it may use, which others of its node may use too."""
        near, sharing = self._near
        if usable == 1 and sharing == 1 and (os.cpu_count() or 1) > near:
            note(
                f"each rank is bound to one core of {os.cpu_count()}: mpirun --bind-to none leaves all to them, "
                "for --threads"
            )
        return max(1, usable // sharing)

    @cached_property
    def _near(self) -> tuple[int, int]:
        """How many ranks the machine has, and how many of them may use cores of this one."""
        near = self.comm.Split_type(self.mpi.COMM_TYPE_SHARED)
        mine = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset([0])
        return near.Get_size(), sum(bool(mine & theirs) for theirs in near.allgather(mine))

    def end(self, code: int, at_once: bool = False) -> None:
        """The end of this rank: with all others, or of all of them at once where something is wrong."""
        if code or at_once:
            self.comm.Abort(code)
        self.comm.Barrier()
        self.mpi.Finalize()


def _pieces(array: Any) -> list[np.ndarray]:
    return [array[at : at + PIECE] for at in range(0, len(array), PIECE)]
