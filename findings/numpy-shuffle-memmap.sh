#!/usr/bin/env bash
# numpy 2.4.6: Generator.shuffle of a one-dimensional np.memmap takes about 100 times as long as of an array of the same
# numbers in memory, though the file is in memory all the time and the order that comes out is the same. The fast way is
# taken only where type(x) is np.ndarray itself; a subclass is swapped element by element through Python. Whoever
# shuffles the index of a data set that is larger than memory meets this: 16 s for a million numbers, hours for a
# billion. Ways out: shuffle(np.asarray(x)), which is the same file, at full speed; or permutation(x), in memory.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
import time

import numpy as np

numbers = np.arange(100_000)
mapped = np.memmap(sys.argv[1], numbers.dtype, "w+", shape=numbers.shape)
orders, seconds = {}, {}
for name, view in {"array": np.empty_like(numbers), "memmap": mapped, "asarray(memmap)": np.asarray(mapped)}.items():
    tries = []
    for _ in range(3):
        view[:] = numbers
        begin = time.perf_counter()
        np.random.default_rng(0).shuffle(view)
        tries.append(time.perf_counter() - begin)
    orders[name], seconds[name] = view.tolist(), min(tries)
print("one order", orders["array"] == orders["memmap"] == orders["asarray(memmap)"])
for name in orders:
    print(f"{name}: more than 20 times as long as an array {seconds[name] > 20 * seconds['array']}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" "$folder/numbers" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
one order True
array: more than 20 times as long as an array False
memmap: more than 20 times as long as an array True
asarray(memmap): more than 20 times as long as an array False
SEEN
