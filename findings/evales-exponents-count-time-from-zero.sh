#!/usr/bin/env bash
# evaLEs 0.1.2, computeLE(func, fjac, x0, t, ttrans=..): t is the "array of times over which to calculate LE", ttrans
# the "times over which to integrate transient behavior" before. The sum of the logarithms over t is divided by the last
# time, not by the time since t[0]. So exponents are right only where t begins at 0: over times from 100 to 200 those of
# a forced oscillator are half as large, -0.15 and -0.35 where they are -0.3 and -0.7, and over 1000 to 1100 a tenth.
# The two of the Henon map sum to the logarithm of its determinant, -1.20, from 0 on, and to -0.60 after a transient of
# as many steps. The same in numbaLE. No error, no warning.
# Way out: multiply the result by t[1:] / (t[1:] - t[0]), row by row.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from evaLEs.LE import computeLE


def told(x):
    return " and ".join(f"{value:.2f}" for value in x)


def slope(t, x, p):
    """A damped oscillator with a force; its exponents are -0.3 and -0.7, wherever it starts."""
    return np.array([x[1], -0.21 * x[0] - x[1] + np.cos(t)])


def jacobian(t, x, p):
    return np.array([[0.0, 1.0], [-0.21, -1.0]])


for first in (0, 100, 1000):
    t = np.arange(first, first + 100.01, 0.05)
    seen = computeLE(slope, jacobian, np.zeros(2), t)[-1]
    right = seen * t[-1] / (t[-1] - first)
    print(f"oscillator, t from {first} to {first + 100}: {told(seen)}, times t / (t - t[0]) {told(right)}")


def henon(t, x, p):
    return np.array([1 - 1.4 * x[0] ** 2 + x[1], 0.3 * x[0]])


def henon_jacobian(t, x, p):
    return np.array([[-2.8 * x[0], 1.0], [0.3, 0.0]])


for first in (0, 2000):
    t = np.arange(first, first + 2001)
    seen = computeLE(henon, henon_jacobian, np.zeros(2), t, ttrans=np.arange(2001), continuous=False)[-1]
    print(f"Henon map, transient of 2000 steps, t from {first} to {first + 2000}: {told(seen)}, sum {seen.sum():.2f},",
          f"by the determinant {np.log(0.3):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  evaLEs==0.1.2 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
oscillator, t from 0 to 100: -0.29 and -0.71, times t / (t - t[0]) -0.29 and -0.71
oscillator, t from 100 to 200: -0.15 and -0.35, times t / (t - t[0]) -0.29 and -0.71
oscillator, t from 1000 to 1100: -0.03 and -0.06, times t / (t - t[0]) -0.29 and -0.71
Henon map, transient of 2000 steps, t from 0 to 2000: 0.42 and -1.62, sum -1.20, by the determinant -1.20
Henon map, transient of 2000 steps, t from 2000 to 4000: 0.21 and -0.81, sum -0.60, by the determinant -1.20
SEEN
