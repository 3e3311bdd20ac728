#!/usr/bin/env bash
# bayescd 0.4 (the newest; module bayesian_changepoint_detection), offline_changepoint_detection: P[t, s] is to be the log
# likelihood of the values from t to s. The caller adds one to s, so does each likelihood: the value after the segment is
# counted too, so both sides of every change have one value in common. Only the last segment is as it should be, but for
# the number of its values, which is one too high. A value of 100 after the first 50 changes the likelihood of these by
# 111 to 115. The most likely end of the first 50 values is then one too early for two of the three likelihoods, and
# has no probability at all at the right place. No error, no warning. Fearnhead (2006) has disjoint segments.
# Way out: a likelihood whose pdf(data, t, s) is that of data[t:s], as below; bayesian-changepoint, of the same source,
# which documents its likelihoods so.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
from functools import partial

import bayesian_changepoint_detection.offline_likelihoods as likelihoods
import numpy as np
from bayesian_changepoint_detection.bayesian_models import offline_changepoint_detection
from bayesian_changepoint_detection.priors import const_prior


class Disjoint:
    """The same formulas of data[t:s]."""

    def __init__(self, inner):
        self.inner = inner

    def pdf(self, data, t, s):
        return self.inner.pdf(data, t=t, s=s - 1)


def seen(data, likelihood):
    return offline_changepoint_detection(data, partial(const_prior, p=1 / (len(data) + 1)), likelihood, truncate=-1e9)


rng = np.random.default_rng(0)
data = np.concatenate([rng.normal(0, 1, 50), rng.normal(8, 1, 50)])
other = data.copy()
other[50] = 100
for name in ("StudentT", "IndepentFeaturesLikelihood", "FullCovarianceLikelihood"):
    inner = getattr(likelihoods, name)()
    for kind, likelihood in (("as it is", inner), ("of data[t:s]", Disjoint(inner))):
        with np.errstate(all="ignore"):
            first, second = (seen(x, likelihood)[1][0, 49] for x in (data, other))
            chance = np.exp(seen(data, likelihood)[2]).sum(0)
        print(f"{name}, {kind}: values 0 to 49 have {first:.1f}, with 100 after them {second:.1f};",
              f"probability of an end at 48 {chance[48]:.2f}, at 49 {chance[49]:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check bayescd==0.4 decorator==5.2.1 \
  numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
Use scipy logsumexp().
StudentT, as it is: values 0 to 49 have -88.7, with 100 after them -199.4; probability of an end at 48 0.47, at 49 0.75
StudentT, of data[t:s]: values 0 to 49 have -66.4, with 100 after them -66.4; probability of an end at 48 0.01, at 49 1.00
IndepentFeaturesLikelihood, as it is: values 0 to 49 have -94.6, with 100 after them -209.2; probability of an end at 48 0.41, at 49 0.00
IndepentFeaturesLikelihood, of data[t:s]: values 0 to 49 have -68.9, with 100 after them -68.9; probability of an end at 48 0.16, at 49 0.40
FullCovarianceLikelihood, as it is: values 0 to 49 have -94.6, with 100 after them -209.2; probability of an end at 48 0.41, at 49 0.00
FullCovarianceLikelihood, of data[t:s]: values 0 to 49 have -68.9, with 100 after them -68.9; probability of an end at 48 0.16, at 49 0.40
SEEN
