#!/usr/bin/env bash
# irreversibility 1.4.0 (the newest), tests of whether a time series differs from its own reverse. Four p-values and a
# generator that are not what their pages state, without a word.
# DFK (Daw, Finney and Kennel 2000): where the p-value is so small that it is 0.0, 1.0 is returned. Of the logistic map,
# which has words that its reverse has not, it is 1.0 at any length, so the textbook example passes as reversible.
# Skewness, as it is, and Casali and Pomeau with pValueMethod="z-score": the p-value is of one side, so a saw tooth has
# 8e-56 and the same series reversed 1. "proportion" has both sides.
# PermPatterns: two patterns that both never occur count as a test with the p-value 0. White noise of 100 values is
# irreversible in all of 100 cases with pSize=5. The correction is a factor of pSize, not of the number of pairs, 60.
# TimeSeriesGeneration.OUProcess, "dx = theta (mu - x) dt + sigma dW" with Omega as theta: the change is returned, not
# added, so a mean reversion of 0.1 has a correlation of -0.10 from step to step, where it is 0.90.
# Way out: scipy's chi-square of the counts, "proportion", pSize=3.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from irreversibility.Metrics import DFK, Casali, PermPatterns, Pomeau, Skewness
from irreversibility.TimeSeriesGeneration.Logistic import logistic
from irreversibility.TimeSeriesGeneration.OUProcess import OrnsteinUhlenbeck
from scipy.stats import chi2_contingency


def by_hand(x, n=3, length=3):
    """p-value of the counts of words of 3 symbols in the series and in its reverse, words that occur in one of them."""
    symbols = np.searchsorted(np.quantile(x, np.arange(1, n) / n), x)

    def words(s):
        return np.bincount(np.lib.stride_tricks.sliding_window_view(s, length) @ n ** np.arange(length), minlength=n**length)

    table = np.array([words(symbols), words(symbols[::-1])])
    return chi2_contingency(table[:, table.sum(0) > 0])[1]


for n in (200, 2000):
    x = logistic(n)
    print(f"DFK, {n} values of the logistic map: {DFK.GetPValue(x)[0]:.1g}, by hand {by_hand(x):.0e}")

rng = np.random.default_rng(0)
saw = np.cumsum(np.where(np.arange(1000) % 10 < 8, 1, -4)) + rng.normal(size=1000)
for test, options in ((Skewness, {}), (Casali, {"pValueMethod": "z-score"}), (Pomeau, {"pValueMethod": "z-score"}),
                      (Casali, {"pValueMethod": "proportion"})):
    np.random.seed(0)
    ways = [test.GetPValue(x, **options)[0] for x in (saw, saw[::-1].copy())]
    print(test.__name__.split(".")[-1], options, "of a saw tooth {:.0e}, reversed {:.0e}".format(*ways))

for size in (3, 5):
    share = np.mean([PermPatterns.GetPValue(rng.normal(size=100), pSize=size)[0] < 0.01 for _ in range(100)])
    print(f"PermPatterns, pSize {size}: {share:.0%} of 100 noise series of 100 values below 0.01")

np.random.seed(0)
x = OrnsteinUhlenbeck(20000, Omega=0.1)
hand = np.zeros(20000)
for t in range(1, 20000):
    hand[t] = hand[t - 1] - 0.1 * hand[t - 1] + np.random.normal()
for name, y in (("OrnsteinUhlenbeck", x), ("by hand", hand)):
    print(f"{name}: correlation of neighbours {np.corrcoef(y[1:], y[:-1])[0, 1]:.2f}, deviation {y.std():.1f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check irreversibility==1.4.0 \
  numpy==2.4.6 scipy==1.17.1 statsmodels==0.14.6 pandas==2.3.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
DFK, 200 values of the logistic map: 1, by hand 6e-40
DFK, 2000 values of the logistic map: 1, by hand 0e+00
Skewness {} of a saw tooth 1e+00, reversed 8e-56
Casali {'pValueMethod': 'z-score'} of a saw tooth 2e-84, reversed 1e+00
Pomeau {'pValueMethod': 'z-score'} of a saw tooth 2e-41, reversed 1e+00
Casali {'pValueMethod': 'proportion'} of a saw tooth 0e+00, reversed 0e+00
PermPatterns, pSize 3: 0% of 100 noise series of 100 values below 0.01
PermPatterns, pSize 5: 100% of 100 noise series of 100 values below 0.01
OrnsteinUhlenbeck: correlation of neighbours -0.09, deviation 1.0
by hand: correlation of neighbours 0.90, deviation 2.3
SEEN
