"""Compile kernels when they are first called, and keep the machine code in the user's cache folder (cache.py)."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import NamedTuple

import numba
import numpy as np

from rnncli.kernels import ahead, calls
from rnncli.kernels.cache import StoredCode

TYPES = {np.dtype(name): name for name in ("float32", "float64", "int64", "int32", "uint32", "uint16", "uint8")}

#: `contract` lets a·b + c become one fused operation; nothing else of IEEE arithmetic is loosened.
OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}

_lock = threading.RLock()


class Call(NamedTuple):
    """A kernel with its arguments, for compiled code; see calls.py."""

    caller: int  # addresses; a caller of 0 is a barrier
    kernel: int
    block: int
    kept: tuple  # what they are of

    @classmethod
    def barrier(cls) -> "Call":
        return cls(0, 0, 0, ())


class _Recording(threading.local):
    """Where this thread's calls of kernels go, while they are noted and not made."""

    calls: list[Call] | None = None


_recording = _Recording()


@contextmanager
def recorded(calls: list[Call]) -> Iterator[None]:
    """Kernels that this thread calls are not run: their calls are added to the list."""
    _recording.calls = calls
    try:
        yield
    finally:
        _recording.calls = None


KERNELS: list["Kernel"] = []  # of all modules that are imported
TILED = {"multiply", "multiply_gates", "strip_tile"}  # whoever imports one of these needs the tile functions


class Kernel:
    """A function over arrays of one real type, compiled for that type when it is first called.

    The signature is a template in Numba's notation with `real` for the type (`"void(real[:,::1], int64)"`), or `token`
    for one of integers; the type of the first argument picks it. The compiled code releases the GIL.
    """

    def __init__(self, function: Callable, signature: str):
        self.function, self.signature = function, signature
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.compiled: dict[np.dtype, Callable] = {}
        self.tiles = not TILED.isdisjoint(getattr(function, "__globals__", ()))
        KERNELS.append(self)

    def __call__(self, first, *rest):
        compiled = self.compiled.get(first.dtype)
        if compiled is None:
            compiled = self._compile(first.dtype)
        if _recording.calls is not None:
            return _recording.calls.append(self._bound(compiled, (first, *rest)))
        return compiled(first, *rest)

    def _bound(self, compiled: Callable, arguments: tuple) -> Call:
        block = calls.block(compiled, arguments)
        return Call(calls.caller(compiled), calls.address(compiled), block.ctypes.data, (block, arguments))

    def prepare(self, dtype: str) -> None:
        """Compile all that is needed to call it, from Python and in a program."""
        compiled = self._compile(np.dtype(dtype))
        if self.signature.startswith("void"):
            calls.caller(compiled)

    def _compile(self, dtype: np.dtype) -> Callable:
        with _lock:
            if dtype not in self.compiled:
                real = TYPES[dtype]
                if self.tiles and real.startswith("float"):
                    calls.provide_tiles(real)
                compiled = numba.njit(nogil=True, **OPTIONS)(self.function)
                compiled._cache = stored = StoredCode(f"{self.function.__module__}.{self.__name__}-{real}")
                try:
                    compiled.compile(self.signature.replace("real", real).replace("token", real))
                finally:
                    stored.release()
                compiled.disable_compile()
                self.compiled[dtype] = compiled
        return self.compiled[dtype]


LARGE = ("outer", "softmax_loss", "sums_by_id")  # kernels that take long to compile, as those of the cells do
#: modules of kernels that only some tasks need
RARE = ("crf", "densities", "pooling", "directions", "columns")


def prepare_all(modules: list[str]) -> None:
    """In a process of its own (ahead.py): prepare the kernels of these modules in single precision, the largest first,
    for as long as the process lives that began this one.
    """
    ahead.begun, first = True, os.getppid()
    for module in modules:
        import_module(module)

    def turn(kernel: Kernel) -> tuple[bool, bool, bool]:
        module, name = kernel.function.__module__, kernel.__name__
        return module.endswith(RARE), ".cells." not in module and name not in LARGE, name != "forward"

    calls.provide_tiles("float32")
    for kernel in sorted(reversed(KERNELS), key=turn):
        if os.getppid() == first and "real" in kernel.signature:
            kernel.prepare("float32")


def kernel(signature: str) -> Callable[[Callable], Callable]:
    """Decorate a kernel; see `Kernel`. Under `NUMBA_DISABLE_JIT=1` the function stays plain Python."""
    if numba.config.DISABLE_JIT:
        return np.errstate(over="ignore")  # hashes of counters wrap around
    return lambda function: Kernel(function, signature)


#: A function that kernels call: compiled into each of its callers.
helper = numba.njit(**OPTIONS)

#: The same for a sum or a maximum over a row, which may be taken in lanes side by side: one chain would be slow.
summation = numba.njit(error_model="numpy", fastmath={"contract", "reassoc"})
maximum = numba.njit(error_model="numpy", fastmath={"nnan", "nsz"})

#: A bound of a loop whose variable cannot be negative, so that LLVM makes vector code of it though it does not begin
#: at zero. Numba's other indices may count from the end.
unsigned = np.uint64
