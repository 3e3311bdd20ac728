#!/usr/bin/env bash
# ntsa 0.3.1 (the newest), fun_PSD and the psd of signal_stats, by their page the "Power Spectral Density": 2 / N times the
# modulus of the transform, which is an amplitude. It does not square, so a signal of twice the size has twice the "power",
# and slopes of spectra are half of what they are: -1 for a random walk, whose power falls with f^-2. It has no dt, and its
# integral is no variance but falls with the length: 0.6 for 200 and 0.2 for 2,000 values of noise of variance 1. The
# frequencies are stretched to 1 / (2 dt), where the values end one bin before, so a peak is too high by N / (N - 2).
# Way out: scipy.signal.periodogram(x, 1 / dt).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from ntsa.tools.statistics import fun_PSD, signal_stats
from scipy.signal import periodogram

rng, dt = np.random.default_rng(0), 0.1
for n in (200, 2000):
    x = rng.normal(size=n)
    x = (x - x.mean()) / x.std()
    for size in (1, 2):
        f, (psd,) = fun_PSD(dt, size * x)
        g, right = periodogram(size * x, 1 / dt)
        assert np.array_equal(psd, signal_stats(size * x, dt)["psd"])
        print(f"noise, {n} values of variance {size**2}: integral {psd.sum() * f[1]:.1f}, scipy {right.sum() * g[1]:.1f}")
    x = np.sin(2 * np.pi * 2.0 * dt * np.arange(n))
    f, (psd,) = fun_PSD(dt, x)
    g, right = periodogram(x, 1 / dt)
    print(f"sine of frequency 2, {n} values: peak at {f[psd.argmax()]:.3f}, scipy {g[right.argmax()]:.3f}")
slopes = []
for _ in range(50):
    x = np.cumsum(rng.normal(size=4096))
    x -= np.linspace(x[0], x[-1], len(x))
    for f, p in ((lambda f, p: (f, p[0]))(*fun_PSD(dt, x)), periodogram(x, 1 / dt)):
        slopes.append(np.polyfit(np.log(f[1:200]), np.log(p[1:200]), 1)[0])
print(f"slope of the spectrum of a random walk {np.mean(slopes[::2]):.1f}, scipy {np.mean(slopes[1::2]):.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 \
  matplotlib==3.10.9 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps ntsa==0.3.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
noise, 200 values of variance 1: integral 0.6, scipy 1.0
noise, 200 values of variance 4: integral 1.3, scipy 4.0
sine of frequency 2, 200 values: peak at 2.020, scipy 2.000
noise, 2000 values of variance 1: integral 0.2, scipy 1.0
noise, 2000 values of variance 4: integral 0.4, scipy 4.0
sine of frequency 2, 2000 values: peak at 2.002, scipy 2.000
slope of the spectrum of a random walk -1.0, scipy -2.0
SEEN
