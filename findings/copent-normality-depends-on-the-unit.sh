#!/usr/bin/env bash
# copent 0.5.7. mvnt(x), "copula entropy-based statistic for multivariate normality test", compares the copula entropy
# of x with that of a normal distribution, which depends on its correlations alone. The code has the logarithm of the
# determinant of the covariance in place of that of the correlation matrix. So the statistic, 0.08 of a normal sample,
# moves by log 10 for each column where the unit is ten times as small or large: -4.5 and 4.7, further from 0 than the
# -1.3 of a lognormal sample. ci(x, y, z), the conditional independence of x and y given z, leaves out the copula
# entropy of z, which is 0 for one condition alone: given two conditions of a correlation of 0.96, independent variables
# have -1.4 in place of -0.2. No error, no warning.
# Way out: scale the columns to a deviation of 1 before mvnt; add copent(z.T) to ci.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from copent import ci, copent, mvnt

rng = np.random.default_rng(0)
a, b = rng.normal(size=(2, 800))
normal = np.column_stack([a, 0.5 * a + np.sqrt(0.75) * b])
for name, x in (("normal", normal), ("normal, times 10", normal * 10), ("normal, times 0.1", normal * 0.1),
                ("exp of normal", np.exp(normal))):
    right = -0.5 * np.log(np.linalg.det(np.corrcoef(x.T))) - copent(x)
    print(f"{name}: mvnt {mvnt(x):.2f}, with correlations {right:.2f}")
z = rng.normal(size=1500)
for noise in (1.0, 0.3):
    two = np.vstack([z, z + noise * rng.normal(size=1500)])
    x, y = rng.normal(size=(2, 1500))
    print(f"x, y independent, two conditions of a correlation of {np.corrcoef(two)[0, 1]:.2f}: ci {ci(x, y, two):.2f},",
          f"with copent of z {ci(x, y, two) + copent(two.T):.2f}; the first condition alone: ci {ci(x, y, z):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  copent==0.5.7 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
normal: mvnt 0.08, with correlations 0.08
normal, times 10: mvnt -4.53, with correlations 0.08
normal, times 0.1: mvnt 4.68, with correlations 0.08
exp of normal: mvnt -1.28, with correlations 0.02
x, y independent, two conditions of a correlation of 0.72: ci -0.39, with copent of z -0.06; the first condition alone: ci -0.04
x, y independent, two conditions of a correlation of 0.96: ci -1.39, with copent of z -0.17; the first condition alone: ci -0.01
SEEN
