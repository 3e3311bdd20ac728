#!/usr/bin/env bash
# orbit-ml 1.1.5.0, rmsse(test_actual, test_prediction, train_actual), one of the default metrics of BackTester. It is to
# be scaled by the steps of the training part, from its first value other than 0 on (the M5 guide that it cites). The
# code takes that part of the test values: of the training values nothing but the place of that first one is used. The
# same errors, ten steps of their history, are 10, 0.91 or inf by what came after the history, and remain so where its
# steps are ten times as large. Behind 9 zeros more it is NaN. So it does not compare series, which it is for.
# wmape, wsmape, mape and smape leave out the rows whose value is 0, with their errors: forecasts of 5 where nothing was
# sold are free, wmape is 0 in place of 2.5. The functions have no page. No error, no warning beyond numpy's.
# Way out: compute both as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from orbit.diagnostics.metrics import rmsse, wmape


def by_hand(test, forecast, train):
    """Root of the mean square of errors over that of the steps of the training part from its first value other than 0."""
    train = train[np.flatnonzero(train)[0]:]
    return np.sqrt(np.mean((test - forecast) ** 2) / np.mean(np.diff(train) ** 2))


steps = np.tile([1.0, -1.0], 20)
train = np.r_[0, 0, 100 + np.cumsum(steps)]
for name, test in (("a future like the past", 100 + np.cumsum(steps[:8])), ("a future that jumps", np.tile([90.0, 101.0], 4)),
                   ("a flat future", np.full(8, 100.0))):
    for kind, history in (("", train), (" a history of steps of 10", np.r_[0, 0, 100 + np.cumsum(10 * steps)])):
        print(f"{name}, errors of 10,{kind or ' a history of steps of 1'}: orbit {rmsse(test, test + 10, history):.2f},",
              f"by hand {by_hand(test, test + 10, history):.2f}")
late = np.r_[np.zeros(9), train]
print(f"11 zeros at the top, 8 test values: orbit {rmsse(test, test + 10, late):.2f},",
      f"by hand {by_hand(test, test + 10, late):.2f}")
sales, forecast = np.array([0.0, 0, 4, 0]), np.array([5.0, 5, 4, 0])
right = np.abs(sales - forecast).sum() / sales.sum()
print(f"forecasts of 5 for no sales: wmape {wmape(sales, forecast):.2f}, by hand {right:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 2> /dev/null
# The package builds models of Stan when it is installed; the metrics are a file of its source archive.
"$folder/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$folder" \
  orbit-ml==1.1.5.0 2> /dev/null
tar xzf "$folder/orbit_ml-1.1.5.0.tar.gz" -C "$folder"
PYTHONPATH="$folder/orbit_ml-1.1.5.0" "$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
a future like the past, errors of 10, a history of steps of 1: orbit 10.00, by hand 10.00
a future like the past, errors of 10, a history of steps of 10: orbit 10.00, by hand 1.00
a future that jumps, errors of 10, a history of steps of 1: orbit 0.91, by hand 10.00
a future that jumps, errors of 10, a history of steps of 10: orbit 0.91, by hand 1.00
a flat future, errors of 10, a history of steps of 1: orbit inf, by hand 10.00
a flat future, errors of 10, a history of steps of 10: orbit inf, by hand 1.00
11 zeros at the top, 8 test values: orbit nan, by hand 10.00
forecasts of 5 for no sales: wmape 0.00, by hand 2.50
SEEN
