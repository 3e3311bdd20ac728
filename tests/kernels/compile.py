"""Compile the kernels that tests call before they begin, on all cores: `make test` starts with it.

Else workers would wait for each other's, and every command that a test starts would import Numba.
"""

import os
import pkgutil
import subprocess
import sys
from contextlib import suppress
from importlib import import_module

import numpy as np

from rnncli import cells, kernels
from rnncli.kernels import ahead
from rnncli.kernels.cache import Busy, StoredCode
from rnncli.kernels.compiler import KERNELS, Kernel, provide_tiles

#: modules and kernels that no test calls in double precision
SINGLE = ("filters", "optimisers", "continued", "joining", "softmax", "_pick", "step_on", "outer_taps_on", "rotations")
#: what takes longest comes first
LONG = ("crf_loss", "forward", "backward", "contests", "outer", "quantiles", "shares_above")


def types_of(kernel: Kernel) -> list[str]:
    """What tests call it with."""
    if "real" not in kernel.signature:
        return ["uint8", "uint16", "int32", "uint32", "int64"] if kernel.__name__ == "cut" else []
    single = {kernel.__name__, kernel.function.__module__.rpartition(".")[2]} & {*SINGLE}
    return ["float32"] if single and kernel.__name__ != "softmax_loss" else ["float32", "float64"]


def compile_all() -> None:
    """All of them; what another process is at is left to it."""
    ahead.begun = True
    for room in (kernels, cells):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            import_module(module.name)
    for real in ("float32", "float64"):
        provide_tiles(real)
    StoredCode.waits = False
    for kernel in sorted(KERNELS, key=lambda kernel: kernel.__name__ not in LONG):
        for name in types_of(kernel):
            with suppress(Busy):
                kernel.prepare(np.dtype(name))


def main() -> None:
    """A process for each core; 1 if one of them failed."""
    command = [sys.executable, "-m", "tests.kernels.compile", "one"]
    processes = [subprocess.Popen(command) for _ in os.sched_getaffinity(0)]
    sys.exit(max(process.wait() for process in processes))


if __name__ == "__main__":
    compile_all() if sys.argv[1:] else main()
