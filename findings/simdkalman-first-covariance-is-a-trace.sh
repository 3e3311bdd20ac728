#!/usr/bin/env bash
# simdkalman 1.0.4, KalmanFilter without initial_covariance: the state is taken to be 0 with the variance 25 times the
# trace of the observation matrix. That is a number of the rows and columns that happen to stand on its diagonal. Where
# the state that is observed comes second, as in [[0, 1]], it is 0: the filter is certain that all starts at 0, and with
# a weight below 0, as in [[-1, 0]], the variance is negative. The same model with its two states exchanged, so the same
# in all else, has another answer: below, level and slope of a line at 100 are smoothed to 0 at the first step instead
# of 98. No error, no warning; the page names the argument as "Initial uncertainty" and no default.
# Way out: always give initial_covariance (and initial_value).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import simdkalman

y = 100 + 2 * np.arange(12.0)
models = {"level, slope": ([[1, 1], [0, 1]], [[1, 0]]), "slope, level": ([[1, 0], [1, 1]], [[0, 1]]),
          "minus the level, slope": ([[1, -1], [0, 1]], [[-1, 0]])}


def least_squares(transition, observation, variance):
    """The states of all steps at once: first state N(0, variance), steps N(0, 0.01), observations N(0, 1)."""
    n, rows, right = len(y), [], []
    for t in range(n):
        row = np.zeros((1, 2 * n))
        row[:, 2 * t:2 * t + 2] = observation
        rows.append(row), right.append([y[t]])
        row = np.zeros((2, 2 * n))
        row[:, 2 * t:2 * t + 2] = np.eye(2) / (0.1 if t else np.sqrt(variance))
        if t:
            row[:, 2 * t - 2:2 * t] = -np.asarray(transition) / 0.1
        rows.append(row), right.append([0.0, 0.0])
    states = np.linalg.lstsq(np.vstack(rows), np.concatenate(right), rcond=None)[0].reshape(n, 2)
    return states @ np.asarray(observation)[0]


def text(values):
    return f"{values[0]:.1f}, {values[1]:.1f} .. {values[-1]:.1f}"


for name, (transition, observation) in models.items():
    kf = simdkalman.KalmanFilter(np.array(transition, float), np.eye(2) * 0.01, np.array(observation, float), 1.0)
    seen = kf.smooth(y).observations.mean
    given = kf.smooth(y, initial_value=np.zeros(2), initial_covariance=np.eye(2) * 25).observations.mean
    right = least_squares(transition, observation, 25)
    print(f"{name}: as it is {text(seen)}; variance 25 given {text(given)}; least squares of it {text(right)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check simdkalman==1.0.4 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
level, slope: as it is 98.5, 100.9 .. 122.3; variance 25 given 98.5, 100.9 .. 122.3; least squares of it 98.5, 100.9 .. 122.3
slope, level: as it is 0.0, 4.2 .. 140.1; variance 25 given 98.5, 100.9 .. 122.3; least squares of it 98.5, 100.9 .. 122.3
minus the level, slope: as it is 101.5, 103.2 .. 121.7; variance 25 given 98.5, 100.9 .. 122.3; least squares of it 98.5, 100.9 .. 122.3
SEEN
