#!/usr/bin/env bash
# seqeval 1.2.2: `scheme=BILOU` without `mode="strict"`, and `mode="strict"` without a scheme, have no effect: f1_score counts
# by the default rule, as if neither was there. That rule knows B, I, E, S and O alone: behind a chunk it takes L and U
# for more of it, so of BILOU tags that are all valid `U-X U-X` is one chunk of two tokens, and a figure comes out that is
# wrong by any reading of the scheme (there are warnings that U-X "seems not to be NE tag"; of IOB2 and IOBES there is none).
# Way out: give both mode="strict" and scheme=.., or rewrite L as E and U as S.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import warnings
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU, IOB2
def show(scheme, true, found):
    print(scheme.__name__, true, "predicted", found)
    true, found = [true.split()], [found.split()]
    for name, options in {"default": {}, "scheme": {"scheme": scheme}, "mode": {"mode": "strict"},
                          "both": {"mode": "strict", "scheme": scheme}}.items():
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            print(f"  {name:8}{f1_score(true, found, **options):.3f} {sorted({str(w.message) for w in said})}")
show(BILOU, "U-X U-X O", "O U-X O")
show(IOB2, "B-X I-X O", "I-X I-X O")
warnings.simplefilter("ignore")
print("chunks of U-X U-X:", get_entities(["U-X", "U-X"]), "of B-X L-X U-X:", get_entities(["B-X", "L-X", "U-X"]))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check seqeval==1.2.2 scikit-learn==1.9.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
BILOU U-X U-X O predicted O U-X O
  default 0.000 ['U-X seems not to be NE tag.']
  scheme  0.000 ['U-X seems not to be NE tag.']
  mode    0.000 ['U-X seems not to be NE tag.']
  both    0.667 []
IOB2 B-X I-X O predicted I-X I-X O
  default 1.000 []
  scheme  1.000 []
  mode    1.000 []
  both    0.000 []
chunks of U-X U-X: [('X', 0, 1)] of B-X L-X U-X: [('X', 0, 2)]
SEEN
