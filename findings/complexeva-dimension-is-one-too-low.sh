#!/usr/bin/env bash
# complexeva 0.2.3 (the newest). hfd, the "Higuchi fractal dimension", leaves out one of the two divisions by k of the
# length of a curve (Higuchi 1988: L(k) has (N - 1) / (n k), and that over k), so all is 1 too low: a straight line has
# a dimension of 0, a random walk 0.5, white noise 1, where a curve has at least 1. The package's own validator draws
# 2 - H of a series with Hurst exponent H as expected. lempel_ziv ("as described in Kaspar and Schuster") does not count
# the last word where the sequence ends within it: 5 words for 6 of "0001101001000101", and "00..0" has 1, as "0" has.
# No error, no warning.
# Way out: 1 + hfd; count words as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from complexeva.sequence import hfd, lempel_ziv


def higuchi(x, longest):
    """Slope of log L(k) over log 1 / k, L(k) the mean length of the k curves that have every k-th value."""
    lengths = []
    for k in range(1, longest + 1):
        curves = [x[m::k] for m in range(k)]
        lengths.append(np.mean([abs(np.diff(c)).sum() * (len(x) - 1) / ((len(c) - 1) * k) / k for c in curves]))
    return np.polyfit(np.log(1 / np.arange(1, longest + 1)), np.log(lengths), 1)[0]


def words(text):
    """Shortest words not seen before (Lempel and Ziv 1976); the last may be one that was."""
    said = []
    while rest := text[len("".join(said)):]:
        start, n = len(text) - len(rest), 1
        while n < len(rest) and rest[:n] in text[: start + n - 1]:
            n += 1
        said.append(rest[:n])
    return said


rng = np.random.default_rng(0)
noise = rng.normal(size=5000)
for name, x in (("straight line", np.arange(5000.0)), ("random walk", np.cumsum(noise)), ("white noise", noise)):
    print(f"{name}: hfd {hfd(x, 10):.2f}, Higuchi {higuchi(x, 10):.2f}")
for text in ("0001101001000101", "0000000000000000", "0101010101010101", "1001111011000010"):
    print(f"{text}: lempel_ziv {lempel_ziv(text)}, right {len(words(text))}: {' '.join(words(text))}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 \
  numba==0.68.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps complexeva==0.2.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
straight line: hfd 0.00, Higuchi 1.00
random walk: hfd 0.51, Higuchi 1.51
white noise: hfd 1.00, Higuchi 2.00
0001101001000101: lempel_ziv 5, right 6: 0 001 10 100 1000 101
0000000000000000: lempel_ziv 1, right 2: 0 000000000000000
0101010101010101: lempel_ziv 2, right 3: 0 1 01010101010101
1001111011000010: lempel_ziv 6, right 6: 1 0 01 1110 1100 0010
SEEN
