"""Short notes on stderr."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rnncli.errors import Notes, on_screen, remark
from rnncli.process.phases import NEXT_S, Phases, under_way
from rnncli.readers.naming import listed
from rnncli.render.escapes import shown
from rnncli.render.text import clock

LOOK_S = 0.25  # between looks at what is under way
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


@contextmanager
def told_of(what: str) -> Iterator[None]:
    """Say how far phases are, see process/phases.py; and of one that says nothing of itself, what it is and how long it
    has taken. The first one is `what`.
    """
    Phases.say, done = say, threading.Event()
    under_way(what)
    watcher = threading.Thread(target=_watch, args=(done,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        Phases.say = Phases.now = None


def _watch(done: threading.Event) -> None:
    seen, since, due = None, 0.0, 0.0
    while not done.wait(LOOK_S):
        now, at = Phases.now, time.monotonic()
        if now is not seen:
            seen, since, due = now, at, at + (now[2] if now else 0.0)
        elif now and at >= due:
            due = at + NEXT_S
            what, number, _ = now
            say(f"{what if number is None else f'{what} {number:,}'} .. {clock(at - since)}")


def note_compilation(quiet: bool) -> None:
    """Say it when kernels have to be compiled: the first run on a machine takes some seconds longer."""
    if not quiet:
        from rnncli.kernels.cache import Notes

        Notes.say = say


def note_unheard(labels: list[str]) -> None:
    """Say that answers are none of those that the model can give."""
    if labels:
        say(f"labels that were not in training count as mistakes: {listed(labels)}")
