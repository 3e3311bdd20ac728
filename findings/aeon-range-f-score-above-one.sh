#!/usr/bin/env bash
# aeon 1.6.0, range_f_score with a beta other than 1: the denominator is beta² (precision + recall) instead of beta²
# precision + recall. So beta gives no weight to either: it scales the F1 of all detectors by the same factor, (1 +
# beta²) / (2 beta²). A perfect detection has 2.5 at beta = 0.5 and 0.625 at beta = 2, and whichever detector is ahead
# at beta = 1 stays ahead at all. The page: "the weighted harmonic mean of the precision and recall, reaching its
# optimal value at 1". Compared with the formula of van Rijsbergen (1979).
# Way out: compute it from range_precision and range_recall, which are right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from aeon.benchmarking.metrics.anomaly_detection import range_f_score, range_precision, range_recall

labels = np.zeros(200, int)
labels[20:30], labels[120:130] = 1, 1
careful, eager = np.zeros(200, int), np.zeros(200, int)
careful[20:26] = 1
eager[10:50], eager[110:150] = 1, 1
for name, found in (("perfect", labels), ("careful", careful), ("eager", eager)):
    p, r = range_precision(labels, found), range_recall(labels, found)
    print(f"{name}: precision {p:.2f}, recall {r:.2f}")
    for beta in (0.5, 1, 2):
        right = (1 + beta**2) * p * r / (beta**2 * p + r)
        seen = range_f_score(labels, found, beta=beta, r_alpha=0)
        print(f"  beta {beta}: range_f_score {seen:.3f}, by the formula {right:.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aeon==1.6.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
perfect: precision 1.00, recall 1.00
  beta 0.5: range_f_score 2.500, by the formula 1.000
  beta 1: range_f_score 1.000, by the formula 1.000
  beta 2: range_f_score 0.625, by the formula 1.000
careful: precision 1.00, recall 0.30
  beta 0.5: range_f_score 1.154, by the formula 0.682
  beta 1: range_f_score 0.462, by the formula 0.462
  beta 2: range_f_score 0.288, by the formula 0.349
eager: precision 0.25, recall 1.00
  beta 0.5: range_f_score 1.000, by the formula 0.294
  beta 1: range_f_score 0.400, by the formula 0.400
  beta 2: range_f_score 0.250, by the formula 0.625
SEEN
