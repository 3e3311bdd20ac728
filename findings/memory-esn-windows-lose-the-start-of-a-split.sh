#!/usr/bin/env bash
# memory-esn 0.1.1 (the newest), TimeSeriesDataset: get_val_data and get_test_data put the last `lookback` values before
# the split in front of it, so the first window has the first value of the split as its target. They then drop the first
# lookback - lookahead windows all the same: with lookback=12 and lookahead=1 the targets of a test part of 20 values are
# its last 9, with lookback=19 its last 2. The page has "windows over the test split, with train+val context". Scores are
# of what is left. No error, no warning.
# wESN.predict(continuation=True): the state goes on from the call before, the history of the wavelets and of the
# fractional filter stays that of the training, so 99 steps in two calls are not those in one; of fESN and BaseESN they
# are. activation: a name that is not known is tanh.
# Way out: windows of numpy.lib.stride_tricks.sliding_window_view; all steps in one call.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from memory_esn import BaseESN, TimeSeriesDataset, fESN, wESN


def by_hand(first, last, lookahead):
    """Targets of all windows from the value `first` on, up to `last`."""
    return [list(range(t, t + lookahead)) for t in range(first, last - lookahead + 2)]


for lookback, lookahead in ((12, 1), (12, 3), (19, 1)):
    data = TimeSeriesDataset(np.arange(100.0), lookback, lookahead, test_size=20, val_size=20)
    for name, (_, targets), first in (("validation", data.get_val_data(), 60), ("test", data.get_test_data(), 80)):
        whole = targets[~np.isnan(targets).any(1)]
        hand = by_hand(first, first + 19, lookahead)
        print(f"lookback {lookback}, lookahead {lookahead}, {name}: {len(whole)} windows from {whole[0, 0]:.0f} on,",
              f"by hand {len(hand)} from {hand[0][0]} on")

rng = np.random.default_rng(0)
walk = np.cumsum(rng.normal(size=600)) * 0.1
x, y = walk[:-1], walk[1:]
for kind, options in ((BaseESN, {}), (fESN, {"K": 30}), (wESN, {"K": 30})):
    ways = []
    for cuts in ([], [550]):
        model = kind(n_reservoir=50, random_state=0, **options).fit(x[:500], y[:500])
        parts = np.split(x[500:], np.array(cuts, int) - 500)
        ways.append(np.vstack([model.predict(part, continuation=True) for part in parts]))
    print(f"{kind.__name__}, two calls and one: difference {abs(ways[0] - ways[1]).max():.3f}")
seen = [BaseESN(n_reservoir=20, random_state=0, activation=name).fit(x[:500], y[:500]).predict(x[500:])
        for name in ("tanh", "gelu_new", "gelu")]
print("activation gelu_new is tanh:", np.allclose(seen[0], seen[1]), "- gelu:", np.allclose(seen[0], seen[2]))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check memory-esn==0.1.1 numpy==2.4.6 \
  scipy==1.17.1 scikit-learn==1.9.1 pywavelets==1.8.0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
lookback 12, lookahead 1, validation: 9 windows from 71 on, by hand 20 from 60 on
lookback 12, lookahead 1, test: 9 windows from 91 on, by hand 20 from 80 on
lookback 12, lookahead 3, validation: 9 windows from 69 on, by hand 18 from 60 on
lookback 12, lookahead 3, test: 9 windows from 89 on, by hand 18 from 80 on
lookback 19, lookahead 1, validation: 2 windows from 78 on, by hand 20 from 60 on
lookback 19, lookahead 1, test: 2 windows from 98 on, by hand 20 from 80 on
BaseESN, two calls and one: difference 0.000
fESN, two calls and one: difference 0.000
wESN, two calls and one: difference 0.056
activation gelu_new is tanh: True - gelu: False
SEEN
