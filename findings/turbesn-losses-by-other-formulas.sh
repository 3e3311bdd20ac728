#!/usr/bin/env bash
# turbESN 0.0.1.9.5.0 (the newest; echo-state networks), losses by which its hyperparameter studies choose.
# compute_nrmse, "normalized root mean square error": the mean square is divided by the standard deviation of the
# predictions, not by a variance of the truth. So it is 10 times as large in units a hundredth of the size, 995 for the
# mean as the forecast, and of two forecasts with the same error the one that is too large gets less.
# compute_wasserstein_distance: the heights of the two histograms are handed to scipy as values; where the bins lie does
# not count. Of values x and the mirrored 1 - x it is 0.000, by hand 0.51.
# compute_kld: the mean over the bins instead of the sum, a 40th of the divergence with the 40 bins of the default.
# init_random_search with use_log False: scipy's uniform takes start and width, the upper limit is given as the width: of
# limits 0.5 and 0.9 the values go up to 1.4. No error, no warning.
# Way out: the functions below; the logarithmic search.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import torch
from scipy.stats import wasserstein_distance
from turbESN import util

rng = np.random.default_rng(0)
truth = rng.normal(size=(5000, 1))


def seen(function, true, predicted, **options):
    return float(function(torch.tensor(true, dtype=torch.float32), torch.tensor(predicted, dtype=torch.float32), **options))


for name, unit, predicted in (("error 0.5", 1, truth + 0.5), ("in hundredths", 100, truth + 0.5),
                              ("the mean", 1, 0 * truth + truth.mean()), ("half the size", 1, 0.5 * truth),
                              ("1.5 times the size", 1, 1.5 * truth)):
    right = np.sqrt(np.mean((truth - predicted)**2) / truth.var())
    print(f"nrmse, {name}: {seen(util.compute_nrmse, truth * unit, predicted * unit, axis=(0, 1)):.3f}, by hand {right:.3f}")

x = rng.beta(1, 3, size=5000)
edges = np.array([0, 1])
for name, predicted in (("the same", x), ("mirrored, 1 - x", 1 - x)):
    true, other = (np.append(v, edges) for v in (x, predicted))
    p, q = (np.histogram(v, bins=40, range=(0, 1))[0] / len(v) + 1e-8 for v in (true, other))
    distance, divergence = (seen(f, true, other) for f in (util.compute_wasserstein_distance, util.compute_kld))
    print(f"{name}: wasserstein {distance:.3f}, by hand {wasserstein_distance(true, other):.3f};",
          f"kld {divergence:.4f}, by hand {(p * np.log(p / q)).sum():.4f}, / 40 {(p * np.log(p / q)).mean():.4f}")

np.random.seed(0)
config, _ = util.init_random_search(1000, ("spectralRadius",), [[0.5, 0.9, 0, False]])
print(f"random search from 0.5 to 0.9: {np.min(config):.2f} to {np.max(config):.2f}, {np.mean(np.array(config) > 0.9):.0%} above")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check turbESN==0.0.1.9.5.0 \
  torch==2.13.0 numpy==2.4.6 scipy==1.17.1 h5py==3.16.0 pyyaml==6.0.3 matplotlib==3.10.9 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
nrmse, error 0.5: 0.501, by hand 0.502
nrmse, in hundredths: 5.011, by hand 0.502
nrmse, the mean: 995.395, by hand 1.000
nrmse, half the size: 0.705, by hand 0.500
nrmse, 1.5 times the size: 0.407, by hand 0.500
the same: wasserstein 0.000, by hand 0.000; kld 0.0000, by hand 0.0000, / 40 0.0000
mirrored, 1 - x: wasserstein 0.000, by hand 0.510; kld 0.0720, by hand 2.8808, / 40 0.0720
random search from 0.5 to 0.9: 0.50 to 1.40, 54% above
SEEN
