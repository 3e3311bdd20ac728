#!/usr/bin/env bash
# bocd 0.1.2, StudentT.update_params: beta of the normal-gamma posterior is to grow by kappa (x - mu)^2 / (2 (kappa +
# 1)) with each value (section 3.5 of Murphy 2007, which its comment names). The code adds that to kappa in place of
# beta, so beta is kappa plus the term of the last value, and what earlier values said of the variance is gone. As alpha
# grows by 1/2 and kappa by 1, the scale of the next value tends to 1.41: after 400 values of deviation 0.01, where it
# should be 0.07 with that prior, and of 1; of 100 it is 5.8 where it should be 93. So at a deviation of 0.01 a jump by
# 50 deviations goes unseen, and at 100 the likeliest run ends 89 times besides the jump.
# Way out: update betaT as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from bocd import BayesianOnlineChangePointDetection, ConstantHazard, StudentT


class ByHand(StudentT):
    """Beta as in section 3.5 of Murphy (2007); the rest is that of the package."""

    def update_params(self, x):
        beta = self.betaT + self.kappaT * (x - self.muT) ** 2 / (2 * (self.kappaT + 1))
        super().update_params(x)
        self.betaT = np.concatenate([self.beta0, beta])


rng = np.random.default_rng(0)
for deviation in (0.01, 1.0, 100.0):
    noise = rng.normal(size=400) * deviation
    jump = noise + np.repeat([0, 50 * deviation], 200)
    for name, kind in (("bocd", StudentT), ("by hand", ByHand)):
        steady = kind()
        for x in noise:
            steady.update_params(x)
        scale = np.sqrt(steady.betaT * (steady.kappaT + 1) / (steady.alphaT * steady.kappaT))[-1]
        detector, runs = BayesianOnlineChangePointDetection(ConstantHazard(200), kind()), []
        for x in jump:
            detector.update(x)
            runs.append(detector.rt[0])
        falls = [t for t in range(1, 400) if runs[t] <= runs[t - 1]]
        print(f"deviation {deviation}, {name}: scale after 400 values {scale:.2f}; a run ends with the jump:",
              f"{'yes' if {200, 201} & set(falls) else 'no'}, elsewhere: {len(set(falls) - {200, 201})} times")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==2.4.6 scipy==1.17.1 setuptools==80.9.0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps bocd==0.1.2 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
deviation 0.01, bocd: scale after 400 values 1.41; a run ends with the jump: no, elsewhere: 13 times
deviation 0.01, by hand: scale after 400 values 0.07; a run ends with the jump: yes, elsewhere: 0 times
deviation 1.0, bocd: scale after 400 values 1.41; a run ends with the jump: yes, elsewhere: 0 times
deviation 1.0, by hand: scale after 400 values 1.01; a run ends with the jump: yes, elsewhere: 0 times
deviation 100.0, bocd: scale after 400 values 5.82; a run ends with the jump: yes, elsewhere: 89 times
deviation 100.0, by hand: scale after 400 values 92.99; a run ends with the jump: yes, elsewhere: 0 times
SEEN
