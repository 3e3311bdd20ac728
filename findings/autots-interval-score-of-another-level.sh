#!/usr/bin/env bash
# autots 1.0.4, metrics by which models are chosen. spl, the scaled pinball loss of the bounds, weighs the upper bound as
# the quantile `prediction_interval` and the lower one as 1 less it: at the default 0.9 an interval of 80 %. Bounds of a
# 90 % interval are the quantiles 0.95 and 0.05, and most of its models make these (z or alpha of half of what is left).
# Of normal values below, the right 90 % interval has 0.371, worse than one of 80 % with 0.351; those of 95 % cost most.
# wasserstein sums the sorted values up before it compares: 10 values that are all 1 too high are 5.5 apart, 100 are 50.5,
# where the distance is 1.
# chi_squared_hist_distribution_loss counts forecasts only within the range of the actual values: a forecast that is 1000
# off has 1.00, a mirrored one in the same range 1.86; with a bin on both sides it is 2, the most there is.
# mda divides the right directions by the number of rows, of which there is one more: a perfect forecast of 3 rows has
# 0.67. No error, no warning.
# Way out: compute them as below; a prediction_interval of 0.95 in the score goes with models of 0.9.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from autots.evaluator.metrics import chi_squared_hist_distribution_loss, full_metric_evaluation, mda, wasserstein
from scipy.stats import norm, wasserstein_distance

p = (np.arange(100000) + 0.5) / 100000
x = norm.ppf(p)[:, None]  # a standard normal distribution
history = np.tile([[0.0], [1.0]], (50, 1))  # its mean step, the scale, is 1


def pinball(quantile, bound):
    return np.mean(np.where(x >= bound, quantile * (x - bound), (1 - quantile) * (bound - x)))


for inside in (0.7, 0.8, 0.9, 0.95):
    z = norm.ppf(0.5 + inside / 2)
    row = full_metric_evaluation(x, 0 * x, 0 * x + z, 0 * x - z, history, 0.9).loc
    print(f"interval with {row['containment'][0]:.2f} of the values: spl {row['spl'][0]:.3f},",
          f"by hand of 0.95 and 0.05 {pinball(0.95, z) + pinball(0.05, -z):.3f},",
          f"of 0.9 and 0.1 {pinball(0.9, z) + pinball(0.1, -z):.3f}")

for n in (10, 100):
    a = np.arange(n, dtype=float)[:, None]
    print(f"{n} values, all 1 too high: wasserstein {wasserstein(a + 1, a)[0]:.1f},",
          f"scipy {wasserstein_distance(a[:, 0] + 1, a[:, 0]):.1f}")

actual = np.r_[np.arange(50.0), 99.0][:, None]
for name, forecast in (("equal", actual), ("mirrored", 99 - actual), ("1000 off", actual + 1000)):
    seen = chi_squared_hist_distribution_loss(forecast, actual, bins=10)[0]
    edges = np.r_[-np.inf, np.linspace(0, 99, 11), np.inf]
    f, a = (np.histogram(v[:, 0], np.where(edges == 99, 99.5, edges))[0] / len(v) for v in (forecast, actual))
    right = ((f - a)[f + a > 0] ** 2 / (f + a)[f + a > 0]).sum()
    print(f"{name}: chi-squared {seen:.2f}, with bins on both sides {right:.2f}")

for n in (3, 12):
    a = np.sin(np.arange(n))[:, None]
    right = np.mean(np.sign(np.diff(a, axis=0)) == np.sign(np.diff(a, axis=0)))
    print(f"perfect forecast of {n} rows: mda {mda(a, a)[0]:.2f}, by hand {right:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check autots==1.0.4 numpy==2.4.6 pandas==3.1.1 \
  scipy==1.17.1 scikit-learn==1.9.1 statsmodels==0.15.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" 2> /dev/null | grep -v matplotlib | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
interval with 0.70 of the values: spl 0.363, by hand of 0.95 and 0.05 0.259, of 0.9 and 0.1 0.363
interval with 0.80 of the values: spl 0.351, by hand of 0.95 and 0.05 0.223, of 0.9 and 0.1 0.351
interval with 0.90 of the values: spl 0.371, by hand of 0.95 and 0.05 0.206, of 0.9 and 0.1 0.371
interval with 0.95 of the values: spl 0.411, by hand of 0.95 and 0.05 0.215, of 0.9 and 0.1 0.411
10 values, all 1 too high: wasserstein 5.5, scipy 1.0
100 values, all 1 too high: wasserstein 50.5, scipy 1.0
equal: chi-squared 0.00, with bins on both sides 0.00
mirrored: chi-squared 1.86, with bins on both sides 1.86
1000 off: chi-squared 1.00, with bins on both sides 2.00
perfect forecast of 3 rows: mda 0.67, by hand 1.00
perfect forecast of 12 rows: mda 0.92, by hand 1.00
SEEN
