#!/usr/bin/env bash
# auto-esn 0.0.7 (the newest). NRMSELoss divides by how far the forecasts are from the mean of the values, not by how far
# the values are: a forecast ten times too large has 0.9 where the error is 9 deviations, half of each value 1.0 where it
# is 0.5, so the wild one wins, and a constant at the mean is infinite where it is 1. NRMSELossMG divides a sum of squares
# by a variance, so it grows with the root of the length: 3 for 10 steps and 32 for 1,000 of the same error of 1.
# spectral_normalize, by which dense(spectral_radius=0.9) and the default go, divides by the largest singular value: the
# spectral radius is about 0.5 with 200 nodes. The functions have no page; the names are those of other quantities.
# Way out: torch.sqrt(mean square error / y.var(correction=0)); divide by torch.linalg.eigvals(w).abs().max().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import torch
from auto_esn.esn.reservoir.initialization import default_hidden, dense
from auto_esn.esn.reservoir.util import NRMSELoss, NRMSELossMG


def right(forecast, y):
    return (((forecast - y) ** 2).mean() / y.var(correction=0)).sqrt().item()


torch.manual_seed(0)
for n in (10, 1000):
    y = torch.randn(n, dtype=torch.float64)
    y = (y - y.mean()) / y.std(correction=0)
    noise = torch.randn(n, dtype=torch.float64)
    noise -= noise.mean() + y * (noise * y).mean()
    noise /= noise.std(correction=0)
    for what, forecast in (("the mean", torch.zeros_like(y)), ("ten times y", 10 * y), ("half of y", y / 2),
                           ("y + 3 noise", y + 3 * noise), ("y + noise", y + noise)):
        seen = NRMSELoss()(forecast, y).item()
        print(f"{n} steps, {what}: NRMSELoss {f'{seen:.2f}' if seen < 1e6 else 'above 1e6'}, NRMSELossMG {NRMSELossMG()(forecast, y):.2f},",
              f"right {right(forecast, y):.2f}")
for name, make in (("dense", dense(spectral_radius=0.9)), ("default_hidden", default_hidden(density=0.1, spectral_radius=0.9))):
    radius = [torch.linalg.eigvals(make(torch.empty(200, 200))).abs().max().item() for _ in range(5)]
    print(f"{name}, spectral_radius 0.9, 200 nodes: about {sum(radius) / 5:.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6 \
  networkx==3.6.1 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps auto-esn==0.0.7 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
10 steps, the mean: NRMSELoss above 1e6, NRMSELossMG 3.00, right 1.00
10 steps, ten times y: NRMSELoss 0.90, NRMSELossMG 27.00, right 9.00
10 steps, half of y: NRMSELoss 1.00, NRMSELossMG 1.50, right 0.50
10 steps, y + 3 noise: NRMSELoss 0.95, NRMSELossMG 9.00, right 3.00
10 steps, y + noise: NRMSELoss 0.71, NRMSELossMG 3.00, right 1.00
1000 steps, the mean: NRMSELoss above 1e6, NRMSELossMG 31.61, right 1.00
1000 steps, ten times y: NRMSELoss 0.90, NRMSELossMG 284.46, right 9.00
1000 steps, half of y: NRMSELoss 1.00, NRMSELossMG 15.80, right 0.50
1000 steps, y + 3 noise: NRMSELoss 0.95, NRMSELossMG 94.82, right 3.00
1000 steps, y + noise: NRMSELoss 0.71, NRMSELossMG 31.61, right 1.00
dense, spectral_radius 0.9, 200 nodes: about 0.5
default_hidden, spectral_radius 0.9, 200 nodes: about 0.5
SEEN
