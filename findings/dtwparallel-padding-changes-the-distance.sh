#!/usr/bin/env bash
# dtwParallel 0.9.41 (the newest): regular_flag, the "value used to complete irregular MTS. This value is removed
# transparently to the user". It isn't. type_dtw="d": the distance is divided by sqrt(n m), the number of rows, as soon
# as a flag is named, even if no row has it: 0.83 for 4.97. "i": the shorter series is completed again with its last
# row, which costs: 12.39 for 11.44. A Sakoe-Chiba band is laid over the lengths with the filling: "d" has an infinite
# distance for series of 6 and 4 rows, "i" that of another band. local_dissimilarity "norm1" is the square root of the
# 1-norm; cityblock of scipy, the same norm, has 22 where it has 12.85.
# Way out: cut the filling off before, and name no flag; cityblock in place of norm1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from dtwParallel.dtw_functions import dtw
from scipy.spatial.distance import cityblock


def filled(x, n=8):
    return np.concatenate([x, np.full((n - len(x), x.shape[1]), -99.0)])


def by_hand(cost):
    """Least sum of a path of steps down, right or both."""
    total = np.full((cost.shape[0] + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i, j in np.ndindex(cost.shape):
        total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1]


rng = np.random.default_rng(0)
a, b, c = rng.normal(size=(6, 2)), rng.normal(size=(4, 2)), rng.normal(size=(6, 2))
for kind in "di":
    for name, other in (("6 and 4 rows", b), ("6 and 6 rows", c)):
        apart = abs(a[:, None] - other[None])
        right = by_hand(np.linalg.norm(apart, axis=2)) if kind == "d" else sum(by_hand(apart[:, :, k]) for k in (0, 1))
        options = {"type_dtw": kind, "local_dissimilarity": "norm2", "MTS": True}
        band = {"constrained_path_search": "sakoe_chiba", "sakoe_chiba_radius": 1}
        print(f"{kind}, {name}: right {right:.2f}, as they are {dtw(a, other, **options):.2f},",
              f"with a flag {dtw(a, other, regular_flag=-99, **options):.2f},",
              f"filled to 8 rows {dtw(filled(a), filled(other), regular_flag=-99, **options):.2f};",
              f"in a band {dtw(a, other, **band, **options):.2f},",
              f"filled {dtw(filled(a), filled(other), regular_flag=-99, **band, **options):.2f}")
x, y = np.array([1, 2, 3, 3, 4, 5, 6, 7]), np.array([0, 1, 5, 7, 1, 8, 1, 4])
print(f"norm1 {dtw(x, y, local_dissimilarity='norm1'):.2f}, cityblock {dtw(x, y, local_dissimilarity=cityblock):.2f},",
      f"right {by_hand(abs(np.subtract.outer(x, y))):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 \
  numba==0.68.1 pandas==2.3.3 matplotlib==3.10.9 seaborn==0.13.2 gower==0.1.2 joblib==1.5.3 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps dtwParallel==0.9.41 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
d, 6 and 4 rows: right 9.84, as they are 9.84, with a flag 2.01, filled to 8 rows 2.01; in a band 9.84, filled inf
d, 6 and 6 rows: right 4.97, as they are 4.97, with a flag 0.83, filled to 8 rows 0.83; in a band 4.97, filled 0.83
i, 6 and 4 rows: right 11.44, as they are 11.44, with a flag 12.39, filled to 8 rows 12.39; in a band 11.44, filled 12.39
i, 6 and 6 rows: right 5.53, as they are 5.53, with a flag 5.53, filled to 8 rows 5.53; in a band 5.53, filled 5.53
norm1 12.85, cityblock 22.00, right 22.00
SEEN
