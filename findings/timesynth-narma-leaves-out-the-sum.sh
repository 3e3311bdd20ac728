#!/usr/bin/env bash
# TimeSynth 0.2.4, signals. NARMA(order=n): the page has the sum of the last n values in its formula, as Atiya and Parlos
# (2000); the code sums y[i - n] to y[n - 1], which are start values, zero by default, and nothing from step n on. So the
# nonlinear term of n values is never there: the mean is 0.28 in place of 0.38, and the series is that with
# the coefficient 0 in place of 0.05. Errors on it do not compare with published ones.
# AutoRegressive(ar_param=phi) turns the list of the caller around and keeps it: a second signal from the same list has
# the coefficients of the lags exchanged, a third has them right again, and the first one changes with each.
# CAR(ar_param, sigma): sigma is the "standard deviation of the signal"; the signal has 0.72 of it where values are 1 apart,
# by a square that is left out of the variance of a step. No error, no warning.
# Way out: the equation below; a copy of the list, ar_param=list(phi); ar_param of CAR squared under the root.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from timesynth.signals import CAR, NARMA, AutoRegressive


def narma(u, memory, order=10):
    """y(t + 1) = 0.3 y(t) + memory y(t) (y(t) + .. + y(t - order + 1)) + 1.5 u(t - order + 1) u(t) + 0.1 from zeros."""
    y = np.zeros(len(u))
    for i in range(order, len(u)):
        y[i] = 0.3 * y[i - 1] + memory * y[i - 1] * y[i - order:i].sum() + 1.5 * u[i - order] * u[i] + 0.1
    return y[order:]


signal = NARMA(order=10)
y = signal.sample_vectorized(np.arange(500.0))
u = np.concatenate([signal.error_initial_condition, signal.errors])
for memory in (0.05, 0.0):
    right = narma(u, memory)
    print(f"NARMA-10 with the coefficient {memory} of the sum: largest difference {np.abs(y - right).max():.2f},",
          f"means {y.mean():.2f} and {right.mean():.2f}")


def sample(signal, times):
    return np.array([np.ravel(signal.sample_next(t, None, None))[0] for t in times])


phi = [0.2, 0.6]
for name in ("first", "second", "third"):
    np.random.seed(0)
    x = sample(AutoRegressive(ar_param=phi, sigma=1, start_value=[np.zeros(1)] * 2), range(20000))
    fit = np.linalg.lstsq(np.column_stack([x[1:-1], x[:-2]]), x[2:], rcond=None)[0]
    print(f"{name} AR(2) of the list 0.2, 0.6: least squares {fit[0]:.1f}, {fit[1]:.1f}; the list is now {phi}")
for step in (0.1, 1):
    np.random.seed(0)
    x = sample(CAR(ar_param=0.9, sigma=2.0), step * np.arange(200000))
    print(f"CAR with the deviation 2, a value each {step}: {x.std():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jitcdde==1.8.3 jitcxde_common==1.5.6 \
  symengine==0.15.0 numpy==2.4.6 scipy==1.17.1 setuptools==65.5.0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps timesynth==0.2.4 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
NARMA-10 with the coefficient 0.05 of the sum: largest difference 0.26, means 0.28 and 0.38
NARMA-10 with the coefficient 0.0 of the sum: largest difference 0.00, means 0.28 and 0.28
first AR(2) of the list 0.2, 0.6: least squares 0.2, 0.6; the list is now [0.6, 0.2]
second AR(2) of the list 0.2, 0.6: least squares 0.6, 0.2; the list is now [0.2, 0.6]
third AR(2) of the list 0.2, 0.6: least squares 0.2, 0.6; the list is now [0.6, 0.2]
CAR with the deviation 2, a value each 0.1: 1.38
CAR with the deviation 2, a value each 1: 1.44
SEEN
