#!/usr/bin/env bash
# reservoir-computing 1.0.2, Reservoir(noise_level=..): "standard deviation of the Gaussian noise injected in the state
# update". The code draws uniformly from 0 to noise_level, so noise_level=0.1 is a bias of 0.05 with noise of a
# deviation of 0.029 around it, never below 0. The states are pushed to one side: their mean over all units is 0.048
# where it is 0.000 without noise and would be with Gaussian noise. With leak the new value is not multiplied by it, as
# it is in a leaky integrator: a constant input that leads to states of 0.52 leads to 8.2 at leak=0.1, where tanh ends
# at 1. No error, no warning.
# Way out: noise_level=0, and numpy's normal noise on the inputs; input_scaling times leak.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from reservoir_computing.reservoir import Reservoir

np.random.seed(0)
silent = Reservoir(n_internal_units=300, spectral_radius=1e-9, input_scaling=0.0, noise_level=0.1)
noise = np.arctanh(silent.get_states(np.zeros((1, 2000, 1)), bidir=False))
gaussian = np.random.default_rng(0).normal(0, 0.1, noise.shape)
for name, x in (("noise_level 0.1", noise), ("Gaussian of deviation 0.1", gaussian)):
    print(f"{name}: mean {abs(x.mean()):.3f}, deviation {x.std():.3f}, below 0 {np.mean(x < 0):.2f}")
X = np.random.default_rng(1).normal(size=(1, 2000, 1))
for level in (0.0, 0.1):
    np.random.seed(0)
    reservoir = Reservoir(n_internal_units=300, spectral_radius=0.5, noise_level=level)
    first, second = (reservoir.get_states(X, n_drop=100, bidir=False) for _ in range(2))
    print(f"normal input, noise_level {level}: mean state {abs(first.mean()):.3f},",
          f"two calls are equal: {(first == second).all()}")
for leak in (1.0, 0.1):
    np.random.seed(0)
    reservoir = Reservoir(n_internal_units=300, spectral_radius=0.05, leak=leak, input_scaling=0.5)
    states = reservoir.get_states(np.ones((1, 200, 1)), bidir=False)
    print(f"constant input of 1, leak {leak}: largest state {np.abs(states).max():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  reservoir-computing==1.0.2 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
noise_level 0.1: mean 0.050, deviation 0.029, below 0 0.00
Gaussian of deviation 0.1: mean 0.000, deviation 0.100, below 0 0.50
normal input, noise_level 0.0: mean state 0.000, two calls are equal: True
normal input, noise_level 0.1: mean state 0.048, two calls are equal: False
constant input of 1, leak 1.0: largest state 0.52
constant input of 1, leak 0.1: largest state 8.21
SEEN
