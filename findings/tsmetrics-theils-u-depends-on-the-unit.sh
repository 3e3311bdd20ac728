#!/usr/bin/env bash
# tsmetrics 0.1.0 (the newest), theil_u_statistic, "a normalized measure of total forecast error": Theil's inequality
# coefficient is the root mean square of the errors over the sum of those of the values and of the forecasts, so it lies
# between 0 and 1 and has no unit. The code has their product: the same forecasts have 0.01 in metres, 10 in kilometres
# and 0.00001 in millimetres, where 0.051 is right of each, and series of different levels cannot be compared by it.
# signed_mean_squared_error: the sign of an error is the error over its absolute value, so one value that is forecast
# exactly makes the whole NaN. No error; NumPy warns of the division.
# Way out: the functions below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from tsmetrics.tsmetrics import signed_mean_squared_error, theil_u_statistic


def theil(y, p):
    return np.sqrt(np.mean((y - p)**2)) / (np.sqrt(np.mean(y**2)) + np.sqrt(np.mean(p**2)))


rng = np.random.default_rng(0)
metres = 10 + rng.normal(size=200)
forecast = metres + rng.normal(size=200)
for name, unit in (("metres", 1), ("kilometres", 1e-3), ("millimetres", 1e3)):
    print(f"{name}: {theil_u_statistic(metres * unit, forecast * unit):.2g}, by hand {theil(metres * unit, forecast * unit):.3f}")
print(f"no forecast, all 0.001: {theil_u_statistic(metres, 0 * metres + 0.001):.0f}, by hand {theil(metres, 0 * metres + 0.001):.3f}")
error = np.array([1.0, -2.0, 0.5])
for name, e in (("errors 1, -2, 0.5", error), ("and 0", np.append(error, 0))):
    print(f"{name}: signed mean square {signed_mean_squared_error(10 + e, 10 + 0 * e):.3f}, by hand {np.mean(np.sign(e) * e**2):.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps tsmetrics==0.1.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
metres: 0.01, by hand 0.051
kilometres: 10, by hand 0.051
millimetres: 1e-05, by hand 0.051
no forecast, all 0.001: 1000, by hand 1.000
errors 1, -2, 0.5: signed mean square -0.917, by hand -0.917
and 0: signed mean square nan, by hand -0.688
SEEN
