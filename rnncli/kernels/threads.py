"""A team of threads that share each piece of work. Kernels release the GIL, so plain Python threads are enough.

A pair of locks hands the work over: half the delay of an executor's queue and future, seven times an update.
"""

import threading
from collections.abc import Callable

Work = Callable[[int, int], object]


def share(count: int, thread: int, threads: int) -> tuple[int, int]:
    """What this thread has of 0 .. count: nearly as much as each of the others."""
    return count * thread // threads, count * (thread + 1) // threads


class Team:
    """`run(work)` calls work(thread, threads) for every thread at once and returns when all are done."""

    def __init__(self, threads: int):
        self.threads = threads
        self.work: Work | None = None
        self.members = [_Member(self, thread) for thread in range(1, threads)]

    def run(self, work: Work) -> None:
        self.work = work
        for member in self.members:
            member.begin.release()
        try:
            work(0, self.threads)
        finally:
            for member in self.members:
                member.end.acquire()
            errors = [error for member in self.members if (error := member.take_error())]
        if errors:
            raise errors[0]


class _Member(threading.Thread):
    """A thread that waits for work, does its share of it, and says so."""

    def __init__(self, team: Team, thread: int):
        super().__init__(name=f"rnncli-{thread}", daemon=True)
        self.team, self.thread = team, thread
        self.begin, self.end = threading.Lock(), threading.Lock()
        self.begin.acquire()
        self.end.acquire()
        self.error: BaseException | None = None
        self.start()

    def run(self):
        while True:
            self.begin.acquire()
            try:
                self.team.work(self.thread, self.team.threads)
            except BaseException as error:  # handed to the caller of Team.run
                self.error = error
            self.end.release()

    def take_error(self) -> BaseException | None:
        """The error of the last work, once."""
        error, self.error = self.error, None
        return error
