#!/usr/bin/env bash
# EntropyHub 2.0, MSEn with MSobject() as it is: the radius of a match is computed anew at each scale, 0.2 times the
# deviation of the averages there, though RadNew, by which one asks for that, is 0. With a radius kept, as defined by
# Costa et al. (2002), the entropy of white noise falls with the scale, from 2.2 to 1.2 at scale 8, and that of 1/f
# noise stays, which is what the measure is known for: from some scale on 1/f noise is the more complex. By default
# white noise stays at 2.2 and is the more complex at all scales: the complexity indices are 17.5 and 14.1 instead of
# 12.1 and 13.2. cMSEn has the same. The page of MSobject: "originally proposed by Costa et al. ... radius =
# 0.2*SD(Sig)", where Sig is the signal given to MSEn.
# Way out: MSobject("SampEn", r=0.2 * x.std()).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import contextlib
import io

import EntropyHub
import numpy as np
from scipy.spatial import cKDTree

SCALES = 8


def entropy(x, r):
    """Sample entropy of two values: -ln(A / B) of the pairs of templates of 3 and of 2 values that match within r."""
    templates = [np.column_stack([x[i : len(x) - 2 + i] for i in range(size)]) for size in (3, 2)]
    matches, candidates = (len(cKDTree(t).query_pairs(r, p=np.inf, output_type="ndarray")) for t in templates)
    return -np.log(matches / candidates)


def averages(x, scale):
    return x[: len(x) // scale * scale].reshape(-1, scale).mean(axis=1)


def show(name, values):
    print(f"  {name}: {np.round(values, 1)}, complexity index {np.sum(values):.1f}")


def quietly(method, x, settings):
    with contextlib.redirect_stdout(io.StringIO()):
        return method(x, EntropyHub.MSobject("SampEn", **settings), Scales=SCALES)[0]


rng = np.random.default_rng(0)
white = rng.normal(size=3000)
spectrum = np.fft.rfft(rng.normal(size=3000))
pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)))
for name, x in (("white noise", white), ("1/f noise", pink / pink.std())):
    print(name)
    show("MSEn by default", quietly(EntropyHub.MSEn, x, {}))
    show("cMSEn by default", quietly(EntropyHub.cMSEn, x, {}))
    show("MSEn, r given", quietly(EntropyHub.MSEn, x, {"r": 0.2 * float(x.std())}))
    show("radius kept", [entropy(averages(x, s), 0.2 * x.std()) for s in range(1, SCALES + 1)])
    show("radius anew", [entropy(averages(x, s), 0.2 * averages(x, s).std()) for s in range(1, SCALES + 1)])
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  EntropyHub==2.0 EMD-signal==1.10.0 numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
white noise
  MSEn by default: [2.2 2.1 2.2 2.1 2.2 2.1 2.2 2.3], complexity index 17.5
  cMSEn by default: [2.2 2.2 2.2 2.2 2.2 2.1 2.1 2.2], complexity index 17.4
  MSEn, r given: [2.2 1.8 1.7 1.5 1.4 1.2 1.2 1.2], complexity index 12.1
  radius kept: [2.2 1.8 1.7 1.5 1.4 1.2 1.2 1.2], complexity index 12.1
  radius anew: [2.2 2.1 2.2 2.1 2.2 2.1 2.2 2.3], complexity index 17.5
1/f noise
  MSEn by default: [1.7 1.7 1.8 1.7 1.7 1.8 1.9 1.8], complexity index 14.1
  cMSEn by default: [1.7 1.7 1.8 1.7 1.8 1.8 1.8 1.8], complexity index 14.1
  MSEn, r given: [1.7 1.7 1.7 1.6 1.6 1.7 1.7 1.6], complexity index 13.2
  radius kept: [1.7 1.7 1.7 1.6 1.6 1.7 1.7 1.6], complexity index 13.2
  radius anew: [1.7 1.7 1.8 1.7 1.7 1.8 1.9 1.8], complexity index 14.1
SEEN
