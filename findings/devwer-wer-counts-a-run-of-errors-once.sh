#!/usr/bin/env bash
# devwer 0.0.3, Metrics().wer, "the Word Error Rate (WER)" of Devanagari text: the pieces of difflib's SequenceMatcher that
# are not equal are counted, not the words in them. Errors side by side are one error: six wrong words of six have a WER
# of 0.17 in place of 1.00, and so has a text of which one word of six is left, or to which three are added; the longer
# the text, the less it costs to get all of it wrong. It is right where no two errors touch. No error, no warning.
# difflib also looks for the longest equal piece, not for the fewest edits. cer is the edit distance, as it should be.
# Way out: wer_legacy of the package (up to 255 words), or jiwer.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import jiwer
from devwer import Metrics


def edits(a, b):
    """Fewest insertions, deletions and substitutions that turn a into b."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
    return row[-1]


reference = "क ख ग घ च छ"
for name, heard in (("the same", reference), ("the first wrong", "ट ख ग घ च छ"), ("two wrong, apart", "ट ख ग ठ च छ"),
                    ("two wrong, side by side", "ट ठ ग घ च छ"), ("all wrong", "ट ठ ड ढ त थ"), ("one left", "क"),
                    ("three added", reference + " ट ठ ड"), ("read backwards", "छ च घ ग ख क")):
    right = edits(reference.split(), heard.split()) / 6
    print(f"{name}: devwer {Metrics().wer(reference, heard):.2f}, jiwer {jiwer.wer(reference, heard):.2f}, by hand {right:.2f}")
for words in (10, 100):
    print(f"{words} of {words} words wrong: devwer {Metrics().wer(' '.join(['क'] * words), ' '.join(['ख'] * words)):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check devwer==0.0.3 jiwer==4.0.0 numpy==2.4.6 \
  python-Levenshtein==0.27.5 RapidFuzz==3.14.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
the same: devwer 0.00, jiwer 0.00, by hand 0.00
the first wrong: devwer 0.17, jiwer 0.17, by hand 0.17
two wrong, apart: devwer 0.33, jiwer 0.33, by hand 0.33
two wrong, side by side: devwer 0.17, jiwer 0.33, by hand 0.33
all wrong: devwer 0.17, jiwer 1.00, by hand 1.00
one left: devwer 0.17, jiwer 0.83, by hand 0.83
three added: devwer 0.17, jiwer 0.50, by hand 0.50
read backwards: devwer 0.33, jiwer 1.00, by hand 1.00
10 of 10 words wrong: devwer 0.10
100 of 100 words wrong: devwer 0.01
SEEN
