"""Compile kernels when they are first called, and keep the machine code in the user's cache folder (cache.py)."""

import ctypes
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib import import_module
from typing import NamedTuple

import numpy as np

from rnncli.kernels import ahead, calls, machine
from rnncli.kernels.cache import Busy, StoredCode
from rnncli.kernels.stand_ins import COMPILED

TYPES = {np.dtype(name): name for name in ("float32", "float64", "int64", "int32", "uint32", "uint16", "uint8")}

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
TILED = {"multiply", "multiply_gates", "strip_tile", "tile"}  # whoever imports one of these needs the tile functions


class Compiled(NamedTuple):
    """A kernel for arguments of certain types."""

    address: int
    caller: int
    layout: calls.Layout
    call: Callable[[bytes | ctypes.c_char_p], None]

    def bound(self, arguments: tuple) -> Call:
        """With these arguments, for programs."""
        block = ctypes.c_char_p(self.layout.block(arguments))
        at = ctypes.cast(block, ctypes.c_void_p).value or 0
        return Call(self.caller, self.address, at, (block, arguments))


class Kernel:
    """A function over arrays of one real type, compiled for that type when it is first called.

    The signature is a template in Numba's notation with `real` for the type (`"void(real[:,::1], int64)"`), or `token`
    for one of integers; the type of the first argument picks it. The compiled code releases the GIL.
    """

    def __init__(self, function: Callable, signature: str, makes_arrays: bool = False):
        self.function, self.signature, self.makes_arrays = function, signature, makes_arrays
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.compiled: dict[np.dtype, Compiled] = {}
        self.tiles = not TILED.isdisjoint(getattr(function, "__globals__", ()))
        KERNELS.append(self)

    def __call__(self, *arguments):
        dtype = arguments[0].dtype
        compiled = self.compiled.get(dtype) or self.prepare(dtype)
        if _recording.calls is not None:
            _recording.calls.append(compiled.bound(arguments))
        else:
            compiled.call(compiled.layout.block(arguments))

    def prepare(self, dtype: np.dtype) -> Compiled:
        """Load or compile it for arrays of this type."""
        with _lock:
            if dtype not in self.compiled:
                self.compiled[dtype] = self._prepared(TYPES[dtype])
        return self.compiled[dtype]

    def _prepared(self, real: str) -> Compiled:
        if self.tiles and real.startswith("float"):
            provide_tiles(real)
        layout = calls.Layout(signature := self.signature.replace("real", real).replace("token", real))
        name = f"{self.function.__module__}.{self.__name__}-{real}"
        _, (address,) = StoredCode(name, signature).loaded(partial(self._build, signature, name))
        caller = _caller(signature, layout.name)
        return Compiled(address, caller, layout, calls.python_caller(caller, address))

    def _build(self, signature: str, name: str) -> machine.Code:
        return _native().kernel(self.function, signature, name, self.makes_arrays)


def _native():
    """What makes machine code; it takes Numba."""
    from rnncli.kernels.native import build

    return build


@cache
def _caller(signature: str, types: str) -> int:
    """The address of what calls kernels of this signature."""
    name = f"rnncli.kernels.calls.{hashlib.sha256(types.encode()).hexdigest()[:16]}-{types.partition('[')[0]}"
    _, (address,) = StoredCode(name, signature).loaded(lambda: _native().caller(signature, name))
    return address


@cache
def provide_tiles(real: str) -> None:
    """The tile functions (tile.py) of a type are made once, and kernels call them by their names."""
    name = f"rnncli.kernels.calls.tiles-{real}"
    machine.announce(*StoredCode(name, real).loaded(lambda: _native().tile_functions(real, name)))


LARGE = ("outer", "softmax_loss", "sums_by_id")  # kernels that take long to compile, as those of the cells do
#: modules of kernels, and kernels, that only some networks and tasks need
RARE = {"crf", "densities", "pooling", "directions", "columns", "rotations", "weight_norm", "joining"}
RARE |= {"momentum", "rmsprop", "sums_by_gram"}


def prepare_all(modules: list[str]) -> None:
    """In a process of its own (ahead.py): prepare the kernels of these modules in single precision, the largest first,
    for as long as the process lives that began this one. What another process is at is left to it.
    """
    ahead.begun, first = True, os.getppid()
    for module in modules:
        import_module(module)

    def turn(kernel: Kernel) -> tuple[bool, bool, bool]:
        module, name = kernel.function.__module__, kernel.__name__
        rare = not {module.rpartition(".")[2], name}.isdisjoint(RARE)
        return rare, ".cells." not in module and name not in LARGE, name != "forward"

    provide_tiles("float32")
    StoredCode.waits = False
    for kernel in sorted(reversed(KERNELS), key=turn):
        if os.getppid() == first and "real" in kernel.signature:
            with suppress(Busy):
                kernel.prepare(np.dtype(np.float32))


def kernel(signature: str, makes_arrays: bool = False) -> Callable[[Callable], Callable]:
    """Decorate a kernel; see `Kernel`. Under `NUMBA_DISABLE_JIT=1` the function stays plain Python."""
    if not COMPILED:
        return np.errstate(over="ignore")  # hashes of counters wrap around
    return lambda function: Kernel(function, signature, makes_arrays)


#: A bound of a loop whose variable cannot be negative, so that LLVM makes vector code of it though it does not begin
#: at zero. Numba's other indices may count from the end.
unsigned = np.uint64
