#!/usr/bin/env bash
# aqua-blue 0.2.19, DynamicalReservoir: its guide says that sparsity=0.99 and spectral_radius=1.2 zero out 99 % of the
# reservoir's weights and force a spectral radius of 1.2, with a link to the largest absolute eigenvalue. The code
# divides by the largest singular value, so the eigenvalues are about half as large: 0.49 where 0.95, the default, is
# meant, and 0.61 where 1.2 is. And it keeps a weight with the probability sparsity, so 0.99 zeroes 1 % and 0.1 zeroes
# 90 %. The memory is that of another radius: of a small difference of states 4e-07 is left after 20 steps, where a
# spectral radius of 0.95 leaves 0.1. No error, no warning.
# Way out: pass w_res, scaled as below, and spectral_radius=numpy.linalg.norm(w_res, 2), which leaves it as it is.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import numpy.typing
from aqua_blue.reservoirs import DynamicalReservoir


def radius(w):
    return np.abs(np.linalg.eigvals(w)).max()


def left(reservoir, steps=20):
    """What is left after some steps without input of a small difference of states."""
    reservoir.res_state = np.full(200, 1e-3)
    start = np.linalg.norm(reservoir.res_state)
    for _ in range(steps):
        reservoir.update_reservoir(np.zeros(1))
    return np.linalg.norm(reservoir.res_state) / start


for asked in (0.95, 1.2):
    reservoir = DynamicalReservoir(reservoir_dimensionality=200, input_dimensionality=1, spectral_radius=asked)
    print(f"spectral_radius {asked}: largest eigenvalue {radius(reservoir.w_res):.2f},",
          f"largest singular value {np.linalg.norm(reservoir.w_res, 2):.2f}")
for asked in (0.99, 0.9, 0.1):
    reservoir = DynamicalReservoir(reservoir_dimensionality=200, input_dimensionality=1, sparsity=asked)
    print(f"sparsity {asked}: {np.mean(reservoir.w_res == 0):.2f} of the weights are 0")
w = np.random.default_rng(0).uniform(-0.5, 0.5, (200, 200))
w *= 0.95 / radius(w)
for name, keys in (("spectral_radius 0.95", {}), ("by hand", {"w_res": w, "spectral_radius": np.linalg.norm(w, 2)})):
    reservoir = DynamicalReservoir(reservoir_dimensionality=200, input_dimensionality=1, **keys)
    print(f"{name}: largest eigenvalue {radius(reservoir.w_res):.2f},",
          f"{left(reservoir):.0e} of the state is left after 20 steps")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==2.4.6 python-dateutil==2.9.0.post0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  aqua-blue==0.2.19 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
spectral_radius 0.95: largest eigenvalue 0.49, largest singular value 0.95
spectral_radius 1.2: largest eigenvalue 0.61, largest singular value 1.20
sparsity 0.99: 0.01 of the weights are 0
sparsity 0.9: 0.10 of the weights are 0
sparsity 0.1: 0.90 of the weights are 0
spectral_radius 0.95: largest eigenvalue 0.49, 4e-07 of the state is left after 20 steps
by hand: largest eigenvalue 0.95, 1e-01 of the state is left after 20 steps
SEEN
