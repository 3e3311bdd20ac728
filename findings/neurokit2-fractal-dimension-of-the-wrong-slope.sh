#!/usr/bin/env bash
# neurokit2 0.2.13, fractal_psdslope: the dimension of a curve is (5 - beta) / 2 where its spectrum falls as 1 / f to
# the power of beta (Voss 1988). The code puts the slope of the spectrum into the formula, which is -beta: (5 + beta) /
# 2. So a random walk, of dimension 1.5, has 3.5, a smoother curve a larger dimension than a rough one, and all noises
# are above 2.5, where a curve in the plane has no more than 2. The order of signals by roughness is reversed. It is the
# default method; "hasselman2013" is right. The page: "spectral slopes as steep as -2 indicate fractional Brownian
# motion".
# Way out: 5 - result, or (5 + info["Slope"]) / 2.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import neurokit2 as nk
import numpy as np

rng = np.random.default_rng(0)
n = 2**14
f = np.fft.rfftfreq(n)
noise = np.fft.rfft(rng.normal(size=n))
for beta in (1.2, 1.6, 2.0):
    x = np.fft.irfft(noise * np.concatenate([[0], f[1:] ** (-beta / 2)]), n)
    seen, info = nk.fractal_psdslope(x)
    other = nk.fractal_psdslope(x, method="hasselman2013")[0]
    print(f"spectrum 1 / f^{beta}: slope {info['Slope']:.1f}, voss1988 {seen:.1f}, by Voss {(5 - beta) / 2:.1f},",
          f"hasselman2013 {other:.2f}")
walk = np.cumsum(rng.normal(size=n))
print(f"random walk: voss1988 {nk.fractal_psdslope(walk)[0]:.1f},",
      f"Higuchi {nk.fractal_higuchi(walk, k_max=10)[0]:.1f}, known 1.5")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check neurokit2==0.2.13 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
spectrum 1 / f^1.2: slope -1.2, voss1988 3.1, by Voss 1.9, hasselman2013 1.16
spectrum 1 / f^1.6: slope -1.6, voss1988 3.3, by Voss 1.7, hasselman2013 1.12
spectrum 1 / f^2.0: slope -2.0, voss1988 3.5, by Voss 1.5, hasselman2013 1.10
random walk: voss1988 3.5, Higuchi 1.5, known 1.5
SEEN
