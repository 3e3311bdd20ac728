"""Kernels called by compiled code: a call is an address and a block of words, made once and used many times.

    block   for each argument in turn: an array's address and its shape, or the bits of a number

For each list of argument types a caller is compiled once: it reads a block and calls a kernel of these types at an
address, by Numba's own calling convention. So a list of calls (threads.py) runs without Python between them.
"""

import hashlib
import operator
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core.compiler import CompileResult, Flags, compile_extra
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import as_dtype

from rnncli.kernels.cache import StoredCode
from rnncli.kernels.tile import define_tiles, symbols

_WORD = ir.IntType(64)


def block(compiled, arguments: tuple) -> np.ndarray:
    """The words of these arguments, which have to live as long as it does. TypeError if the kernel takes others."""
    words: list[int] = []
    for argument, (kind, dtype) in zip(arguments, _kinds(compiled), strict=True):
        if isinstance(kind, types.Array):
            if argument.dtype != dtype or argument.ndim != kind.ndim or not argument.flags.c_contiguous:
                raise TypeError(
                    f"expected {kind}, found {argument.dtype} {argument.shape} in strides {argument.strides}"
                )
            words += (argument.__array_interface__["data"][0], *argument.shape)
        elif isinstance(kind, types.Float):
            words.append(int(np.array(argument, dtype).view(f"u{kind.bitwidth // 8}")))
        else:
            words.append(operator.index(argument))
    return np.array(words, np.uint64)


@cache
def _kinds(compiled) -> list[tuple[types.Type, np.dtype]]:
    """The arguments' types, and those of their numbers in NumPy."""
    return [(kind, as_dtype(getattr(kind, "dtype", kind))) for kind in _code(compiled).signature.args]


@cache
def address(compiled) -> int:
    """Of the machine code of a compiled function with one signature."""
    return _address(_code(compiled))


def _address(code: CompileResult) -> int:
    return code.library.get_pointer_to_function(code.fndesc.llvm_func_name)


def _code(compiled) -> CompileResult:
    (code,) = compiled.overloads.values()
    return code


@cache
def caller(compiled) -> int:
    """The address of what calls such a kernel."""
    code = _code(compiled)
    if code.signature.return_type != types.none:
        raise TypeError(f"a kernel that returns {code.signature.return_type} cannot be a call of a program")
    return _address(_caller(tuple(code.signature.args)))


@cache  # and so kept, as long as its address may be in use
def _caller(arguments: tuple) -> CompileResult:
    invoke = _invoke(arguments)

    def call(address, block):
        invoke(address, block)

    name = hashlib.sha256(str(arguments).encode()).hexdigest()[:16]
    return _compiled(call, f"{__name__}.{name}-{arguments[0].dtype}")


def compiled(function: Callable, signature: Any, name: str, options: dict[str, Any]) -> Any:
    """The function compiled for one signature, by Numba's `options`; its code is kept under the name (cache.py)."""
    dispatcher = numba.njit(nogil=True, no_cfunc_wrapper=True, **options)(function)
    dispatcher._cache = stored = StoredCode(name)
    try:
        dispatcher.compile(signature)
    finally:
        stored.release()
    dispatcher.disable_compile()
    return dispatcher


def door(kernel, name: str) -> Callable:
    """A function for Python that calls a kernel which has none."""
    kinds = _code(kernel).signature.args
    parameters = ", ".join(f"a{i}" for i in range(len(kinds)))
    space: dict[str, Any] = {"pass_on": _pass_on, "__name__": __name__}
    exec(f"def door(address, {parameters}):\n    pass_on(address, ({parameters},))", space)
    signature = types.void(types.int64, *kinds)
    return partial(compiled(_named(space["door"], name), signature, name, {}), address(kernel))


@intrinsic
def _pass_on(typingctx, address, arguments):
    """Call the kernel of these types at this address."""

    def codegen(context, builder, signature, values):
        loaded = [builder.extract_value(values[1], i) for i in range(len(arguments))]
        return _call(context, builder, values[0], tuple(arguments), loaded)

    return types.void(types.int64, arguments), codegen


def _call(context, builder, address, kinds, values):
    convention = context.call_conv
    function = convention.get_function_type(types.none, kinds).as_pointer()
    convention.call_function(builder, builder.inttoptr(address, function), types.none, kinds, values)
    return context.get_dummy_value()


@cache
def provide_tiles(real: str) -> CompileResult:
    """The tile functions (tile.py) of a type are made once, and kernels call them by their names."""
    define = define_tiles(real)

    def tiles(a, b):
        define()

    code = _compiled(tiles, f"{__name__}.tiles-{real}")
    for symbol in symbols(real):
        binding.add_symbol(symbol, code.library.get_pointer_to_function(symbol))
    return code


def _compiled(function, name: str) -> CompileResult:
    """void(int64, int64), without what Python would need to call it: half the work of the compiler."""
    _named(function, name)
    signature, flags = types.void(types.int64, types.int64), Flags()
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_rewrites = True
    stored, target = StoredCode(name), cpu_target.target_context
    try:
        code = stored.load_overload(signature, target)
        if code is None:
            context = cpu_target.typing_context
            code = compile_extra(context, target, function, signature.args, types.none, flags, {})
            stored.save_overload(signature, code)
    finally:
        stored.release()
    return code


def _named(function, name: str):
    """The machine code's symbol is made of the function's name and a count of this process, and of two symbols of one
    name the first is taken: so each function gets a name of its own.
    """
    function.__name__ = function.__qualname__ = name.replace(".", "_").replace("-", "_")
    return function


def _invoke(arguments: tuple):
    """invoke(address, block): call the kernel of these types."""

    @intrinsic
    def invoke(typingctx, address, block):
        def codegen(context, builder, signature, values):
            words = builder.inttoptr(values[1], _WORD.as_pointer())
            at = 0

            def word():
                nonlocal at
                at += 1
                return builder.load(builder.gep(words, [_WORD(at - 1)]))

            loaded = [_argument(context, builder, kind, word) for kind in arguments]
            return _call(context, builder, values[0], arguments, loaded)

        return types.void(types.int64, types.int64), codegen

    return invoke


def _argument(context, builder, kind, word):
    """An argument of this type, from the next words."""
    if isinstance(kind, types.Boolean):
        return builder.trunc(word(), ir.IntType(1))
    if isinstance(kind, types.Integer):
        return builder.trunc(word(), ir.IntType(kind.bitwidth)) if kind.bitwidth < 64 else word()
    if isinstance(kind, types.Float):
        bits = ir.IntType(kind.bitwidth)
        value = word() if kind.bitwidth == 64 else builder.trunc(word(), bits)
        return builder.bitcast(value, context.get_value_type(kind))
    if not isinstance(kind, types.Array) or kind.layout != "C":
        raise TypeError(f"an argument of type {kind} cannot be in a call of a program")
    array = make_array(kind)(context, builder)
    itemsize = _WORD(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    data, shape = builder.inttoptr(word(), array.data.type), [word() for _ in range(kind.ndim)]
    strides = [itemsize]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return array._getvalue()


@intrinsic
def word_at(typingctx, address, i):
    """The i-th word at an address."""

    def codegen(context, builder, signature, values):
        words = builder.inttoptr(values[0], _WORD.as_pointer())
        return builder.load(builder.gep(words, [values[1]]))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def invoke_call(typingctx, caller, kernel, block):
    """Call the kernel by its caller."""
    arguments = (types.int64, types.int64)

    def codegen(context, builder, signature, values):
        return _call(context, builder, values[0], arguments, values[1:])

    return types.void(types.int64, *arguments), codegen
