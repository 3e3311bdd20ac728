#!/usr/bin/env bash
# FluctuationAnalysisTools 1.11.0 (the newest; module StatTools, needs g++). dpcca(.., max_lag=..): the covariances at
# each lag are to be those of all windows of a scale, as without max_lag. The loop over the windows keeps the last only:
# with max_lag the correlations at lag 0 are others than without (0.85 for 0.58), and the first 1,600 of 2,000 values
# can be replaced by any without a change. Yuan et al. (2015), cited on the page, sum over the windows.
# dfa: one segment of each scale is left out of the sum, but counted in the mean: F^2 is (k - 1) / k of its value for k
# segments, three quarters at a fourth of the length, so exponents are low: 0.46 for white noise, by hand 0.50.
# mfnoise with three exponents: the middle one is lost if the crossovers rise ("the index where a new Hurst exponent
# becomes active"), and in either order the power falls by a factor of 9 at one of them. No warning.
# Way out: dpcca of shifted series without max_lag; F^2 times k / (k - 1); no more than two exponents.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from StatTools.analysis.dfa import dfa
from StatTools.analysis.dpcca import dpcca
from StatTools.generators.mfnoise_generator import mfnoise


def residuals(x, n, skip=0):
    """Profile less its linear trend, for each whole segment of n values."""
    walk = np.cumsum(x)[skip:]
    parts = walk[:len(walk) // n * n].reshape(-1, n).T
    basis = np.vander(np.arange(n), 2)
    return parts - basis @ np.linalg.lstsq(basis, parts, rcond=None)[0]


rng = np.random.default_rng(0)
pair = rng.normal(size=(2, 2000)) + rng.normal(size=2000)
scales = [50, 100, 200, 400]
plain = dpcca(pair, 1, 1, scales)[1][:, 0, 1]
lagged = dpcca(pair, 1, 1, scales, max_lag=1)[1][1, :, 0, 1]
whole, last = [], []
for n in scales:
    a, b = (residuals(x, n) for x in pair)
    whole.append((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
    last.append((a * b)[:, -1].sum() / np.sqrt((a * a)[:, -1].sum() * (b * b)[:, -1].sum()))
print("dpcca, correlation of two series, scales", scales)
print("  no max_lag", plain.round(2), "by hand", np.round(whole, 2))
print("  max_lag=1, lag 0", lagged.round(2), "by hand of the last window", np.round(last, 2))
other = pair.copy()
other[:, :1600] = rng.normal(size=(2, 1600)) * 10
change = [abs(dpcca(other, 1, 1, scales, max_lag=1)[1][1, :, 0, 1] - lagged).max(),
          abs(dpcca(other, 1, 1, scales)[1][:, 0, 1] - plain).max()]
print("  other values up to 1600: change {:.3f} with max_lag, {:.2f} without".format(*change))

slopes = []
scales = [10, 20, 40, 80, 160, 240]
for _ in range(300):
    noise = rng.normal(size=1000)
    seen = dfa(noise, degree=1, s_values=scales)[1]
    hand = [(residuals(noise - noise.mean(), n, 1)**2).mean(0) for n in scales]
    kept = [h[:1000 // n - 1].sum() / (1000 // n) for h, n in zip(hand, scales)]
    assert np.allclose(seen, kept)
    slopes.append([np.polyfit(np.log(scales), np.log(f) / 2, 1)[0] for f in (seen, [h.mean() for h in hand])])
print("dfa of white noise, mean exponent of 300 series: {:.3f}, by hand {:.3f}".format(*np.mean(slopes, 0)))

for points in ((20, 200), (200, 20)):
    np.random.seed(0)
    noise = mfnoise(2**13, (0.9, 0.5, 0.7), points, n_tracks=400, normalize=False)
    power = (abs(np.fft.rfft(noise, axis=1))**2).mean(0)[1:-1]
    f = np.arange(1, len(power) + 1) / noise.shape[1]
    falls = [power[(f < c) & (f > c / 1.1)].mean() / power[(f > c) & (f < 1.1 * c)].mean() for c in (1 / 200, 1 / 20)]
    bands = [(f > a) & (f < b) for a, b in ((0.0005, 0.0048), (0.0053, 0.048), (0.053, 0.2))]
    slopes = [np.polyfit(np.log(f[m]), np.log(power[m]), 1)[0] for m in bands]
    print("mfnoise 0.9, 0.5, 0.7 at", points, "slopes from low frequencies on", " ".join(f"{s:.1f}" for s in slopes),
          "fall at 1/200 by {:.0f}, at 1/20 by {:.0f}".format(*falls))
print("  1 - 2 H: -0.4 0.0 -0.8, no fall")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  FluctuationAnalysisTools==1.11.0 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
dpcca, correlation of two series, scales [50, 100, 200, 400]
  no max_lag [0.47 0.58 0.45 0.64] by hand [0.47 0.58 0.45 0.64]
  max_lag=1, lag 0 [0.46 0.85 0.55 0.84] by hand of the last window [0.46 0.85 0.55 0.84]
  other values up to 1600: change 0.000 with max_lag, 0.63 without
dfa of white noise, mean exponent of 300 series: 0.457, by hand 0.500
mfnoise 0.9, 0.5, 0.7 at (20, 200) slopes from low frequencies on -0.4 -0.8 -0.9 fall at 1/200 by 9, at 1/20 by 1
mfnoise 0.9, 0.5, 0.7 at (200, 20) slopes from low frequencies on -0.4 -0.0 -0.9 fall at 1/200 by 1, at 1/20 by 9
  1 - 2 H: -0.4 0.0 -0.8, no fall
SEEN
