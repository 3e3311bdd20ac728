#!/usr/bin/env bash
# Numba 0.68.1: sum, mean, var and std of a float32 array in a jitted function drift away from NumPy's as the array grows. All values
# are added one after the other in float32, where NumPy adds pairwise; nothing on the page of supported functions says so.
# The mean of 2^25 ones is 0.5, as the sum no longer grows at 2^24. The variance is worse: it is taken about this
# mean, so of a million values with mean 1000 and deviation 1 it is 80 instead of 1. Whoever scales features by these,
# float32 being what networks take, scales by a wrong number, the same code without @njit by the right one.
# Integers and float64 are right.
# Way out: x.astype(np.float64) before, or a loop with a float64 sum.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import math

import numpy as np
from numba import njit


def figures(x):
    return x.sum(), x.mean(), x.var(), x.std()


jitted = njit(figures)
rng = np.random.default_rng(0)
for name, x in (("2^25 ones", np.ones(2**25)), ("a million of mean 1000, deviation 1", rng.normal(1000, 1, 10**6))):
    for kind in (np.float64, np.float32):
        values = x.astype(kind)
        mean = math.fsum(values) / len(values)
        exact = mean, math.fsum((v - mean) ** 2 for v in values[: 10**6].astype(np.float64)) / 10**6
        plain, compiled = figures(values), jitted(values)
        assert math.isclose(plain[1], exact[0], rel_tol=1e-5) and math.isclose(plain[2], exact[1], rel_tol=1e-2, abs_tol=1e-6)
        print(f"{name}, {kind.__name__}:", *(f"{what} {a:.3f}, NumPy {b:.3f};"
                                            for what, a, b in zip(("mean", "var", "std"), compiled[1:], plain[1:])))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
2^25 ones, float64: mean 1.000, NumPy 1.000; var 0.000, NumPy 0.000; std 0.000, NumPy 0.000;
2^25 ones, float32: mean 0.500, NumPy 1.000; var 0.250, NumPy 0.000; std 0.500, NumPy 0.000;
a million of mean 1000, deviation 1, float64: mean 1000.001, NumPy 1000.001; var 1.001, NumPy 1.001; std 1.001, NumPy 1.001;
a million of mean 1000, deviation 1, float32: mean 1008.901, NumPy 1000.001; var 80.220, NumPy 1.001; std 8.957, NumPy 1.001;
SEEN
