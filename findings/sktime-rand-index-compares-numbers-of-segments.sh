#!/usr/bin/env bash
# sktime 1.2.0, RandIndex of two segmentations: a stretch counts as kept together by both only if the segment has the
# same number in both, or the same label. A cut too many moves all later numbers on, so nothing behind it agrees: one
# cut too many at step 10 of 100 has 0.11 instead of 0.92, at step 90 0.90, and the same two segments with other labels
# have 0.01 instead of 1. So the figure punishes early errors, and ranks segmentations by where they err. The page says
# that labels or else numbers are matched, but defines the Rand index, in which they have no part (pairs of times that
# both keep together or both separate), and says that 1 "indicates identical segmentations".
# Way out: scikit-learn's rand_score of the segment of each step, as below, or its adjusted form.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
from sklearn.metrics import rand_score
from sktime.performance_metrics.detection import RandIndex


def segments(cuts, labels=None):
    frame = pd.DataFrame({"ilocs": pd.IntervalIndex.from_breaks([0, *cuts, 100], closed="left")})
    return frame if labels is None else frame.assign(label=labels)


def steps(cuts):
    return np.searchsorted(cuts, np.arange(100), side="right")


for true, found in (([50], [50]), ([50], [48]), ([50], [10, 50]), ([50], [50, 90]), ([20, 40, 60, 80], [5, 20, 40, 60, 80]),
                    ([20, 40, 60, 80], [20, 40, 60, 80, 95]), ([20, 40, 60, 80], [40, 60, 80]), ([20, 40, 60, 80], [50])):
    print(f"true cuts {true}, found {found}: RandIndex {RandIndex()(segments(true), segments(found)):.2f},",
          f"rand_score {rand_score(steps(true), steps(found)):.2f}")
seen = RandIndex()(segments([50], ["low", "high"]), segments([50], ["a", "b"]))
print(f"the same cut, labels low, high and a, b: RandIndex {seen:.2f}, rand_score {rand_score(steps([50]), steps([50])):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sktime==1.2.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
true cuts [50], found [50]: RandIndex 1.00, rand_score 1.00
true cuts [50], found [48]: RandIndex 0.96, rand_score 0.96
true cuts [50], found [10, 50]: RandIndex 0.11, rand_score 0.92
true cuts [50], found [50, 90]: RandIndex 0.90, rand_score 0.92
true cuts [20, 40, 60, 80], found [5, 20, 40, 60, 80]: RandIndex 0.64, rand_score 0.98
true cuts [20, 40, 60, 80], found [20, 40, 60, 80, 95]: RandIndex 0.98, rand_score 0.98
true cuts [20, 40, 60, 80], found [40, 60, 80]: RandIndex 0.61, rand_score 0.92
true cuts [20, 40, 60, 80], found [50]: RandIndex 0.39, rand_score 0.66
the same cut, labels low, high and a, b: RandIndex 0.01, rand_score 1.00
SEEN
