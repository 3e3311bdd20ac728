#!/usr/bin/env bash
# neurokit2 0.2.13, four figures that are not those of the papers they cite. entropy_dispersion (Rostaghi and Azami
# 2016) and entropy_phase (Rohila and Sharma 2019) divide bits by the natural logarithm of the number of patterns: noise
# has 1.44 and 1.16, where the largest value is 1. entropy_cumulativeresidual has the formula of Rao et al. (2004) on
# its page, the integral over P(X > x), and computes it over P(X <= x): a distribution and its mirror image are
# exchanged. complexity_lempelziv of ordinal patterns joins their numbers to one string: from dimension 4 on there are
# numbers of two digits, which are read as two patterns, and the length is that of the string. Nothing tells.
# Way out: base=numpy.e in the first two calls; compute the others as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
from math import e, factorial, log2

import neurokit2 as nk
import numpy as np


def residual(x):
    """-sum of P(X > x) log2 P(X > x) times the width, between the values."""
    p = np.array([(x > a).mean() for a in np.unique(x)[:-1]])
    return -np.sum(np.diff(np.unique(x)) * p * np.log2(p))


def lempel_ziv(s):
    """Number of phrases of Lempel and Ziv (1976): each the shortest that has not been seen before."""
    i = c = 0
    while i < len(s):
        k = 1
        while i + k <= len(s) and any(s[j:j + k] == s[i:i + k] for j in range(i)):
            k += 1
        i, c = i + k, c + 1
    return c


rng, waits = np.random.default_rng(0), np.repeat([1, 2, 3, 10], [50, 30, 15, 5])
noise = rng.normal(size=5000)
for entropy in (nk.entropy_dispersion, nk.entropy_phase):
    print(f"noise: {entropy.__name__} {entropy(noise)[0]:.2f}, natural logarithms {entropy(noise, base=e)[0]:.2f}")
for name, x in (("waits", waits), ("mirror image", 11 - waits)):
    print(f"{name}: entropy_cumulativeresidual {nk.entropy_cumulativeresidual(x)[0]:.2f}, by its page {residual(x):.2f}")
x = rng.normal(size=300)
for m in (3, 4, 5):
    order = np.argsort(np.lib.stride_tricks.sliding_window_view(x, m), axis=1)
    s = np.unique(order, axis=0, return_inverse=True)[1].ravel().tolist()
    seen, info = nk.complexity_lempelziv(x, dimension=m, permutation=True)
    print(f"dimension {m}: complexity_lempelziv {seen:.2f} of {info['Complexity_Kolmogorov']} phrases;",
          f"of the patterns {lempel_ziv(s) * log2(len(s)) / log2(factorial(m)) / len(s):.2f} of {lempel_ziv(s)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check neurokit2==0.2.13 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
noise: entropy_dispersion 1.44, natural logarithms 1.00
noise: entropy_phase 1.16, natural logarithms 0.81
waits: entropy_cumulativeresidual 1.25, by its page 2.48
mirror image: entropy_cumulativeresidual 2.48, by its page 1.25
dimension 3: complexity_lempelziv 0.71 of 67 phrases; of the patterns 0.71 of 67
dimension 4: complexity_lempelziv 0.45 of 110 phrases; of the patterns 0.64 of 106
dimension 5: complexity_lempelziv 0.40 of 181 phrases; of the patterns 0.68 of 170
SEEN
