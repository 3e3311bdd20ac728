#!/usr/bin/env bash
# sktime 1.2.0, probabilistic metrics of several columns: the forecasts of one column are compared with the values of another.
# EmpiricalCoverage and ConstraintViolation order the values as load, wind, load, wind, and the bounds as load at 50 %, load at
# 90 %, wind at 50 %, wind at 90 %: with two columns and two levels half of the pairs are of different columns. And all
# metrics of intervals and quantiles, PinballLoss too, sort the columns of the forecast by name, but not those of the
# values: columns that do not stand in alphabetical order are exchanged, at any number of levels. So intervals around
# the true values have a coverage of 0. No error, no warning; the figures of one column, and IntervalWidth, which needs
# no values, are right. The page: "the percentage of predictions that contain the true value". No issue on it was found.
# Way out: one column at a time, and their mean.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import pandas as pd
from sktime.performance_metrics.forecasting.probabilistic import (ConstraintViolation, EmpiricalCoverage, IntervalWidth,
                                                                  PinballLoss)

y = pd.DataFrame({"load": [50.0, 51, 52, 53], "wind": [5.0, 6, 5, 6]})
HALF = {"load": 20, "wind": 2}  # half of the width of the interval at 100 %


def intervals(columns, levels):
    return pd.DataFrame({(name, level, end): y[name] + sign * level * HALF[name] for name in columns for level in levels
                         for end, sign in (("lower", -1), ("upper", 1))})


def pinball(columns, levels):
    """Mean loss of forecasts that lie 1 above the values at levels above 0.5, and 1 below at the others."""
    table = pd.DataFrame({(name, q): y[name] + (1 if q > 0.5 else -1) for name in columns for q in levels})
    by_hand = sum(min(q, 1 - q) for q in levels) / len(levels)
    return f"PinballLoss {PinballLoss()(y[columns], table):.2f}, by its formula {by_hand:.2f}"


for columns in (["load"], ["load", "wind"], ["wind", "load"]):
    for levels in ([0.9], [0.5, 0.9]):
        table = intervals(columns, levels)
        said = [f"{metric.__name__} {metric()(y[columns], table):.2f}" for metric in (EmpiricalCoverage, ConstraintViolation)]
        width = sum(2 * level * HALF[name] for name in columns for level in levels) / len(columns) / len(levels)
        print(*columns, levels, ", ".join(said) + " (true: 1 and 0),", f"IntervalWidth {IntervalWidth()(y[columns], table):.2f}",
              f"(true: {width:.2f}),", pinball(columns, [0.1, 0.9]))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check sktime==1.2.0 \
  pandas==3.0.6 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
load [0.9] EmpiricalCoverage 1.00, ConstraintViolation 0.00 (true: 1 and 0), IntervalWidth 36.00 (true: 36.00), PinballLoss 0.10, by its formula 0.10
load [0.5, 0.9] EmpiricalCoverage 1.00, ConstraintViolation 0.00 (true: 1 and 0), IntervalWidth 28.00 (true: 28.00), PinballLoss 0.10, by its formula 0.10
load wind [0.9] EmpiricalCoverage 1.00, ConstraintViolation 0.00 (true: 1 and 0), IntervalWidth 19.80 (true: 19.80), PinballLoss 0.10, by its formula 0.10
load wind [0.5, 0.9] EmpiricalCoverage 0.50, ConstraintViolation 18.25 (true: 1 and 0), IntervalWidth 15.40 (true: 15.40), PinballLoss 0.10, by its formula 0.10
wind load [0.9] EmpiricalCoverage 0.00, ConstraintViolation 36.10 (true: 1 and 0), IntervalWidth 19.80 (true: 19.80), PinballLoss 22.60, by its formula 0.10
wind load [0.5, 0.9] EmpiricalCoverage 0.50, ConstraintViolation 20.05 (true: 1 and 0), IntervalWidth 15.40 (true: 15.40), PinballLoss 22.60, by its formula 0.10
SEEN
