#!/usr/bin/env bash
# pyrcn 0.1.0, IncrementalRegression with normalize=True, the readout of its echo-state networks: predict takes mean and
# deviation from the rows that are to be predicted, not from those of the training. So a prediction depends on the other
# rows of the call, and of a single row it is 0, as each value is its own mean. The column of ones for the intercept is
# normalized too, to zeros, so with the default fit_intercept=True there is no intercept: below, targets about 16 are
# predicted about 0, in the training rows as well. Without an intercept the array X of the caller is overwritten. An
# ESNRegressor takes normalize as it is and has the same. The page: "Performs a preprocessing normalization if True".
# Way out: a scikit-learn Pipeline of StandardScaler and IncrementalRegression.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from pyrcn.echo_state_network import ESNRegressor
from pyrcn.linear_model import IncrementalRegression

rng = np.random.default_rng(0)


def data(n):
    x = rng.normal(size=(n, 2)) * [1, 10] + [5, -3]
    return x, 2 * x[:, 0] - 0.5 * x[:, 1] + 5


def text(values):
    return " ".join(f"{v:6.2f}" for v in np.ravel(values))


x, y = data(1000)
new, right = data(4)
coefficients = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
print("right, least squares by numpy:  ", text(np.column_stack([new, np.ones(4)]) @ coefficients))
for normalize in (False, True):
    model = IncrementalRegression(normalize=normalize).fit(x.copy(), y)
    print(f"normalize={normalize}: rows together {text(model.predict(new.copy()))};",
          f"one by one {text([model.predict(row[None].copy()) for row in new])};",
          f"mean of the training rows {model.predict(x.copy()).mean() + 0:.1f}, of y {y.mean():.1f}")
given = x.copy()
IncrementalRegression(normalize=True, fit_intercept=False).fit(given, y)
print(f"X of the caller: mean {x.mean():.2f} before fit, {abs(given.mean()):.2f} after")
series = 10 + np.sin(np.arange(1001) / 5)
for normalize in (False, True):
    network = ESNRegressor(hidden_layer_size=50, normalize=normalize, verbose=False).fit(series[:800, None], series[1:801])
    error = network.predict(series[800:1000, None]).ravel() - series[801:]
    print(f"echo-state network, normalize={normalize}: RMSE of the next step {np.sqrt(np.mean(error**2)):.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  pyrcn==0.1.0 torch==2.13.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
right, least squares by numpy:    19.85  22.79  13.75  13.43
normalize=False: rows together  19.85  22.79  13.75  13.43; one by one  19.85  22.79  13.75  13.43; mean of the training rows 16.6, of y 16.6
normalize=True: rows together   2.82   8.29  -5.27  -5.84; one by one   0.00   0.00   0.00   0.00; mean of the training rows 0.0, of y 16.6
X of the caller: mean 0.85 before fit, 0.00 after
echo-state network, normalize=False: RMSE of the next step 0.0
echo-state network, normalize=True: RMSE of the next step 10.0
SEEN
