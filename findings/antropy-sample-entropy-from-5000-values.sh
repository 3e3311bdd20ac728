#!/usr/bin/env bash
# antropy 0.2.3, sample_entropy: up to 4,999 values two templates match if they differ by less than the tolerance, from 5,000 on
# if they differ by no more than it, since another routine takes over. Where differences equal the tolerance, as in
# whole numbers (counts, milliseconds, ADC steps), one more value halves the entropy; a constant series has NaN, then 0.
# The page defines "less than r" and says of the two routines that both "should produce equivalent results".
# So recordings of 4,999 and 5,000 values do not compare. Richman and Moorman (2000) define "no more than".
# Way out: a tolerance between two possible differences, such as 1.5 for whole numbers.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import antropy
import numpy as np
from scipy.spatial import cKDTree


def entropy(x, r):
    """-ln(A / B) of templates of 3 and of 2 values no further apart than r in any value, each pair once, none with itself."""
    templates = [np.column_stack([x[i : len(x) - 2 + i] for i in range(size)]) for size in (3, 2)]
    matches, candidates = (len(cKDTree(t).query_pairs(r, p=np.inf, output_type="ndarray")) for t in templates)
    return -np.log(matches / candidates)


x = np.random.default_rng(0).integers(0, 10, 5000).astype(float)
for name, r in (("tolerance 1", 1.0), ("tolerance 1.5", 1.5)):
    for n in (4999, 5000):
        said = antropy.sample_entropy(x[:n], order=2, tolerance=r)
        print(f"whole numbers, {name}, {n} values: {said:.2f}; by 'no more than' {entropy(x[:n], r):.2f},",
              f"by 'less than' {entropy(x[:n], np.nextafter(r, 0)):.2f}")
print("a constant of 4999 and 5000 values:", *(abs(antropy.sample_entropy(np.ones(n))) for n in (4999, 5000)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check antropy==0.2.3 numba==0.68.1 numpy==2.4.6 scipy==1.17.1 \
  scikit-learn==1.9.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
whole numbers, tolerance 1, 4999 values: 2.30; by 'no more than' 1.28, by 'less than' 2.30
whole numbers, tolerance 1, 5000 values: 1.28; by 'no more than' 1.28, by 'less than' 2.30
whole numbers, tolerance 1.5, 4999 values: 1.28; by 'no more than' 1.28, by 'less than' 1.28
whole numbers, tolerance 1.5, 5000 values: 1.28; by 'no more than' 1.28, by 'less than' 1.28
a constant of 4999 and 5000 values: nan 0.0
SEEN
