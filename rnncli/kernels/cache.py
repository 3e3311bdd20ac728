"""Machine code on the disk: a file for each kernel and type, in a folder for each kind of machine and version.

    CACHE/kernels-CPU-HASH/MODULE.KERNEL-float32        the checksum, what it is, then an object file
                          /MODULE.KERNEL-float32.lock   held by the process that compiles it

Numba's own cache does not fit: it reads, changes and writes one index for all signatures of a function without a lock,
so that two cold starts at once can leave the code of one type under the name of the other; it trusts what it finds; its
key leaves out the files of helpers, the options of the compiler, and much that a shared home can hold; and it takes
Numba, of which a warm run loads nothing. Here a file appears whole, under a name and in a folder that say all that
shapes it, and nothing of it runs before its checksum and signature are found right. What is damaged is compiled anew.
Nothing here ever stops a run: without a usable cache the kernels are compiled for this run alone.
"""

import gc
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import llvmlite
import numpy as np
from platformdirs import user_cache_path

from rnncli.kernels import ahead, machine
from rnncli.kernels.machine import Code

try:
    import fcntl
except ImportError:  # Windows: every process compiles for itself, and the last file stays
    fcntl = None

WAIT_SECONDS = 60.0  # for a kernel that another process compiles; after that this one compiles locked kernels itself
POLL_SECONDS = 0.02
SILENT_SECONDS = 1.0  # of waiting, before it is said
#: of Numba's settings in the environment: what shapes machine code beside sources, versions and the CPU
SETTINGS = (
    "OPT",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "BOUNDSCHECK",
    "DEBUGINFO",
    "LLVM_REFPRUNE_PASS",
    "DISABLE_INTEL_SVML",
    "ENABLE_AVX",
)


def folder() -> Path:
    """The folder of this machine's and this version's code, in `NUMBA_CACHE_DIR` if that is set, else in the user's
    cache folder; OSError if there is no such place.
    """
    try:
        root = os.environ.get("NUMBA_CACHE_DIR") or user_cache_path("rnncli")
    except RuntimeError as error:  # no home, and no entry of the user that tells it
        raise FileNotFoundError(str(error)) from None
    return Path(root) / f"kernels-{machine.cpu()[1]}-{_fingerprint()}"


def _fingerprint() -> str:
    package = Path(__file__).parents[1]
    settings = [os.environ.get(f"NUMBA_{name}") for name in SETTINGS]
    python = (sys.version_info[:2], getattr(sys, "abiflags", ""))
    versions = (_numba_version(), llvmlite.__version__, np.__version__, python)
    digest = hashlib.sha256(repr((versions, settings, machine.cpu())).encode())
    for source in sorted([*package.glob("kernels/**/*.py"), *package.glob("cells/*.py")]):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _numba_version() -> str:
    """The text of the module that tells it: to import that is to import Numba."""
    spec = find_spec("numba")
    return Path(str(spec and spec.origin)).with_name("_version.py").read_text()


_folder = cache(folder)  # of this process


class Notes:
    """Lines about the cache that a user should know; of each kind the first. `say` is None while nobody listens."""

    say: Callable[[str], None] | None = None
    said: set[str] = set()

    @classmethod
    def tell(cls, kind: str, line: str) -> None:
        """Say the line, unless one of its kind was said."""
        if cls.say and kind not in cls.said:
            cls.said.add(kind)
            cls.say(line)


class Busy(Exception):
    """Another process is compiling this kernel."""


class StoredCode:
    """The code of one kernel for one signature in the cache."""

    waits = True  # whether this process waits for others at all: if not, Busy
    patient = True  # whether this process still waits for others

    def __init__(self, name: str, signature: str):
        self.name, self.signature, self.writes = name, signature, True
        self.lock: int | None = None
        self.collecting = False  # whether to go on with Python's garbage collection, which finds none in a compiler

    @property
    def path(self) -> Path:
        """The file."""
        return _folder() / self.name

    def loaded(self, build: Callable[[], Code]) -> tuple[Code, list[int]]:
        """The code, in memory, and the addresses of its symbols; `build` makes what is not there."""
        try:
            found = self._found()
            if found is None:
                code = build()
                found = code, machine.load(code)
                self._save(code)
            return found
        finally:
            self.release()

    def _found(self) -> tuple[Code, list[int]] | None:
        """The code if it is there and sound. If it is not, this process has its lock, or must not write it."""
        found = self._read()
        if found is None:
            self._wait_for_lock()
            found = self._read()  # by now another process may have written it
        if found is None and self.writes:
            Notes.tell("compiling", "compiling kernels for this machine, once; the next run starts at once")
            self.collecting = gc.isenabled()
            gc.disable()
            if fcntl:
                ahead.start()
        return found

    def _save(self, code: Code) -> None:
        """Keep the code, if there is a place for it and nobody else is about to."""
        if self.writes:
            what = {"signature": self.signature, "symbols": code.symbols, "needs": code.needs}
            body = self._title() + json.dumps(what).encode() + b"\n" + code.text
            try:
                _write_whole(self.path, hashlib.sha256(body).digest() + body)
            except OSError as error:
                self._give_up(error)

    def release(self) -> None:
        """Let others have the lock; the file of it goes too, since two that compile at once do no harm."""
        if self.collecting:
            gc.enable()
        if self.lock is not None:
            with suppress(OSError):
                os.unlink(f"{self.path}.lock")
            os.close(self.lock)
            self.lock = None

    def _read(self) -> tuple[Code, list[int]] | None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._give_up(error)
            return None
        body, title = data[32:], self._title()
        if hashlib.sha256(body).digest() == data[:32] and body.startswith(title):
            what, _, text = body[len(title) :].partition(b"\n")
            with suppress(Exception):  # whatever is wrong with it: it is compiled anew
                told = json.loads(what)
                code = Code(told["symbols"], told["needs"], text)
                if told["signature"] == self.signature:
                    return code, machine.load(code)
        Notes.tell("damaged", f"compiling kernels again whose code in the cache is damaged ({self.path})")
        return None

    def _wait_for_lock(self) -> None:
        """A process that dies loses its lock; one that hangs is not waited for long."""
        begin = time.monotonic()
        while self.writes:
            try:
                self.lock = _try_lock(f"{self.path}.lock")
                return
            except BlockingIOError:
                self._wait(time.monotonic() - begin)
            except OSError as error:
                self._give_up(error)

    def _wait(self, waited: float) -> None:
        if not StoredCode.waits:
            raise Busy
        if waited > WAIT_SECONDS or not StoredCode.patient:
            StoredCode.patient = self.writes = False
        if waited > SILENT_SECONDS and not ahead.at_work():
            Notes.tell("waiting", "compiling kernels: waiting for another process that is at it")
        time.sleep(POLL_SECONDS)

    def _give_up(self, error: OSError) -> None:
        self.writes = False
        where, reason = f"{error.filename}: " if error.filename else "", (error.strerror or str(error)).lower()
        Notes.tell("unusable", f"compiling kernels for this run only: their cache cannot be used ({where}{reason})")

    def _title(self) -> bytes:
        """What the code is of and for, at the beginning of its file."""
        return f"{self.name} {self.signature} {_folder().name}\n".encode()


def _try_lock(path: str) -> int | None:
    """The lock as an open file; None where there are no locks. BlockingIOError if another process has it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if fcntl is None:
        return None
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise
    except OSError:  # a file system that knows no locks: the last one to write stays, and each is right
        os.close(lock)
        return None
    return lock


def _write_whole(path: Path, data: bytes) -> None:
    """A temporary file beside it, renamed: no reader sees half of it. Those of killed processes go."""
    for left in path.parent.glob(f".{path.name}.*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > WAIT_SECONDS:
                left.unlink()
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with open(temporary, "xb") as stream:
            stream.write(data)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
