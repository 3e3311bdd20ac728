#!/usr/bin/env bash
# kalmanbox 0.1.0, diagnostics of a model that is right. DisturbanceSmoother (and auxiliary_residuals) divides a
# smoothed disturbance by its deviation given the data, the root of H - H D H, where the auxiliary residual has that of
# the estimate itself, the root of H D H (Durbin and Koopman 2012, 7.5). So those for outliers have a deviation of 1.7
# and those for breaks of 0.6, instead of 1: 24 % of all steps look like outliers, and no break is ever found.
# cusum_test holds the largest sum, a Brownian motion, against 0.948, which belongs to lines that rise (Brown, Durbin
# and Evans 1975): it rejects two of three right models at 5 %, with a p-value of 0 for all of them, as its p-value has
# another root of n. cusumsq_test takes the values of Kolmogorov and Smirnov for squares, which vary more: 25 %. The
# pages: beyond 2 "suggest outliers", and alpha is the "significance level".
# Way out: the formulas below; the smoothed disturbances themselves are right, and so are the other tests.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from kalmanbox.core.representation import StateSpaceRepresentation
from kalmanbox.diagnostics import cusum_test, cusumsq_test, heteroskedasticity_test, ljung_box_test
from kalmanbox.smoothers import DisturbanceSmoother

n, h, q, first = 100, 1.0, 0.3, 4.0
level = StateSpaceRepresentation(1, 1)
level.T, level.Z, level.R = np.eye(1), np.eye(1), np.eye(1)
level.H, level.Q, level.P1 = np.eye(1) * h, np.eye(1) * q, np.eye(1) * first
steps = np.arange(n)
S = first + q * np.minimum.outer(steps, steps) + h * np.eye(n)
later = np.greater.outer(steps, steps) * q  # covariance of y with the step from t to t + 1
rng = np.random.default_rng(0)
seen, right = {"outlier": [], "break": []}, {"outlier": [], "break": []}
for _ in range(200):
    y = 2 * rng.normal() + np.concatenate([[0], np.cumsum(rng.normal(size=n - 1) * q**0.5)]) + rng.normal(size=n)
    out = DisturbanceSmoother().smooth(y, level)
    seen["outlier"].append(out.obs_auxiliary_residual[:, 0])
    seen["break"].append(out.state_auxiliary_residual[:-1, 0])
    for name, c in (("outlier", np.eye(n) * h), ("break", later[:, :-1])):
        weights = np.linalg.solve(S, c)
        right[name].append(weights.T @ y / np.sqrt((c * weights).sum(axis=0)))
    assert np.allclose(out.smoothed_obs_disturbance[:, 0], h * np.linalg.solve(S, y))
for name in seen:
    a, b = np.array(seen[name]), np.array(right[name])
    print(f"{name}: deviation {a.std():.1f}, beyond 1.96 {(abs(a) > 1.96).mean():.0%};",
          f"by the formula {b.std():.1f}, {(abs(b) > 1.96).mean():.0%}")
for test in (cusum_test, cusumsq_test, heteroskedasticity_test, ljung_box_test):
    results = [test(rng.normal(size=200)) for _ in range(1000)]
    print(f"{test.__name__} of white noise at 5 %: rejected {np.mean([r.reject for r in results]):.0%},",
          f"largest p-value {max(r.p_value for r in results):.2f}")
sums = [np.cumsum(rng.normal(size=200)) / 200**0.5 for _ in range(1000)]
edge = 0.948 * (1 + 2 * np.arange(1, 201) / 200)
print(f"cusum with the lines of Brown, Durbin and Evans: {np.mean([(abs(s) > edge).any() for s in sums]):.0%}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check kalmanbox==0.1.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
outlier: deviation 1.7, beyond 1.96 24%; by the formula 1.0, 5%
break: deviation 0.6, beyond 1.96 0%; by the formula 1.0, 5%
cusum_test of white noise at 5 %: rejected 65%, largest p-value 0.00
cusumsq_test of white noise at 5 %: rejected 25%, largest p-value 0.99
heteroskedasticity_test of white noise at 5 %: rejected 6%, largest p-value 1.00
ljung_box_test of white noise at 5 %: rejected 5%, largest p-value 1.00
cusum with the lines of Brown, Durbin and Evans: 5%
SEEN
