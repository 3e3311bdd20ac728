#!/usr/bin/env bash
# tsaug 0.2.1 (the newest; augmentation of time series). Quantize(how="quantile"): numpy.percentile gets the shares of the
# levels divided by 100, where it wants them times 100, so the borders of all levels lie between the lowest value and the
# quantile 0.0001. All other values are set to about the lowest: a normal series of 1,000 values with 5 levels is left with
# a deviation of 0.00, where 0.85 is right. how="uniform": the number of the level is rounded, not cut off, so the lowest
# level is half as wide and the highest half as wide again as the others, and values are moved by up to a whole level,
# where half a level is the most.
# Series of whole numbers: what AddNoise, Convolve, Drift, TimeWarp and Quantize compute is written into an array of
# integers, so it is cut off towards 0, without a word: noise with a mean of 0 has a mean of -0.5.
# Way out: pandas.qcut; numpy.floor; .astype(float) before.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from tsaug import AddNoise, Quantize


def by_quantiles(x, n):
    """Each value to the middle quantile of its level."""
    level = np.searchsorted(np.quantile(x, np.arange(1, n) / n), x, side="right")
    return np.quantile(x, np.arange(0.5, n) / n)[level]


def by_width(x, n):
    """Each value to the middle of its level, of n equally wide ones."""
    width = np.ptp(x) / n
    return x.min() + (np.minimum((x - x.min()) // width, n - 1) + 0.5) * width


x = np.random.default_rng(0).normal(size=1000)
for how, hand in (("quantile", by_quantiles), ("uniform", by_width)):
    for name, y in (("seen", Quantize(n_levels=5, how=how).augment(x)), ("by hand", hand(x, 5))):
        values, counts = np.unique(y.round(2), return_counts=True)
        print(f"{how}, {name}: values {values.tolist()}, how often {counts.tolist()}, deviation {y.std():.2f},",
              f"farthest move {abs(y - x).max() / (np.ptp(x) / 5):.2f} levels")

whole = np.random.default_rng(1).integers(20, 80, size=2000)
for name, series in (("integers", whole), ("the same as floats", whole.astype(float))):
    change = AddNoise(scale=0.01, seed=0).augment(series) - whole
    print(f"noise of 0.59 added to {name}: mean change {change.mean():.2f}, deviation {change.std():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check tsaug==0.2.1 numpy==2.4.6 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
quantile, seen: values [-3.9, -3.89], how often [1, 999], deviation 0.00, farthest move 4.99 levels
quantile, by hand: values [-1.26, -0.56, -0.07, 0.45, 1.23], how often [200, 200, 200, 200, 200], deviation 0.85, farthest move 1.90 levels
uniform, seen: values [-3.2, -1.81, -0.42, 0.98, 2.37], how often [2, 29, 321, 496, 152], deviation 1.04, farthest move 1.00 levels
uniform, by hand: values [-3.2, -1.81, -0.42, 0.98, 2.37], how often [9, 124, 496, 330, 41], deviation 1.06, farthest move 0.50 levels
noise of 0.59 added to integers: mean change -0.50, deviation 0.65
noise of 0.59 added to the same as floats: mean change -0.01, deviation 0.58
SEEN
