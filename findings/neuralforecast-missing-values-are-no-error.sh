#!/usr/bin/env bash
# neuralforecast 3.3.0, losses.numpy: mae, mse, rmse, rmae and quantile_loss leave out values that are missing (NaN);
# mape and smape count them as hits, as their quotient replaces NaN by 0 before the mean. So a mape of 0.2 is 0.1 where
# every second value is missing, and 0.02 where nine of ten are, while the mae stays what it is. Infinity becomes 0 too:
# "the closer to zero an observed value is, the higher penalty", says the page of mape, but at 0 a forecast of a million
# is no error. mase has NaN as soon as one value is missing. No error, no warning but numpy's of a division by zero.
# Way out: drop the rows that are missing, for mape those that are 0 as well, before the call.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import importlib.util
import sys

import numpy as np

spec = importlib.util.spec_from_file_location("losses", sys.argv[1])
losses = importlib.util.module_from_spec(spec)
spec.loader.exec_module(losses)

y = np.full(100, 10.0)
forecast = y + np.tile([2.0, -2.0], 50)
for missing in (0, 2, 10):
    known = y.copy()
    if missing:
        known[np.arange(100) % missing > 0] = np.nan
    there = ~np.isnan(known)
    for loss in (losses.mae, losses.rmse, losses.mape, losses.smape):
        print(f"{there.sum()} of 100 values are there, {loss.__name__}: {loss(known, forecast):.2f},",
              f"of those that are there {loss(known[there], forecast[there]):.2f}")
print(f"mase with one value missing: {losses.mase(np.array([1.0, np.nan]), np.ones(2), np.arange(9.0), 1):.2f}")
sales = np.array([0.0, 10, 0, 10])
for guess in (0.0, 1.0, 1e6):
    print(f"sales of 0, 10, 0, 10, forecasts of {guess:.0f}, 10, {guess:.0f}, 10:",
          f"mape {losses.mape(sales, np.tile([guess, 10], 2)):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 2> /dev/null
# The package needs torch, ray and lightning; the losses are a file of it that needs none of them.
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  --target "$folder/package" neuralforecast==3.3.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" "$folder/package/neuralforecast/losses/numpy.py" \
  | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
100 of 100 values are there, mae: 2.00, of those that are there 2.00
100 of 100 values are there, rmse: 2.00, of those that are there 2.00
100 of 100 values are there, mape: 0.20, of those that are there 0.20
100 of 100 values are there, smape: 0.20, of those that are there 0.20
50 of 100 values are there, mae: 2.00, of those that are there 2.00
50 of 100 values are there, rmse: 2.00, of those that are there 2.00
50 of 100 values are there, mape: 0.10, of those that are there 0.20
50 of 100 values are there, smape: 0.09, of those that are there 0.18
10 of 100 values are there, mae: 2.00, of those that are there 2.00
10 of 100 values are there, rmse: 2.00, of those that are there 2.00
10 of 100 values are there, mape: 0.02, of those that are there 0.20
10 of 100 values are there, smape: 0.02, of those that are there 0.18
mase with one value missing: nan
sales of 0, 10, 0, 10, forecasts of 0, 10, 0, 10: mape 0.00
sales of 0, 10, 0, 10, forecasts of 1, 10, 1, 10: mape 0.00
sales of 0, 10, 0, 10, forecasts of 1000000, 10, 1000000, 10: mape 0.00
SEEN
