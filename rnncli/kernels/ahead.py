"""A second process that compiles kernels ahead of the first one, where they are not in the cache yet.

Both go through the same kernels, the first as it needs them, the second from the other end; the lock of each kernel's
file (cache.py) has it compiled once. So a first training begins sooner.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

#: modules of kernels that only some tasks need: they come last
RARE = ("crf", "densities", "pooling", "directions", "columns")
CODE = "import sys; sys.path.insert(0, {root!r}); from rnncli.kernels import ahead; ahead.compile_all({modules!r})"

begun = False


def start() -> None:
    """Begin with the kernels of all modules that are imported, unless that was done or there is one CPU alone."""
    global begun
    if not begun and (os.cpu_count() or 1) > 1:
        begun, root, nothing = True, str(Path(__file__).parents[2]), subprocess.DEVNULL
        modules = [name for name in sys.modules if name.startswith(("rnncli.kernels.", "rnncli.cells."))]
        command = [sys.executable, "-P", "-c", CODE.format(root=root, modules=modules)]
        with suppress(OSError):  # no more processes: all kernels are compiled here
            subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)


def compile_all(modules: list[str]) -> None:
    """In the second process: the kernels of these modules in single precision, those defined last first, for as long as
    the first process lives.
    """
    global begun
    begun, first = True, os.getppid()
    for module in modules:
        __import__(module)
    from rnncli.kernels.compiler import KERNELS

    def turn(kernel) -> tuple[bool, bool]:
        """Cells' kernels first: they are the largest."""
        module = kernel.function.__module__
        return module.endswith(RARE), ".cells." not in module

    for kernel in sorted(reversed(KERNELS), key=turn):
        if os.getppid() == first and "real" in kernel.signature:
            kernel.prepare("float32")
