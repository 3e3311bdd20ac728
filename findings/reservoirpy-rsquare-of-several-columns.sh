#!/usr/bin/env bash
# reservoirpy 0.4.2, rsquare and nrmse of several columns: the mean and the range are taken over all columns together. So the
# differences between the columns count as variance that was explained: the mean of each column as a forecast has an
# R² of 1.00 of temperature and pressure below, and shuffled rows have it too, where scikit-learn has 0 and less; of Lorenz's
# three columns it has 0.64. Columns of different levels or units always look well forecast, and the unit of one changes all.
# The page has the formula of one column and says nothing of several. Way out: the mean of dimensionwise=True.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from reservoirpy.datasets import lorenz
from reservoirpy.observables import nrmse, rsquare
from sklearn.metrics import r2_score


def show(name, y, f):
    each = ((y - f) ** 2).mean(axis=0) ** 0.5 / np.ptp(y, axis=0)
    print(f"{name}: rsquare {rsquare(y, f):.2f}, of each column {rsquare(y, f, dimensionwise=True).mean():.2f},",
          f"scikit-learn {r2_score(y, f):.2f}; nrmse {nrmse(y, f):.3f}, of each column {each.mean():.3f}")


rng = np.random.default_rng(0)
weather = np.column_stack([rng.normal(10, 5, 1000), rng.normal(1013, 8, 1000)])
show("temperature and pressure, each column's mean", weather, np.tile(weather.mean(axis=0), (1000, 1)))
show("temperature and pressure, shuffled", weather, rng.permutation(weather))
x = lorenz(5000)
show("Lorenz, each column's mean", x, np.tile(x.mean(axis=0), (5000, 1)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check reservoirpy==0.4.2 scikit-learn==1.9.1 numpy==2.4.6 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | sed 's/-0\.00/0.00/g' | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
temperature and pressure, each column's mean: rsquare 1.00, of each column 0.00, scikit-learn 0.00; nrmse 0.006, of each column 0.154
temperature and pressure, shuffled: rsquare 1.00, of each column -0.95, scikit-learn -0.95; nrmse 0.009, of each column 0.216
Lorenz, each column's mean: rsquare 0.64, of each column 0.00, scikit-learn 0.00; nrmse 0.117, of each column 0.188
SEEN
