"""How many values of each target a step reads: the look-back that a ridge regression on them shows to pay.

Weights of the first rows of the training part forecast its last ones from the last L values, each less the present one.
Tried are L = SHORT, and twice that up to MOST. Taken is the shortest of which the mean error is within CLEAR of the
least, in units of that of the last value. A state holds a SHORT past by itself, so it is not read. Of series with a
season the last one is read anyway, and the linear anchor reaches further back.
"""

import numpy as np

from rnncli.data.forecast_targets import MOST_INPUTS, Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.linear_forecast import Linear
from rnncli.data.ranges import Ranges
from rnncli.data.ridge_fit import Trial, mean_size

SHORT, MOST = 16, 128  # rows
CLEAR = 0.02
SAMPLE = 1 << 22  # values that are learnt from
LARGEST = 1 << 26  # inputs at most, of all rows


def look_back(o: Outlook, past: Past, gaps: np.ndarray, origins: Ranges) -> int:
    """L of training on these origins, which end a row before their targets do; 1 for none but the present value. `gaps`
    (all rows, K).
    """
    K = len(o.targets)
    most = min(MOST, MOST_INPUTS // K, LARGEST // (len(past.z) * K))
    if not o.scaled or o.season > 1 or most < 2 * SHORT:
        return 1
    tried = [Linear(1, window=SHORT << k) for k in range((most // SHORT).bit_length())]
    rows = origins.every(-(-len(origins) * K * max(o.horizon, most) // SAMPLE))
    trial = Trial.of(o, tried[-1], past, gaps, rows, origins.ends_of(rows) + 1)
    errors = [mean_size(trial.best(linear, past)[1]) for linear in tried if trial.enough(linear)]
    if len(errors) < 2:
        return 1
    clear = CLEAR * mean_size(trial.true - o.anchors(past, trial.after, "last"))
    best = next(i for i, error in enumerate(errors) if error <= min(errors) + clear)
    return tried[best].window if best else 1
