#!/usr/bin/env bash
# timeseriesmetrics 0.2.2 (the newest). Metrics.wpocid, how often the direction of a change is forecast: "the models perform
# better the higher the WPOCID, if WPOCID = 0.6, the model was correct 60% of the time". It is the share of wrong
# directions: 0 of a perfect forecast, 1 of one that always goes the other way, so models are ranked from the wrong end.
# A step of the forecast without a change counts as right whatever the value did: a constant as the forecast has what a
# perfect one has. No error, no warning.
# Way out: the function below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from timeseriesmetrics import Metrics


def by_hand(y, p):
    """Share of the steps in which value and forecast change in the same direction."""
    return np.mean(np.diff(y) * np.diff(p) > 0)


walk = np.random.default_rng(0).normal(size=300).cumsum()
for name, p in (("perfect", walk), ("the other way round", -walk), ("constant", 0 * walk),
                ("noise", np.random.default_rng(1).normal(size=300))):
    print(f"{name}: {Metrics.wpocid(walk, p):.2f}, share of right directions by hand {by_hand(walk, p):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check timeseriesmetrics==0.2.2 \
  numpy==2.4.6 pandas==2.3.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
perfect: 0.00, share of right directions by hand 1.00
the other way round: 1.00, share of right directions by hand 0.00
constant: 0.00, share of right directions by hand 0.00
noise: 0.50, share of right directions by hand 0.50
SEEN
