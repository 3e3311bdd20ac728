"""The caller of kernels: it reads a block of words and calls a kernel of these types at an address (calls.py)."""

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rnncli.kernels import calls, stand_ins
from rnncli.kernels.native.arrays import dense

_WORD = ir.IntType(64)


def caller(arguments: tuple[types.Type, ...]) -> Callable:
    """call(address, block) for the compiler: of kernels that take these."""
    invoke = _invoke(arguments)

    def call(address, block):
        invoke(address, block)

    return call


def _invoke(arguments):
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
            status, nothing = _call(context, builder, values[0], arguments, loaded)
            with builder.if_then(status.is_error, likely=False):
                context.call_conv.return_status_propagate(builder, status)
            return nothing

        return types.void(types.int64, types.int64), codegen

    return invoke


def _call(context, builder, address, kinds, values):
    """(status, what it stands for in code) of a function of these types at an address."""
    convention = context.call_conv
    function = convention.get_function_type(types.none, kinds).as_pointer()
    status, _ = convention.call_function(builder, builder.inttoptr(address, function), types.none, kinds, values)
    return status, context.get_dummy_value()


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
    data = builder.inttoptr(word(), context.get_data_type(kind.dtype).as_pointer())
    return dense(context, builder, kind, data, [word() for _ in range(kind.ndim)])


@intrinsic
def _word_at(typingctx, address, i):
    def codegen(context, builder, signature, values):
        words = builder.inttoptr(values[0], _WORD.as_pointer())
        return builder.load(builder.gep(words, [values[1]]))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def _invoke_call(typingctx, caller, kernel, block):
    arguments = (types.int64, types.int64)

    def codegen(context, builder, signature, values):
        status, _ = _call(context, builder, values[0], arguments, values[1:])
        return status.is_error

    return types.boolean(types.int64, *arguments), codegen


stand_ins.give(calls.word_at, _word_at)
stand_ins.give(calls.invoke_call, _invoke_call)
