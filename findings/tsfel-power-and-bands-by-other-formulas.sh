#!/usr/bin/env bash
# tsfel 0.2.0, features of power and spectrum that are not what their pages state. average_power sums the squares and
# divides by the time: fs times the power, so the same signal sampled twice as often has twice the power (a sine of
# amplitude 1 has 0.5, by definition). max_power_spectrum divides the signal by its deviation first: loud and quiet have
# the same figure. human_range_energy, the share of 0.6 to 2.5 Hz, leaves out the bin next to the upper edge: at windows
# of 1 s walking at 2 Hz has 0, at 2.5 s (250 samples at 100 Hz) 2.4 Hz has 0, and 0.4 Hz has 1. lpcc takes absolute
# values: a series that swings up and down (AR(1) with -0.8) has the figures of one that drifts (0.8), and the last five
# of its twelve are the second to sixth in reverse. (c_n = 0.8^n / n by the recursion of the page that lpcc cites.)
# Way out: compute these by NumPy, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from scipy.signal import lfilter, welch
from tsfel.feature_extraction.features import average_power, human_range_energy, lpcc, max_power_spectrum

for rate in (50, 100, 200):
    x = np.sin(2 * np.pi * np.arange(4 * rate) / rate)
    print(f"sine at {rate} Hz: average_power {average_power(x, rate):.2f}, by definition {np.mean(x**2):.2f}")
for size in (0.1, 1, 10):
    x = size * np.sin(2 * np.pi * np.arange(400) / 100)
    print(f"amplitude {size}: max_power_spectrum {max_power_spectrum(x, 100):.3f},",
          f"welch {welch(x, 100, nperseg=400)[1].max():.4g}")
for hertz, n in ((2, 100), (2, 400), (2.4, 250), (0.4, 250), (1.2, 250)):
    x = np.sin(2 * np.pi * hertz * np.arange(n) / 100)
    power, f = np.abs(np.fft.rfft(x)) ** 2, np.fft.rfftfreq(n, 0.01)
    share = power[(f >= 0.6) & (f <= 2.5)].sum() / power.sum()
    print(f"{hertz} Hz in {n / 100} s: human_range_energy {human_range_energy(x, 100):.2f}, share of 0.6 to 2.5 Hz {share:.2f}")
noise = np.random.default_rng(0).normal(size=100000)
for a in (0.8, -0.8):
    print(f"AR(1) with {a}: lpcc", *(f"{v:.2f}" for v in lpcc(lfilter([1], [1, -a], noise))[1:]), "; recursion",
          *(f"{a**n / n:.2f}" for n in range(1, 12)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check tsfel==0.2.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
sine at 50 Hz: average_power 25.13, by definition 0.50
sine at 100 Hz: average_power 50.13, by definition 0.50
sine at 200 Hz: average_power 100.13, by definition 0.50
amplitude 0.1: max_power_spectrum 2.667, welch 0.01333
amplitude 1: max_power_spectrum 2.667, welch 1.333
amplitude 10: max_power_spectrum 2.667, welch 133.3
2 Hz in 1.0 s: human_range_energy 0.00, share of 0.6 to 2.5 Hz 1.00
2 Hz in 4.0 s: human_range_energy 1.00, share of 0.6 to 2.5 Hz 1.00
2.4 Hz in 2.5 s: human_range_energy 0.00, share of 0.6 to 2.5 Hz 1.00
0.4 Hz in 2.5 s: human_range_energy 1.00, share of 0.6 to 2.5 Hz 0.00
1.2 Hz in 2.5 s: human_range_energy 1.00, share of 0.6 to 2.5 Hz 1.00
AR(1) with 0.8: lpcc 0.81 0.34 0.18 0.12 0.10 0.10 0.10 0.12 0.18 0.34 0.81 ; recursion 0.80 0.32 0.17 0.10 0.07 0.04 0.03 0.02 0.01 0.01 0.01
AR(1) with -0.8: lpcc 0.82 0.34 0.19 0.12 0.10 0.10 0.10 0.12 0.19 0.34 0.82 ; recursion -0.80 0.32 -0.17 0.10 -0.07 0.04 -0.03 0.02 -0.01 0.01 -0.01
SEEN
