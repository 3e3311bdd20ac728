#!/usr/bin/env bash
# scoringrules 0.10.0, weighted_interval_score: another number where the optional package numba is not installed. It then adds
# half of the median itself, where the page (Bracher et al. 2021) has half of its distance from the observation: the
# score grows with the level of the series, and a median that is right costs as much as one that is wrong. With numba
# it is by the formula. Nothing tells which code runs, and the same script has other results on two machines. (Issue 81
# of frazane/scoringrules, closed, said that only numba's way was tested.) Way out: install numba, or use the formula.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys

import numpy as np
import scoringrules

alpha = np.array([0.1, 0.5])
lower, upper = np.array([[90.0, 96.0]]), np.array([[112.0, 105.0]])


def interval(y, median):
    """Equation of weighted_interval_score's page; y within all intervals."""
    return (0.5 * abs(y - median) + (alpha / 2 * (upper - lower)[0]).sum()) / (len(alpha) + 0.5)


for y, median in ((100.0, 100.0), (100.0, 104.0), (104.0, 104.0)):
    said = scoringrules.weighted_interval_score(np.array([y]), np.array([median]), lower, upper, alpha)
    print(f"{sys.argv[1]}: weighted_interval_score of {y:.0f}, median {median:.0f}: {float(np.squeeze(said)):.2f},",
          f"formula {interval(y, median):.2f}")
PYTHON
for extra in "" numba==0.68.1; do
  name=${extra:+with numba}; name=${name:-without numba}
  python3 -m venv "$folder/$name"
  "$folder/$name/bin/python" -m pip install --quiet --disable-pip-version-check scoringrules==0.10.0 $extra numpy==2.4.6 \
    scipy==1.17.1 2> /dev/null
  "$folder/$name/bin/python" -W ignore "$folder/try.py" "$name"
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
without numba: weighted_interval_score of 100, median 100: 21.34, formula 1.34
without numba: weighted_interval_score of 100, median 104: 22.14, formula 2.14
without numba: weighted_interval_score of 104, median 104: 22.14, formula 1.34
with numba: weighted_interval_score of 100, median 100: 1.34, formula 1.34
with numba: weighted_interval_score of 100, median 104: 2.14, formula 2.14
with numba: weighted_interval_score of 104, median 104: 1.34, formula 1.34
SEEN
