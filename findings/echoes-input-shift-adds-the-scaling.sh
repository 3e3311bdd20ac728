#!/usr/bin/env bash
# echoes 1.0.2, ESNRegressor (an echo-state network by scikit-learn's interface): three arguments that act otherwise than their
# page says. input_shift as an array, beside an input_scaling that is one, is not added: the scaling is added in its place.
# So an offset that was to centre the inputs at 0 moves them away, and the units are saturated. ridge_fit_intercept=True
# fits an intercept and drops it: predictions of targets about 100 are about 4. activation_out is applied to predictions
# ("it is assumed that targets = f(outputs)"), but the regression is onto the targets themselves, so what is predicted
# is f of the target: with numpy.exp the error of targets from 1 to 2.7 is 5.8 instead of 0.1. No error, no warning; no issue
# on them was found.
# Way out: X * scaling + shift and y - y.mean() before, targets through the inverse of f; a float as shift is right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from echoes import ESNRegressor

rng = np.random.default_rng(0)
COMMON = {"n_reservoir": 30, "random_state": 0, "n_transient": 50}


def error(x, y, before=lambda y: y, after=lambda p: p, **options):
    """Error (RMSE) and mean of the predictions of the last 50 of 400 rows, of a network trained on the first 300."""
    network = ESNRegressor(**COMMON, **options).fit(x[:300], before(y[:300]))
    found = after(network.predict(x[300:])[50:])
    return f"error {np.sqrt(np.mean((found - y[350:]) ** 2)):.2f}, mean {found.mean():.1f}"


noise = rng.normal(size=(400, 2))
x, y = noise * [1, 0.01] + [50, 0], noise[:, :1] + np.roll(noise[:, 1:], 1, 0)
scaling, shift = np.array([1.0, 100.0]), np.array([-50.0, 0.0])
print("input_scaling and input_shift:", error(x, y, input_scaling=scaling, input_shift=shift))
print("x * scaling + shift given:    ", error(x * scaling + shift, y))
print("x * scaling + scaling given:  ", error(x * scaling + scaling, y))
x, ridge = noise[:, :1], {"regression_method": "ridge", "ridge_alpha": 1e-3}
y = 100 + np.roll(x, 1, 0)
print("targets about 100, without an intercept:", error(x, y, **ridge))
print("ridge_fit_intercept=True:               ", error(x, y, **ridge, ridge_fit_intercept=True))
print("y - 100 given, and 100 added:           ", error(x, y, lambda y: y - 100, lambda p: p + 100, **ridge))
y = np.exp(0.5 + 0.5 * np.tanh(np.roll(x, 1, 0)))
print("activation_out=numpy.exp:", error(x, y, activation_out=np.exp))
print("log y given, and exp after:", error(x, y, np.log, np.exp))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check echoes==1.0.2 \
  numba==0.68.1 scikit-learn==1.9.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
input_scaling and input_shift: error 1.03, mean -0.1
x * scaling + shift given:     error 0.29, mean -0.3
x * scaling + scaling given:   error 1.03, mean -0.1
targets about 100, without an intercept: error 1.00, mean 100.0
ridge_fit_intercept=True:                error 96.13, mean 3.8
y - 100 given, and 100 added:            error 0.12, mean 99.9
activation_out=numpy.exp: error 5.76, mean 6.4
log y given, and exp after: error 0.14, mean 1.7
SEEN
