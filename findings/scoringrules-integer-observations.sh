#!/usr/bin/env bash
# scoringrules 0.10.0 with its extra numba (0.68.1), the default where it is installed: weighted_interval_score and crps_quantile
# of observations that are integers, as counts are, come out as integers, cut towards 0: 0, 0, 5 instead of 0.73, 0.81,
# 5.87. Good forecasts thus score exactly 0, and means over many are too small. With backend="numba" it holds for
# crps_ensemble with the estimators pwm, int and akr, owcrps, vrcrps, vs, dss and error spread as well. The result is an
# array of the type of the observations, whatever that is. The page shows floats only. Way out: obs.astype(float).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import scoringrules

y = np.array([3, 5, 40])
x = np.random.default_rng(0).gamma(4.0, 3.0, size=(3, 9))
levels = np.array([0.1, 0.5, 0.9])
quantiles = np.quantile(x, levels, axis=1).T.copy()
median, alpha = np.array([4.2, 6.1, 30.7]), np.array([0.1, 0.5])
lower, upper = np.array([[1.5, 2.5], [2.5, 4.1], [20, 25]]), np.array([[8.5, 6], [12.5, 8], [38, 35.5]])


def interval(y):
    """Equation of weighted_interval_score's page."""
    rows = y[:, None]
    each = upper - lower + 2 / alpha * (np.maximum(lower - rows, 0) + np.maximum(rows - upper, 0))
    return (0.5 * np.abs(y - median) + (alpha / 2 * each).sum(1)) / (len(alpha) + 0.5)


def crps(y):
    pairs = np.abs(x[:, :, None] - x[:, None]).mean((1, 2))
    return np.abs(x - y[:, None]).mean(1) - pairs / 2


def pinball(y):
    error = y[:, None] - quantiles
    return 2 * np.maximum(levels * error, (levels - 1) * error).mean(1)


def show(name, score, formula):
    said = {"integers": score(y), "floats": score(y.astype(float))}
    print(name, *(f"{what} {np.round(s, 2).tolist()}" for what, s in said.items()),
          f"formula {np.round(formula, 2).tolist()}", sep="; ")


show("weighted_interval_score", lambda y: scoringrules.weighted_interval_score(y, median, lower, upper, alpha), interval(y))
show("crps_quantile", lambda y: scoringrules.crps_quantile(y, quantiles, levels), pinball(y))
show("crps_ensemble, int, backend", lambda y: scoringrules.crps_ensemble(y, x, estimator="int", backend="numba"), crps(y))
show("crps_ensemble, default", lambda y: scoringrules.crps_ensemble(y, x), crps(y))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check scoringrules==0.10.0 numba==0.68.1 numpy==2.4.6 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
weighted_interval_score; integers [0, 0, 5]; floats [0.73, 0.81, 5.87]; formula [0.73, 0.81, 5.87]
crps_quantile; integers [3, 3, 21]; floats [3.61, 3.54, 21.73]; formula [3.61, 3.54, 21.73]
crps_ensemble, int, backend; integers [4, 3, 21]; floats [4.02, 3.5, 21.66]; formula [4.02, 3.5, 21.66]
crps_ensemble, default; integers [4.02, 3.5, 21.66]; floats [4.02, 3.5, 21.66]; formula [4.02, 3.5, 21.66]
SEEN
