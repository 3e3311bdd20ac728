#!/usr/bin/env bash
# timeeval 1.5.0, RangePrAUC and RangeRocAUC as they are: the buffer around an anomaly is to be the median length of the
# anomalies of the series that is scored. The first call stores it in the metric, and all later series are scored with
# the buffer of the first. TimeEval takes one metric object for all of its data sets, so the figures of a benchmark
# depend on the order of the data sets and on how they are shared out to workers: below, a series with anomalies of 40
# points has 0.89 if it comes first, and 0.64 after one with anomalies of 2 points, of the same scores. Nothing tells.
# The page says of buffer_size=None: "the median length of the anomalies within the time series".
# Way out: a new metric object for each series, or a buffer_size.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from timeeval.metrics import RangePrAUC, RangeRocAUC

rng = np.random.default_rng(0)


def series(length):
    """Labels of three anomalies of that many points, and scores that are high near them, a little late."""
    labels = np.zeros(400, int)
    for start in (60, 180, 300):
        labels[start:start + length] = 1
    return labels, rng.random(400) + 0.8 * np.roll(labels, length // 4)


def median_length(labels):
    edges = np.diff(np.concatenate([[0], labels, [0]]))
    return int(np.median(np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)))


short, long = series(2), series(40)
print("median lengths:", median_length(short[0]), median_length(long[0]))
for kind in (RangePrAUC, RangeRocAUC):
    for name, order in (("short, long", (short, long)), ("long, short", (long, short))):
        metric = kind()
        seen = [f"{metric(*data):.2f}" for data in order]
        right = [f"{kind(buffer_size=median_length(data[0]))(*data):.2f}" for data in order]
        print(f"{metric.name} of {name}: {', '.join(seen)}; with the buffer of each series: {', '.join(right)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  timeeval==1.5.0 prts==1.0.0.3 numpy==1.26.4 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
median lengths: 2 40
RANGE_PR_AUC of short, long: 0.74, 0.64; with the buffer of each series: 0.74, 0.89
RANGE_PR_AUC of long, short: 0.89, 0.41; with the buffer of each series: 0.89, 0.74
RANGE_ROC_AUC of short, long: 0.88, 0.82; with the buffer of each series: 0.88, 0.92
RANGE_ROC_AUC of long, short: 0.92, 0.80; with the buffer of each series: 0.92, 0.88
SEEN
