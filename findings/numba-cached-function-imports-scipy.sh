#!/usr/bin/env bash
# Numba 0.68.1: the first call of a function that is loaded from the cache imports scipy.linalg if SciPy is installed,
# though the function adds two numbers. So every start of a command-line tool with cached kernels is slower in an
# environment that has SciPy, whoever put it there.
# Seen: without SciPy the call imports no module of it; with SciPy 1.17.1 it imports scipy.linalg, and with that unittest
# and pydoc: 130 modules more, 0.15 s on one machine (0.14 to 0.32 s for the call).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/add.py" <<'PYTHON'
import sys

import numba


@numba.njit(cache=True)
def add(a, b):
    return a + b


before = set(sys.modules)
assert add(1, 2) == 3
new = set(sys.modules) - before
print(sum(add.stats.cache_hits.values()), "scipy.linalg" in new, "unittest" in new)
PYTHON

python3 -m venv "$folder/env"
pip() { "$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
run() { NUMBA_CACHE_DIR="$folder/cache" "$folder/env/bin/python" "$folder/add.py"; }

pip numba==0.68.1 numpy==2.4.6
run > /dev/null # compiles, and fills the cache
without=$(run)
pip scipy==1.17.1
with=$(run)
printf '%s\n' "cache hits, scipy.linalg imported, unittest imported" "without SciPy: $without" "with SciPy:    $with"
[ "$without" = "1 False False" ] && [ "$with" = "1 True True" ]
