"""A second process that compiles kernels ahead of the first one, where they are not in the cache yet.

Both go through the same kernels, the first as it needs them, the second from the other end (`compiler.prepare_all`);
the lock of each kernel's file (cache.py) has it compiled once. So a first training begins sooner.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

CODE = """
import sys
sys.path.insert(0, {root!r})
from rnncli.kernels import compiler
compiler.prepare_all({modules!r})
"""

begun = False  # or there is to be none
processes: list[subprocess.Popen] = []


def start() -> None:
    """Begin with the kernels of all modules that are imported, unless that was done, or there is one CPU for Numba."""
    from numba import config  # somebody compiles: it will be needed

    global begun
    if not begun and config.NUMBA_NUM_THREADS > 1:
        begun, root, nothing = True, str(Path(__file__).parents[2]), subprocess.DEVNULL
        modules = [name for name in list(sys.modules) if name.startswith(("rnncli.kernels.", "rnncli.cells."))]
        command = [sys.executable, "-P", "-c", CODE.format(root=root, modules=modules)]
        with suppress(OSError):  # no more processes: all kernels are compiled here
            processes.append(subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing))


def at_work() -> bool:
    """Whether the second process is compiling."""
    return any(process.poll() is None for process in processes)
