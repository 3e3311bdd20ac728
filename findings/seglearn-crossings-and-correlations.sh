#!/usr/bin/env bash
# seglearn 1.2.5, feature_functions. By its page zero_crossing is the "number of zero crossings among two consecutive
# samples above a certain threshold". With the threshold 0, the default, also of all_features, emg_features and
# hudgins_features, it compares sign * difference >= 0, which holds for each pair: 99 for any window of 100 values,
# where a sine of four turns has 7. slope_sign_changes counts each value beside an equal one: 98 of a constant, where 0
# is right. mean_crossings, "number of mean crossings", never takes the mean: it counts crossings of zero, 0 of a sine
# about 20. corr2, "correlations between all variable pairs", passes the window untransposed to np.corrcoef, whose rows
# are the variables. So it correlates the first steps: of two variables 1 or -1 of any window, where theirs is 0.10, and
# of three variables the pairs of the first three steps. No error, no warning; no issue on it was found.
# Way out: a threshold just above 0; subtract the mean of the window before mean_crossings; np.corrcoef of X[i].T.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from seglearn.feature_functions import corr2, emg_features, mean_crossings, slope_sign_changes, zero_crossing


def crossings(x):
    """Pairs of neighbours with different signs."""
    return np.sum(x[:-1] * x[1:] < 0)


def turns(x):
    """Values above both neighbours or below both."""
    return crossings(np.diff(x))


rng = np.random.default_rng(0)
sine = np.sin(2 * np.pi * 4 * (np.arange(100) + 0.5) / 100)
for name, x in (("sine of four turns", sine), ("sine about 20", sine + 20), ("noise", rng.normal(size=100)),
                ("constant 5", np.full(100, 5.0))):
    window = x[None, :, None]
    said = [int(f(window)[0, 0]) for f in (zero_crossing(), emg_features()["zero_crossings"], zero_crossing(1e-9),
                                           mean_crossings, slope_sign_changes())]
    print(f"{name}: crosses zero {crossings(x)} times, zero_crossing {said[0]}, of emg_features {said[1]},",
          f"with a threshold of 1e-9 {said[2]}")
    print(f"  crosses its mean {crossings(x - x.mean())} times, mean_crossings {said[3]};",
          f"turns {turns(x)} times, slope_sign_changes {said[4]}")
for variables in (2, 3):
    window = rng.normal(size=(100, variables))
    pairs = [(i, j) for i in range(variables) for j in range(i + 1, variables)]
    right = [np.corrcoef(window[:, i], window[:, j])[0, 1] for i, j in pairs]
    steps = [np.corrcoef(window[i], window[j])[0, 1] for i, j in pairs]
    for name, r in (("corr2", corr2(window[None])[0]), ("variables", right), ("first steps", steps)):
        print(f"correlations of {variables}, {name}:", *(f"{value:.2f}" for value in r))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check seglearn==1.2.5 \
  numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 pandas==2.3.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
sine of four turns: crosses zero 7 times, zero_crossing 99, of emg_features 99, with a threshold of 1e-9 7
  crosses its mean 7 times, mean_crossings 7; turns 8 times, slope_sign_changes 8
sine about 20: crosses zero 0 times, zero_crossing 99, of emg_features 99, with a threshold of 1e-9 0
  crosses its mean 7 times, mean_crossings 0; turns 8 times, slope_sign_changes 8
noise: crosses zero 47 times, zero_crossing 99, of emg_features 99, with a threshold of 1e-9 47
  crosses its mean 47 times, mean_crossings 47; turns 58 times, slope_sign_changes 58
constant 5: crosses zero 0 times, zero_crossing 99, of emg_features 99, with a threshold of 1e-9 0
  crosses its mean 0 times, mean_crossings 0; turns 0 times, slope_sign_changes 98
correlations of 2, corr2: -1.00
correlations of 2, variables: 0.10
correlations of 2, first steps: -1.00
correlations of 3, corr2: -0.98 0.12 -0.29
correlations of 3, variables: -0.06 -0.20 -0.12
correlations of 3, first steps: -0.98 0.12 -0.29
SEEN
