#!/usr/bin/env bash
# wfdb 4.3.1, ann2rr(start_time=.., stop_time=..): the intervals between heart beats are chosen by their own length, not
# by when they occur. So start_time=60 gives none of a healthy heart, as none lasts a minute, stop_time=60 gives those
# of the whole record, and start_time=0.9 the slow beats alone: a mean of 1.00 s instead of 0.80 s. Besides, every
# annotation counts as a beat, also those of rhythm, noise and comments: each splits an interval in two, so a record of
# beats at even distances has short ones (issue 479 of MIT-LCP/wfdb-python, open), and the first interval is that from
# the start of the record. The page: "the time to start the intervals in seconds", after the options -f and -t of the
# program of the same name, which are times.
# Way out: rdann, take the symbols that are beats, and numpy.diff of their samples, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import wfdb
from wfdb.io.annotation import ann_labels, is_qrs
from wfdb.processing import ann2rr

FS = 250
lengths = np.where(np.arange(300) % 3 == 0, 1.0, 0.7)  # of 300 intervals, a slow beat and two fast ones
beats = 0.4 + np.concatenate([[0.0], lengths.cumsum()])
other = [(0.1, "+"), (30.5, "~"), (130.6, "+"), (180.5, '"')]  # rhythm, noise, rhythm, comment
rows = sorted([(round(t * FS), "N") for t in beats] + [(round(t * FS), symbol) for t, symbol in other])
wfdb.wrann("r", "atr", np.array([t for t, _ in rows]), [symbol for _, symbol in rows], fs=FS)

read = wfdb.rdann("r", "atr")
beat = {label.symbol for label in ann_labels if is_qrs[label.label_store]}
at = read.sample[[symbol in beat for symbol in read.symbol]] / read.fs


def told(x):
    return f"{len(x)} intervals" + (f", mean {x.mean():.3f} s, shortest {x.min():.2f} s" if len(x) else "")


for name, start, stop in (("all", None, None), ("from 60 s", 60, None), ("to 60 s", None, 60), ("60 to 120 s", 60, 120),
                          ("from 0.9 s", 0.9, None)):
    seen = ann2rr("r", "atr", start_time=start, stop_time=stop, format="s")
    within = at[(at >= (start or 0)) & (at <= (stop or np.inf))]
    print(f"{name}: ann2rr {told(seen)}; beats {told(np.diff(within))}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check wfdb==4.3.1 numpy==2.4.6 \
  pandas==3.0.6 2> /dev/null
cd "$folder"
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
all: ann2rr 305 intervals, mean 0.788 s, shortest 0.10 s; beats 300 intervals, mean 0.800 s, shortest 0.70 s
from 60 s: ann2rr 0 intervals; beats 225 intervals, mean 0.800 s, shortest 0.70 s
to 60 s: ann2rr 305 intervals, mean 0.788 s, shortest 0.10 s; beats 74 intervals, mean 0.801 s, shortest 0.70 s
60 to 120 s: ann2rr 0 intervals; beats 74 intervals, mean 0.801 s, shortest 0.70 s
from 0.9 s: ann2rr 98 intervals, mean 1.000 s, shortest 1.00 s; beats 299 intervals, mean 0.799 s, shortest 0.70 s
SEEN
