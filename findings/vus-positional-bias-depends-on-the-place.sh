#!/usr/bin/env bash
# vus 0.0.6, basic_metricor(bias=..), range-based recall and precision (Tatbul et al. 2018): the weight of a point is to
# follow from its position within its anomaly; the code takes its index in the series. So the same anomaly, found in the
# same way, has another figure the later it comes: with a bias to the front, of ten points of which the first three are
# found, 0.46 at the start of the series, 0.22 at 20 and 0.29 at 100, instead of 0.49. Weights fall below 0, and far
# from the start the biases to the front, to the middle and to the back are all flat. Only "flat", the default, is
# right.
# Way out: prts.ts_recall and ts_precision, which are right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from vus.basic_metrics import basic_metricor

length, hit = 10, 3
ranks = np.arange(1, length + 1)
weights = {"flat": np.ones(length), "front-end bias": length - ranks + 1, "back-end bias": ranks,
           "middle bias": np.minimum(ranks, length - ranks + 1)}
for bias, weight in weights.items():
    seen = []
    for start in (0, 20, 100, 1000, 100000):
        labels, found = np.zeros((2, start + 50), int)
        labels[start:start + length], found[start:start + hit] = 1, 1
        seen.append(f"{basic_metricor(bias=bias).range_recall_new(labels, found, 0)[0]:.3f}")
    print(f"{bias}: recall of an anomaly at 0, 20, 100, 1000, 100000: {', '.join(seen)};",
          f"by the paper {weight[:hit].sum() / weight.sum():.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 scikit-learn==1.9.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps vus==0.0.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
flat: recall of an anomaly at 0, 20, 100, 1000, 100000: 0.300, 0.300, 0.300, 0.300, 0.300; by the paper 0.300
front-end bias: recall of an anomaly at 0, 20, 100, 1000, 100000: 0.462, 0.222, 0.289, 0.299, 0.300; by the paper 0.491
back-end bias: recall of an anomaly at 0, 20, 100, 1000, 100000: 0.067, 0.257, 0.290, 0.299, 0.300; by the paper 0.109
middle bias: recall of an anomaly at 0, 20, 100, 1000, 100000: 0.103, 0.222, 0.289, 0.299, 0.300; by the paper 0.200
SEEN
