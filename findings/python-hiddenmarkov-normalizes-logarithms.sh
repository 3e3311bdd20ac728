#!/usr/bin/env bash
# python-hiddenmarkov 0.1.4 (module hiddenmarkov), ConstantTransitionModel(.., normalize_transition_probabilities=True):
# each row of the logarithms is divided by its sum, as use_log_probabilities is on by default. What comes out sums to 1
# and looks like a row of probabilities, but is another one: rows that were right already, 0.9 and 0.1, become 0.04 and
# 0.96, and counts of 9 and 1 become 1 and 0. So the states of a calm chain change at every step: the likeliest path of
# eight equal observations has seven changes in place of none. normalize_init_probabilities does the same: of 3 and 1 it
# makes 1 and 0, of 0.75 and 0.25 minus 3 and minus 14 billion. No error. Viterbi takes logarithms all the same where
# use_log_probabilities=False is given, and is then right.
# Way out: give probabilities that sum to 1, or use_log_probabilities=False in the constructor.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from hiddenmarkov import CategoricalObservationModel, ConstantTransitionModel, HiddenMarkovModel

seen = CategoricalObservationModel(np.array([[0.5, 0.5], [0.5, 0.5]]), observations=["a", "b"])
for name, rows in (("probabilities", [[0.9, 0.1], [0.1, 0.9]]), ("counts", [[9.0, 1.0], [1.0, 9.0]])):
    right = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    print(f"{name} {rows[0]}, by hand {right[0].round(2)}")
    for logarithms in (True, False):
        model = ConstantTransitionModel(np.array(rows), normalize_transition_probabilities=True,
                                        use_log_probabilities=logarithms)
        path, _ = HiddenMarkovModel(seen, model).find_best_sequence(["a"] * 8)
        model.use_log_probabilities = False
        print(f"  use_log_probabilities {logarithms}: {model()[0].round(2)}, path of 8 equal observations {path}")
for start in ([3.0, 1.0], [0.75, 0.25]):
    for logarithms in (True, False):
        model = ConstantTransitionModel(np.full((2, 2), 0.5), np.array(start), normalize_init_probabilities=True,
                                        use_log_probabilities=logarithms)
        model.use_log_probabilities = False
        print(f"start {start}, use_log_probabilities {logarithms}: {model.init_probabilities}, by hand [0.75 0.25]")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  python-hiddenmarkov==0.1.4 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
probabilities [0.9, 0.1], by hand [0.9 0.1]
  use_log_probabilities True: [0.04 0.96], path of 8 equal observations [1 0 1 0 1 0 1 0]
  use_log_probabilities False: [0.9 0.1], path of 8 equal observations [0 0 0 0 0 0 0 0]
counts [9.0, 1.0], by hand [0.9 0.1]
  use_log_probabilities True: [1. 0.], path of 8 equal observations [0 0 0 0 0 0 0 0]
  use_log_probabilities False: [0.9 0.1], path of 8 equal observations [0 0 0 0 0 0 0 0]
start [3.0, 1.0], use_log_probabilities True: [1. 0.], by hand [0.75 0.25]
start [3.0, 1.0], use_log_probabilities False: [0.75 0.25], by hand [0.75 0.25]
start [0.75, 0.25], use_log_probabilities True: [-2.87682072e+09 -1.38629436e+10], by hand [0.75 0.25]
start [0.75, 0.25], use_log_probabilities False: [0.75 0.25], by hand [0.75 0.25]
SEEN
