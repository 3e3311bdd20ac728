#!/usr/bin/env bash
# ts-eval 0.2.3 (the newest), features.fourier.fixed_start_fourier_df(index, freq, k), "fourier features, with a fixed
# starting point", for a freq of day, week, month, quarter or year. The period is the number of steps from the start to
# the end of that month, quarter or year, less one: right for day and week, whose end is the next start, one too low for
# the others. So a year of days has a period of 364 days, and the terms of a date move by a month in 30 years; a month
# has 27 to 30 days, by the month in which the series starts. A quarter has 30 as well: pandas' QuarterBegin and
# QuarterEnd start the quarters in other months, and one month is left between them. No error, no warning.
# Way out: fourier_df(index, 365.25, k), 91.3 or 30.44.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pandas as pd
from ts_eval.features.fourier import fixed_start_fourier_df

for start in ("2019-01-15", "2019-02-15"):
    index = pd.date_range(start, periods=1500, freq="D")
    line = []
    for freq, right in (("week", 7), ("month", 30.44), ("quarter", 91.31), ("year", 365.25)):
        sine, cosine = fixed_start_fourier_df(index, freq, 1).to_numpy().T
        period = 2 * np.pi / np.diff(np.unwrap(np.arctan2(sine, cosine))).mean()
        line.append(f"{freq} {period:.2f} ({right})")
    print(f"days from {start}: period of a", ", ".join(line))
hours = pd.date_range("2019-01-15", periods=500, freq="h")
sine, cosine = fixed_start_fourier_df(hours, "day", 1).to_numpy().T
print(f"hours: period of a day {2 * np.pi / np.diff(np.unwrap(np.arctan2(sine, cosine))).mean():.2f} (24)")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps ts-eval==0.2.3 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 pandas==2.3.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
days from 2019-01-15: period of a week 7.00 (7), month 30.00 (30.44), quarter 30.00 (91.31), year 364.00 (365.25)
days from 2019-02-15: period of a week 7.00 (7), month 27.00 (30.44), quarter 30.00 (91.31), year 364.00 (365.25)
hours: period of a day 24.00 (24)
SEEN
