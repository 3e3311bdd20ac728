#!/usr/bin/env bash
# forecast-performance 1.0.0. fair_crps is the CRPS less a correction, the integral of F (1 - F) / (m - 1) over an
# ensemble of m members (Ferro et al. 2008); the code squares F (1 - F), which is at most a quarter, so less than a
# quarter is taken off. So ensembles of the same distribution as the observation, which all have the same fair score,
# 0.56 below, have 0.78 with 2 members and 0.57 with 50: the larger ensemble wins, which is what the score was made to
# avoid. Skill scores use it too. kge_prime has the coefficient of variation of the observations over that of the
# forecast, not the reverse as in Kling et al. (2012), whom its page cites: twice the deviation has 0.5 instead of 0,
# half has 0 instead of 0.5.
# Way out: compute the two as below; crps and kge are right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
from forecast_performance import crps, fair_crps, kge_prime

rng = np.random.default_rng(0)
for m in (2, 5, 10, 50):
    ensemble, observed = rng.normal(size=(5000, m)), rng.normal(size=(5000, 1))
    levels = np.cumsum(np.full(m, 1 / m))
    error = np.abs(ensemble - observed).mean()
    spread = np.abs(ensemble[:, :, None] - ensemble[:, None]).sum(axis=(1, 2)).mean() / 2
    print(f"{m} members: crps {crps(ensemble, levels, observed, 'ensemble'):.2f}, by the formula {error - spread / m**2:.2f};",
          f"fair_crps {fair_crps(ensemble, levels, observed, 'ensemble'):.2f},",
          f"by the formula {error - spread / (m * (m - 1)):.2f}")
print(f"expected of a perfect forecast: {1 / np.sqrt(np.pi):.2f}")
flow = pd.Series(rng.gamma(2, size=300) + 1)
for factor in (0.5, 1, 2):
    forecast = (flow - flow.mean()) * factor + flow.mean()
    variation = (forecast.std() / forecast.mean()) / (flow.std() / flow.mean())
    parts = np.corrcoef(flow, forecast)[0, 1], variation, forecast.mean() / flow.mean()
    right = 1 - np.sqrt(sum((part - 1) ** 2 for part in parts))
    print(f"deviation times {factor}: kge_prime {kge_prime(forecast, flow):.2f}, by the paper {round(right, 2) + 0:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==2.4.6 pandas==3.0.6 scipy==1.17.1 matplotlib==3.11.2 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps forecast-performance==1.0.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
2 members: crps 0.85, by the formula 0.85; fair_crps 0.78, by the formula 0.57
5 members: crps 0.68, by the formula 0.68; fair_crps 0.65, by the formula 0.56
10 members: crps 0.62, by the formula 0.62; fair_crps 0.61, by the formula 0.56
50 members: crps 0.57, by the formula 0.57; fair_crps 0.57, by the formula 0.56
expected of a perfect forecast: 0.56
deviation times 0.5: kge_prime 0.00, by the paper 0.50
deviation times 1: kge_prime 1.00, by the paper 1.00
deviation times 2: kge_prime 0.50, by the paper 0.00
SEEN
