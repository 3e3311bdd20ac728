#!/usr/bin/env bash
# mass-ts 0.1.4. mass(ts, query): "an array of distances", which has n - m entries where mass2 and the definition have n
# - m + 1. The first window is left out, so every place is one too low: a query cut out at row 40 is found at 39, and
# one at row 0 is not found at all. mass3(ts, query, pieces) is one row off in the last piece, unless the pieces end
# with the series: 31 of 171 distances are wrong below, and a query from the end is not found. corr_coef=True is 1 - d /
# (2 m); the correlation of z-normalized windows at the distance d is 1 - d^2 / (2 m): opposite windows have 0.82 in
# place of -1, and no value is below 0.8. No error, no warning.
# Way out: mass2, and 1 - mass2(ts, query)**2 / (2 m) for the correlation.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import mass_ts
import numpy as np

rng = np.random.default_rng(0)
ts, m = rng.normal(size=200), 30


def normal(x):
    return (x - x.mean()) / x.std()


def by_hand(ts, query):
    return np.array([np.linalg.norm(normal(ts[i : i + m]) - normal(query)) for i in range(len(ts) - m + 1)])


for at in (0, 40, 170):
    query = ts[at : at + m]
    right = by_hand(ts, query)
    for name, d in (("mass", mass_ts.mass(ts, query)), ("mass2", mass_ts.mass2(ts, query)),
                    ("mass3, pieces of 64", mass_ts.mass3(ts, query, 64))):
        wrong = f"{np.sum(abs(abs(d) - right) > 1e-3)} are wrong" if len(d) == len(right) else "one is missing"
        print(f"query cut out at row {at}, {name}: {len(d)} of {len(right)} distances, {wrong},",
              f"least at {abs(d).argmin()}")
query = -ts[40:70]
right = 1 - by_hand(ts, query)[40] ** 2 / (2 * m)
print(f"opposite of the window at row 40: mass {mass_ts.mass(ts, query, corr_coef=True)[39]:.2f},",
      f"1 - d^2 / (2 m) {right:.2f}, numpy.corrcoef {np.corrcoef(ts[40:70], query)[0, 1]:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==1.26.4 scipy==1.13.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  mass-ts==0.1.4 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
query cut out at row 0, mass: 170 of 171 distances, one is missing, least at 17
query cut out at row 0, mass2: 171 of 171 distances, 0 are wrong, least at 0
query cut out at row 0, mass3, pieces of 64: 171 of 171 distances, 31 are wrong, least at 0
query cut out at row 40, mass: 170 of 171 distances, one is missing, least at 39
query cut out at row 40, mass2: 171 of 171 distances, 0 are wrong, least at 40
query cut out at row 40, mass3, pieces of 64: 171 of 171 distances, 31 are wrong, least at 40
query cut out at row 170, mass: 170 of 171 distances, one is missing, least at 169
query cut out at row 170, mass2: 171 of 171 distances, 0 are wrong, least at 170
query cut out at row 170, mass3, pieces of 64: 171 of 171 distances, 31 are wrong, least at 132
opposite of the window at row 40: mass 0.82, 1 - d^2 / (2 m) -1.00, numpy.corrcoef -1.00
SEEN
