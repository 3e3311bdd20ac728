#!/usr/bin/env bash
# filterpy 2.0.0, MMAEFilterBank.update: the covariance P of the bank is to be the mean of each filter's covariance
# plus the square of its distance from the common state x. The loop runs over the entries of x beside the filters: from
# the whole state of the first filter it subtracts the first entry of x, of the second the second, and filters beyond
# the number of entries are left out. Three equal filters at position 1000 and speed 0, of which each says that the
# position is right to 0.7 (standard deviation), give a bank that says 577; at position 0 they say 0.6. So P depends on
# where the origin is. x is right. The class says "P: Current state covariance matrix"; IMMEstimator of the same
# package has the right formula.
# Way out: compute P from bank.filters and bank.p as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from filterpy.kalman import KalmanFilter, MMAEFilterBank


def maker(position, noise):
    kf = KalmanFilter(dim_x=2, dim_z=1)
    kf.x, kf.F, kf.H = np.array([position, 0.0]), np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]])
    kf.P, kf.Q, kf.R = np.diag([1.0, 1e-4]), np.zeros((2, 2)), np.array([[noise]])
    return kf


def show(name, position, noises):
    bank = MMAEFilterBank([maker(position, noise) for noise in noises], [1 / len(noises)] * len(noises), dim_x=2,
                          H=np.array([[1.0, 0.0]]))
    bank.predict()
    bank.update(np.array([position]))
    mixed = sum(p * (f.P + np.outer(f.x - bank.x, f.x - bank.x)) for p, f in zip(bank.p, bank.filters))
    print(f"{name}, at {position:g}: state {bank.x.round(2) + 0.0}, deviation of position {bank.P[0, 0] ** 0.5:.1f},",
          f"of the mixture {mixed[0, 0] ** 0.5:.1f};",
          f"of speed {bank.P[1, 1] ** 0.5:.1f}, of the mixture {mixed[1, 1] ** 0.5:.2f}")


for position in (0.0, 10.0, 1000.0):
    show("three equal filters", position, [1.0, 1.0, 1.0])
for position in (0.0, 1000.0):
    show("two unlike filters", position, [1.0, 4.0])
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
  filterpy==2.0.0 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
three equal filters, at 0: state [0. 0.], deviation of position 0.6, of the mixture 0.7; of speed 0.0, of the mixture 0.01
three equal filters, at 10: state [10.  0.], deviation of position 5.8, of the mixture 0.7; of speed 5.8, of the mixture 0.01
three equal filters, at 1000: state [1000.    0.], deviation of position 577.4, of the mixture 0.7; of speed 577.4, of the mixture 0.01
two unlike filters, at 0: state [0. 0.], deviation of position 0.8, of the mixture 0.8; of speed 0.0, of the mixture 0.01
two unlike filters, at 1000: state [1000.    0.], deviation of position 622.4, of the mixture 0.8; of speed 782.7, of the mixture 0.01
SEEN
