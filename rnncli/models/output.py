"""Files that are written: whole or not at all, and never over what they must not destroy."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rnncli.errors import RnncliError, UsageError, describe_os_error
from rnncli.models.part import part_of, sweep

KINDS = {stat.S_ISFIFO: "a FIFO", stat.S_ISSOCK: "a socket", stat.S_ISBLK: "a device", stat.S_ISCHR: "a device"}


class Output(NamedTuple):
    """A file that an option names."""

    option: str
    path: str | None  # None where it was not given
    replaces: bool = True  # else it is appended to


def check_outputs(outputs: list[Output], inputs: Iterable[tuple[str, str | None]]) -> None:
    """Find out before the work whether all files can be written. `inputs` are (what it is, path) of all that is read.

    UsageError for a device, FIFO or socket (other than the null device, which takes everything), for one of the
    inputs (`-` is stdin) under whatever name, which stdout may be too (`>> FILE` would never end), and for two outputs
    in one file. RnncliError for a folder, and for a place where this process may not write.
    """
    asked = [output for output in outputs if output.path is not None]
    inputs = [(what, path) for what, path in inputs if path is not None]
    for what, path in inputs:
        if _is_stdout(path):
            raise UsageError(f"{what} {_shown(path)} and <stdout> are the same file: redirect it to another one")
    for number, output in enumerate(asked):
        option, path, replaces = output
        _refuse_special(option, path)
        for what, other in inputs:
            if _same(path, other):
                raise UsageError(
                    f"{what} {_shown(other)} and {option} {path} are the same file, which would be overwritten: "
                    f"use another name for {option}"
                )
        for before in asked[:number]:
            if _same(path, os.path.abspath(before.path)) and not is_null(path):
                raise UsageError(f"{before.option} and {option} name the same file {path}: use a file for each")
        check_writable(path, replaces)


def is_null(path: str) -> bool:
    """Whether it is the null device: what is written there goes nowhere, and it stays what it is."""
    try:
        status, null = os.stat(path), os.stat(os.devnull)
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == null.st_rdev


def kept_as(path: str, name: str) -> str:
    """`MODEL-lstm`: one of several models beside MODEL; the null device takes all."""
    return path if is_null(path) else f"{path}-{name}"


def check_writable(path: str, replaces: bool = True) -> None:
    """RnncliError if a file of this name cannot be replaced (or appended to): to find out before an hour of work."""
    if is_null(path):
        return
    target = target_of(path)
    try:
        status = os.stat(target)
    except FileNotFoundError:
        status = None
    except OSError as error:
        raise describe_os_error(path, error) from None
    if status and stat.S_ISDIR(status.st_mode):
        raise RnncliError(f"{path or repr(path)}: a folder, expected the name of a file to write")
    if status and not (os.access(target, os.W_OK) and (not replaces or _may_replace(target, status))):
        raise RnncliError(f"{path}: cannot write (permission denied)")
    if status and not replaces:
        return
    sweep(target)
    try:
        tempfile.TemporaryFile(dir=target.parent).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RnncliError(f"{path}: cannot write in its folder ({reason})") from None


def write_whole(path: str, data: bytes) -> None:
    """A temporary file beside `path`, flushed to the disk, then renamed: no reader sees half of it.

    Of a symbolic link the target is written; a file that is replaced keeps its permissions and, where this user may
    give it away, its owner.
    """
    with whole_file(path) as write:
        write(data)


@contextmanager
def whole_file(path: str) -> Iterator[Callable[[bytes], None]]:
    """The same bit by bit: what writes some bytes. Where it ends by an error, what was there stays."""
    if is_null(path):
        yield lambda data: None
        return
    target = target_of(path)

    def write(data: bytes) -> None:
        with _described(path):
            stream.write(data)

    with ExitStack() as stack:
        with _described(path):
            if target.exists() and not target.is_file():  # it came during the work
                raise RnncliError(f"{path}: not a regular file, nothing was written")
            temporary, stream = stack.enter_context(part_of(target))
        yield write
        with _described(path):
            stream.flush()
            os.fsync(stream.fileno())
            if target.exists():
                _take_over(temporary, os.stat(target))
            os.replace(temporary, target)


@contextmanager
def _described(path: str) -> Iterator[None]:
    """An error of the system is one of this file."""
    try:
        yield
    except OSError as error:
        raise describe_os_error(path, error) from None


def target_of(path: str) -> Path:
    """The file that a name leads to, through symbolic links."""
    target = None if "\0" in path or path.endswith(("/", os.sep)) else Path(os.path.realpath(path))
    if target is None or os.path.islink(target):  # one that leads to itself
        raise RnncliError(f"{path!r}: not a valid file name")
    return target


def _may_replace(target: Path, old: os.stat_result) -> bool:
    """In a folder such as /tmp only the owner of a file may put another in its place."""
    folder = os.stat(target.parent)
    return not folder.st_mode & stat.S_ISVTX or getattr(os, "geteuid", lambda: 0)() in (0, old.st_uid, folder.st_uid)


def _take_over(path: Path, old: os.stat_result) -> None:
    """Owner and permissions of the file that is replaced."""
    with suppress(OSError, AttributeError):  # not ours to give away; Windows
        os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))


def _refuse_special(option: str, path: str) -> None:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    for is_kind, name in KINDS.items():
        if is_kind(mode) and not is_null(path):
            raise UsageError(f"{option} {path}: {name}, expected the name of a file to write")


def _shown(path: str) -> str:
    return "<stdin>" if path == "-" else path


def _is_stdout(path: str) -> bool:
    """Whether stdout goes to this file; a terminal, a pipe or a socket may be read and written."""
    with suppress(OSError, ValueError):
        status = os.fstat(0) if path == "-" else os.stat(path)
        return stat.S_ISREG(status.st_mode) and os.path.samestat(status, os.fstat(1))
    return False


def _same(path: str, other: str) -> bool:
    """Whether two names are of one file, also where neither is there yet."""
    try:
        status = os.fstat(0) if other == "-" else os.stat(other)
        return not stat.S_ISCHR(status.st_mode) and os.path.samestat(os.stat(path), status)
    except OSError:
        return other != "-" and os.path.realpath(path) == os.path.realpath(other)
    except ValueError:  # a name with a zero byte
        return False
