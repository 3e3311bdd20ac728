"""A team of threads that share each piece of work.

    team.run(work)           work(thread, threads), a Python function, in every thread at once
    team.program(work, ..)   the kernels that these call, for compiled code alone: one hand-over to the threads, and a
                             barrier of ours between two pieces of work

A thread without work waits in compiled code (barrier.py). Under `NUMBA_DISABLE_JIT=1` the threads take turns.
"""

import os
import threading
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from rnncli.kernels.barrier import CALL, FAILED, LINE, THREADS, begin_python, take_part, words_of
from rnncli.kernels.calls import failed
from rnncli.kernels.compiler import Call, Kernel, recorded
from rnncli.kernels.stand_ins import COMPILED

Work = Callable[[int, int], object]


def share(count: int, thread: int, threads: int) -> tuple[int, int]:
    """What this thread has of 0 .. count: nearly as much as each of the others."""
    return count * thread // threads, count * (thread + 1) // threads


class Team:
    """`threads` of them, the first of which is the caller's."""

    def __init__(self, threads: int):
        self.threads, self.compiled = threads, COMPILED
        self.work: Work | None = None
        self.sync = words_of(threads)
        self.calls = self.sync[THREADS:].reshape(-1, LINE)[:, 1:3]
        self.members: list[_Member] = []
        if isinstance(take_part, Kernel) and threads > 1:
            take_part.prepare(self.sync.dtype)  # here: Numba must not be imported while another thread imports it
            self.members = [_Member(self, thread) for thread in range(1, threads)]

    def run(self, work: Work) -> None:
        """work(thread, threads) for every thread at once; returns when all are done. The first error is raised."""
        self.work = work
        if self.members:
            begin_python(self.sync)
        try:
            work(0, self.threads)
            if not self.compiled:
                for thread in range(1, self.threads):
                    work(thread, self.threads)
        finally:
            for member in self.members:
                member.end.acquire()
            errors = [error for member in self.members if (error := member.take_error())]
        if errors:
            raise errors[0]

    def run_all(self, works: Iterable[Work]) -> None:
        """One after another."""
        for work in works:
            self.run(work)

    def program(self, *works: Work) -> Callable[[], None]:
        """What runs the kernels that the works call, the threads meeting between two works. The works are called once,
        now, and the kernels are only noted: their arrays and numbers are those of now, and all else that a work does
        is done now.
        """
        if not self.compiled:
            return partial(self.run_all, works)
        return Program(self, works)


class Program:
    """Lists of calls, one for each thread."""

    def __init__(self, team: Team, works: tuple[Work, ...]):
        self.team = team
        self.calls = [self._of(works, thread) for thread in range(team.threads)]
        self.tables = [np.array([call[:CALL] for call in calls], np.int64) for calls in self.calls]
        self.jobs = np.array([(table.ctypes.data, len(table)) for table in self.tables], np.int64)

    def _of(self, works: tuple[Work, ...], thread: int) -> list[Call]:
        calls: list[Call] = []
        for index, work in enumerate(works):
            calls += [Call.barrier()] if index else []
            with recorded(calls):
                work(thread, self.team.threads)
        return calls

    def __call__(self) -> None:
        team = self.team
        team.calls[...] = self.jobs
        take_part(team.sync, 0, team.threads)
        if team.sync[FAILED]:
            team.sync[FAILED] = 0
            raise failed(b"IndexError" if os.environ.get("NUMBA_BOUNDSCHECK") else b"MemoryError")


class _Member(threading.Thread):
    """A thread that waits for work, does its share of it, and says so."""

    def __init__(self, team: Team, thread: int):
        super().__init__(name=f"rnncli-{thread}", daemon=True)
        self.team, self.thread = team, thread
        self.end = threading.Lock()
        self.end.acquire()
        self.error: BaseException | None = None
        self.start()

    def run(self):
        while True:
            take_part(self.team.sync, self.thread, self.team.threads)
            try:
                self.team.work(self.thread, self.team.threads)
            except BaseException as error:  # handed to the caller of Team.run
                self.error = error
            self.end.release()

    def take_error(self) -> BaseException | None:
        """The error of the last work, once."""
        error, self.error = self.error, None
        return error
