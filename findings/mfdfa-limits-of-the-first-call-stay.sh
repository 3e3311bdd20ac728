#!/usr/bin/env bash
# MFDFA 0.4.3: hurst_exponents, scaling_exponents and singularity_spectrum fit their slopes to a part of the lags, from
# an eighth to two thirds of those given. These limits are written into the list that is the default of `lim`, so each
# function keeps those of its first call until the program ends: a later series with other lags is fitted to lags 1 to 7
# where 7 to 37 are meant. Below, after a call with 12 lags, 57 lags of white noise have H(-4) 1.18 in place of 0.53, and
# a spectrum that is 1.05 wide in place of 0.03, so noise looks multifractal. In the other order half of what is meant is
# left out of the 12 lags. A list of the caller, lim=[False, False], is changed in the same way. Results of a program
# that calls once, or always with as many lags, are right. No error, no warning.
# The page gives the default as [size // 1.5, size // 8], in the other order.
# Way out: give the limits, lim=[len(lag) // 8, int(len(lag) / 1.5)], or a new lim=[False, False] in each call.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys

import numpy as np
from MFDFA import MFDFA
from MFDFA.singspect import hurst_exponents, singularity_spectrum

x = np.random.default_rng(0).normal(size=20000)
q = np.array([-4.0, -2.0, 2.0, 4.0])
few, many = (np.unique(np.logspace(0.7, 3, n).astype(int)) for n in (12, 60))


def text(values):
    return " ".join(f"{v:.2f}" for v in values)


def by_hand(lag, f):
    """Slopes of log f over log lag, from an eighth to two thirds of the lags."""
    part = slice(len(lag) // 8, int(len(lag) / 1.5))
    return [np.polyfit(np.log(lag[part]), np.log(f[part, i]), 1)[0] for i in range(len(q))]


for lag in (few, many) if sys.argv[1] == "few" else (many, few):
    lag, f = MFDFA(x, lag, q=q)
    alpha, _ = singularity_spectrum(lag, f, q)
    print(f"{len(lag)} lags: H(q) {text(hurst_exponents(lag, f, q)[1])}; by hand {text(by_hand(lag, f))};",
          f"spectrum {np.ptp(alpha):.2f} wide")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check MFDFA==0.4.3 numpy==2.4.6 2> /dev/null
for first in few many; do
  echo "a program that begins with $first lags:"
  "$folder/venv/bin/python" -W ignore "$folder/try.py" "$first"
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
a program that begins with few lags:
12 lags: H(q) 0.57 0.54 0.52 0.51; by hand 0.57 0.54 0.52 0.51; spectrum 0.10 wide
57 lags: H(q) 1.18 0.83 0.58 0.54; by hand 0.53 0.52 0.51 0.51; spectrum 1.05 wide
a program that begins with many lags:
57 lags: H(q) 0.53 0.52 0.51 0.51; by hand 0.53 0.52 0.51 0.51; spectrum 0.03 wide
12 lags: H(q) 0.55 0.53 0.50 0.48; by hand 0.57 0.54 0.52 0.51; spectrum 0.10 wide
SEEN
