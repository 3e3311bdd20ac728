"""What is being written, beside the file that it becomes: `.NAME.rnncli-part`.

The process that writes it holds a lock on it. So one whose lock is free was left by a process that was killed, and goes
with the next run that writes NAME. Where files cannot be locked, each has a name of its own.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from rnncli.process import signals

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def part_of(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file to write; it goes unless it was renamed."""
    path, stream = _named(target) or _unnamed(target)
    signals.temporary.add(str(path))
    try:
        with stream:
            yield path, stream
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        signals.temporary.discard(str(path))


def sweep(target: Path) -> None:
    """Remove what a process that was killed has left."""
    path = _path(target)
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            if _is_ours(file, path):
                path.unlink()
        finally:
            os.close(file)


def _path(target: Path) -> Path:
    return target.with_name(f".{target.name}.rnncli-part")


def _named(target: Path) -> tuple[Path, IO[bytes]] | None:
    """With the name and the lock; None where it cannot be, or another process is writing the same."""
    path = _path(target)
    sweep(target)
    try:
        stream = open(path, "xb")  # noqa: SIM115
    except OSError:  # another process writes the same, or the name is too long
        return None
    try:
        if _is_ours(stream.fileno(), path):
            return path, stream
    except BlockingIOError:  # another process is about to remove it
        pass
    except OSError:
        path.unlink(missing_ok=True)
    stream.close()
    return None


def _unnamed(target: Path) -> tuple[Path, IO[bytes]]:
    path = target.with_name(f".{uuid4().hex}")
    return path, open(path, "xb")


def _is_ours(file: int, path: Path) -> bool:
    """Take the lock; whether this is still the file of that name. OSError if there is no lock to be had."""
    if fcntl is None:
        raise OSError("no locks")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return stat.S_ISREG(os.fstat(file).st_mode) and os.path.samestat(os.fstat(file), os.stat(path))
