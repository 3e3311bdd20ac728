#!/usr/bin/env bash
# utilsforecast 0.2.17 (losses of statsforecast, mlforecast and neuralforecast), actual values with gaps: mae, rmse, mqloss and most
# others leave the missing rows out, but coverage and calibration count each as a miss, and scaled_crps divides by the values
# that are there and multiplies by all rows. With half of the values missing a perfect 80 % interval covers 50 %, and
# scaled_crps doubles. As a polars frame with nulls the same data has the right coverage; scaled_crps is wrong in both.
# The pages say nothing of missing values. Compared with the same frame without the rows, and with NumPy.
# Way out: drop the rows without an actual value before.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
import polars as pl
from utilsforecast.losses import calibration, coverage, mae, mqloss, scaled_crps

rng = np.random.default_rng(0)
y = rng.normal(10, 1, 40)
frame = pd.DataFrame({"unique_id": "a", "ds": range(40), "y": y, "m": 10.0, "m-lo-80": 5.0, "m-hi-80": 15.0})
frame.loc[1::2, "y"] = np.nan
levels = np.array([0.1, 0.9])
bounds = {"m": ["m-lo-80", "m-hi-80"]}
for name, data in (("pandas", frame), ("polars", pl.from_pandas(frame)), ("without the rows", frame.dropna())):
    said = {"mae": mae(data, ["m"]), "mqloss": mqloss(data, bounds, levels), "coverage": coverage(data, ["m"], 80),
            "calibration": calibration(data, {"m": "m-hi-80"}), "scaled_crps": scaled_crps(data, bounds, levels)}
    print(f"{name}:", ", ".join(f"{what} {float(table['m'].to_numpy()[0]):.3f}" for what, table in said.items()))
there = y[::2, None]
error = there - np.array([5.0, 15.0])
pinball = np.maximum(levels * error, (levels - 1) * error)
print(f"NumPy: mae {np.abs(there - 10).mean():.3f}, mqloss {pinball.mean():.3f}, coverage {((there >= 5) & (there <= 15)).mean():.3f},",
      f"calibration {(there <= 15).mean():.3f}, scaled_crps {2 * pinball.mean(1).sum() / np.abs(there).sum():.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check utilsforecast==0.2.17 pandas==2.3.3 polars==2.1.0 \
  numpy==2.4.6 narwhals==2.29.0 pyarrow==26.0.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
pandas: mae 0.709, mqloss 0.500, coverage 0.500, calibration 0.500, scaled_crps 0.206
polars: mae 0.709, mqloss 0.500, coverage 1.000, calibration 1.000, scaled_crps 0.206
without the rows: mae 0.709, mqloss 0.500, coverage 1.000, calibration 1.000, scaled_crps 0.103
NumPy: mae 0.709, mqloss 0.500, coverage 1.000, calibration 1.000, scaled_crps 0.103
SEEN
