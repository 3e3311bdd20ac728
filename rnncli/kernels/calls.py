"""A call of a kernel is an address and a block of words, made once and used many times.

    block   for each argument in turn: an array's address and its shape, or the bits of a number

For each list of argument types there is a caller: machine code (native/callers.py) that reads a block and calls a
kernel of these types at an address. So a list of calls (threads.py) runs without Python between them, and Python calls
a kernel in the same way.
"""

import ctypes
import re
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

_TYPE = re.compile(r"(\w+)(\[[:,1]+\])?")
_FORMATS = {"float32": "f4x", "float64": "d"}  # of a number in its word; all others are integers
_POINTER = ctypes.c_void_p
_address_of, _byte_in = ctypes.addressof, ctypes.c_char.from_buffer
#: a caller: (where a result goes, where an error goes, kernel, block) -> status, by Numba's own calling convention
_CALLER = ctypes.CFUNCTYPE(ctypes.c_int32, _POINTER, _POINTER, ctypes.c_int64, ctypes.c_char_p)


class Kind(NamedTuple):
    """The type of an argument: a number, or a dense array of so many dimensions."""

    name: str
    dtype: np.dtype
    ndim: int

    @property
    def words(self) -> str:
        """Its words in a block, in the notation of `struct`."""
        return "q" * (1 + self.ndim) if self.ndim else _FORMATS.get(self.name, "q")


class Layout:
    """The arguments of a signature in Numba's notation, `void(float32[:,::1], int64)`, and their block."""

    def __init__(self, signature: str):
        result, _, arguments = signature.partition("(")
        if result != "void":
            raise TypeError(f"expected a kernel that returns nothing, found {signature}")
        self.kinds = [
            Kind(name + shape, np.dtype(name.replace("boolean", "bool")), shape.count(",") + 1 if shape else 0)
            for name, shape in _TYPE.findall(arguments)
        ]
        self.name = ", ".join(kind.name for kind in self.kinds)
        self.pack = struct.Struct("=" + "".join(kind.words for kind in self.kinds)).pack

    def block(self, arguments: tuple) -> bytes:
        """The words of these arguments, of which the arrays have to live as long as it is used. TypeError if the
        kernel takes others.
        """
        words: list[Any] = []
        for argument, kind in zip(arguments, self.kinds, strict=True):
            if not kind.ndim:
                words.append(argument)
            elif argument.dtype == kind.dtype and argument.ndim == kind.ndim and argument.flags.c_contiguous:
                words += (_address(argument), *argument.shape)
            else:
                found = f"{argument.dtype} {argument.shape} in strides {argument.strides}"
                raise TypeError(f"expected {kind.name}, found {found}")
        try:
            return self.pack(*words)
        except struct.error as error:
            raise TypeError(f"expected ({self.name}): {error}") from None


def _address(array: Any) -> int:
    """Where the numbers of a dense array begin. NumPy's own answer takes six times as long."""
    try:
        return _address_of(_byte_in(array))
    except (TypeError, ValueError):  # it cannot be written, or is empty
        return array.__array_interface__["data"][0]


class _Error(ctypes.Structure):
    """What compiled code says of an error it raised."""

    _fields_ = [("text", _POINTER), ("length", ctypes.c_int32)]


def failed(told: bytes) -> Exception:
    """The error of a kernel, of which compiled code told this. That there is no memory is the only one but for faults,
    such as an index that is out of bounds where NUMBA_BOUNDSCHECK looks at that.
    """
    if b"MemoryError" in told:
        return MemoryError("no memory for the arrays of a kernel")
    return RuntimeError(f"a kernel failed: {told!r}")


def python_caller(caller: int, kernel: int) -> Callable[[bytes | ctypes.c_char_p], None]:
    """What calls the kernel at its address with a block, by the caller at its address, without the GIL."""
    function, result, found = _CALLER(caller), ctypes.c_int64(), ctypes.pointer(_Error())
    result_at, found_at = ctypes.addressof(result), ctypes.addressof(found)

    def call(block: bytes | ctypes.c_char_p, kept=(result, found)) -> None:
        if function(result_at, found_at, kernel, block):
            raise failed(ctypes.string_at(found.contents.text, found.contents.length))

    return call


def invoke_call(caller: int, kernel: int, block: int) -> bool:
    """Call the kernel by its caller; whether it raised an error."""
    try:
        python_caller(caller, kernel)(ctypes.cast(block, ctypes.c_char_p))
    except Exception:
        return True
    return False


def word_at(address: int, i: int) -> int:
    """The i-th word at an address."""
    return ctypes.c_int64.from_address(address + 8 * i).value
