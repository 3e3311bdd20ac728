"""Machine code of kernels, of their callers and of the tiles, made by Numba."""

from collections.abc import Callable

import numba
from numba.core import sigutils
from numba.core.compiler import CompileResult

from rnncli.kernels.machine import Code
from rnncli.kernels.native import activations, arrays, atomics, callers, tiles  # noqa: F401  (they give their stand-ins)
from rnncli.kernels.stand_ins import OPTIONS, for_compiler


def kernel(function: Callable, signature: str, name: str, makes_arrays: bool) -> Code:
    """The function compiled for one signature; the name is the symbol's."""
    return _code(_compiled(for_compiler(function), signature, name, makes_arrays))


def caller(signature: str, name: str) -> Code:
    """What calls kernels of this signature."""
    arguments, _ = sigutils.normalize_signature(signature)
    return _code(_compiled(callers.caller(arguments), "void(int64, int64)", name))


def tile_functions(real: str, name: str) -> Code:
    """All tile functions of a type."""
    code = _code(_compiled(tiles.defining(real), "void()", name))
    return code._replace(symbols=tiles.symbols(real))


def _compiled(function: Callable, signature: str, name: str, makes_arrays: bool = False) -> CompileResult:
    # Of two symbols of one name LLVM takes the first. Numba's are made of the function's name and a count of this
    # process: so each function gets a name of its own.
    function.__name__ = function.__qualname__ = name.replace(".", "_").replace("-", "_")
    # without arrays of its own nothing counts who uses which
    options = {"no_cfunc_wrapper": True, "no_cpython_wrapper": True, "_nrt": makes_arrays} | OPTIONS
    dispatcher = numba.njit(**options)(function)
    dispatcher.compile(signature)
    (result,) = dispatcher.overloads.values()
    return result


def _code(result: CompileResult) -> Code:
    library = result.library
    _, _, (text, _) = library.serialize_using_object_code()
    module = library._final_module
    others = (value for values in (module.functions, module.global_variables) for value in values)
    needs = [value.name for value in others if value.is_declaration and not value.name.startswith("llvm.")]
    return Code([result.fndesc.llvm_func_name], needs, text)
