#!/usr/bin/env bash
# changepoint-online 1.2.1 (the newest), nunc (Austin et al. 2023, cited on the page, which calls it experimental): the
# cost of a segment at a quantile is to be n (F log F + (1 - F) log(1 - F)), the log likelihood of how many values lie
# below it. The code subtracts the second term, so above the median a split costs, where none can make the likelihood
# smaller. A mean that rises by one deviation at 60 of 100 values has 5.9 at 75, by hand 41 at 62; of the values times -1
# it has 15.7 at 47, though the statistic knows no direction. The quantiles are to be those of Haynes et al. (2017) for
# k = 1 to K, as far from one end as from the other; the code has k = 0 to K - 1: the highest is missing, the lowest is
# next to the minimum. NPFocus of four quantiles is an error: side="both" is taken for a list of four sides.
# Way out: the function below; side=["both"] * 4.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from changepoint_online import NPFocus, nunc, nunc_default_quantiles


def levels(n, k):
    """1 / (1 + (2 n - 1) exp(-log(2 n - 1) (2 i - 1) / K)) for i from 1 to K."""
    return 1 / (1 + (2 * n - 1) ** (1 - (2 * np.arange(1, k + 1) - 1) / k))


def by_hand(x, quantiles):
    """Twice the gain of the log likelihood by the best split, and the first index after it."""
    below = np.array([(x < q) + 0.5 * (x == q) for q in quantiles])

    def cost(part):
        n, share = part.shape[1], part.mean(1)
        share = share[(share > 0) & (share < 1)]
        return n * (share * np.log(share) + (1 - share) * np.log(1 - share)).sum()

    gains = [2 * (cost(below[:, :t]) + cost(below[:, t:]) - cost(below)) for t in range(1, len(x))]
    return max(gains), int(np.argmax(gains)) + 1


rng = np.random.default_rng(0)
noise = rng.normal(size=100)
late = np.arange(100) >= 60
print("levels of 5 quantiles of 100 values:", np.round(nunc_default_quantiles(list(np.linspace(0, 1, 100)), 5), 3),
      "by the formula", levels(100, 5).round(3))
series = {"noise": noise, "mean + 1 from 60 on": noise + late, "mean - 1 from 60 on": noise - late,
          "tenth of the deviation from 60 on": noise * np.where(late, 0.1, 1)}
for name, x in series.items():
    seen = []
    for values in (x, -x):
        detector = nunc(100, 5)
        for value in values:
            detector.update(value)
        seen.append((detector.statistic(), detector.changepoint()["changepoint"] + 1))
    hand = [by_hand(v, np.quantile(v, levels(100, 5))) for v in (x, -x)]
    same = by_hand(x, nunc_default_quantiles(sorted(x), 5))
    print("{}: {:.1f} at {}, of the values times -1 {:.1f} at {};".format(name, *seen[0], *seen[1]),
          "by hand {:.1f} at {}, {:.1f} at {}, with its quantiles {:.1f} at {}".format(*hand[0], *hand[1], *same))
for quantiles in ([0.0] * 3, [0.0] * 4):
    try:
        detector = NPFocus(quantiles)
        detector.update(1.0)
        print(len(quantiles), "quantiles: done")
    except ValueError as error:
        print(len(quantiles), "quantiles:", error)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check changepoint-online==1.2.1 \
  sortedcontainers==2.4.0 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
levels of 5 quantiles of 100 values: [0.002 0.014 0.108 0.501 0.893] by the formula [0.014 0.107 0.5   0.893 0.986]
noise: 2.9 at 13, of the values times -1 12.4 at 39; by hand 15.6 at 39, 15.6 at 39, with its quantiles 15.6 at 38
mean + 1 from 60 on: 5.9 at 75, of the values times -1 15.7 at 47; by hand 40.6 at 62, 40.6 at 62, with its quantiles 37.6 at 62
mean - 1 from 60 on: 13.6 at 69, of the values times -1 4.1 at 50; by hand 42.3 at 58, 42.3 at 58, with its quantiles 41.9 at 58
tenth of the deviation from 60 on: 7.0 at 16, of the values times -1 15.9 at 50; by hand 30.4 at 59, 30.4 at 59, with its quantiles 29.3 at 59
3 quantiles: done
4 quantiles: size should be either 'both', 'right' or 'left'.
SEEN
