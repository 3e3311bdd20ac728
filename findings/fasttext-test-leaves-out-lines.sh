#!/usr/bin/env bash
# fastText 0.9.2: the figures of `test` are over fewer lines than the file has. A line of whose labels training had none is
# left out, and so are the unknown labels of other lines, without a word: the smaller count of lines is all that tells.
# So a model that misses half of the labels of new data has a precision and a recall of 1. scikit-learn's figures of
# the predictions of the same lines count them.
# Way out: compare the count with that of the lines that have labels, or count from `predict`.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import fasttext
from sklearn.metrics import f1_score
texts = {"food": "bread soup cook", "road": "train map bus"}
with open("train.txt", "w") as file:
    for _ in range(100):
        for label, text in texts.items():
            print(f"__label__{label} {text}", file=file)
model = fasttext.train_supervised("train.txt", dim=4, epoch=25, lr=0.5, thread=1, seed=1, verbose=0)
cases = {"known labels": ["food bread soup", "road train map"],
         "and two lines of a label that is new": ["food bread soup", "road train map", "sea ship bread", "sea port map"],
         "and a new one beside a known one": ["food,sea bread soup ship", "road train map"]}
for name, lines in cases.items():
    true = [line.split()[0].split(",") for line in lines]
    rest = [" ".join(line.split()[1:]) for line in lines]
    with open("test.txt", "w") as file:
        for labels, text in zip(true, rest):
            print(*(f"__label__{label}" for label in labels), text, file=file)
    n, precision, recall = model.test("test.txt")
    found = [model.predict(text)[0][0].removeprefix("__label__") for text in rest]
    every = sorted({label for labels in true for label in labels} | set(texts))
    sets = [[[label in labels for label in every] for labels in of] for of in (true, [[label] for label in found])]
    print(f"{name}: {len(lines)} lines; test: {n} lines, precision {precision:.2f}, recall {recall:.2f}; "
          f"f1 of predict: {f1_score(*sets, average='micro', zero_division=0):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check fasttext-wheel==0.9.2 numpy==1.26.4 \
  scikit-learn==1.7.2 2> /dev/null
cd "$folder"
venv/bin/python try.py 2> /dev/null | tee seen
diff seen - <<'SEEN'
known labels: 2 lines; test: 2 lines, precision 1.00, recall 1.00; f1 of predict: 1.00
and two lines of a label that is new: 4 lines; test: 2 lines, precision 1.00, recall 1.00; f1 of predict: 0.50
and a new one beside a known one: 2 lines; test: 2 lines, precision 1.00, recall 1.00; f1 of predict: 0.80
SEEN
