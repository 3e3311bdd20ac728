"""SIGINT and SIGTERM end the program within a second, whatever it is at, with the exit codes 130 and 143. SIGUSR1 asks
`train` to stop when it suits: no time is too long, and it may come again and again.

A handler in Python has to wait while compiled code runs, and what it raises may be swallowed by the code that it meets:
an import that tries modules, a destructor. So a thread of its own hears the signals and ends the process, and nothing
is raised but where it is expected.

    catch()                from the first line of the program on
    with handed_to(work)   work has something to save: it is asked to stop; a second signal ends it at once
    with breakable()       here a signal raises Interrupted, in work that `breaks`
"""

import _thread
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NoReturn, Protocol

from rnncli.errors import Interrupted, complaint, remark

PAUSE = int(signal.SIGUSR1)
WORDS = {int(signal.SIGINT): "interrupted", int(signal.SIGTERM): "terminated"}
GRACE_S = 0.2  # for the main thread to write the rows that it has, or for work that must not take long to stop
PATIENCE_S = 0.7  # for work to stop
SAME_S = 0.05  # signals closer than that are one, which came by two ways: the terminal and a parent process


class Work(Protocol):
    """What has something to save. Its methods are called in the thread that hears the signals."""

    breaks: bool  # it stops where it is `breakable`

    def stop(self, number: int) -> str | None:
        """A signal has come. Returns what to say if it takes a while, perhaps nothing, None if it must not; Interrupted
        if there is nothing to save.
        """

    def abandon(self) -> str | None:
        """Last words before the process ends at once."""


class _Now:
    caught = False
    work: Work | None = None
    pause: Callable[[], str] | None = None  # asks the work to stop when it suits
    paused = False  # whether that was asked for
    breakable = False
    number = 0  # of the last signal
    lingers_s = 0.0  # after its last words, where a launcher drops what it has not passed on by the end of a process
    ending = _thread.allocate_lock()  # taken by the thread that ends the process


before_last_words = b""  # what mends the terminal: a picture that is redrawn leaves it without its cursor
temporary: set[str] = set()  # files that are removed before the process ends at once


def catch() -> None:
    """From now on, whoever asks first."""
    if _Now.caught:
        return
    _Now.caught = True
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in WORDS:
        signal.signal(number, _in_main)
    if sys.argv[1:2] == ["train"]:  # another command has nothing to keep: it ends, as any program does by default
        signal.signal(PAUSE, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    _thread.start_new_thread(_listen, (reader,))


def linger(seconds: float) -> None:
    """From now on the end at once waits so long after the last words."""
    _Now.lingers_s = seconds


@contextmanager
def handed_to(work: Work, pause: Callable[[], str] | None = None) -> Iterator[None]:
    """In here the work is asked to stop. If it was, and came to its end all the same, that is an Interrupted too.
    `pause()` asks it to stop when it suits, and gives what to say if that takes a while.
    """
    _Now.work, _Now.pause = work, pause
    if _Now.paused and pause:
        pause()
    try:
        yield
    finally:
        _Now.work = _Now.pause = None
    check()


@contextmanager
def breakable() -> Iterator[None]:
    """A signal in here, or one that came before, raises Interrupted if the work `breaks`."""
    breaks = _Now.work is not None and _Now.work.breaks
    if breaks:
        _Now.breakable = True
        check()
    try:
        yield
    finally:
        _Now.breakable = False


def check() -> None:
    """Interrupted if a signal has come."""
    if _Now.number:
        raise Interrupted(WORDS[_Now.number], _Now.number)


def leave(code: int, tidily: bool = False) -> NoReturn:
    """The end of the process, unless a signal is ending it; `tidily`: with what libraries do at the end."""
    _Now.ending.acquire()
    if tidily:
        sys.exit(code)
    os._exit(code)


def _end(number: int, words: str | None) -> NoReturn:
    """The end at once, with a line on stderr."""
    _Now.ending.acquire()
    for path in list(temporary):
        with suppress(OSError):
            os.unlink(path)
    line = f"{complaint(words or WORDS[number])}\n".encode("utf-8", "replace")
    _say(before_last_words + line)
    time.sleep(_Now.lingers_s)
    os._exit(128 + number)


def _say(line: bytes) -> None:
    """On stderr, if it takes it: a pipe may be full, and nobody read it."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None and select.select([], [2], [], 0)[1]:
            os.write(2, line)


def _in_main(number: int, frame: object) -> None:
    """In the main thread, between two instructions."""
    _Now.number = number
    if _Now.breakable:
        raise Interrupted(WORDS[number], number)
    if _Now.work is None:
        with suppress(Exception):  # in the middle of a write
            sys.stdout.flush()
        _end(number, None)


def _listen(reader: int) -> None:
    """In a thread of its own, which hears of signals while the main thread is in compiled code."""
    asked: Work | None = None
    while True:
        number, work = os.read(reader, 1)[0], _Now.work
        if number == PAUSE:
            _pause(reader)
        if number not in WORDS:
            continue
        _Now.number = number
        if work is None:
            time.sleep(GRACE_S)
            _end(number, None)
        if work is asked:
            _end(number, _answer(number, work.abandon))
        asked, words = work, _answer(number, partial(work.stop, number))
        time.sleep(SAME_S)
        if _waits(reader, 0):
            os.read(reader, 64)
        if _waits(reader, GRACE_S if words is None else PATIENCE_S):
            continue
        if words is None:
            _end(number, _answer(number, work.abandon))
        if words and _Now.work is work:
            _say(f"{remark(words)}\n".encode("utf-8", "replace"))


def _pause(reader: int) -> None:
    """Ask for it; what it says comes only if it takes a while."""
    _Now.paused, ask = True, _Now.pause
    words = ask() if ask else ""
    if words and not _waits(reader, PATIENCE_S) and _Now.pause is ask:
        _say(f"{remark(words)}\n".encode("utf-8", "replace"))


def _waits(reader: int, seconds: float) -> bool:
    """Whether a signal comes in this time."""
    return bool(select.select([reader], [], [], seconds)[0])


def _answer(number: int, ask: Callable[[], str | None]) -> str | None:
    """What the work says, be it by an error; it may be the end."""
    try:
        return ask()
    except Interrupted as error:
        _end(number, str(error))
    except Exception as error:
        return str(error)
