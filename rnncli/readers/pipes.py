"""What can be read only once (stdin, a FIFO, `<(command)`) kept as it came, for all who open it.

In memory while it is small, then in a temporary file. Whoever reads it once and for all does not keep it: a second
opening is an error then, never a reading without the beginning.
"""

import atexit
import io
import os
import re
import stat
import sys
import tempfile
import threading

from rnncli.errors import RnncliError, describe_os_error
from rnncli.process.signals import breakable
from rnncli.process.temporary import no_room
from rnncli.readers.stream import Stream

IN_MEMORY = 8 << 20  # bytes
BLOCK = 1 << 20
STDIN = re.compile(r"/dev/stdin|/dev/fd/0|/proc/self/fd/0")

_kept: dict = {}  # what is read once -> its content, or None where it is gone
_reading = threading.Lock()  # of a content, which has one place for all who read it


def display(path: str) -> str:
    """The name in messages."""
    return "<stdin>" if path == "-" else path


def opened(path: str, keep: bool) -> io.BufferedReader:
    """The file from its beginning, as a stream that may be closed; see `source.open_bytes`."""
    try:
        key = _once(path)
        if key is None:
            return open(path, "rb")
        if key not in _kept:
            raw = _raw(path)
            if not keep:
                _kept[key] = None
                return raw
            _kept[key] = _content(raw, path)
    except OSError as error:
        raise describe_os_error(display(path), error) from None
    if _kept[key] is None:
        raise RnncliError(f"{display(path)}: must be read twice, but can be read only once: save it to a file first")
    return io.BufferedReader(_Again(_kept[key]), BLOCK)


def reopenable(path: str) -> str:
    """The path; what can be read once is read and kept now."""
    if _once(path) is not None:
        opened(path, True).close()
    return path


def is_regular(path: str) -> bool:
    """Whether it is a file of a disk, which others can open by its name."""
    return _once(path) is None


def _once(path: str):
    """None for a file that can be opened again and again; else what tells this source from others."""
    if path == "-" or (STDIN.fullmatch(path) and _pipe(0)):
        if sys.stdin is None:
            raise RnncliError("<stdin>: closed, expected data, or give a file name")
        return sys.stdin
    status = _pipe(path)
    return (status.st_dev, status.st_ino, path) if status else None


def _pipe(path: str | int) -> os.stat_result | None:
    """The status of what can be read only once; None of anything else."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    again = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISBLK)
    return None if any(is_kind(status.st_mode) for is_kind in again) else status


def _raw(path: str) -> io.BufferedReader:
    if _once(path) is sys.stdin:
        return io.BufferedReader(_Stdin(), BLOCK)
    return open(path, "rb")


class _Stdin(Stream):
    """It stays open. A signal ends the wait for more, where that is asked for."""

    def __init__(self):
        self.raw = sys.stdin.buffer

    def more(self, most: int) -> bytes:
        with breakable():
            return super().more(most)


def _content(raw, path: str):
    """All of it: in memory, or in a temporary file."""
    content = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    atexit.register(content.close)  # Python warns of one that is left open
    with raw:
        while block := raw.read1(BLOCK):
            try:
                content.write(block)
            except OSError as error:
                raise RnncliError(f"{display(path)}: {no_room(error)}") from None
    return content


class _Again(Stream):
    """Reads a content that stays open from its start, whoever else reads it."""

    def __init__(self, file):
        self.raw, self.place = file, 0

    fileno = io.RawIOBase.fileno  # there is none

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        with _reading:
            end = self.raw.seek(0, 2)
        self.place = max(0, offset + (0, self.place, end)[whence])
        return self.place

    def tell(self) -> int:
        return self.place

    def more(self, most: int) -> bytes:
        with _reading:
            self.raw.seek(self.place)
            data = self.raw.read(most)
        self.place += len(data)
        return data
