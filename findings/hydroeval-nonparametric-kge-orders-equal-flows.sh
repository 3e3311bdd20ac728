#!/usr/bin/env bash
# hydroeval 0.1.0, kgenp (the non-parametric Kling-Gupta efficiency): its correlation is Spearman's, for which equal
# values share a rank. Here they get different ranks in the order in which they stand, so days without flow count as
# rising from day to day. Of a river that is dry on 78 of 100 days and a simulation that recedes, the correlation is
# 0.10, of the same pairs of days read from the last to the first 1.00, and shuffled anything between; Spearman's is
# 0.72 each time. So the efficiency is 0.00 or 0.57 of the same pairs, and depends on whether the flow happens to
# recede or to rise while the river is dry. The page of kgenp gives the formula of Pool et al. (2018) and calls E and S
# the ranks, without a word on equal flows.
# Way out: for intermittent rivers put scipy.stats.spearmanr into the formula, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import hydroeval as he
import numpy as np
from scipy.stats import spearmanr


def by_the_paper(s, e):
    """The efficiency of Pool et al.: Spearman's correlation, scaled flow duration curves, ratio of means."""
    r = spearmanr(s, e)[0]
    alpha = 1 - 0.5 * np.abs(np.sort(s) / s.sum() - np.sort(e) / e.sum()).sum()
    return 1 - np.sqrt((r - 1) ** 2 + (alpha - 1) ** 2 + (s.mean() / e.mean() - 1) ** 2), r


def show(name, simulated, observed):
    said, right = he.evaluator(he.kgenp, simulated, observed).ravel(), by_the_paper(simulated, observed)
    print(f"{name}: efficiency {said[0]:.2f}, by the paper {right[0]:.2f};",
          f"correlation {said[1]:.2f}, by the paper {right[1]:.2f}")


day = np.arange(100)
observed = np.where(day < 22, 10 * np.exp(-day / 6), 0.0)
receding = 12 * np.exp(-day / 7)
shuffled = np.random.default_rng(0).permutation(100)
show("from the first day", receding, observed)
show("from the last day", receding[::-1], observed[::-1])
show("days shuffled", receding[shuffled], observed[shuffled])
show("no dry days", receding, observed + 0.01 * np.exp(-day / 50))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  hydroeval==0.1.0 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
from the first day: efficiency 0.00, by the paper 0.49; correlation 0.10, by the paper 0.72
from the last day: efficiency 0.57, by the paper 0.49; correlation 1.00, by the paper 0.72
days shuffled: efficiency 0.37, by the paper 0.49; correlation 0.54, by the paper 0.72
no dry days: efficiency 0.58, by the paper 0.58; correlation 1.00, by the paper 1.00
SEEN
