#!/usr/bin/env bash
# uncertainty-toolbox 0.1.1, prop_type="quantile": the residual has the sign of forecast - value, so what is returned
# as the share of values below the predicted quantile q is the share above quantile 1 - q. Of values that lie one
# deviation above their forecasts 61 % are below the quantile 0.9; get_proportion_under_quantile and
# get_proportion_lists say 99 %. The curve of plot_calibration is that of the opposite bias, and
# get_quantile_recalibrator moves quantiles away from the values: the recalibrated quantile 0.9 covers 22 % of new
# values, worse than before. Errors that are alike on both sides hide it, and so do the scores that are sums over all
# q. The page: "the proportion of data that are below the predicted quantile".
# Way out: exchange y_pred and y_true in calls of those functions, or recalibrate by sklearn as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import uncertainty_toolbox as uct
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression
from uncertainty_toolbox.metrics_calibration import get_proportion_under_quantile

rng = np.random.default_rng(0)
forecast, deviation, value, new = np.zeros(5000), np.ones(5000), rng.normal(1, 1, 5000), rng.normal(1, 1, 5000)
levels = np.linspace(0, 1, 100)
below = (norm.cdf(value[:, None]) <= levels).mean(axis=0)
by_sklearn = IsotonicRegression(out_of_bounds="clip").fit(below, levels)
recalibrated = uct.recalibration.get_quantile_recalibrator(forecast, deviation, value)
exchanged = uct.recalibration.get_quantile_recalibrator(value, deviation, forecast)
_, listed = uct.get_proportion_lists_vectorized(forecast, deviation, value, num_bins=11, prop_type="quantile")
for q in (0.1, 0.5, 0.9):
    predicted = uct.metrics_calibration.get_quantile(forecast, deviation, q)
    said = get_proportion_under_quantile(forecast, deviation, value, q)
    print(f"below the quantile {q}: said {said:.2f}, in the list {listed[round(10 * q)]:.2f},",
          f"counted {(value <= predicted).mean():.2f},",
          f"above the quantile {1 - q:.1f} {(value >= -predicted).mean():.2f}")
    print(f"new values below it: before {(new <= predicted).mean():.2f},",
          f"recalibrated {(new <= recalibrated(forecast, deviation, q)).mean():.2f},",
          f"exchanged {(new <= exchanged(forecast, deviation, q)).mean():.2f},",
          f"by sklearn {(new <= norm.ppf(by_sklearn.predict([q])[0])).mean():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  uncertainty-toolbox==0.1.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 matplotlib==3.11.2 tqdm==4.70.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
below the quantile 0.1: said 0.39, in the list 0.39, counted 0.01, above the quantile 0.9 0.39
new values below it: before 0.01, recalibrated 0.00, exchanged 0.10, by sklearn 0.10
below the quantile 0.5: said 0.84, in the list 0.84, counted 0.16, above the quantile 0.5 0.84
new values below it: before 0.15, recalibrated 0.03, exchanged 0.48, by sklearn 0.48
below the quantile 0.9: said 0.99, in the list 0.99, counted 0.61, above the quantile 0.1 0.99
new values below it: before 0.60, recalibrated 0.22, exchanged 0.91, by sklearn 0.91
SEEN
