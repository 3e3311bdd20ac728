"""What compiled code has in place of a Python function that kernels call.

    @helper, @shared, @summation, @maximum      here: the function itself, compiled with the kernel
    native/                                     code of its own for some functions (`give`)

All of it takes Numba, which takes longer to load than all else of a program's start. So it is made when a kernel is
compiled, which a warm run never does: until then, and under `NUMBA_DISABLE_JIT=1`, the functions are plain Python.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial, wraps
from types import CodeType, FunctionType
from typing import Any

#: of all compiled code; `contract` lets a·b + c become one fused operation, nothing else of IEEE arithmetic is loosened
OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}

COMPILED = os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")  # whether kernels are compiled at all

_makers: dict[Callable, Callable[[], Any]] = {}
_made: dict[Callable, Any] = {}


def give(function: Callable, code: Any) -> None:
    """From now on compiled code has this in place of the function."""
    _made[function] = code


def for_compiler(function: Callable) -> FunctionType:
    """The function as the compiler should see it: whatever of its globals has a stand-in is that."""
    space = dict(function.__globals__)
    space |= {name: _stand_in(space[name]) for name in _names(function.__code__) if _has_one(space.get(name))}
    seen = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    seen.__module__, seen.__qualname__ = function.__module__, function.__qualname__
    return seen


def overloaded(function: Callable, choose: Callable[..., Callable], **options) -> Callable:
    """A stand-in that is compiled once for the types of its arguments: `choose` tells which function for these types.
    The function itself, which Numba knows then.
    """
    from numba.extending import overload

    @overload(function, strict=False, **options)
    @wraps(function)
    def typed(*arguments):
        return for_compiler(choose(*arguments))

    return function


def _has_one(value: Any) -> bool:
    return isinstance(value, FunctionType) and (value in _made or value in _makers)


def _stand_in(function: Callable) -> Any:
    if function not in _made:
        _made[function] = _makers[function]()
    return _made[function]


def _names(code: CodeType) -> Iterator[str]:
    """Of the globals of a function, and of the functions within it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _inline(function: Callable, options: dict[str, Any]) -> Any:
    import numba

    return numba.njit(**options)(for_compiler(function))


def _decorator(make: Callable[[Callable], Any]) -> Callable[[Callable], Callable]:
    def decorate(function: Callable) -> Callable:
        _makers[function] = partial(make, function)
        return function

    return decorate


#: A function that kernels call: its text becomes theirs, which takes a tenth off the work of the compiler.
helper = _decorator(partial(_inline, options={"inline": "always"} | OPTIONS))

#: The same for a long one that many kernels call: it is compiled once for the types of its arguments.
shared = _decorator(lambda function: overloaded(function, lambda *_: function, jit_options=OPTIONS))

#: The same for a sum or a maximum over a row, which may be taken in lanes side by side: one chain would be slow.
summation = _decorator(partial(_inline, options={"error_model": "numpy", "fastmath": {"contract", "reassoc"}}))
maximum = _decorator(partial(_inline, options={"error_model": "numpy", "fastmath": {"nnan", "nsz"}}))
