#!/usr/bin/env bash
# aeon 1.6.0, erp_distance and edr_distance: the edges of the cost matrix, where one series has only begun, are not those of the
# papers (Chen and Ng 2004; Chen, Özsu and Oria 2005). ERP starts from the sum over all values instead of those so
# far, EDR from 0 instead of their number. So a value too many at the start costs ERP a whole detour, ERP breaks the
# triangle inequality, which is what it was made for, and EDR of two series that have nothing in common, 1 by the paper,
# is 0.25 if one of them is short. EDR is too small at equal lengths too. 500 random pairs are compared with the recursion.
# The page of ERP says "the sum of distances to g for each series"; no issue names it. Nearest neighbours change with it.
# Way out: compute the two by their recursion, as below; dtw, wdtw, lcss, msm, twe are right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from aeon.distances import edr_distance, erp_distance


def recursion(x, y, match, gap_x, gap_y):
    """Least cost of an alignment of x and y: match[i, j] for a pair, gap_x[i] or gap_y[j] for a value left alone."""
    cost = np.zeros((len(x) + 1, len(y) + 1))
    cost[1:, 0], cost[0, 1:] = np.cumsum(gap_x), np.cumsum(gap_y)
    for i in range(1, len(x) + 1):
        for j in range(1, len(y) + 1):
            cost[i, j] = min(cost[i - 1, j - 1] + match[i - 1, j - 1], cost[i - 1, j] + gap_x[i - 1], cost[i, j - 1] + gap_y[j - 1])
    return cost[-1, -1]


def erp(x, y):
    return recursion(x, y, np.abs(np.subtract.outer(x, y)), np.abs(x), np.abs(y))


def edr(x, y, epsilon=0.5):
    apart = np.abs(np.subtract.outer(x, y)) >= epsilon
    return recursion(x, y, apart, np.ones(len(x)), np.ones(len(y))) / max(len(x), len(y))


def show(x, y):
    x, y = np.array(x, float), np.array(y, float)
    print(f"{x.tolist()} and {y.tolist()}: ERP {erp_distance(x, y):g}, by the paper {erp(x, y):g};",
          f"EDR {edr_distance(x, y, epsilon=0.5):.2f}, by the paper {edr(x, y):.2f}")


show([1, 5, 6, 7], [5, 6, 7])
show([5, 6, 7], [5, 6, 7, 1])
show([0], [5, 6, 7, 8])
rng, wrong = np.random.default_rng(0), {"ERP": 0, "EDR": 0}
for _ in range(500):
    x, y = rng.normal(size=12), rng.normal(size=rng.integers(8, 13))
    wrong["ERP"] += not np.isclose(erp_distance(x, y), erp(x, y))
    wrong["EDR"] += not np.isclose(edr_distance(x, y, epsilon=0.5), edr(x, y))
print("of 500 random pairs wrong:", wrong)
a, b, c = (np.array(s, float) for s in ([0, 4], [2, 0], [0, 0, 2]))
print(f"triangle: from {a.tolist()} to {b.tolist()} {erp_distance(a, b):g}, by way of {c.tolist()}",
      f"{erp_distance(a, c) + erp_distance(c, b):g}; by the paper {erp(a, b):g} and {erp(a, c) + erp(c, b):g}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aeon==1.6.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
[1.0, 5.0, 6.0, 7.0] and [5.0, 6.0, 7.0]: ERP 9, by the paper 1; EDR 0.00, by the paper 0.25
[5.0, 6.0, 7.0] and [5.0, 6.0, 7.0, 1.0]: ERP 1, by the paper 1; EDR 0.25, by the paper 0.25
[0.0] and [5.0, 6.0, 7.0, 8.0]: ERP 26, by the paper 26; EDR 0.25, by the paper 1.00
of 500 random pairs wrong: {'ERP': 276, 'EDR': 467}
triangle: from [0.0, 4.0] to [2.0, 0.0] 6, by way of [0.0, 0.0, 2.0] 4; by the paper 2 and 2
SEEN
