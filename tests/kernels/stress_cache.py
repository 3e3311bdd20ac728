"""Many processes at once on an empty kernel cache, again and again: `make stress-cache`.

Half of them want the kernels of one type, half those of the other. Every result has to be right, and the cache that
they leave has to be sound: for each kernel and type one file, from which two more processes start without compiling.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.kernels.test_cache import in_a_new_process, output

PROCESSES, ROUNDS = 20, 50

WORK = """
import sys, numpy as np
from rnncli.kernels.columns import place
from rnncli.kernels.product import aligned, pack, panels_of, product
real = sys.argv[1]
X, out = np.arange(24, dtype=real).reshape(2, 3, 4), np.zeros((2, 3, 5), real)
place(X, out, 1, 2, 0, 3)
assert (out[..., 1:] == X).all() and not out[..., 0].any(), out
rng = np.random.default_rng(0)
A, B = (rng.integers(-9, 10, shape).astype(real) for shape in ((2, 7, 5), (5, 19)))
panels, C = aligned(panels_of(5, 19), real), np.zeros((2, 7, 19), real)
pack(B, panels, 0, len(panels))
product(A, panels, C, 0, 7, 0, len(panels), False)
assert (C == A @ B).all(), C
print(int("rnncli.kernels.native.build" in sys.modules))
"""


def round_of(processes: int, folder: str) -> tuple[int, list[str]]:
    """(how many of them compiled, the files they left); AssertionError if a result is wrong."""
    started = [in_a_new_process(WORK, folder, ("float32", "float64")[number % 2]) for number in range(processes)]
    compiled = sum(int(output(process)) for process in started)
    for real in ("float32", "float64"):
        assert output(in_a_new_process(WORK, folder, real)).strip() == "0", "the cache is not as it should be"
    return compiled, sorted(os.listdir(*Path(folder).iterdir()))


def main(rounds: int) -> None:
    """Print a line a round."""
    expected = None
    for number in range(1, rounds + 1):
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            compiled, files = round_of(PROCESSES, folder)
        assert files == (expected := expected or files), files
        print(
            f"round {number} of {rounds}: {PROCESSES} processes, {compiled} compiled, {time.monotonic() - begin:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
