"""Which kernels are compiled ahead, and in what order."""

import pkgutil
from importlib import import_module

import pytest

from rnncli import kernels
from rnncli.kernels.compiler import KERNELS, LARGE, RARE
from rnncli.kernels.stand_ins import COMPILED


@pytest.mark.skipif(not COMPILED, reason="there are none")
def test_what_comes_first_and_last_are_kernels():
    modules = {module.name for module in pkgutil.iter_modules(kernels.__path__)}
    for name in modules:
        import_module(f"rnncli.kernels.{name}")
    names = {kernel.__name__ for kernel in KERNELS}
    assert modules | names >= RARE, "a module or a kernel has another name by now"
    assert names >= {*LARGE}
