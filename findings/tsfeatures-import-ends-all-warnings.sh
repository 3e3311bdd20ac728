#!/usr/bin/env bash
# tsfeatures 0.4.5. Three things done in silence. Importing it puts a function that does nothing in the place of
# warnings.warn, so no Python code in the program warns any more, of whatever, and a filter that turns warnings into
# errors or records them is of no use. The feature intervals writes 1 over all positive values of the series itself, so
# the features behind it in the list are of another series: with statistics before it the mean is 0 and the variance 1,
# as scaled, after it 0.04 and 0.37. And of the features by default arch_acf, arch_r2, garch_acf and garch_r2 are NaN
# for every series: AR of statsmodels is gone in 0.14.6, where the package asks for 0.13.2 or later, and the error is
# caught (issues 25 and 43 of Nixtla/tsfeatures, open). A selection of features drops them or fills them, as missing
# values. The pages name no such condition. One of the four is computed below by AutoReg in place of AR.
# Way out: keep warnings.warn before the import and put it back; intervals last; AutoReg for heterogeneity.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import warnings

import numpy as np
import pandas as pd
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.stattools import kpss

rng = np.random.default_rng(0)
walk = rng.normal(size=200).cumsum()


def warned():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        kpss(walk)  # the p-value lies outside of its table
    return len(seen)


before = warned()
from tsfeatures import arch_stat, heterogeneity, intervals, statistics, tsfeatures  # noqa: E402

print(f"warnings of kpss: {before} before the import, {warned()} after it")

demand = pd.DataFrame({"unique_id": "a", "ds": range(120), "y": [0, 0, 5, 0, 3, 0, 0, 30, 2, 0, 0, 4] * 10})
for features in ([statistics], [statistics, intervals], [intervals, statistics]):
    row = tsfeatures(demand.astype({"y": float}), freq=1, features=features, threads=1).iloc[0]
    names, figures = ", ".join(f.__name__ for f in features), (abs(row["mean"]), row["variance"], row["max"])
    print(f"{names}: mean {figures[0]:.2f}, variance {figures[1]:.2f}, largest {figures[2]:.2f}")

volatile, s = np.zeros(2000), 1.0
for i in range(1, 2000):
    s = 0.1 + 0.3 * volatile[i - 1] ** 2 + 0.6 * s
    volatile[i] = s**0.5 * rng.normal()
print("heterogeneity:", ", ".join(f"{name} {value:.2f}" for name, value in heterogeneity(volatile).items()))
print(f"arch_r2 by AutoReg: {arch_stat(AutoReg(volatile, lags=33).fit().resid)['arch_lm']:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tsfeatures==0.4.5 antropy==0.2.3 arch==8.0.0 \
  statsmodels==0.14.6 pandas==3.0.6 scikit-learn==1.9.1 numba==0.68.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
warnings of kpss: 1 before the import, 0 after it
statistics: mean 0.00, variance 1.00, largest 3.23
statistics, intervals: mean 0.00, variance 1.00, largest 3.23
intervals, statistics: mean 0.04, variance 0.37, largest 1.00
heterogeneity: arch_acf nan, garch_acf nan, arch_r2 nan, garch_r2 nan
arch_r2 by AutoReg: 0.14
SEEN
