#!/usr/bin/env bash
# functime 1.0.0, feature_extractors: four features are not what their pages say, without a word.
# permutation_entropy(tau=..): tau, "the embedding time delay", is the distance between windows; the values within one
# stay neighbours. A sine with a period of 8 steps has 0.69 at tau 2 where its six patterns have 1.73 (ordpy).
# fft_coefficients: the angle is the arctangent of real over imaginary part, so a cosine has a phase of 90 degrees in
# place of 0, and a delay turns it the other way.
# index_mass_quantile: of whole numbers, as a Series, the index is one further where the mass is reached exactly: half the
# mass of 2, 2, 2, 2 lies left of 0.75. As decimals, or as an expression, it is 0.5.
# frac_diff(window_size=w): w + 1 weights are summed, and w rows at the top are null. With min_weight the count is right.
# Way out: ordpy or antropy; numpy.angle; cast to Float64; window_size less 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import ordpy
import polars as pl
from functime.feature_extractors import fft_coefficients, index_mass_quantile, permutation_entropy

t = np.arange(4000)
sine = np.sin(2 * np.pi * t / 8 + 0.3)


def entropy(x, tau, stride=1):
    """Of the order patterns of x[i], x[i + tau], x[i + 2 tau], for each i or each stride-th one, in nats."""
    windows = np.column_stack([x[i * tau:len(x) - (2 - i) * tau] for i in range(3)])[::stride]
    _, counts = np.unique(windows.argsort(axis=1), axis=0, return_counts=True)
    p = counts / counts.sum()
    return abs(-(p * np.log(p)).sum())


for tau in (1, 2, 3):
    print(f"tau {tau}: functime {permutation_entropy(pl.Series(sine), tau=tau):.3f}, by hand {entropy(sine, tau):.3f},",
          f"ordpy {abs(ordpy.permutation_entropy(sine, dx=3, taux=tau, normalized=False)):.3f};",
          f"neighbours from each {tau}. step on {entropy(sine, 1, tau):.3f}")

for name, late in (("cosine", 0), ("an eighth later", 1), ("three sixteenths later", 1.5)):
    x = np.cos(2 * np.pi * (t[:16] - late) / 8)
    print(f"{name}: angle {fft_coefficients(pl.Series(x))['angle'][2]:.0f}, by numpy",
          f"{abs(np.degrees(np.angle(np.fft.rfft(x)[2]))):.0f} below 0")

for values in ([2, 2, 2, 2], [3, 1, 1, 1]):
    total = np.cumsum(values)
    by_hand = [(np.argmax(total >= q * total[-1]) + 1) / len(values) for q in (0.25, 0.5)]
    seen = [[index_mass_quantile(pl.Series(values, dtype=kind), q) for q in (0.25, 0.5)] for kind in (pl.Int64, pl.Float64)]
    print(f"{values}: whole numbers {seen[0]}, decimals {seen[1]}, by hand {[float(v) for v in by_hand]}")

x = np.random.default_rng(0).normal(size=8)
weights = [1, -0.4, -0.4 * 0.6 / 2, -0.4 * 0.6 * 1.6 / 6, -0.4 * 0.6 * 1.6 * 2.6 / 24]
seen = pl.DataFrame({"x": x}).select(pl.col("x").ts.frac_diff(d=0.4, window_size=4)).to_series()
print(f"window of 4: {seen.null_count()} rows without a value; last value of 4 weights",
      f"{np.isclose(seen[-1], np.dot(weights[:4], x[:-5:-1]))}, of 5 {np.isclose(seen[-1], np.dot(weights, x[:-6:-1]))}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check functime==1.0.0 polars==2.1.0 numpy==2.4.6 \
  scipy==1.17.1 ordpy==1.2.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
tau 1: functime 1.256, by hand 1.256, ordpy 1.256; neighbours from each 1. step on 1.256
tau 2: functime 0.693, by hand 1.733, ordpy 1.733; neighbours from each 2. step on 0.693
tau 3: functime 1.255, by hand 1.733, ordpy 1.733; neighbours from each 3. step on 1.255
cosine: angle 90, by numpy 0 below 0
an eighth later: angle 135, by numpy 45 below 0
three sixteenths later: angle 158, by numpy 68 below 0
[2, 2, 2, 2]: whole numbers [0.5, 0.75], decimals [0.25, 0.5], by hand [0.25, 0.5]
[3, 1, 1, 1]: whole numbers [0.25, 0.5], decimals [0.25, 0.25], by hand [0.25, 0.25]
window of 4: 4 rows without a value; last value of 4 weights False, of 5 True
SEEN
