#!/usr/bin/env bash
# functime 1.0.0, metrics. overforecast and underforecast are documented as the total of the differences between actual
# and predicted values where the forecast is too high, or too low. They are sums of the forecasts themselves: 1 and 2
# above and 3 below 100 give 203 and 97 in place of 3 and 3. Data moved up by 1000 change them, a perfect forecast has 0,
# and half the error below has more (98.5). score_forecast and score_backtest report both.
# crps takes the rows by their order, where mae and the others join them by series and time: the same forecasts with
# series b first have 9.44 in place of 0.23, and mae stays 0. No error, no warning.
# Way out: compute the totals as below; sort both tables before crps.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import math

import polars as pl
from functime.metrics import crps, mae, overforecast, underforecast


def frame(series, times, values):
    return pl.DataFrame({"series": series, "time": times, "y": [float(v) for v in values]})


def one(metric, *frames):
    return metric(*frames).sort("series").to_series(1).to_list()


for name, shift, errors in (("as it is", 0, (1, 2, -3)), ("plus 1000", 1000, (1, 2, -3)), ("half the errors", 0, (.5, 1, -1.5)),
                            ("no error", 0, (0, 0, 0))):
    actual = [100 + shift] * 3
    forecast = [a + e for a, e in zip(actual, errors)]
    frames = frame(["a"] * 3, [1, 2, 3], actual), frame(["a"] * 3, [1, 2, 3], forecast)
    print(f"{name}: over {one(overforecast, *frames)[0]:.1f}, under {one(underforecast, *frames)[0]:.1f};",
          f"by hand {sum(max(e, 0) for e in errors):.1f} and {sum(max(-e, 0) for e in errors):.1f}")


def normal(z):
    """CRPS of a value z away from the mean of a normal distribution with deviation 1."""
    return z * math.erf(z / math.sqrt(2)) + math.sqrt(2 / math.pi) * math.exp(-z * z / 2) - 1 / math.sqrt(math.pi)


actual = frame(["a", "a", "b", "b"], [1, 2, 1, 2], [0, 0, 10, 10])
forecast = frame(["a", "a", "b", "b"], [1, 2, 1, 2], [0, 0, 10, 10])
for name, rows in (("rows as in the data", forecast), ("series b first", forecast.sort("series", descending=True))):
    print(f"{name}: crps of a and b {one(crps, actual, rows)[0]:.2f}, {one(crps, actual, rows)[1]:.2f},",
          f"mae {one(mae, actual, rows)[0]:.2f}, {one(mae, actual, rows)[1]:.2f}; crps by hand {normal(0):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check functime==1.0.0 polars==2.1.0 numpy==2.4.6 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
as it is: over 203.0, under 97.0; by hand 3.0 and 3.0
plus 1000: over 2203.0, under 1097.0; by hand 3.0 and 3.0
half the errors: over 201.5, under 98.5; by hand 1.5 and 1.5
no error: over 0.0, under 0.0; by hand 0.0 and 0.0
rows as in the data: crps of a and b 0.23, 0.23, mae 0.00, 0.00; crps by hand 0.23
series b first: crps of a and b 9.44, 9.44, mae 0.00, 0.00; crps by hand 0.23
SEEN
