#!/usr/bin/env bash
# Numba 0.68.1, NUMBA_CPU_NAME: the name alone does not make code for that CPU. Unless the name is `generic`, Numba still hands
# LLVM the list of the features of the host, and the list outdoes the name: code for `nehalem`, a CPU without AVX, uses
# AVX registers on a host that has AVX, and code for `haswell` uses AVX-512 on a host that has AVX-512. Nothing says so: a
# test or a measurement "as on an older CPU" is one of the newer instructions, and such code would not run on the older.
# Way out: set NUMBA_CPU_FEATURES too; empty, it leaves the features to the name.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] && grep -qw avx /proc/cpuinfo || { echo "needs an x86-64 CPU with AVX"; exit 0; }
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6 2> /dev/null
cat > "$folder/try.py" <<'PYTHON'
import os
import sys
import numba
from numba.core.registry import cpu_target

@numba.njit("void(float32[::1], float32[::1])")
def add(a, b):
    for i in range(len(a)):
        a[i] += b[i]

feature, *registers = sys.argv[1:]
triple, name, features = cpu_target.target_context.codegen().magic_tuple()
code = add.inspect_asm(add.signatures[0])
settings = " ".join(f"{key}={os.environ[key]}" for key in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES") if key in os.environ)
print(f"{settings}: {name}, {feature} in the features: {feature in features.split(',')};",
      f"{' or '.join(registers)} in a loop: {any(register in code for register in registers)}")
PYTHON
try() {
    setting=$1; shift
    env -u NUMBA_CPU_FEATURES -u NUMBA_ENABLE_AVX "$setting" "$folder/venv/bin/python" "$folder/try.py" "$@"
    env -u NUMBA_ENABLE_AVX "$setting" NUMBA_CPU_FEATURES= "$folder/venv/bin/python" "$folder/try.py" "$@"
}
try NUMBA_CPU_NAME=nehalem +avx ymm zmm | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
NUMBA_CPU_NAME=nehalem: nehalem, +avx in the features: True; ymm or zmm in a loop: True
NUMBA_CPU_NAME=nehalem NUMBA_CPU_FEATURES=: nehalem, +avx in the features: False; ymm or zmm in a loop: False
SEEN
grep -qw avx512f /proc/cpuinfo || exit 0
try NUMBA_CPU_NAME=haswell +avx512f zmm | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
NUMBA_CPU_NAME=haswell: haswell, +avx512f in the features: True; zmm in a loop: True
NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=: haswell, +avx512f in the features: False; zmm in a loop: False
SEEN
