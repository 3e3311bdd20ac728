#!/usr/bin/env bash
# CRPS 2.0.4: where the observation is missing the score is to be NaN, but only the object np.nan itself is known as
# missing (`is not np.nan`). A NaN out of an array, a column or a file is another object, and its score is a number:
# that of an observation at the lowest member of the ensemble, whatever the ensemble. So missing days count in the mean,
# each with the spread of its forecast; with 30 % of the days missing the mean below grows by a third. The fair and
# adjusted scores too. The package returns NaN for np.nan and for a NaN among the members, so missing values are meant
# to be heeded.
# Way out: leave out the rows with np.isnan(observation) first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from CRPS.CRPS import CRPS


def formula(members, observation):
    """Mean distance from the observation less half of the mean distance between members (Gneiting and Raftery 2007)."""
    return np.abs(members - observation).mean() - np.abs(np.subtract.outer(members, members)).mean() / 2


def show(name, members, observation):
    seen = [float(score) for score in CRPS(members, observation).compute()]
    print(f"{name}: {seen[0]:.3f}, fair {seen[1]:.3f}, adjusted {seen[2]:.3f};",
          f"by the formula {formula(members, observation):.3f}")


members = np.array([1.0, 2.0, 4.0, 7.0])
for name, observation in (("3.0", 3.0), ("1.0, the lowest member", 1.0), ("np.nan", np.nan),
                          ("NaN of an array", np.array([np.nan])[0]), ("float('nan')", float("nan"))):
    show(f"observation {name}", members, observation)

rng = np.random.default_rng(0)
centre = rng.normal(size=(1000, 1))
days, observed = centre + rng.normal(size=(1000, 20)), (centre + rng.normal(size=(1000, 1))).ravel()
known = np.mean([CRPS(d, o).compute()[0] for d, o in zip(days, observed)])
observed[rng.random(1000) < 0.3] = np.nan
scores = np.array([CRPS(d, o).compute()[0] for d, o in zip(days, observed)], float)
right = np.array([formula(d, o) for d, o in zip(days, observed)])
print(f"1000 days, none missing: {known:.2f}; {np.isnan(observed).sum()} missing: {np.isnan(scores).sum()} scores are NaN,",
      f"mean {np.nanmean(scores):.2f}; of the days that are known {np.nanmean(right):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check CRPS==2.0.4 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
observation 3.0: 0.750, fair 0.333, adjusted 0.342; by the formula 0.750
observation 1.0, the lowest member: 1.250, fair 0.833, adjusted 0.842; by the formula 1.250
observation np.nan: nan, fair nan, adjusted nan; by the formula nan
observation NaN of an array: 1.250, fair 0.833, adjusted 0.842; by the formula nan
observation float('nan'): 1.250, fair 0.833, adjusted 0.842; by the formula nan
1000 days, none missing: 0.61; 282 missing: 0 scores are NaN, mean 0.81; of the days that are known 0.61
SEEN
