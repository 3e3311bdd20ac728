#!/usr/bin/env bash
# changepy 0.4.0, costs.normal_mean(data, variance): the cost of a segment of n values is to be the sum of their squared
# deviations from its mean, over the variance. The code has the sum of absolute values for that of squares, divides it
# by n as well, and all by the square of the variance. So each segment costs its mean absolute value besides: a change
# by 3 deviations that is found around 0 is lost where 1,000 is added to all values. The square makes it depend on the
# unit: in values times 10 or 0.1, with the variance times 100 or 0.01, the same change is lost. The port that it comes
# from has squares. No error, no warning; normal_meanvar is right.
# Way out: the cost below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from changepy import pelt
from changepy.costs import normal_mean


def by_hand(data, variance):
    sums, squares = (np.concatenate([[0], np.cumsum(x)]) for x in (data, data**2))
    return lambda s, t: (squares[t] - squares[s] - (sums[t] - sums[s]) ** 2 / (t - s)) / variance


rng = np.random.default_rng(0)
data = np.concatenate([rng.normal(0, 1, 100), rng.normal(3, 1, 100)])
for name, values, variance in (("as it is", data, 1), ("plus 1000", data + 1000, 1), ("times 10", data * 10, 100),
                               ("times 0.1", data * 0.1, 0.01)):
    found = [[int(k) for k in pelt(cost(values, variance), len(values), 20)] for cost in (normal_mean, by_hand)]
    print(f"{name}, variance {variance}, penalty 20: changepy {found[0]}, by hand {found[1]}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  changepy==0.4.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
as it is, variance 1, penalty 20: changepy [0, 100], by hand [0, 100]
plus 1000, variance 1, penalty 20: changepy [0], by hand [0, 100]
times 10, variance 100, penalty 20: changepy [0], by hand [0, 100]
times 0.1, variance 0.01, penalty 20: changepy [0], by hand [0, 100]
SEEN
