#!/usr/bin/env bash
# stochastic 0.6.0, two generators are not the processes of their pages, which give the formulas.
# VarianceGammaProcess.sample(n): the normal numbers that are to have variance 1 are steps of a Wiener process of t / n.
# The variance at t = 1 is scale^2 / n where it is scale^2 for any n: a finer grid makes the process vanish, 0.1 with 10
# steps and 0.001 with 1000. They do not come from `rng`, so a seed there does not repeat a run.
# InverseGaussianProcess: the smaller root of Michael, Schucany and Haas (1976), whom the page cites, is divided by the
# squared normal number in place of the shape. A sum of positive steps then has negative ones, 58 of 100 with one step
# and 3 with ten, and at t = 1 the mean is 0.2 with one step, and the variance 0.5 with many, where both are 1.
# sample_at of times that begin behind 0 has 0 as the first value, and the others are those of the times before.
# No error, no warning. Right are means and variances of Gamma, Bessel, squared Bessel, bridge, geometric and fractional
# Brownian motion.
# Way out: numpy's rng.normal(size=n) * sqrt(rng.gamma(..)) and rng.wald, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import stochastic.random
from stochastic.processes.continuous import InverseGaussianProcess, VarianceGammaProcess

RUNS = 20000


def many(process, n):
    return np.array([process.sample(n) for _ in range(RUNS)])


def rounded(value):
    return f"{value:.1g}" if value < 0.1 else f"{value:.1f}"


rng = np.random.default_rng(0)
stochastic.random.seed(0)
for n in (10, 100, 1000):
    process = VarianceGammaProcess(drift=0, variance=1, scale=1, t=1, rng=rng)
    seen = np.var([process.sample(n)[-1] for _ in range(RUNS)])
    right = np.var([(np.sqrt(rng.gamma(1 / n, 1, n)) * rng.normal(size=n)).sum() for _ in range(RUNS)])
    print(f"variance gamma, {n} steps: variance at 1 {rounded(seen)}, by numpy {rounded(right)}, by the page 1")
for n in (1, 10, 100):
    seen = many(InverseGaussianProcess(scale=1, t=1, rng=rng), n)
    right = rng.wald(1 / n, 1 / n**2, (RUNS, n)).sum(axis=1)
    print(f"inverse Gaussian, {n} steps: {(np.diff(seen) < 0).mean():.0%} of the steps below 0; at 1 mean and variance",
          f"{seen[:, -1].mean():.1f} and {seen[:, -1].var():.1f}, by numpy {right.mean():.1f} and {right.var():.1f}, by the page 1")
print("first of the values at times 5, 6, 7:", *{process.sample_at([5, 6, 7])[0] for process in [InverseGaussianProcess()] * 20})
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check stochastic==0.6.0 numpy==1.26.4 \
  scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
variance gamma, 10 steps: variance at 1 0.1, by numpy 1.0, by the page 1
variance gamma, 100 steps: variance at 1 0.01, by numpy 1.0, by the page 1
variance gamma, 1000 steps: variance at 1 0.001, by numpy 1.0, by the page 1
inverse Gaussian, 1 steps: 58% of the steps below 0; at 1 mean and variance 0.2 and 1.4, by numpy 1.0 and 1.0, by the page 1
inverse Gaussian, 10 steps: 3% of the steps below 0; at 1 mean and variance 1.0 and 0.5, by numpy 1.0 and 1.0, by the page 1
inverse Gaussian, 100 steps: 0% of the steps below 0; at 1 mean and variance 1.0 and 0.5, by numpy 1.0 and 1.0, by the page 1
first of the values at times 5, 6, 7: 0.0
SEEN
