"""Threads that run one part each of a piece of work. Kernels release the GIL, so plain Python threads are enough."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def available_cpus() -> int:
    """The CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Team:
    """`run(work)` calls work(part, parts) for every part at once and returns when all are done."""

    def __init__(self, parts: int):
        self.parts = parts
        self.pool = ThreadPoolExecutor(parts - 1, "rnncli") if parts > 1 else None

    def run(self, work: Callable[[int, int], None]) -> None:
        others = [self.pool.submit(work, part, self.parts) for part in range(1, self.parts)]
        work(0, self.parts)
        for other in others:
            other.result()

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown()
