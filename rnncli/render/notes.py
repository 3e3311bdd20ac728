"""Short notes on stderr."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rnncli.errors import Notes, on_screen, remark
from rnncli.readers.naming import listed
from rnncli.render.escapes import shown
from rnncli.render.text import clock

SOON, LATER = 0.5, 10.0  # seconds until a terminal is told that something takes long, and until it is told again


def hear_notes() -> None:
    """What the rooms below have to say of what they guessed goes to stderr at once, also with --quiet."""
    Notes.begin(say)


def collect_notes() -> list[str]:
    """As `hear_notes`, into a list, for whoever prints something else before them."""
    lines: list[str] = []
    Notes.begin(lines.append)
    return lines


def print_notes(lines: list[str]) -> None:
    """Those that were collected, which are none then."""
    for line in lines:
        say(line)
    lines.clear()


def say(line: str) -> None:
    """A line on stderr, at once."""
    print(on_screen(remark(shown(line)), sys.stderr), file=sys.stderr, flush=True)


@contextmanager
def patience(what: str) -> Iterator[None]:
    """Say on a terminal after half a second that `what` is under way, and every ten seconds how long it has taken;
    elsewhere only the latter.
    """
    begin, done = time.monotonic(), threading.Event()

    def tell() -> None:
        wait = SOON if sys.stderr.isatty() else LATER
        while not done.wait(wait):
            say(f"{what} .. {clock(time.monotonic() - begin)}")
            wait = LATER

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def note_compilation(quiet: bool) -> None:
    """Say it when kernels have to be compiled: the first run on a machine takes some seconds longer."""
    if not quiet:
        from rnncli.kernels.cache import Notes

        Notes.say = say


def note_gaps(names: list[str]) -> None:
    """Say that columns have missing values which the model has no flag for."""
    if names:
        what = "as the last value before them in the sequence, else as the mean"
        say(f"missing values in {listed(names)}, but none in training: read {what}")


def note_unheard(labels: list[str]) -> None:
    """Say that answers are none of those that the model can give."""
    if labels:
        say(f"labels that were not in training count as mistakes: {listed(labels)}")
