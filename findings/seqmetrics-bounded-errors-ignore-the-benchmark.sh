#!/usr/bin/env bash
# SeqMetrics 2.0.0, mbrae and umbrae with a benchmark: the error of the forecast is to be held against that of the benchmark,
# |e| / (|e| + |b|) (Chen, Twycross and Garibaldi 2017, whom the page cites). The code takes |e| for |b| too. So the mean
# bounded relative absolute error is 0.5 and its unscaled form 1, which means "as good as the benchmark", for every
# forecast and every benchmark. Without a benchmark both are right, and so are gmrae, mrae and mdrae with one. No error,
# no warning. (The formula of the page has |b| alone below, which is neither; no issue on it was found.)
# Way out: NumPy, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from SeqMetrics import gmrae, mbrae, umbrae

rng = np.random.default_rng(0)
true = np.cumsum(rng.normal(0, 10, 200)) + 500
benchmark = true + rng.normal(0, 10, 200)


def show(name, forecast, other, **given):
    error = np.abs(true - forecast)[-len(other):]
    bounded = np.mean(error / (error + other))
    print(f"{name:27} mbrae {mbrae(true, forecast, **given):.3f}, by the paper {bounded:.3f}; umbrae",
          f"{umbrae(true, forecast, **given):.3f}, by the paper {bounded / (1 - bounded):.3f}; gmrae",
          f"{gmrae(true, forecast, **given):.3f}, by its formula {np.exp(np.mean(np.log(error / other))):.3f}")


for name, deviation in (("near", 1), ("about as the benchmark", 10), ("far", 100)):
    show(name, true + rng.normal(0, deviation, 200), np.abs(true - benchmark), benchmark=benchmark)
show("near, without a benchmark", true + rng.normal(0, 1, 200), np.abs(np.diff(true)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check SeqMetrics==2.0.0 \
  numpy==2.0.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
near                        mbrae 0.500, by the paper 0.139; umbrae 1.000, by the paper 0.161; gmrae 0.093, by its formula 0.093
about as the benchmark      mbrae 0.500, by the paper 0.500; umbrae 1.000, by the paper 0.998; gmrae 1.034, by its formula 1.034
far                         mbrae 0.500, by the paper 0.814; umbrae 1.000, by the paper 4.386; gmrae 7.329, by its formula 7.329
near, without a benchmark   mbrae 0.149, by the paper 0.149; umbrae 0.175, by the paper 0.175; gmrae 0.101, by its formula 0.101
SEEN
