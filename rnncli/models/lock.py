"""MODEL.lock: one training at a time writes a MODEL.

The file says who trains: process, host, and the start of the machine. The process holds a lock on it (flock), which
goes with the process however that ends, and does not mistake another process of the same number for it. So a file
whose lock is free was left by a process that was killed; but of one on another host this cannot be told, for the lock
may not reach so far. Where files cannot be locked, training goes on without.
"""

import json
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rnncli.errors import RnncliError
from rnncli.models.output import is_null, target_of
from rnncli.process import signals

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ENTRY = "rnncli-lock"
LONGEST = 4096  # bytes of the file
BOOT = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def locked(paths: Iterable[str], ignore: bool = False) -> Iterator[None]:
    """In here nobody else trains them. RnncliError if somebody does; `ignore`: unless on another host."""
    with ExitStack() as stack:
        for model in paths:
            if fcntl and not is_null(model):
                stack.enter_context(_locked(model, f"{target_of(model)}.lock", ignore))
        yield


def refuse_checkpoints(paths: Iterable[str]) -> None:
    """RnncliError for a model with the checkpoint of a training that was stopped: a new one would replace it."""
    for model in paths:
        if not is_null(model) and os.path.lexists(f"{model}.checkpoint"):
            raise RnncliError(
                f"{model}.checkpoint: a training that was stopped: --resume goes on with it, --restart begins again"
            )


@contextmanager
def _locked(model: str, path: str, ignore: bool) -> Iterator[None]:
    file = _acquired(model, path)
    if file is None:
        yield
        return
    try:
        content = os.read(file, LONGEST)
        owner = _owner(content)
        if content and owner is None:  # a file of somebody else's
            yield
            return
        if owner and not ignore and _elsewhere(owner):
            raise RnncliError(f"{_trains(model, owner)}; if that has ended, give --ignore-lock")
        signals.temporary.add(path)
        with suppress(OSError):  # another user's file, a full disk: the lock is ours all the same
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps({ENTRY: _self()}).encode(), 0)
        try:
            yield
        finally:
            with suppress(OSError):
                os.unlink(path)
            signals.temporary.discard(path)
    finally:
        os.close(file)


def _acquired(model: str, path: str) -> int | None:
    """The open file with its lock; None where there is no such thing. RnncliError if another process has it."""
    while True:
        try:
            file = _opened(path)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stat.S_ISREG(os.fstat(file).st_mode) and os.path.samestat(os.fstat(file), os.stat(path)):
                return file
            again = stat.S_ISREG(os.fstat(file).st_mode)
        except BlockingIOError:
            owner = _waited_for(file)
            os.close(file)
            raise RnncliError(f"{_trains(model, owner)}: wait for it, or use another -o") from None
        except FileNotFoundError:  # its owner has just removed it
            again = True
        except OSError:
            again = False
        if not again:
            _remove_empty(file, path)
        os.close(file)
        if not again:
            return None


def _waited_for(file: int) -> dict:
    """Who has the lock, which is written a moment after it was taken."""
    for _ in range(10):
        if owner := _owner(os.pread(file, LONGEST, 0)):
            return owner
        time.sleep(0.02)
    return {}


def _remove_empty(file: int, path: str) -> None:
    """It was made for a lock that there cannot be."""
    with suppress(OSError):
        if stat.S_ISREG(os.fstat(file).st_mode) and not os.fstat(file).st_size:
            os.unlink(path)


def _opened(path: str) -> int:
    """For reading and writing; only for reading if it is another user's."""
    flags = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(path, flags | os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        return os.open(path, flags | os.O_RDONLY)


def _self() -> dict[str, object]:
    boot = ""
    with suppress(OSError):
        boot = BOOT.read_text().strip()
    return {"process": os.getpid(), "host": os.uname().nodename, "boot": boot}


def _owner(content: bytes) -> dict | None:
    """Who wrote it; None if it is no lock of ours."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        owner = json.loads(content)[ENTRY]
        return owner if isinstance(owner, dict) else None
    return None


def _elsewhere(owner: dict) -> bool:
    """Whether it is of another host: of another name, and not a container of this machine."""
    here = _self()
    return owner.get("host") != here["host"] and not (here["boot"] and owner.get("boot") == here["boot"])


def _trains(model: str, owner: dict) -> str:
    return f"{model}: process {owner.get('process', '?')} on host {owner.get('host', '?')} trains it"
