"""What a damaged file may cost: SECONDS, and MEMORY beyond what the process held before."""

import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

SECONDS, MEMORY = 10, 300 << 20


class Exceeded(BaseException):
    """More than that. No handler of errors takes it for one of its own."""


def _hangs(*_: object) -> NoReturn:
    raise Exceeded(f"longer than {SECONDS} s")


@contextmanager
def limited(memory: int = MEMORY) -> Iterator[None]:
    """Exceeded where the time or this many bytes were not enough. Compiled code that does not return is ended, and the
    process with it, by SIGPROF.
    """
    with suppress(OSError), open("/proc/self/clear_refs", "w") as file:  # Linux: the peak is that from now on
        file.write("5")
    before, begin, handler = _peak(), time.monotonic(), signal.signal(signal.SIGALRM, _hangs)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    signal.setitimer(signal.ITIMER_PROF, 2 * SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGALRM, handler)
    if time.monotonic() - begin > SECONDS:  # what was raised may have met a handler of everything
        _hangs()
    if (grown := _peak() - before) > memory:
        raise Exceeded(f"{grown >> 20} MB of memory")


def _peak() -> int:
    """Bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
