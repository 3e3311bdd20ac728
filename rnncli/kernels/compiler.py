"""Compile kernels when they are first called, and keep the machine code in the user's cache folder (cache.py)."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from importlib import import_module
from typing import NamedTuple

import numba
import numpy as np
from numba.extending import overload, typeof_impl
from numba.np.numpy_support import from_dtype, map_layout

from rnncli.kernels import ahead, calls
from rnncli.kernels.cache import Busy, StoredCode

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

    Kernels of reals are mostly called by programs; what Python needs to call one is made when it first does.
    """

    def __init__(self, function: Callable, signature: str):
        self.function, self.signature = function, signature
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.bare = signature.startswith("void(real")
        self.compiled: dict[np.dtype, Callable] = {}
        self.doors: dict[np.dtype, Callable] = {}  # for Python
        self.tiles = not TILED.isdisjoint(getattr(function, "__globals__", ()))
        KERNELS.append(self)

    def __call__(self, first, *rest):
        if _recording.calls is not None:
            return _recording.calls.append(self._bound(first, *rest))
        door = self.doors.get(first.dtype)
        return (door or self._door(first.dtype))(first, *rest)

    def _bound(self, *arguments) -> Call:
        compiled = self._compile(arguments[0].dtype)
        block = calls.block(compiled, arguments)
        return Call(calls.caller(compiled), calls.address(compiled), block.ctypes.data, (block, arguments))

    def _door(self, dtype: np.dtype) -> Callable:
        with _lock:
            if dtype not in self.doors:
                compiled = self._compile(dtype)
                self.doors[dtype] = calls.door(compiled, self._name(dtype, ".door")) if self.bare else compiled
        return self.doors[dtype]

    def _name(self, dtype: np.dtype, what: str = "") -> str:
        return f"{self.function.__module__}.{self.__name__}{what}-{TYPES[dtype]}"

    def prepare(self, dtype: str) -> None:
        """Compile all that is needed to call it in a program."""
        compiled = self._compile(np.dtype(dtype))
        if self.signature.startswith("void"):
            calls.caller(compiled)

    def _compile(self, dtype: np.dtype) -> Callable:
        with _lock:
            if dtype not in self.compiled:
                real = TYPES[dtype]
                if self.tiles and real.startswith("float"):
                    calls.provide_tiles(real)
                signature = self.signature.replace("real", real).replace("token", real)
                options = {"no_cpython_wrapper": self.bare} | OPTIONS
                self.compiled[dtype] = calls.compiled(self.function, signature, self._name(dtype), options)
        return self.compiled[dtype]


@typeof_impl.register(np.ndarray)
def _typeof_array(array: np.ndarray, context) -> numba.types.Array:
    """What Numba says of it, without its look for masked arrays: their module takes longer to load than all kernels."""
    return numba.types.Array(from_dtype(array.dtype), array.ndim, map_layout(array), readonly=not array.flags.writeable)


LARGE = ("outer", "softmax_loss", "sums_by_id")  # kernels that take long to compile, as those of the cells do
#: modules of kernels that only some tasks need
RARE = ("crf", "densities", "pooling", "directions", "columns")


def prepare_all(modules: list[str]) -> None:
    """In a process of its own (ahead.py): prepare the kernels of these modules in single precision, the largest first,
    for as long as the process lives that began this one. What another process is at is left to it.
    """
    ahead.begun, first = True, os.getppid()
    for module in modules:
        import_module(module)

    def turn(kernel: Kernel) -> tuple[bool, bool, bool]:
        module, name = kernel.function.__module__, kernel.__name__
        return module.endswith(RARE), ".cells." not in module and name not in LARGE, name != "forward"

    calls.provide_tiles("float32")
    StoredCode.waits = False
    for kernel in sorted(reversed(KERNELS), key=turn):
        if os.getppid() == first and "real" in kernel.signature:
            with suppress(Busy):
                kernel.prepare("float32")


def kernel(signature: str) -> Callable[[Callable], Callable]:
    """Decorate a kernel; see `Kernel`. Under `NUMBA_DISABLE_JIT=1` the function stays plain Python."""
    if numba.config.DISABLE_JIT:
        return np.errstate(over="ignore")  # hashes of counters wrap around
    return lambda function: Kernel(function, signature)


#: A function that kernels call: its text becomes theirs, which takes a tenth off the work of the compiler.
helper = numba.njit(inline="always", **OPTIONS)


def shared(function: Callable) -> Callable:
    """The same for a long one that many kernels call: it is compiled once for the types of its arguments."""

    @overload(function, strict=False, jit_options=OPTIONS)
    @wraps(function)
    def typed(*arguments):
        return function

    return function


#: The same for a sum or a maximum over a row, which may be taken in lanes side by side: one chain would be slow.
summation = numba.njit(error_model="numpy", fastmath={"contract", "reassoc"})
maximum = numba.njit(error_model="numpy", fastmath={"nnan", "nsz"})

#: A bound of a loop whose variable cannot be negative, so that LLVM makes vector code of it though it does not begin
#: at zero. Numba's other indices may count from the end.
unsigned = np.uint64
