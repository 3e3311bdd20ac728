#!/usr/bin/env bash
# xesn 0.2.2, psd(xda): "the 1D Power Spectral Density of a 1D, 2D, or 3D array, varying in time". The mean power of
# each wavenumber is multiplied by the area of the ring that it has in two dimensions, pi ((k + 1/2)^2 - (k - 1/2)^2),
# in one dimension too. So white noise along a line, whose spectrum is flat, has one that rises in proportion to k, by
# 30 from the first mode to the 31st; a spectrum of 1 / k^2 falls as 1 / k. Where the line has an even number of points
# the last mode, that of Nyquist, is NaN, as the discrete Fourier transform has it at -n / 2, and modes are looked for
# at positive wavenumbers alone. No error, no warning. The cost function psd_nrmse is not concerned: each mode is scaled
# there, and NaN is left out.
# Way out: numpy.fft.rfft for one dimension.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
import types

import numpy as np
import xarray as xr

package = types.ModuleType("xesn")
package.__path__, package._use_cupy = [sys.argv[1]], False
sys.modules["xesn"] = package
from xesn.psd import psd

rng = np.random.default_rng(0)
for n in (64, 65):
    x = rng.normal(size=(n, 4000))
    seen = psd(xr.DataArray(x, dims=("x", "time"))).mean("time", skipna=False)
    right = (np.abs(np.fft.rfft(x, axis=0)) ** 2).mean(axis=1)[1:]
    for place in (0, 1, 9, -2, -1):
        print(f"white noise on {n} points, mode {seen.k1d.values[place]:.0f}: over the first one",
              f"xesn {seen.values[place] / seen.values[0]:.1f}, rfft {right[place] / right[0]:.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==2.4.6 scipy==1.17.1 xarray==2026.9.0 2> /dev/null
# The package imports its optimizer, which needs smt; psd.py is read by itself.
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  --target "$folder/xesn" xesn==0.2.2 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" "$folder/xesn/xesn" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
white noise on 64 points, mode 1: over the first one xesn 1.0, rfft 1.0
white noise on 64 points, mode 2: over the first one xesn 2.0, rfft 1.0
white noise on 64 points, mode 10: over the first one xesn 9.9, rfft 1.0
white noise on 64 points, mode 31: over the first one xesn 30.5, rfft 1.0
white noise on 64 points, mode 32: over the first one xesn nan, rfft 1.0
white noise on 65 points, mode 1: over the first one xesn 1.0, rfft 1.0
white noise on 65 points, mode 2: over the first one xesn 2.0, rfft 1.0
white noise on 65 points, mode 10: over the first one xesn 9.9, rfft 1.0
white noise on 65 points, mode 31: over the first one xesn 31.3, rfft 1.0
white noise on 65 points, mode 32: over the first one xesn 31.5, rfft 1.0
SEEN
