#!/usr/bin/env bash
# netcal 1.4.0, PinballLoss and QuantileLoss: the page has the pinball loss of the quantile F^-1(q) (Koenker and Bassett 1978).
# The code takes the ends of the central interval that holds the share q, of them the nearer one, and weighs by whether the
# value lies inside: it is the loss of the absolute error |y - mean|. At q = 0.5 it is to be half of the mean absolute
# error, whatever the deviation; it is 0.23 instead of 0.40, and 0.63 if the deviation is too large. At q = 0.9 a forecast
# that is too low has the loss of one that is too high, 0.21, where theirs are 0.30 and 0.23, and at q = 0.1 and 0.9 the
# losses of one symmetric forecast differ. Twice the mean over many levels is not the CRPS: 0.33 instead of 0.56. No
# warning; no issue on it was found. (The coverage of the package is of two-sided intervals too, but says so.)
# Way out: scikit-learn's mean_pinball_loss, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from netcal.metrics import PinballLoss
from scipy.stats import norm
from sklearn.metrics import mean_pinball_loss

rng = np.random.default_rng(0)
y = rng.normal(size=4000)
for q in (0.1, 0.5, 0.9):
    for mean, deviation in ((0, 1), (0, 3), (1, 1), (-1, 1)):
        forecast = np.full(len(y), float(mean)), np.full(len(y), float(deviation))
        seen = PinballLoss().measure(forecast, y, q=np.array([q]))
        quantile = norm.ppf(q, *forecast)
        half = norm.ppf((1 + q) / 2) * deviation
        unsigned = mean_pinball_loss(np.abs(y - mean), np.full(len(y), half), alpha=q)
        print(f"q {q}, forecast N({mean}, {deviation}): netcal {seen:.3f},",
              f"scikit-learn {mean_pinball_loss(y, quantile, alpha=q):.3f}, of |y - mean| {unsigned:.3f}")
levels = np.linspace(0.005, 0.995, 100)
forecast = np.zeros(len(y)), np.ones(len(y))
crps = np.mean(y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi))
twice = 2 * PinballLoss().measure(forecast, y, q=levels)
right = 2 * np.mean([mean_pinball_loss(y, norm.ppf(q, *forecast), alpha=q) for q in levels])
print(f"twice the mean over 100 levels: netcal {twice:.3f}, scikit-learn {right:.3f}; CRPS {crps:.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check netcal==1.4.0 \
  torch==2.13.0 scipy==1.17.1 scikit-learn==1.9.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
q 0.1, forecast N(0, 1): netcal 0.073, scikit-learn 0.172, of |y - mean| 0.073
q 0.1, forecast N(0, 3): netcal 0.095, scikit-learn 0.383, of |y - mean| 0.095
q 0.1, forecast N(1, 1): netcal 0.109, scikit-learn 0.306, of |y - mean| 0.109
q 0.1, forecast N(-1, 1): netcal 0.106, scikit-learn 0.230, of |y - mean| 0.106
q 0.5, forecast N(0, 1): netcal 0.234, scikit-learn 0.401, of |y - mean| 0.234
q 0.5, forecast N(0, 3): netcal 0.625, scikit-learn 0.401, of |y - mean| 0.625
q 0.5, forecast N(1, 1): netcal 0.360, scikit-learn 0.591, of |y - mean| 0.360
q 0.5, forecast N(-1, 1): netcal 0.354, scikit-learn 0.574, of |y - mean| 0.354
q 0.9, forecast N(0, 1): netcal 0.124, scikit-learn 0.177, of |y - mean| 0.124
q 0.9, forecast N(0, 3): netcal 0.413, scikit-learn 0.386, of |y - mean| 0.413
q 0.9, forecast N(1, 1): netcal 0.205, scikit-learn 0.233, of |y - mean| 0.205
q 0.9, forecast N(-1, 1): netcal 0.206, scikit-learn 0.300, of |y - mean| 0.206
twice the mean over 100 levels: netcal 0.326, scikit-learn 0.564; CRPS 0.564
SEEN
