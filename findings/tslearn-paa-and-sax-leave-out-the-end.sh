#!/usr/bin/env bash
# tslearn 0.10.0, PAA, SAX and 1d-SAX of a series whose length is no multiple of n_segments: all segments have the whole part
# of length / n_segments values, and the rest at the end of the series is left out, up to nearly half: of 199 values in 100
# segments the last 99 are not read. Two series that differ only there are the same and have a distance of 0, and
# inverse_transform fills the end with 0. The page asks for no such length; Lin et al. (2003), whom it cites, let segments
# share a value; others have segments of different length. A classifier on SAX words sees only the start.
# Way out: cut or resample series to a multiple of n_segments.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from tslearn.piecewise import (OneD_SymbolicAggregateApproximation, PiecewiseAggregateApproximation,
                               SymbolicAggregateApproximation)

for length in (10, 12):
    paa = PiecewiseAggregateApproximation(n_segments=4)
    means = paa.fit_transform(np.arange(length, dtype=float)[None])
    print(f"tslearn: PAA of 0 .. {length - 1} in 4 segments {means.ravel().tolist()}, and back",
          paa.inverse_transform(means).ravel().tolist())
low, high = np.zeros(199), np.concatenate([np.zeros(100), np.full(99, 5.0)])
for name, maker in (("PAA", PiecewiseAggregateApproximation(100)), ("SAX", SymbolicAggregateApproximation(100, 8)),
                    ("1d-SAX", OneD_SymbolicAggregateApproximation(100, 8, 8))):
    one, other = maker.fit_transform(np.stack([low, high]))
    print(f"tslearn: {name}, 100 segments of 199 values: same {np.array_equal(one, other)},",
          f"distance {float(maker.distance(low[:, None], high[:, None])):.1f} of {np.linalg.norm(low - high):.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tslearn==0.10.0 scikit-learn==1.9.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
tslearn: PAA of 0 .. 9 in 4 segments [0.5, 2.5, 4.5, 6.5], and back [0.5, 0.5, 2.5, 2.5, 4.5, 4.5, 6.5, 6.5, 0.0, 0.0]
tslearn: PAA of 0 .. 11 in 4 segments [1.0, 4.0, 7.0, 10.0], and back [1.0, 1.0, 1.0, 4.0, 4.0, 4.0, 7.0, 7.0, 7.0, 10.0, 10.0, 10.0]
tslearn: PAA, 100 segments of 199 values: same True, distance 0.0 of 49.7
tslearn: SAX, 100 segments of 199 values: same True, distance 0.0 of 49.7
tslearn: 1d-SAX, 100 segments of 199 values: same True, distance 0.0 of 49.7
SEEN
