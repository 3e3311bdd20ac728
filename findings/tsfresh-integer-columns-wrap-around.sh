#!/usr/bin/env bash
# tsfresh 0.21.2, extract_features of an integer column: features are computed in the type of the column, which wraps around without
# a word. Of 16-bit values as sound files and converters give them abs_energy is negative, root_mean_square NaN and the
# energy ratios are below 0; of 8-bit values the mean change from step to step is 125 instead of 10, and 90 of 777 features
# are wrong; for squares 32 bits are too few as well. The same numbers as floats are right, by NumPy too.
# These columns then go into feature selection like any other; NaN ones are filled by impute() with medians.
# Way out: astype(float) before.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
from tsfresh import extract_features
from tsfresh.feature_extraction import EfficientFCParameters

NAMES = {"abs_energy": "abs_energy", "root_mean_square": "root_mean_square", "mean_abs_change": "mean_abs_change",
         "energy_ratio": "energy_ratio_by_chunks__num_segments_10__segment_focus_0"}


def features(x):
    frame = pd.DataFrame({"id": 1, "time": range(len(x)), "x": x})
    return extract_features(frame, column_id="id", column_sort="time", default_fc_parameters=EfficientFCParameters(), n_jobs=0,
                            disable_progressbar=True).iloc[0]


noise = np.random.default_rng(0).normal(size=400)
sound = np.round(8000 * np.sin(np.arange(400) / 9) + 500 * noise)
for kind, x in (("int32", sound), ("int16", sound), ("uint8", np.round(sound / 80 + 128))):
    said, right = features(x.astype(kind)), features(x)
    differ = sum(not np.isclose(a, b, rtol=1e-6, equal_nan=True) for a, b in zip(said, right))
    by_numpy = {"abs_energy": (x**2).sum(), "root_mean_square": (x**2).mean() ** 0.5, "mean_abs_change": np.abs(np.diff(x)).mean(),
                "energy_ratio": (x[:40] ** 2).sum() / (x**2).sum()}
    print(f"{kind}: {differ} of {len(said)} features are not those of the same numbers as floats")
    for name, column in NAMES.items():
        print(f"  {name} {said[f'x__{column}']:.6g}, of floats {right[f'x__{column}']:.6g}, NumPy {by_numpy[name]:.6g}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tsfresh==0.21.2 pandas==3.1.1 numpy==2.4.6 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
int32: 7 of 777 features are not those of the same numbers as floats
  abs_energy -1.24803e+08, of floats 1.27601e+10, NumPy 1.27601e+10
  root_mean_square 5648.03, of floats 5648.03, NumPy 5648.03
  mean_abs_change 765.013, of floats 765.013, NumPy 765.013
  energy_ratio 0.0892195, of floats 0.0892195, NumPy 0.0892195
int16: 19 of 777 features are not those of the same numbers as floats
  abs_energy -22560, of floats 1.27601e+10, NumPy 1.27601e+10
  root_mean_square nan, of floats 5648.03, NumPy 5648.03
  mean_abs_change 765.013, of floats 765.013, NumPy 765.013
  energy_ratio -12922.8, of floats 0.0892195, NumPy 0.0892195
uint8: 90 of 777 features are not those of the same numbers as floats
  abs_energy 197, of floats 8.54266e+06, NumPy 8.54266e+06
  root_mean_square 10.576, of floats 146.139, NumPy 146.139
  mean_abs_change 124.561, of floats 9.57895, NumPy 9.57895
  energy_ratio 25.3124, of floats 0.13257, NumPy 0.13257
SEEN
