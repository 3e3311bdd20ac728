#!/usr/bin/env bash
# permetrics 2.1.0, RegressionMetric. single_absolute_error (AE) is |y| - |forecast|, not |y - forecast|: a forecast of
# the wrong sign has no error, errors in one direction are below 0, and their mean is near 0 where the mean absolute
# error (MAE) of the same package is not. correlation(sample=True) divides the covariance by n - 1 and the deviations by
# n, so it is n / (n - 1) times the correlation: 1.25 for a perfect forecast of 5 steps, above 1 by any definition. The
# package itself states the ranges as [0, +inf) for AE and [-1, 1] for COR. The pages: "the absolute error between two
# numbers", and a choice of "sample covariance or population covariance", by which a correlation does not change.
# Way out: numpy.abs(y - forecast), and correlation() as it is.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from permetrics.regression import RegressionMetric

print("ranges:", *(f"{name} {RegressionMetric.SUPPORT[name]['range']}" for name in ("AE", "MAE", "COR")))
y, forecast = np.array([1.0, -2.0, 3.0, -4.0, 5.0]), np.array([-1.0, 2.0, 4.0, -3.0, 5.5])
metric = RegressionMetric(y, forecast)
print("AE ", np.round(metric.AE().ravel(), 2).tolist(), "right", np.abs(y - forecast).tolist())
print(f"its mean {metric.AE().mean():.2f}, MAE {metric.MAE():.2f}")
rng = np.random.default_rng(0)
for n in (5, 10, 50):
    y = rng.normal(size=n)
    for name, forecast in (("perfect", y), ("noisy", y + rng.normal(size=n))):
        metric = RegressionMetric(y, forecast)
        print(f"{n} steps, {name}: COR {metric.COR():.3f}, of a sample {metric.COR(sample=True):.3f},",
              f"numpy {np.corrcoef(y, forecast)[0, 1]:.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check permetrics==2.1.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
ranges: AE [0, +inf) MAE [0, +inf) COR [-1, 1]
AE  [0.0, 0.0, -1.0, 1.0, -0.5] right [2.0, 4.0, 1.0, 1.0, 0.5]
its mean -0.10, MAE 1.70
5 steps, perfect: COR 1.000, of a sample 1.250, numpy 1.000
5 steps, noisy: COR 0.759, of a sample 0.949, numpy 0.759
10 steps, perfect: COR 1.000, of a sample 1.111, numpy 1.000
10 steps, noisy: COR 0.824, of a sample 0.915, numpy 0.824
50 steps, perfect: COR 1.000, of a sample 1.020, numpy 1.000
50 steps, noisy: COR 0.742, of a sample 0.758, numpy 0.742
SEEN
