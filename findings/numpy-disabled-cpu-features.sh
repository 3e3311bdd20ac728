#!/usr/bin/env bash
# NumPy 2.4.6, NPY_DISABLE_CPU_FEATURES: names of instruction sets that older releases took, such as AVX2 or AVX512F, disable
# nothing any more, since the dispatched groups are now X86_V3, X86_V4, AVX512_ICL and AVX512_SPR. The variable is accepted, and
# the one ImportWarning about it is hidden by Python's default filter: a test run that should have been without AVX2 has
# it, and says nothing. A name is only known to have worked if __cpu_features__ is looked at afterwards.
# Way out: take the names from numpy._core._multiarray_umath.__cpu_dispatch__, or run with -W error::ImportWarning.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] && grep -q avx2 /proc/cpuinfo || { echo "needs an x86-64 CPU with AVX2"; exit 0; }
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 2> /dev/null
cat > "$folder/try.py" <<'PYTHON'
from numpy._core._multiarray_umath import __cpu_features__ as features
print("X86_V3 in use:", features["X86_V3"])
PYTHON
for name in X86_V3 AVX2 "AVX2 FMA3"; do
    echo "NPY_DISABLE_CPU_FEATURES='$name'"
    NPY_DISABLE_CPU_FEATURES="$name" "$folder/venv/bin/python" "$folder/try.py" 2>&1
done | tee "$folder/seen"
if NPY_DISABLE_CPU_FEATURES=AVX2 "$folder/venv/bin/python" -W error::ImportWarning "$folder/try.py" > /dev/null 2>&1
then echo "-W error::ImportWarning: no warning"; else echo "-W error::ImportWarning: an error"; fi | tee -a "$folder/seen"
diff "$folder/seen" - <<'SEEN'
NPY_DISABLE_CPU_FEATURES='X86_V3'
X86_V3 in use: False
NPY_DISABLE_CPU_FEATURES='AVX2'
X86_V3 in use: True
NPY_DISABLE_CPU_FEATURES='AVX2 FMA3'
X86_V3 in use: True
-W error::ImportWarning: an error
SEEN
