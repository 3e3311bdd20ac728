#!/usr/bin/env bash
# nfoursid 1.0.2 (the newest), Kalman.step(None, u): "the Kalman filter will obtain the next internal state by stepping
# the state space model". The state is stepped, its covariances are not: both are updated as if a value had been seen,
# so the standard deviation stays what it is between values, however long the gap. Of a random walk that is seen with
# noise, both of variance 1, it stays 1.27 where it is 7.2 after 50 missing values.
# darts 0.48.1, KalmanForecaster: its forecasts are such steps. An interval of 90 % covers 80 % one step ahead and 22 %
# after 50 steps, of 400 random walks with their true model; the filtered series of KalmanFilter has the same fault over
# gaps. No error, no warning. Without a value the gain is to be 0.
# Way out: the recursion below; ARIMA or VARIMA of darts.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import logging

import numpy as np
from nfoursid.kalman import Kalman
from nfoursid.state_space import StateSpace

logging.disable(logging.WARNING)
from darts import TimeSeries
from darts.models import KalmanForecaster


def local_level():
    """x' = x + N(0, 1), y = x + N(0, 1)."""
    return Kalman(StateSpace(np.eye(1), np.zeros((1, 0)), np.eye(1), np.zeros((1, 0))), np.eye(2))


def by_hand(values):
    """Standard deviation of the value, given what was seen up to then."""
    mean, variance, out = 0.0, 1.0, []
    for y in values:
        if not np.isnan(y):
            gain = variance / (variance + 1)
            mean, variance = mean + gain * (y - mean), (1 - gain) * variance
        out.append((variance + 1) ** 0.5)
        variance += 1
    return np.array(out)


rng = np.random.default_rng(0)
gap = np.concatenate([rng.normal(size=100).cumsum() + rng.normal(size=100), np.full(50, np.nan)])
kalman = local_level()
for y in gap:
    kalman.step(None if np.isnan(y) else np.array([[y]]), np.zeros((0, 1)))
seen = kalman.to_dataframe()["$y_0$"]["filtered"]["standard deviation"].to_numpy()
print("nfoursid, standard deviation after 1, 10 and 50 missing values:", seen[[100, 109, 149]].round(2),
      "by hand", by_hand(gap)[[100, 109, 149]].round(2))

inside = []
for seed in range(400):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=150).cumsum() + rng.normal(size=150)
    model = KalmanForecaster(dim_x=1, kf=local_level(), random_state=0)
    series = TimeSeries.from_values(y[:100])
    draws = model.fit(series).predict(50, num_samples=200).all_values()[:, 0]
    low, high = np.quantile(draws, [0.05, 0.95], axis=1)
    width = 1.645 * by_hand(np.concatenate([y[:100], np.full(50, np.nan)]))[100:]
    inside.append([(y[100:] > low) & (y[100:] < high), abs(y[100:] - draws.mean(1)) < width])
share = np.mean(inside, 0)[:, [0, 9, 49]] * 100
print("darts, values in the interval of 90 %, 1, 10 and 50 steps ahead:", share[0].round(), "by hand", share[1].round())
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps darts==0.48.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check nfoursid==1.0.2 numpy==2.3.5 \
  pandas==2.3.3 scipy==1.17.1 scikit-learn==1.7.2 statsmodels==0.14.6 xarray==2026.9.0 numba==0.62.1 matplotlib==3.10.9 \
  narwhals==2.29.0 holidays==0.84 joblib==1.5.3 tqdm==4.67.1 requests==2.32.5 typing-extensions==4.15.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
nfoursid, standard deviation after 1, 10 and 50 missing values: [1.27 1.27 1.27] by hand [1.62 3.41 7.18]
darts, values in the interval of 90 %, 1, 10 and 50 steps ahead: [80. 44. 22.] by hand [90. 91. 90.]
SEEN
