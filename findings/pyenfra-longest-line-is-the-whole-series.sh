#!/usr/bin/env bash
# pyenfra 0.4.0 (the newest), recurrence quantification. RQA and l_max count the line of identity, each value with itself, as
# a diagonal line, so the longest line is as long as the series, and DIV, its inverse, depends on the length of the series
# alone: 300 and 0.0033 of noise, of a chaotic map and of a sine. The divergence is to be related to the largest Lyapunov
# exponent (Trulla et al. 1996; Marwan et al. 2007 leave the line of identity out). RR and DET count it as well.
# entropy: "p(L) is the probability of a diagonal line having length L"; the code has the share of each single line in the
# sum of lengths, so 25 lines of one length have log 25, where one length has an entropy of 0, and it grows with the
# number of lines: 5.9 of noise, by hand 0.4.
# WTMM, "extracts modulus maxima (ridge lines)": the mean is taken over all coefficients, no maxima are sought.
# Way out: the matrix with its diagonal set to 0, and the counts below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pywt
from pyenfra import functions, utils


def by_hand(matrix, shortest=2):
    """Longest diagonal line off the line of identity, and the entropy of the lengths of such lines."""
    lengths = []
    for offset in range(1, len(matrix)):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], np.diagonal(matrix, offset), [0]])))
        lengths += [b - a for a, b in zip(edges[::2], edges[1::2]) if b - a >= shortest]
    share = np.unique(lengths, return_counts=True)[1] / len(lengths)
    return max(lengths), abs((share * np.log(share)).sum())


rng = np.random.default_rng(0)
chaos = [0.3]
for _ in range(299):
    chaos.append(4 * chaos[-1] * (1 - chaos[-1]))
for name, x in (("noise", rng.normal(size=300)), ("logistic map", np.array(chaos)), ("sine", np.sin(np.arange(300) / 7))):
    matrix, seen = functions.RQA(x, percentage=10)
    longest, entropy = by_hand(matrix)
    print(f"{name}: longest line {seen['L_max']} (by hand {longest}), DIV {seen['DIV']:.4f} ({1 / longest:.4f}),",
          f"entropy {seen['ENTR']:.2f} ({entropy:.2f})")
blocks = np.kron(np.eye(25), [[0, 1, 0], [0, 0, 1], [0, 0, 0]]).astype(int)
lengths = utils._compute_diagonal_line_lengths(blocks)
print(f"{len(lengths)} lines of length {set(lengths)}: entropy {functions.entropy(blocks):.2f}, log 25 is {np.log(25):.2f}")

x = rng.normal(size=2000).cumsum()
scales, seen = utils._WTMM(x, "mean", "mexh", num=6)
size = abs(pywt.cwt(x, scales, "mexh")[0])
inner = size[:, 1:-1]
maxima = (inner > size[:, :-2]) & (inner > size[:, 2:])
print("WTMM, mean of the modulus:", seen.round(1), "of all", size.mean(1).round(1),
      "of the maxima", np.array([s[m].mean() for s, m in zip(inner, maxima)]).round(1))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check pyenfra==0.4.0 pyts==0.14.1 \
  numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 numba==0.68.1 pywavelets==1.8.0 matplotlib==3.10.9 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
noise: longest line 300 (by hand 5), DIV 0.0033 (0.2000), entropy 5.93 (0.38)
logistic map: longest line 300 (by hand 11), DIV 0.0033 (0.0909), entropy 7.31 (1.40)
sine: longest line 300 (by hand 256), DIV 0.0033 (0.0039), entropy 6.23 (1.74)
25 lines of length {2}: entropy 3.22, log 25 is 3.22
WTMM, mean of the modulus: [  1.4   4.1  12.8  45.3 188.8 277.9] of all [  1.4   4.1  12.8  45.3 188.8 277.9] of the maxima [  2.    5.6  13.9  48.  206.4 274.6]
SEEN
