"""Machine code in the memory of this process: object files as the compiler writes them, loaded by LLVM alone."""

import os
from functools import cache
from typing import NamedTuple

from llvmlite import binding


class Code(NamedTuple):
    """An object file."""

    symbols: list[str]  # of the functions in it that others call
    needs: list[str]  # symbols that it expects of others
    text: bytes


def cpu() -> tuple[str, str, str]:
    """Triple, name and features of the CPU that code is made for: this one's, or what Numba is told."""
    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = "" if name.lower() == "generic" else binding.get_host_cpu_features().flatten()
    return binding.get_process_triple(), name, features


def load(code: Code) -> list[int]:
    """The addresses of its symbols; LookupError if something that it needs is not there."""
    engine = _engine()  # with it LLVM knows the functions of the C library
    for name in code.needs:
        if binding.address_of_symbol(name) is None:
            _provide(name)
    engine.add_object_file(binding.ObjectFileRef.from_data(code.text))
    engine.finalize_object()
    return [engine.get_function_address(name) for name in code.symbols]


def announce(code: Code, addresses: list[int]) -> None:
    """Have code that is loaded from now on find these functions by their names."""
    for name, address in zip(code.symbols, addresses, strict=True):
        binding.add_symbol(name, address)


@cache
def _engine() -> binding.ExecutionEngine:
    """What holds all code, as long as the process lives."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    triple, name, features = cpu()
    machine = binding.Target.from_triple(triple).create_target_machine(name, features, jit=True)
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)


def _provide(name: str) -> None:
    """A function of Numba's own: it takes the memory for arrays that a kernel makes, for one."""
    from numba.core.registry import cpu_target
    from numba.core.runtime._nrt_python import c_helpers

    for helper, address in c_helpers.items():
        binding.add_symbol(helper if helper.startswith("_") else f"NRT_{helper}", address)
    if binding.address_of_symbol(name) is None:
        cpu_target.target_context.refresh()  # it takes as long as the rest of a program's start
    if binding.address_of_symbol(name) is None:
        raise LookupError(f"machine code needs {name}, which is not there")
