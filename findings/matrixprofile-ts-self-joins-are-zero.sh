#!/usr/bin/env bash
# matrixprofile-ts 0.0.9 (the newest). naiveMP, stmp and stamp of one series leave the trivial matches in: each window's
# nearest neighbour is the window itself, so the whole profile is 0 and each index its own place, for any series. stomp
# of two series, by its page exact, takes mean and deviation of the windows of tsB from tsA: below the whole profile is 0
# where 3.34 to 4.57 is right. The pages: "if no value is provided, tsB = tsA by default", and tsB is the "time series to
# compare the query against". stomp of one series and the others of two are right. No error, no warning.
# Way out: stomp for one series, stmp for two.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from matrixprofile import matrixProfile


def by_hand(a, m, b=None):
    """Least z-normalized distance of each window of b to one of a; within one series not to those within m / 2 rows."""
    cut = [np.lib.stride_tricks.sliding_window_view(x, m) for x in (a, a if b is None else b)]
    one, other = ((x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True) for x in cut)
    distance = np.linalg.norm(one[:, None] - other[None], axis=2)
    if b is None:
        rows = np.arange(len(one))
        distance[abs(rows[:, None] - rows) <= m // 2] = np.inf
    return distance.min(0)


rng = np.random.default_rng(0)
m, a, b = 20, rng.normal(size=200), 3 * rng.normal(size=200) + np.linspace(0, 20, 200)
for what, arguments, functions in (("one series", (), ("naiveMP", "stmp", "stamp", "stomp")),
                                   ("two series", (b,), ("naiveMP", "stmp", "stomp"))):
    right = by_hand(a, m, *arguments)
    print(f"{what}: by hand {right.min():.2f} to {right.max():.2f}")
    for name in functions:
        extra = {"sampling": 1.0} if name == "stamp" else {}
        profile, index = getattr(matrixProfile, name)(a, m, *arguments, **extra)
        print(f"  {name}: {profile.min():.2f} to {profile.max():.2f}, {np.sum(abs(profile - right) < 1e-3)} of {len(right)}",
              f"right, {np.sum(abs(profile) < 1e-3)} are 0, {np.sum(index == np.arange(len(right)))} their own neighbour")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check matrixprofile-ts==0.0.9 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
one series: by hand 2.81 to 4.67
  naiveMP: 0.00 to 0.00, 0 of 181 right, 181 are 0, 181 their own neighbour
  stmp: 0.00 to 0.00, 0 of 181 right, 181 are 0, 181 their own neighbour
  stamp: 0.00 to 0.00, 0 of 181 right, 181 are 0, 181 their own neighbour
  stomp: 2.81 to 4.67, 181 of 181 right, 0 are 0, 0 their own neighbour
two series: by hand 3.34 to 4.57
  naiveMP: 3.34 to 4.57, 181 of 181 right, 0 are 0, 0 their own neighbour
  stmp: 3.34 to 4.57, 181 of 181 right, 0 are 0, 0 their own neighbour
  stomp: 0.00 to 0.00, 0 of 181 right, 181 are 0, 1 their own neighbour
SEEN
