#!/usr/bin/env bash
# aeon 1.6.0: load_from_ts_file of a `.ts` file with `@timestamps true`, whose values are pairs (time,value), returns the
# absolute values: every minus sign is gone, without an error or a warning. The same values without times are read right,
# and sktime 1.2.0 reads both right. A classifier trained on such a file learns from other data than it holds.
# Way out: write the values without times (`@timestamps false`), or read such files with another library.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
HEAD = """@problemName toy
@timestamps {}
@univariate true
@equalLength true
@seriesLength 3
@classLabel true a b
@data
"""
PLAIN = "-1.5,2.0,-3.0:a\n4.0,-5.0,6.0:b\n"
TIMED = "(0,-1.5),(1,2.0),(2,-3.0):a\n(0,4.0),(1,-5.0),(2,6.0):b\n"
def read(library, path):
    if library == "aeon":
        from aeon.datasets import load_from_ts_file
        return load_from_ts_file(path)[0][:, 0].tolist()
    from sktime.datasets import load_from_tsfile
    return [list(map(float, series)) for series in load_from_tsfile(path)[0].iloc[:, 0]]
folder, library = sys.argv[1:]
for name, timed, data in (("values", "false", PLAIN), ("(time,value)", "true", TIMED)):
    with open(f"{folder}/toy.ts", "w") as file:
        file.write(HEAD.format(timed) + data)
    print(f"{library:6} {name:12} {read(library, f'{folder}/toy.ts')}")
PYTHON
for library in aeon==1.6.0 sktime==1.2.0; do
  python3 -m venv "$folder/venv-${library%%=*}"
  "$folder/venv-${library%%=*}/bin/python" -m pip install --quiet --disable-pip-version-check "$library" 2> /dev/null
  "$folder/venv-${library%%=*}/bin/python" -W ignore "$folder/try.py" "$folder" "${library%%=*}"
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
aeon   values       [[-1.5, 2.0, -3.0], [4.0, -5.0, 6.0]]
aeon   (time,value) [[1.5, 2.0, 3.0], [4.0, 5.0, 6.0]]
sktime values       [[-1.5, 2.0, -3.0], [4.0, -5.0, 6.0]]
sktime (time,value) [[-1.5, 2.0, -3.0], [4.0, -5.0, 6.0]]
SEEN
