"""The shape of an array (kernels/arrays.py) as LLVM code."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from rnncli.kernels import arrays
from rnncli.kernels.stand_ins import give

_WORD = ir.IntType(64)


@intrinsic
def _reshaped(typingctx, array, shape):
    if array.layout != "C":
        raise TypeError(f"expected a dense array, found {array}")
    result = array.copy(ndim=len(shape))

    def codegen(context, builder, signature, values):
        source = make_array(array)(context, builder, values[0])
        items = zip(cgutils.unpack_tuple(builder, values[1]), shape, strict=True)
        lengths = [context.cast(builder, value, kind, types.intp) for value, kind in items]
        return dense(context, builder, result, source.data, lengths)

    return result(array, shape), codegen


def dense(context, builder, kind, data, shape):
    """An array of this type at an address, which nobody counts."""
    array = make_array(kind)(context, builder)
    itemsize = _WORD(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [itemsize]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return array._getvalue()


give(arrays.reshaped, _reshaped)
