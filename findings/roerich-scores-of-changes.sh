#!/usr/bin/env bash
# roerich 0.6.0, metrics of change points. precision_score, recall_score, true_positive_rate and false_positive_rate
# have a window, "maximum allowed distance", and pass 20 on whatever it is: changes found 15 rows too late have a
# precision of 1 with window=5, where precision_recall_scores has 0, and those found 30 rows too late 0 with window=50.
# pr_auc closes the curve with points at the thresholds -999 and 999 and then sorts by threshold. With scores above 999
# the second one is no longer the end: a perfect detection has the area 1 with scores of 0.1 to 0.3, and 0.17 with the
# same ones times 10,000. Energy and Frechet distances have the unit of the data. No error, no warning.
# Way out: precision_recall_scores, which takes the window, and scores that are scaled to at most 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from roerich.metrics import pr_auc, precision_recall_scores, precision_score, recall_score

true = np.array([100, 200, 300])
for late, window in ((15, 5), (15, 20), (30, 50)):
    found = true + late
    print(f"{late} rows late, window {window}: precision_score {precision_score(true, found, window=window):.0f},",
          f"recall_score {recall_score(true, found, window=window):.0f},",
          f"precision_recall_scores {precision_recall_scores(true, found, window=window)}")
for scores in ([0.3, 0.2, 0.1], [0.3, 0.3, 0.3]):
    for factor in (1, 10000):
        print(f"perfect detection, scores {scores} times {factor}:",
              f"pr_auc {pr_auc(true, true, np.array(scores) * factor):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==1.26.4 scipy==1.13.1 pandas==2.2.3 scikit-learn==1.5.2 2> /dev/null
# The package imports torch; the metrics are a folder of it that needs none.
"$folder/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$folder" \
  roerich==0.6.0 2> /dev/null
"$folder/venv/bin/python" -m zipfile -e "$folder/roerich-0.6.0-py3-none-any.whl" "$folder"
: > "$folder/roerich/__init__.py"
PYTHONPATH="$folder" "$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
15 rows late, window 5: precision_score 1, recall_score 1, precision_recall_scores (0.0, 0.0)
15 rows late, window 20: precision_score 1, recall_score 1, precision_recall_scores (1.0, 1.0)
30 rows late, window 50: precision_score 0, recall_score 0, precision_recall_scores (1.0, 1.0)
perfect detection, scores [0.3, 0.2, 0.1] times 1: pr_auc 1.00
perfect detection, scores [0.3, 0.2, 0.1] times 10000: pr_auc 0.17
perfect detection, scores [0.3, 0.3, 0.3] times 1: pr_auc 1.00
perfect detection, scores [0.3, 0.3, 0.3] times 10000: pr_auc 0.50
SEEN
