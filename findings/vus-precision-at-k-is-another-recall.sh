#!/usr/bin/env bash
# vus 0.0.6, precision at k (k is the number of anomalous points) of metric_new, which get_metrics returns as
# Precision_at_k: the threshold that leaves k points is a score, but it is compared with the flags (0 or 1) of another
# threshold, mean plus three deviations. Where scores lie between 0 and 1 the figure is the recall at three deviations;
# where the threshold is above 1 it is 0, whatever the detector. A detector that is right about every point has 0.30, 0
# and 0 below, for the same scores times 1, 10 and 100. TSB-UAD 0.0.3 and TSB-AD 1.5 have the same line. The page of
# TSB-UAD has "generic precision at k", which is the share of anomalies among the k highest scores.
# Way out: labels[numpy.argsort(scores)[-k:]].mean().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from vus.basic_metrics import basic_metricor

labels = np.zeros(200, int)
labels[50:60], labels[120:130] = 1, 1
rng = np.random.default_rng(0)
perfect = labels * 0.9 + 0.1 * rng.random(200)
fair = labels * 0.3 + 0.5 * rng.random(200)
k = labels.sum()
for name, base in (("perfect", perfect), ("fair", fair)):
    for factor in (1, 10, 100):
        scores = base * factor
        auc, precision, recall, *_, at_k = basic_metricor().metric_new(labels, scores)
        print(f"{name} x {factor}: AUC {auc:.2f}, precision at k {at_k:.2f} (recall at 3 deviations {recall:.2f});",
              f"of the k highest scores {labels[np.argsort(scores)[-k:]].mean():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scikit-learn==1.9.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps vus==0.0.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
perfect x 1: AUC 1.00, precision at k 0.30 (recall at 3 deviations 0.30); of the k highest scores 1.00
perfect x 10: AUC 1.00, precision at k 0.00 (recall at 3 deviations 0.30); of the k highest scores 1.00
perfect x 100: AUC 1.00, precision at k 0.00 (recall at 3 deviations 0.30); of the k highest scores 1.00
fair x 1: AUC 0.94, precision at k 0.00 (recall at 3 deviations 0.00); of the k highest scores 0.65
fair x 10: AUC 0.94, precision at k 0.00 (recall at 3 deviations 0.00); of the k highest scores 0.65
fair x 100: AUC 0.94, precision at k 0.00 (recall at 3 deviations 0.00); of the k highest scores 0.65
SEEN
