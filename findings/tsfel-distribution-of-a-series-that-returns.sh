#!/usr/bin/env bash
# tsfel 0.2.0, features of the distribution. A series is taken for constant if the sum of its differences is 0, which is
# where its last value is its first: whole periods, gait cycles, counts from 0 to 0. Then ecdf_percentile is that value
# for all percentiles, ecdf_slope inf, and ecdf_percentile_count the value as well, not a count. One more sample, and
# all are others. Of all other series ecdf, ten features by default, is 1/n, 2/n, .., 10/n, and ecdf_percentile_count
# the whole part of n times the percentile, for any values. So noise and a sine have the same twelve figures. The pages:
# "the values of ECDF (..) along the time axis", and "the cumulative sum of samples that are less than the percentile".
# Way out: numpy.quantile, and leave out ecdf and ecdf_percentile_count.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from tsfel.feature_extraction.features import ecdf, ecdf_percentile, ecdf_percentile_count, ecdf_slope

rng = np.random.default_rng(0)
counts = np.array([0, 2, 5, 9, 14, 9, 6, 3, 1, 0])
step = np.arange(41) / 40
for name, x in (("counts", counts), ("counts, without the last", counts[:-1]),
                ("cosine, two periods", np.round(np.cos(4 * np.pi * step), 12)),
                ("cosine, without the last", np.cos(4 * np.pi * step[:-1])), ("noise", rng.normal(size=40))):
    x = np.asarray(x, float)
    low, high = np.quantile(x, [0.2, 0.8], method="lower")
    seen = [float(v) for v in ecdf_percentile(x)]
    print(f"{name}: percentiles 0.2 and 0.8 {seen[0]:.2f} {seen[1]:.2f} (numpy {low:.2f} {high:.2f}),",
          f"slope {ecdf_slope(x):.3f}, counts", *(f"{float(v):g}" for v in ecdf_percentile_count(x)))
for name, x in (("noise", rng.normal(size=40)), ("exponential", rng.exponential(size=40) * 100),
                ("steps", np.repeat([1.0, 7.0], 20))):
    print(f"{name}: ecdf", *(f"{v:g}" for v in ecdf(x)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check tsfel==0.2.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
counts: percentiles 0.2 and 0.8 0.00 0.00 (numpy 0.00 9.00), slope inf, counts 0 0
counts, without the last: percentiles 0.2 and 0.8 0.00 9.00 (numpy 1.00 9.00), slope 0.083, counts 1 7
cosine, two periods: percentiles 0.2 and 0.8 1.00 1.00 (numpy -0.81 0.81), slope inf, counts 1 1
cosine, without the last: percentiles 0.2 and 0.8 -0.81 0.81 (numpy -0.81 0.81), slope 0.425, counts 8 32
noise: percentiles 0.2 and 0.8 -0.70 0.54 (numpy -0.70 0.54), slope 0.509, counts 8 32
noise: ecdf 0.025 0.05 0.075 0.1 0.125 0.15 0.175 0.2 0.225 0.25
exponential: ecdf 0.025 0.05 0.075 0.1 0.125 0.15 0.175 0.2 0.225 0.25
steps: ecdf 0.025 0.05 0.075 0.1 0.125 0.15 0.175 0.2 0.225 0.25
SEEN
