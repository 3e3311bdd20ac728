"""What threads say to each other in compiled code: atomic words of memory, and three ways to wait.

Numba has no atomics for CPUs; LLVM has, and these intrinsics write them. A word is element i of an int64 array. `pause`
tells the core that it waits, where the core has such an instruction; `give_way` lets another thread run, if one wants
to; `sleep` is for some microseconds. All are LLVM instructions or symbols of the C library, so the code can be kept on
the disk and is the same on every machine.
"""

import sys

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD, _INT32, _VOID = ir.IntType(64), ir.IntType(32), ir.VoidType()
#: (symbol of give_way, its result), (symbol of sleep, its result, units of a microsecond)
_SYSTEM = (("SwitchToThread", _INT32), ("Sleep", _VOID, 1e-3)) if sys.platform == "win32" else (
    ("sched_yield", _INT32), ("usleep", _INT32, 1)
)  # fmt: skip


def _address(context, builder, signature, values):
    """Of the word: element values[1] of the array values[0]."""
    array = context.make_array(signature.args[0])(context, builder, values[0])
    return builder.gep(array.data, [values[1]])


@intrinsic
def load(typingctx, words, i):
    """words[i], with all that was written before it was."""

    def codegen(context, builder, signature, values):
        return builder.load_atomic(_address(context, builder, signature, values), "acquire", 8)

    return types.int64(words, types.int64), codegen


@intrinsic
def add(typingctx, words, i, value):
    """words[i] += value; returns what it was."""

    def codegen(context, builder, signature, values):
        return builder.atomic_rmw("add", _address(context, builder, signature, values), values[2], "seq_cst")

    return types.int64(words, types.int64, types.int64), codegen


@intrinsic
def swap(typingctx, words, i, value):
    """words[i] = value; returns what it was."""

    def codegen(context, builder, signature, values):
        return builder.atomic_rmw("xchg", _address(context, builder, signature, values), values[2], "seq_cst")

    return types.int64(words, types.int64, types.int64), codegen


@intrinsic
def replace(typingctx, words, i, old, new):
    """words[i] = new if it is `old`; returns whether it was."""

    def codegen(context, builder, signature, values):
        address = _address(context, builder, signature, values)
        pair = builder.cmpxchg(address, values[2], values[3], "seq_cst", "seq_cst")
        return builder.extract_value(pair, 1)

    return types.boolean(words, types.int64, types.int64, types.int64), codegen


@intrinsic
def pause(typingctx):
    """A moment's rest of the core."""

    def codegen(context, builder, signature, values):
        machine = builder.module.triple.split("-")[0]
        if machine in ("x86_64", "i686"):
            _call(builder, "llvm.x86.sse2.pause", _VOID, [])
        elif machine in ("aarch64", "arm64"):
            _call(builder, "llvm.aarch64.hint", _VOID, [_INT32(1)])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def give_way(typingctx):
    """Another thread runs, if one wants to."""

    def codegen(context, builder, signature, values):
        _call(builder, *_SYSTEM[0], [])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def sleep(typingctx, microseconds):
    """For about so long."""

    def codegen(context, builder, signature, values):
        name, result, units = _SYSTEM[1]
        time = values[0] if units == 1 else builder.sdiv(values[0], _WORD(round(1 / units)))
        _call(builder, name, result, [builder.trunc(time, _INT32)])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


def _call(builder, name, result, arguments):
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    builder.call(function, arguments)
