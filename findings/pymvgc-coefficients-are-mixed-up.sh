#!/usr/bin/env bash
# pyMVGC 1.0.0 (the newest): VAR coefficients "with shape (n_variables, n_variables, p)" are another array in each
# function. ts_to_var mixes lags, causes and effects (a reshape of (p n, n) without a transpose), and var_to_autocov reads
# that mixture. autocov_to_var has Phi[to, from, lag]. So Phi of the first, read as such, has effects where there are
# none, Phi of the last given to the second is another process, and of a true Phi the autocovariances are wrong with no
# word: a variance of 5.0 for 1.8. Going on from the result of the first to the second is right, and so is ts_to_pMVGC,
# which does that. ts_to_var also subtracts the mean of the caller's own array.
# Way out: autocov_to_var(var_to_autocov(*ts_to_var(...))) for coefficients; pass data.copy().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pyMVGC
from scipy.linalg import solve_discrete_lyapunov

one, two = np.array([[0.5, 0.4], [0, 0.3]]), np.array([[0.1, 0], [0, -0.4]])
rng = np.random.default_rng(0)
noise, x = rng.normal(size=(20000, 2)), np.zeros((20000, 2))
for t in range(2, len(x)):
    x[t] = one @ x[t - 1] + two @ x[t - 2] + noise[t]


def show(what, matrix):
    print(f"{what}: {(np.round(matrix, 1) + 0.0).tolist()}")


true = np.stack([one, two], axis=2)
fitted, covariance = pyMVGC.ts_to_var(x.copy(), 2)
inner = pyMVGC.var_to_autocov(fitted, covariance)
again, _ = pyMVGC.autocov_to_var(inner)
steps = np.hstack([x[1:-1], x[:-2]])
least = np.linalg.lstsq(steps, x[2:], rcond=None)[0].T
for lag in (0, 1):
    show(f"lag {lag + 1}, true", true[:, :, lag])
    show("  least squares of numpy", least[:, 2 * lag : 2 * lag + 2])
    show("  ts_to_var", fitted[:, :, lag])
    show("  autocov_to_var", again[:, :, lag])
first = np.block([[one, two], [np.eye(2), np.zeros((2, 2))]])
show("covariance, by the equation of Lyapunov", solve_discrete_lyapunov(first, np.diag([1.0, 1, 0, 0]))[:2, :2])
show("  of the series", np.cov(x.T))
for what, phi in (("the true Phi", true), ("ts_to_var's", fitted)):
    show(f"  var_to_autocov of {what}", pyMVGC.var_to_autocov(phi, np.eye(2))[:, :, 0])
given = x + 100
pyMVGC.ts_to_pMVGC(given, 2)
print(f"mean of the caller's array, 100 before: {abs(given.mean()):.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check pyMVGC==1.0.0 numpy==2.4.6 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
lag 1, true: [[0.5, 0.4], [0.0, 0.3]]
  least squares of numpy: [[0.5, 0.4], [0.0, 0.3]]
  ts_to_var: [[0.5, 0.1], [0.4, 0.0]]
  autocov_to_var: [[0.5, 0.4], [0.0, 0.3]]
lag 2, true: [[0.1, 0.0], [0.0, -0.4]]
  least squares of numpy: [[0.1, 0.0], [0.0, -0.4]]
  ts_to_var: [[0.0, 0.0], [0.3, -0.4]]
  autocov_to_var: [[0.1, 0.0], [0.0, -0.4]]
covariance, by the equation of Lyapunov: [[1.7, 0.0], [0.0, 1.2]]
  of the series: [[1.8, 0.0], [0.0, 1.3]]
  var_to_autocov of the true Phi: [[5.0, 0.2], [0.2, 1.2]]
  var_to_autocov of ts_to_var's: [[1.8, 0.0], [0.0, 1.3]]
mean of the caller's array, 100 before: 0.0
SEEN
