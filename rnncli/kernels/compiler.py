"""Compile kernels when they are first called, and keep the machine code in the user's cache folder.

Numba's own cache notices a change in the file of a kernel, but not in the files of the helpers that it calls. So the
cache folder carries a hash of all kernel sources and of the versions that shape machine code: an upgrade can never run
stale code, and parallel jobs share what one of them compiled.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import llvmlite
import numba
import numpy as np
from numba.core import event
from platformdirs import user_cache_path

REAL = {np.dtype(np.float32): "float32", np.dtype(np.float64): "float64"}

#: `contract` lets a·b + c become one fused operation; nothing else of IEEE arithmetic is loosened.
OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}

_lock = threading.RLock()


def cache_folder() -> Path:
    """The folder of this version's machine code: `NUMBA_CACHE_DIR` if set, else one in the user's cache folder."""
    root = os.environ.get("NUMBA_CACHE_DIR") or user_cache_path("rnncli")
    return Path(root) / f"kernels-{_fingerprint()}"


def _fingerprint() -> str:
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__} {np.__version__}".encode())
    for source in sorted([*package.glob("kernels/*.py"), *package.glob("cells/*.py")]):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


class Kernel:
    """A function over arrays of one real type, compiled for that type when it is first called.

    The signature is a template in Numba's notation with `real` for the type (`"void(real[:,::1], int64)"`); the type
    of the first argument picks the precision. The compiled code releases the GIL.
    """

    def __init__(self, function: Callable, signature: str):
        self.function, self.signature = function, signature
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.compiled: dict[np.dtype, Callable] = {}

    def __call__(self, first, *rest):
        compiled = self.compiled.get(first.dtype)
        if compiled is None:
            compiled = self._compile(first.dtype)
        return compiled(first, *rest)

    def _compile(self, dtype: np.dtype) -> Callable:
        with _lock:
            if dtype not in self.compiled:
                signature = self.signature.replace("real", REAL[dtype])
                numba.config.CACHE_DIR = str(cache_folder())
                self.compiled[dtype] = numba.njit(signature, cache=True, nogil=True, **OPTIONS)(self.function)
        return self.compiled[dtype]


def kernel(signature: str) -> Callable[[Callable], Kernel]:
    """Decorate a kernel; see `Kernel`. Under `NUMBA_DISABLE_JIT=1` the function stays plain Python."""
    if numba.config.DISABLE_JIT:
        return np.errstate(over="ignore")  # hashes of counters wrap around
    return lambda function: Kernel(function, signature)


#: A function that kernels call: compiled into each of its callers.
helper = numba.njit(**OPTIONS)

#: The same for a sum or a maximum over a row, which may be taken in lanes side by side: one chain would be slow.
summation = numba.njit(error_model="numpy", fastmath={"contract", "reassoc"})
maximum = numba.njit(error_model="numpy", fastmath={"nnan", "nsz"})


class _Notice(event.Listener):
    def __init__(self, say: Callable[[], None]):
        self.say, self.compiled = say, 0

    def on_start(self, event):
        if not self.compiled:
            self.say()
        self.compiled += 1

    def on_end(self, event):
        pass


def notify_compilation(say: Callable[[], None]) -> _Notice:
    """Call `say` once, when the first kernel is not in the cache and has to be compiled."""
    notice = _Notice(say)
    event.register("numba:compile", notice)
    return notice
