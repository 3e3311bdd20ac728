"""The numeric part of the tests as on other CPUs: `make test-cpus`.

OpenBLAS is told to use the code of older kinds of CPU, NumPy not to use one of its groups of instructions, Numba to
compile for another CPU. A setting that had no effect is a failure: its test would prove nothing.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: beginning of a setting's name -> tests whose numbers go through what it sets
NUMERIC = {
    ("OPENBLAS", "NPY"): ("data", "network", "tasks", "views", "models/test_kept.py"),
    ("NUMBA",): ("cells", "kernels", "network", "models/test_kept.py"),
}
#: they start processes or read versions, and compute little
IGNORED = ("kernels/test_cache.py", "kernels/test_cache_folder.py", "network/test_nojit.py")

BLAS = "import threadpoolctl, numpy; print(next(i['architecture'] for i in threadpoolctl.threadpool_info()))"
NUMPY = "from numpy._core._multiarray_umath import __cpu_features__ as f; print(f[{!r}])"
NUMBA = "from rnncli.kernels.machine import cpu; print(*cpu()[1:])"
DISPATCHED = (
    "from numpy._core._multiarray_umath import __cpu_dispatch__ as d, __cpu_features__ as f; print(*filter(f.get, d))"
)

#: OPENBLAS_CORETYPE -> names that OpenBLAS then has for the code it runs
CORES = {
    "Haswell": ("Haswell",),
    "SkylakeX": ("SkylakeX",),
    "Sandybridge": ("Sandybridge",),
    "Nehalem": ("Nehalem",),
    "Prescott": ("Prescott", "Katmai"),  # the same code under both names on 64 bits
}
HASWELL = (
    "+64bit,+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+cx8,+f16c,+fma,+fsgsbase,+fxsr,+lzcnt,+mmx,+movbe,+popcnt,+sahf,+sse,"
)
HASWELL += "+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+xsave"


def answer(code: str, **setting: str) -> str:
    """What the code prints under the setting."""
    command, environment = [sys.executable, "-c", code], os.environ | setting
    return subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def settings() -> list[tuple[dict[str, str], str | None]]:
    """Environment variables, and what is wrong with them here: None, "absent" from this CPU, or "no effect"."""
    found, features = [], answer(NUMBA)
    for core, names in CORES.items():
        setting = {"OPENBLAS_CORETYPE": core}
        absent = core == "SkylakeX" and "+avx512f" not in features
        found.append((setting, "absent" if absent else None if answer(BLAS, **setting) in names else "no effect"))
    for group in answer(DISPATCHED).split():
        setting = {"NPY_DISABLE_CPU_FEATURES": group}
        found.append((setting, None if answer(NUMPY.format(group), **setting) == "False" else "no effect"))
    for setting in ({"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": HASWELL}, {"NUMBA_CPU_NAME": "generic"}):
        name, *rest = answer(NUMBA, **setting).split()
        as_asked = name == setting["NUMBA_CPU_NAME"] and rest == setting.get("NUMBA_CPU_FEATURES", "").split()
        found.append((setting, None if as_asked else "no effect"))
    return found


def passes(setting: dict[str, str]) -> bool:
    """Whether the numeric tests pass under it."""
    (chosen,) = (tests for names, tests in NUMERIC.items() if next(iter(setting)).startswith(names))
    ignored = [f"--ignore=tests/{path}" for path in IGNORED]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *ignored, *(f"tests/{path}" for path in chosen)]
    done = subprocess.run(command, env=os.environ | setting, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    return done.returncode == 0


def main() -> int:
    """A line a setting; 1 if one failed, or had no effect."""
    bad = 0
    for setting, wrong in settings():
        begin = time.monotonic()
        verdict = wrong or ("passed" if passes(setting) else "FAILED")
        bad += verdict not in ("passed", "absent")
        words = " ".join(f"{name}={value[:24]}" for name, value in setting.items())
        print(f"{words:60} {verdict}  {time.monotonic() - begin:.0f} s", flush=True)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
