#!/usr/bin/env bash
# pyhrv 0.5.0, sdsd, and heartpy 1.2.7, measures["sdsd"] of process, process_rr and process_segmentwise. SDSD is the
# standard deviation of the differences between adjacent intervals (Task Force 1996), nearly RMSSD where the series stays
# at its mean. Both take the absolute values of the differences first: beats that alternate between 800 and 850 ms have 0
# in place of 50, and of normal noise it is 0.6 of the right value, beside an RMSSD that is right. The example of heartpy's
# calc_ts_measures has signed differences; with these sdsd is right, and pnn20 and pnn50 count rises alone. Its issue 59
# (paulvangentcom/heartrate_analysis_python) met 33 beside an RMSSD of 50, closed for another cause.
# pyhrv, sdnn_index and sdann: the page says that a last segment of less than 300 s is left out by default. It is in, and
# counts as much as a whole one, and its first beat is often the last one of the segment before: 376 beats, 300.8 s, are
# segments of 375 and 2, and have 11.4 in place of 15.8. No error, no warning.
# Way out: numpy.std(numpy.diff(nni), ddof=1), or NeuroKit2 and hrv-analysis, which have signed ones; full=False.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import heartpy
import matplotlib
import numpy as np

matplotlib.use("Agg")
import pyhrv.time_domain as pyhrv  # noqa: E402
from pyhrv.utils import segmentation  # noqa: E402

rng = np.random.default_rng(0)
for name, nni in (("alternating", np.tile([800.0, 850.0], 100)), ("noise", 800 + rng.normal(0, 30, 400)),
                  ("rising, then back", np.tile(700 + 20.0 * np.arange(10), 20))):
    steps = np.diff(nni)
    _, seen = heartpy.process_rr(list(nni), calc_freq=False)
    print(f"{name}: sdsd by hand {steps.std(ddof=1):.1f}, pyhrv {pyhrv.sdsd(nni)['sdsd']:.1f}, heartpy {seen['sdsd']:.1f};",
          f"rmssd {np.sqrt(np.mean(steps**2)):.1f}, {pyhrv.rmssd(nni)['rmssd']:.1f}, {seen['rmssd']:.1f}")

nni = np.tile([780.0, 790.0, 810.0, 820.0], 94)
for n in (376, 377, 380):
    series = np.tile(nni, 2)[:n]
    segments, _ = segmentation(series)
    print(f"{n} beats, {series.sum() / 1000:.1f} s: segments of {[len(s) for s in segments]} beats, sdnn_index",
          f"{pyhrv.sdnn_index(series)['sdnn_index']:.1f}, full=False {pyhrv.sdnn_index(series, full=False)['sdnn_index']:.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyhrv==0.5.0 heartpy==1.2.7 numpy==1.26.4 \
  scipy==1.17.1 nolds==0.6.1 biosppy==2.2.4 PeakUtils==1.3.5 mock==5.2.0 setuptools==65.5.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
alternating: sdsd by hand 50.1, pyhrv 0.0, heartpy 0.0; rmssd 50.0, 50.0, 50.0
noise: sdsd by hand 42.4, pyhrv 25.8, heartpy 25.8; rmssd 42.3, 42.3, 42.3
rising, then back: sdsd by hand 58.9, pyhrv 47.1, heartpy 47.0; rmssd 58.8, 58.8, 58.8
376 beats, 300.8 s: segments of [375, 2] beats, sdnn_index 11.4, full=False 15.8
377 beats, 301.6 s: segments of [375, 2] beats, sdnn_index 22.1, full=False 15.8
380 beats, 304.0 s: segments of [375, 5] beats, sdnn_index 17.0, full=False 15.8
SEEN
