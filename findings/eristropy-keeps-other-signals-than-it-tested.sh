#!/usr/bin/env bash
# eristropy 0.1.0 (the newest), StationarySignals: the signals of a frame are differenced or detrended and tested
# (augmented Dickey-Fuller, corrected for their number), and only those found stationary are returned. The tests are run
# by groupby, so in the order of the sorted names; the answers are put to the names in the order of the rows. If the
# names do not come sorted, as signal_10 after signal_9, other signals are kept than were found stationary: of b, c, a
# the walk c is returned, and the noise b is not. stationary_frac_ is right. No error, no warning.
# Way out: df.sort_values([signal_id, timestamp]) before.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
from eristropy.stationarity import StationarySignals
from statsmodels.tsa.stattools import adfuller

rng = np.random.default_rng(0)
signals = {"b": rng.normal(size=200), "c": rng.normal(size=200).cumsum().cumsum(), "a": rng.normal(size=200).cumsum().cumsum()}
numbered = {f"signal_{k}": rng.normal(size=200) if k < 10 else rng.normal(size=200).cumsum().cumsum() for k in range(8, 13)}
for group in (signals, dict(sorted(signals.items())), numbered):
    frame = pd.concat([pd.DataFrame({"signal_id": k, "timestamp": range(200), "value": v}) for k, v in group.items()])
    model = StationarySignals(frame, method="difference", normalize_signals=False)
    kept = model.make_stationary_signals()["signal_id"].unique().tolist()
    hand = [k for k, v in group.items() if adfuller(np.diff(v))[1] < 0.01]
    print(", ".join(group) + ": kept", kept, "by hand", hand, f"fraction {model.stationary_frac_:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps eristropy==0.1.0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numba==0.68.1 numpy==2.4.6 \
  pandas==2.3.3 scipy==1.17.1 scikit-learn==1.9.1 statsmodels==0.14.6 tqdm==4.67.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
b, c, a: kept ['c'] by hand ['b'] fraction 0.33
a, b, c: kept ['b'] by hand ['b'] fraction 0.33
signal_8, signal_9, signal_10, signal_11, signal_12: kept ['signal_11', 'signal_12'] by hand ['signal_8', 'signal_9'] fraction 0.40
SEEN
