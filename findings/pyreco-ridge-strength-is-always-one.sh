#!/usr/bin/env bash
# pyreco 2.0.1 (PyReCo, reservoir computing), RidgeSK(alpha=..): the argument is left out, the strength of the ridge is always 1.
# It is the optimizer that trains the readout, and the strength its one parameter; states of a reservoir are nearly
# collinear, so a ridge of 1 keeps their fine differences from being used. The error of a task of memory below (the input
# 10 steps ago) is 0.26 of the deviation at every alpha; by the formula (X'X + alpha I)^-1 X'y it is 0.12 at 0.0001 and
# 0.91 at 100. So a search over alpha by new optimizers finds all of them equal. No error, no warning; get_alpha() says
# 1, too, and no issue on it was found.
# Way out: set_alpha() of the object, which is right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from pyreco.optimizers import RidgeSK

rng = np.random.default_rng(0)
x = rng.uniform(-0.5, 0.5, 600)
W, w = rng.normal(size=(100, 100)), rng.uniform(-0.5, 0.5, 100)
W *= 0.9 / np.abs(np.linalg.eigvals(W)).max()
states = [np.zeros(100)]
for value in x:
    states.append(np.tanh(W @ states[-1] + w * value))
X, y = np.array(states[101:]), np.roll(x, 10)[100:, None]


def error(weights):
    """Error in the last 100 of 500 rows, over the deviation there."""
    return f"{np.sqrt(np.mean((X[400:] @ weights.reshape(-1, 1) - y[400:]) ** 2)) / y[400:].std():.3f}"


for alpha in (1e-4, 1.0, 100.0):
    given, later = RidgeSK(alpha=alpha), RidgeSK()
    later.set_alpha(alpha)
    A, b = X[:400], y[:400]
    print(f"alpha {alpha:g}: RidgeSK(alpha) {error(given.solve(A, b))}, get_alpha {given.get_alpha():g}, set_alpha",
          f"{error(later.solve(A, b))}, formula {error(np.linalg.solve(A.T @ A + alpha * np.eye(100), A.T @ b))}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check pyreco==2.0.1 \
  scikit-learn==1.9.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
alpha 0.0001: RidgeSK(alpha) 0.261, get_alpha 1, set_alpha 0.117, formula 0.117
alpha 1: RidgeSK(alpha) 0.261, get_alpha 1, set_alpha 0.261, formula 0.261
alpha 100: RidgeSK(alpha) 0.261, get_alpha 1, set_alpha 0.909, formula 0.909
SEEN
