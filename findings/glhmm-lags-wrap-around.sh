#!/usr/bin/env bash
# glhmm 1.1.2 (the newest), preproc.build_data_tde, also preprocess_data(lags=..), the values at several lags side by side.
# The columns are rolled, then as many rows are cut at the start as the lowest lag and at the end as the highest. This
# fits lags that are as many back as ahead, -5 to 5. Of any others, as 0 to 2, the first rows hold values of the end of
# the segment, and as many rows at the end are missing; if the highest lag is 0 it is an error.
# preprocess_data(onphase=True): the phases are unwrapped over the channels, not over time, so each still jumps by 2 pi,
# and the second is moved by the first; with files= they are unwrapped over time.
# get_state_onsets(threshold=..): "exclude visits with a duration below this value"; the durations are left out, the
# onsets of the same visits are not, so there are more onsets than visits. No error or warning otherwise.
# Way out: symmetric lags, columns chosen afterwards; numpy.unwrap(.., axis=0).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from glhmm import preproc, utils
from scipy.signal import hilbert


def by_hand(x, lags):
    """Rows t with x[t - lag] for each lag, of all t for which all are there; each column standardised."""
    rows = range(max(max(lags), 0), len(x) + min(min(lags), 0))
    out = np.array([[x[t - lag] for lag in lags] for t in rows])
    return (out - out.mean(0)) / out.std(0)


x = np.arange(10.0)
for lags in ([-2, -1, 0, 1, 2], [0, 1, 2], [-3, 0, 1]):
    seen, _ = preproc.build_data_tde(x[:, None], np.array([[0, 10]]), np.array(lags))
    hand = by_hand(x, lags)
    worst = abs(seen - hand).max(0).argmax()
    print(f"lags {lags}: column of lag {lags[worst]}", seen[:, worst].round(2), "by hand", hand[:, worst].round(2))
try:
    preproc.build_data_tde(x[:, None], np.array([[0, 10]]), np.array([-2, -1, 0]))
except ValueError as error:
    print("lags [-2, -1, 0]:", str(error)[:14])

t = np.arange(200)
waves = np.column_stack([np.sin(t / 5), np.sin(t / 5 + 2)])
phases = preproc.preprocess_data(waves, np.array([[0, 200]]), standardise=False, onphase=True)[0]
hand = np.unwrap(np.angle(hilbert(waves, axis=0)), axis=0)
print("phase at steps 0, 50, 100 and 150:", phases[::50, 0].round(2), "by hand", hand[::50, 0].round(2))
print("largest change in a step: {:.2f}, by hand {:.2f}".format(*(abs(np.diff(p, axis=0)).max() for p in (phases, hand))))

path = np.zeros((20, 2))
path[3:5, 0] = path[8:15, 0] = 1
path[:, 1] = 1 - path[:, 0]
lengths, onsets = utils.get_visits(path, 0, threshold=3)
print("visits of 2 and 7 steps, threshold 3: durations", lengths, "onsets", [int(o) for o in onsets], "by hand [8]")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps glhmm==1.1.2 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numba==0.68.1 numpy==2.4.6 \
  scipy==1.17.1 scikit-learn==1.9.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
lags [-2, -1, 0, 1, 2]: column of lag -2 [-1.46 -0.88 -0.29  0.29  0.88  1.46] by hand [-1.46 -0.88 -0.29  0.29  0.88  1.46]
lags [0, 1, 2]: column of lag 1 [ 1.93 -1.38 -1.01 -0.64 -0.28  0.09  0.46  0.83] by hand [-1.53 -1.09 -0.65 -0.22  0.22  0.65  1.09  1.53]
lags [-3, 0, 1]: column of lag -3 [ 0.24  0.53  0.82  1.12 -1.5  -1.21] by hand [-1.46 -0.88 -0.29  0.29  0.88  1.46]
lags [-2, -1, 0]: shape mismatch
phase at steps 0, 50, 100 and 150: [ 1.57  2.12 -0.42 -2.95] by hand [ 1.57  8.41 18.43 28.47]
largest change in a step: 6.10, by hand 2.51
visits of 2 and 7 steps, threshold 3: durations [7.0] onsets [3, 8] by hand [8]
SEEN
