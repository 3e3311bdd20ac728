#!/usr/bin/env bash
# fathon 1.4.0 (the newest), MFDFA.computeMultifractalSpectrum: the slope of the mass exponents is their difference over
# the first step of the orders q, for all of them. Of orders that are not evenly spaced the singularity strengths are then
# wrong by the ratio of the steps: 0.26 between strengths of 0.5, of noise, so the spectrum has a width of 0.30 where it is
# 0.07, and noise looks multifractal; it rises to 1.26, above 1, the dimension of a series. computeFlucVec takes any array
# of orders, and H and the mass exponents are right for it. Kantelhardt et al. (2002) have d tau / d q.
# Way out: evenly spaced orders, or numpy.diff(tau) / numpy.diff(q).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import fathon
import numpy as np
from fathon import fathonUtils

noise = fathonUtils.toAggregated(np.random.default_rng(0).normal(size=4000))
sizes = fathonUtils.linRangeByStep(10, 400, 10)
for name, q in (("even", np.arange(-3.0, 4)), ("-3, -1, 0, 2, 3", np.array([-3.0, -1, 0, 2, 3])),
                ("-5, -3, -1, 0, 1, 3, 5", np.array([-5.0, -3, -1, 0, 1, 3, 5]))):
    model = fathon.MFDFA(noise)
    model.computeFlucVec(sizes, q, polOrd=1)
    h, _ = model.fitFlucVec()
    tau = model.computeMassExponents()
    alpha, spectrum = model.computeMultifractalSpectrum()
    right = np.diff(tau) / np.diff(q)
    print(f"orders {name}: tau is q H - 1 {np.allclose(tau, q * h - 1)}, strengths {np.round(alpha, 2).tolist()},",
          f"width {np.ptp(alpha):.2f}")
    print(f"  by hand {np.round(right, 2).tolist()}, width {np.ptp(right):.2f}; highest of the spectrum {max(spectrum):.2f},",
          f"by hand {max(q[:-1] * right - tau[:-1]):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check fathon==1.4.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
orders even: tau is q H - 1 True, strengths [0.54, 0.53, 0.52, 0.52, 0.51, 0.51], width 0.03
  by hand [0.54, 0.53, 0.52, 0.52, 0.51, 0.51], width 0.03; highest of the spectrum 1.00, by hand 1.00
orders -3, -1, 0, 2, 3: tau is q H - 1 True, strengths [0.53, 0.26, 0.52, 0.25], width 0.28
  by hand [0.53, 0.52, 0.52, 0.51], width 0.03; highest of the spectrum 1.26, by hand 1.00
orders -5, -3, -1, 0, 1, 3, 5: tau is q H - 1 True, strengths [0.56, 0.53, 0.26, 0.26, 0.51, 0.48], width 0.30
  by hand [0.56, 0.53, 0.52, 0.52, 0.51, 0.48], width 0.07; highest of the spectrum 1.26, by hand 1.00
SEEN
