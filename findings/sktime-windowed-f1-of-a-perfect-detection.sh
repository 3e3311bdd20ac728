#!/usr/bin/env bash
# sktime 1.2.0, WindowedF1Score: a prediction that comes exactly margin steps before the event is skipped. At the
# default margin of 0 that is the exact match, so events found at their very places have a score of 0, whatever the
# detector. With a margin of 3 those 3 early are misses and those 3 late are hits. A prediction may match several
# events, as well: one for three close events has a precision of 3 and an F1 of 1.5. The page: matched if the difference
# is "less or equal than the margin", and "the default value of 0 results in only exact matches being counted". (That a
# prediction should match one event is in the open pull request 9859.)
# Way out: match one to one as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sktime.performance_metrics.detection import WindowedF1Score


def points(values):
    return pd.DataFrame({"ilocs": np.asarray(values)})


def right(true, found, margin):
    """F1 of the largest one-to-one matching of events that are no more than margin apart."""
    near = np.abs(np.subtract.outer(true, found)) <= margin
    return 2 * near[linear_sum_assignment(~near)].sum() / (len(true) + len(found))


true = np.array([100, 200, 300, 400])
for margin in (0, 1, 3):
    seen = [f"{s:+d}: {WindowedF1Score(margin=margin)(points(true), points(true + s)):g} ({right(true, true + s, margin):g})"
            for s in range(-margin - 1, margin + 2)]
    print(f"margin {margin}, all found so many steps late: {', '.join(seen)}")
close = np.array([10, 11, 12])
print(f"one prediction for three close events, margin 3: {WindowedF1Score(margin=3)(points(close), points([12])):g}",
      f"({right(close, np.array([12]), 3):g})")
print("in brackets the score of a matching one to one")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sktime==1.2.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
margin 0, all found so many steps late: -1: 0 (0), +0: 0 (1), +1: 0 (0)
margin 1, all found so many steps late: -2: 0 (0), -1: 0 (1), +0: 1 (1), +1: 1 (1), +2: 0 (0)
margin 3, all found so many steps late: -4: 0 (0), -3: 0 (1), -2: 1 (1), -1: 1 (1), +0: 1 (1), +1: 1 (1), +2: 1 (1), +3: 1 (1), +4: 0 (0)
one prediction for three close events, margin 3: 1.5 (0.5)
in brackets the score of a matching one to one
SEEN
