#!/usr/bin/env bash
# reservoirpy 0.4.2: three generators of benchmark series do not compute what their pages state, without a word.
# mackey_glass(h=..): the step multiplies the decay but not the growth, so it is the equation with a / h in place of a. At the
# default h = 1 the series is right; a finer step, taken for accuracy, gives other dynamics: at h = 0.1 values up to 8,
# where the equation stays below 1.4. (That h once had no effect at all is issue 94 of reservoirpy/reservoirpy, closed.)
# lorenz96(h=..): h enters twice, so rows are h * h apart: at the default 0.01 a series of 1,000 rows spans 0.1, not 10.
# narma: the sum and the delayed input reach one step further back than the formula, so y is that of another task.
# Errors on such series are compared with published ones. Way out: make the series from the equation, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from reservoirpy.datasets import lorenz96, mackey_glass, narma
from scipy.integrate import solve_ivp


def equation(T, tau=17, a=0.2, b=0.1, n=10, x0=1.2, sub=100):
    """x(0), x(1), .., x(T - 1) of dx/dt = a x(t - tau) / (1 + x(t - tau)**n) - b x(t), by Runge-Kutta with 100 steps in 1."""
    x, d, h = np.full((T + tau) * sub + 1, x0), tau * sub, 1 / sub
    for i in range(d, len(x) - 1):
        g = [a * y / (1 + y**n) for y in (x[i - d], (x[i - d] + x[i - d + 1]) / 2, x[i - d + 1])]
        k1 = g[0] - b * x[i]
        k2 = g[1] - b * (x[i] + h / 2 * k1)
        k3 = g[1] - b * (x[i] + h / 2 * k2)
        x[i + 1] = x[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + g[2] - b * (x[i] + h * k3))
    return x[d :: sub][:T]


def show(name, x):
    print(f"Mackey-Glass, {name}: x(10) = {x[10]:.2f}, then from {x[100:].min():.2f} to {x[100:].max():.2f}")


show("the equation", equation(1000))
for h in (1.0, 0.5, 0.1):
    show(f"h = {h}", mackey_glass(round(1000 / h), h=h, history=np.full(round(17 / h), 1.2)).ravel()[:: round(1 / h)])
show("the equation with a = 0.2 / 0.1", equation(1000, a=2.0))

start = np.array([8.01, 8, 8, 8, 8])
exact = solve_ivp(lambda t, x: (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + 8, (0, 11), start, rtol=1e-10, atol=1e-12,
                  dense_output=True).sol
x = lorenz96(1001, N=5, h=0.01)
for t in (10, 0.1):
    print(f"Lorenz-96, h = 0.01: row 1000 is x({t}) {np.allclose(x[-1], exact(t * 1.001), atol=1e-3)}")

u, y = (a.ravel() for a in narma(500, order=10, a1=0.3, a2=0.05, b=1.5, c=0.1, seed=1))
for name, back in (("the formula", 9), ("a step further back", 10)):
    z = np.zeros(510)
    for t in range(10, 509):
        z[t + 1] = 0.3 * z[t] + 0.05 * z[t] * z[t - back : t + 10 - back].sum() + 1.5 * u[t - back] * u[t] + 0.1
    print(f"NARMA-10 by {name}: largest difference {np.abs(y - z[10:]).max():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check reservoirpy==0.4.2 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
Mackey-Glass, the equation: x(10) = 0.65, then from 0.42 to 1.32
Mackey-Glass, h = 1.0: x(10) = 0.66, then from 0.42 to 1.32
Mackey-Glass, h = 0.5: x(10) = 0.87, then from 0.30 to 1.82
Mackey-Glass, h = 0.1: x(10) = 2.55, then from 0.32 to 7.96
Mackey-Glass, the equation with a = 0.2 / 0.1: x(10) = 2.55, then from 0.32 to 8.00
Lorenz-96, h = 0.01: row 1000 is x(10) False
Lorenz-96, h = 0.01: row 1000 is x(0.1) True
NARMA-10 by the formula: largest difference 0.31
NARMA-10 by a step further back: largest difference 0.00
SEEN
