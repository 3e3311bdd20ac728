#!/usr/bin/env bash
# timeeval 1.5.0, RangeFScore: r_bias, the positional bias of the recall, has no effect; the recall is computed with
# p_bias, that of the precision. So the F-score that rewards early detection (Tatbul et al. 2018: recall with a front
# bias, precision flat) is that without a reward, and a detector that finds the first tenth of each anomaly has the same
# figure as one that finds the last tenth. RangeRecall(bias=..) of the same package and ts_fscore of prts 1.0.0.3, which
# it calls, are right. The page names both parameters as the positional bias of the one and of the other.
# Way out: compute it from RangePrecision and RangeRecall, or call prts.ts_fscore.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from timeeval.metrics import RangeFScore, RangePrecision, RangeRecall

labels = np.zeros(300, int)
early, late = labels.copy(), labels.copy()
for start in (50, 150):
    labels[start:start + 40], early[start:start + 4], late[start + 36:start + 40] = 1, 1, 1


def by_formula(found, p_bias, r_bias):
    """F-score of range-based precision and recall where each range has one overlap: shares weighted by position."""
    def share(of, by, bias):
        shares = []
        edges = np.diff(np.concatenate([[0], of, [0]]))
        for start, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)):
            weights = {"flat": np.ones(end - start), "front": np.arange(end - start, 0, -1.0),
                       "back": np.arange(1.0, end - start + 1)}[bias]
            shares.append((weights * by[start:end]).sum() / weights.sum())
        return np.mean(shares)
    precision, recall = share(found, labels, p_bias), share(labels, found, r_bias)
    return 2 * precision * recall / (precision + recall)


for p_bias, r_bias in (("flat", "flat"), ("flat", "front"), ("flat", "back"), ("front", "flat")):
    for name, found in (("early", early), ("late", late)):
        seen = RangeFScore(p_bias=p_bias, r_bias=r_bias, r_alpha=0)(labels, found)
        p, r = RangePrecision(bias=p_bias)(labels, found), RangeRecall(bias=r_bias)(labels, found)
        print(f"precision {p_bias}, recall {r_bias}, {name}: RangeFScore {seen:.3f}, of its own precision and recall",
              f"{2 * p * r / (p + r):.3f}, by the paper {by_formula(found, p_bias, r_bias):.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  timeeval==1.5.0 prts==1.0.0.3 numpy==1.26.4 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
precision flat, recall flat, early: RangeFScore 0.182, of its own precision and recall 0.182, by the paper 0.182
precision flat, recall flat, late: RangeFScore 0.182, of its own precision and recall 0.182, by the paper 0.182
precision flat, recall front, early: RangeFScore 0.182, of its own precision and recall 0.316, by the paper 0.316
precision flat, recall front, late: RangeFScore 0.182, of its own precision and recall 0.024, by the paper 0.024
precision flat, recall back, early: RangeFScore 0.182, of its own precision and recall 0.024, by the paper 0.024
precision flat, recall back, late: RangeFScore 0.182, of its own precision and recall 0.316, by the paper 0.316
precision front, recall flat, early: RangeFScore 0.316, of its own precision and recall 0.182, by the paper 0.182
precision front, recall flat, late: RangeFScore 0.024, of its own precision and recall 0.182, by the paper 0.182
SEEN
