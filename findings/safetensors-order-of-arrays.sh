#!/usr/bin/env bash
# safetensors 0.8.0, safetensors.numpy.save: an array that is not C-contiguous is written in the order in which its bytes lie
# in memory, under its own shape. Transposed and Fortran-ordered arrays, valid NumPy arrays, so come back with
# other numbers, without an error or a warning. 0.7.0 wrote them right: a silent change between two releases.
# Way out: numpy.asarray(a, order="C") before saving.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from safetensors.numpy import load, save
a = np.arange(6, dtype=np.float32).reshape(2, 3)
for name, x in {"C": a, "transposed": a.T, "Fortran": np.asfortranarray(a)}.items():
    y = load(save({"x": x}))["x"]
    print(name, "same" if np.array_equal(x, y) else f"wrote {x.tolist()} read {y.tolist()}")
PYTHON
for version in 0.7.0 0.8.0; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==$version numpy==2.4.6 2> /dev/null
    echo "safetensors $version"; "$folder/$version/bin/python" "$folder/try.py"
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
safetensors 0.7.0
C same
transposed same
Fortran same
safetensors 0.8.0
C same
transposed wrote [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] read [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
Fortran wrote [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] read [[0.0, 3.0, 1.0], [4.0, 2.0, 5.0]]
SEEN
