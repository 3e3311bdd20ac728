"""Atomic words of memory (kernels/atomics.py) as LLVM code.

Numba has no atomics for CPUs; LLVM has. All is LLVM's or a symbol of the C library, so the code can be kept on the
disk. On Linux a thread that sleeps is woken (futex); elsewhere it looks again after some microseconds.
"""

import platform
import sys

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rnncli.kernels import atomics, stand_ins

_WORD, _INT32, _VOID = ir.IntType(64), ir.IntType(32), ir.VoidType()
FUTEX = {"x86_64": 202, "aarch64": 98}.get(platform.machine()) if sys.platform == "linux" else None  # of the system
SLEEP_US = 50  # where there is none


def _address(context, builder, signature, values):
    """Of the word: element values[1] of the array values[0]."""
    array = context.make_array(signature.args[0])(context, builder, values[0])
    return builder.gep(array.data, [values[1]])


@intrinsic
def _load(typingctx, words, i):
    def codegen(context, builder, signature, values):
        return builder.load_atomic(_address(context, builder, signature, values), "acquire", 8)

    return types.int64(words, types.int64), codegen


@intrinsic
def _add(typingctx, words, i, value):
    def codegen(context, builder, signature, values):
        return builder.atomic_rmw("add", _address(context, builder, signature, values), values[2], "seq_cst")

    return types.int64(words, types.int64, types.int64), codegen


@intrinsic
def _swap(typingctx, words, i, value):
    def codegen(context, builder, signature, values):
        return builder.atomic_rmw("xchg", _address(context, builder, signature, values), values[2], "seq_cst")

    return types.int64(words, types.int64, types.int64), codegen


@intrinsic
def _pause(typingctx):
    def codegen(context, builder, signature, values):
        machine = builder.module.triple.split("-")[0]
        if machine in ("x86_64", "i686"):
            _call(builder, "llvm.x86.sse2.pause", _VOID, [])
        elif machine in ("aarch64", "arm64"):
            _call(builder, "llvm.aarch64.hint", _VOID, [_INT32(1)])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def _sleep_while(typingctx, words, i, value):
    def codegen(context, builder, signature, values):
        if FUTEX:
            _futex(builder, _address(context, builder, signature, values), 128, builder.trunc(values[2], _INT32))
        elif sys.platform == "win32":
            _call(builder, "Sleep", _VOID, [_INT32(0)])
        else:
            _call(builder, "usleep", _INT32, [_INT32(SLEEP_US)])
        return context.get_dummy_value()

    return types.void(words, types.int64, types.int64), codegen


@intrinsic
def _wake_all(typingctx, words, i):
    def codegen(context, builder, signature, values):
        if FUTEX:
            _futex(builder, _address(context, builder, signature, values), 129, _INT32(2**31 - 1))
        return context.get_dummy_value()

    return types.void(words, types.int64), codegen


def _futex(builder, address, operation, value):
    """The system call, private to the process: 128 waits while the low half of the word is `value`, 129 wakes."""
    nothing = ir.Constant(_WORD.as_pointer(), None)
    _call(builder, "syscall", _WORD, [_WORD(FUTEX), address, _INT32(operation), value, nothing, nothing, _INT32(0)], 1)


def _call(builder, name, result, arguments, named=None):
    """Call a function of the system; of its arguments so many are named, the rest are variable."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments[:named]], var_arg=named is not None)
    function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    builder.call(function, arguments)


stand_ins.give(atomics.load_word, _load)
stand_ins.give(atomics.add_to_word, _add)
stand_ins.give(atomics.swap_word, _swap)
stand_ins.give(atomics.pause, _pause)
stand_ins.give(atomics.sleep_while, _sleep_while)
stand_ins.give(atomics.wake_all, _wake_all)
