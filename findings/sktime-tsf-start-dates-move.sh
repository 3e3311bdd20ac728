#!/usr/bin/env bash
# sktime 1.2.0: load_tsf_to_dataframe moves the start of a `.tsf` series that does not lie on pandas' anchor of the stated
# frequency to the next anchor: monthly from 15 January to 1 February, weekly from a Monday to the Sunday six days later,
# quarterly from 15 February to 1 April, yearly from 1 June to the next 1 January. All later times move with it, unsaid.
# Joined by date with other data, such a series stands up to a period late. aeon 1.6.0's frame keeps the date as written.
# Way out: read start_timestamp from the file (return_type="default_tsf") and step from there.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
from sktime.datasets import load_tsf_to_dataframe
TEXT = """@relation toy
@attribute series_name string
@attribute start_timestamp date
@frequency {}
@missing false
@equallength true
@data
T1:{} 00-00-00:1,2,3
"""
for frequency, start in (("monthly", "2020-01-15"), ("monthly", "2020-01-01"), ("weekly", "2020-01-06"),
                         ("quarterly", "2020-02-15"), ("yearly", "2020-06-01"), ("daily", "2020-01-15")):
    with open(sys.argv[1], "w") as file:
        file.write(TEXT.format(frequency, start))
    frame, _ = load_tsf_to_dataframe(sys.argv[1])
    print(f"{frequency:9} {start} is read as {', '.join(str(time.date()) for _, time in frame.index)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sktime==1.2.0 pandas==3.0.6 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" "$folder/toy.tsf" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
monthly   2020-01-15 is read as 2020-02-01, 2020-03-01, 2020-04-01
monthly   2020-01-01 is read as 2020-01-01, 2020-02-01, 2020-03-01
weekly    2020-01-06 is read as 2020-01-12, 2020-01-19, 2020-01-26
quarterly 2020-02-15 is read as 2020-04-01, 2020-07-01, 2020-10-01
yearly    2020-06-01 is read as 2021-01-01, 2022-01-01, 2023-01-01
daily     2020-01-15 is read as 2020-01-15, 2020-01-16, 2020-01-17
SEEN
