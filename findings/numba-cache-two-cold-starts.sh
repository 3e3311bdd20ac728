#!/usr/bin/env bash
# Numba 0.68.1, cache=True: two processes that start at once on an empty cache and compile one function for two types can leave
# the machine code of the one type under the name of the other, for good. The index of a function's cached signatures is
# read, changed and written without a lock, and both processes give their code the same free name. Every later process
# then runs the code for int64 on a float: half of 3.5 is 1.5, exit code 0, no warning, until the cache is deleted by hand.
# Here files that the two processes wait for stand for the chance of the scheduler; they only delay Numba's own steps.
# Way out: a folder of its own for each signature (NUMBA_CACHE_DIR), or one process that warms the cache first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6 2> /dev/null
cd "$folder"
cat > work.py <<'PYTHON'
import numba

@numba.njit(cache=True)
def half(x):
    return x / 2
PYTHON
cat > start.py <<'PYTHON'
import sys, time
from pathlib import Path
from numba.core.caching import IndexDataCacheFile as File
kind = sys.argv[1]
ORDER = ["int read", "float read", "int index", "float index", "float data", "int data"]

def in_order(step, do):
    def wrapped(*arguments):
        before = ORDER[ORDER.index(f"{kind} {step}") - 1] if f"{kind} {step}" != ORDER[0] else None
        for _ in range(6000):
            if before is None or Path(before).exists():
                break
            time.sleep(0.01)
        done = do(*arguments)
        Path(f"{kind} {step}").touch()
        return done
    return wrapped

save = File.save
def slow_save(self, key, data):
    File._load_index = in_order("read", File._load_index)
    File._save_index = in_order("index", File._save_index)
    File._save_data = in_order("data", File._save_data)
    save(self, key, data)
File.save = slow_save

from work import half
print(f"half of {kind} 3, by the process that compiles it:", half({"int": int, "float": float}[kind](3)))
PYTHON
export NUMBA_CACHE_DIR="$folder/cache"
"$folder/venv/bin/python" start.py int > one & "$folder/venv/bin/python" start.py float > two; wait
cat one two | tee seen
"$folder/venv/bin/python" -c 'from work import half; print("half of 3.5, by a later process:", half(3.5))' | tee -a seen
diff seen - <<'SEEN'
half of int 3, by the process that compiles it: 1.5
half of float 3, by the process that compiles it: 1.5
half of 3.5, by a later process: 1.5
SEEN
