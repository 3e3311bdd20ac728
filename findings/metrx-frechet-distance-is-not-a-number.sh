#!/usr/bin/env bash
# metrx 0.1.0 (the newest; distances of time series and of their distributions, in JAX), three of its measures.
# FrechetInceptionDistance, "the 2-Wasserstein distance between the two Gaussian distributions for each time step": the
# root of the product of two covariances is taken by the eigenvalues of a symmetric matrix, which the product is not. Of
# two distributions whose columns are correlated one up and one down, one of them is negative, and the distance is NaN,
# by hand 5.26; of mild correlations it comes out right.
# MaximumMeanDiscrepancy(unbiased=False): sums over all pairs are divided by n, not by n squared, and the pairs of a value
# with itself are left out: 4,013 for two samples of one distribution, by hand 0.01, and it grows with the sample.
# MahalanobisDistance with precision_matrix: of its Cholesky factor L it multiplies by L, not by its transpose, so the
# distance is 1.61 where that with the covariance is 1.42. No error, no warning.
# Way out: scipy.linalg.sqrtm; unbiased=True; covariance_matrix.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import jax.numpy as jnp
import numpy as np
from metrx import DistanceMeasures, StatisticalMeasures
from scipy.linalg import sqrtm


def frechet(x, y):
    gap, a, b = x.mean(0) - y.mean(0), np.cov(x.T), np.cov(y.T)
    return gap @ gap + np.trace(a + b - 2 * sqrtm(a @ b).real)


def discrepancy(x, y):
    """Mean over all pairs within, less twice that over pairs between, of the sum of the package's eleven kernels."""
    widths = np.array([1, 10, 20, 40, 80, 100, 130, 200, 400, 800, 1000])[:, None, None]

    def mean(a, b):
        return np.exp(-0.5 / widths * np.linalg.norm(a[:, None] - b, axis=-1)).sum(0).mean()

    return mean(x, x) + mean(y, y) - 2 * mean(x, y)


rng = np.random.default_rng(0)
mild, strong = ([[1, 0.3], [0.3, 1]], [[2, -0.5], [-0.5, 1]]), ([[1, 0.8], [0.8, 1]], [[4, -1.5], [-1.5, 0.7]])
measure = StatisticalMeasures.create_instance("FrechetInceptionDistance")
for name, (a, b) in (("mild", mild), ("strong", strong)):
    x, y = rng.multivariate_normal([0, 0], a, 5000), rng.multivariate_normal([1, 1], b, 5000)
    print(f"Frechet, {name} correlations: {float(measure(jnp.array(x), jnp.array(y))):.2f}, by hand {frechet(x, y):.2f}")
for n in (50, 200):
    x, y = rng.normal(size=(n, 3)), rng.normal(size=(n, 3))
    seen = [float(StatisticalMeasures.create_instance("MaximumMeanDiscrepancy", unbiased=u)(jnp.array(x), jnp.array(y)))
            for u in (True, False)]
    print(f"discrepancy of {n} and {n} of one distribution: {seen[0] + 0:.2f}, unbiased=False {seen[1]:.0f},",
          f"by hand {discrepancy(x, y):.2f}")
covariance, x = np.array([[2.0, 0.9], [0.9, 1.0]]), np.array([1.0, -0.5])
distance = DistanceMeasures.create_instance("MahalanobisDistance")
inverse = np.linalg.inv(covariance)
print(f"Mahalanobis by the covariance {float(distance(jnp.array([x]), covariance_matrix=jnp.array([covariance]))):.3f},",
      f"by its inverse {float(distance(jnp.array([x]), precision_matrix=jnp.array([inverse]))):.3f},",
      f"by hand {np.sqrt(x @ inverse @ x):.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check metrx==0.1.0 distrax==0.1.9 \
  jax==0.10.2 flax==0.12.8 ott-jax==0.6.0 tfp-nightly==0.26.0.dev20261027 numpy==2.4.6 scipy==1.17.1 2> /dev/null
JAX_PLATFORMS=cpu "$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
Frechet, mild correlations: 2.48, by hand 2.48
Frechet, strong correlations: nan, by hand 5.26
discrepancy of 50 and 50 of one distribution: -0.02, unbiased=False 970, by hand 0.02
discrepancy of 200 and 200 of one distribution: 0.00, unbiased=False 4013, by hand 0.01
Mahalanobis by the covariance 1.420, by its inverse 1.611, by hand 1.420
SEEN
