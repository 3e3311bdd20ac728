#!/usr/bin/env bash
# rcbench 1.0.10 (the newest). generate_narma_target and NarmaEvaluator have the coefficients of NARMA-2 for every order:
# from order 3 on, 10 being the default, the target is infinite after some 30 steps, then NaN. With those of NARMA-10 it is
# another series than that of its page: the sum of the page is over y[t] .. y[t - order + 1], that of the code over y[t - 1] ..
# y[t - order]. set_coefficients ("for the generation of a NARMA target") leaves the target as it was. IPCEvaluator: the
# capacity of a function is never compared with a threshold, though Dambre et al. (2012), whom it cites, need one: a node of
# noise that never saw the input has a total of three times the "theoretical_max" of the same dictionary. The delay 0 is
# left out, so 3 nodes with u, u^2 and u^3 of the step itself lack their capacity of 3, and the polynomials whose
# "E[P_n(x)^2] = 1" have 0.5.
# Way out: give coefficients when the evaluator is made, targets by hand; subtract what shuffled inputs have.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import logging
import numpy as np
from rcbench.tasks.ipc import IPCEvaluator
from rcbench.tasks.narma import NarmaEvaluator, generate_narma_target

logging.disable(100)
rng = np.random.default_rng(0)
u = rng.uniform(-1, 1, 1000)
for order in (2, 3, 10):
    y = generate_narma_target(u, order)
    print(f"NARMA-{order} by default: finite are {np.isfinite(y).sum()} of {len(y)} values")


def narma(u, order, first, a, b, g, d):
    """The equation of the page, from the same start, on the same scaled input."""
    u, y = (u - u.min()) / np.ptp(u) / 2, first.copy()
    for t in range(order, len(u) - 1):
        y[t + 1] = a * y[t] + b * y[t] * y[t - order + 1 : t + 1].sum() + g * u[t - order] * u[t] + d
    return y


usual = {"alpha": 0.3, "beta": 0.05, "gamma": 1.5, "delta": 0.1}
y = generate_narma_target(u, 10, usual)
right = narma(u, 10, np.where(np.arange(1000) <= 10, y, 0), *usual.values())
print(f"NARMA-10 with {list(usual.values())}: steps 20 to 22 {np.round(y[20:23], 4).tolist()}, by the page",
      f"{np.round(right[20:23], 4).tolist()}, off by up to {abs(y - right).max():.3f}")
task = NarmaEvaluator(u, rng.normal(size=(1000, 3)), order=2)
before = task.targets["narma"].copy()
task.set_coefficients(alpha=0.1, delta=0.3)
print("set_coefficients: the target is the same", np.array_equal(before, task.targets["narma"]))
for what, nodes, longest in (("noise", rng.normal(size=(1000, 1)), 20), ("u, u^2, u^3", np.stack([u, u**2, u**3], 1), 10)):
    task = IPCEvaluator(u, nodes, max_delay=longest)
    seen = task.calculate_total_capacity(modeltype="Linear")
    print(f"nodes of {what}: {len(task.basis_functions)} functions, capacity {seen['total_capacity']:.2f}, theoretical_max {seen['theoretical_max']}")
even = np.linspace(-1, 1, 200001)
print("mean square of the polynomials", [round(float(np.mean(task._legendre_polynomial(n, even) ** 2)), 2) for n in (1, 2, 3)])
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 \
  scikit-learn==1.9.1 matplotlib==3.10.9 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps rcbench==1.0.10 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" 2> /dev/null | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
NARMA-2 by default: finite are 1000 of 1000 values
NARMA-3 by default: finite are 32 of 1000 values
NARMA-10 by default: finite are 31 of 1000 values
NARMA-10 with [0.3, 0.05, 1.5, 0.1]: steps 20 to 22 [0.392, 0.2815, 0.2298], by the page [0.3998, 0.2932, 0.2355], off by up to 0.026
set_coefficients: the target is the same True
nodes of noise: 630 functions, capacity 3.07, theoretical_max 1
nodes of u, u^2, u^3: 165 functions, capacity 0.71, theoretical_max 3
mean square of the polynomials [0.5, 0.5, 0.5]
SEEN
