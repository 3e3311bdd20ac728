#!/usr/bin/env bash
# diacritization-evaluation 0.5 (the newest), calculate_der, the diacritic error rate of Arabic: spaces, digits, punctuation
# and foreign letters count as letters whose mark is right, so a text with numbers has a lower rate: 22.22 in place of
# 25.00 for two wrong marks of 8 letters, 8.33 with numbers and a slash behind. calculate_wer of the same package leaves
# such words out by default. Texts of unequal length are compared up to the end of the shorter one: a prediction that has
# one word of two has a rate of 0, where calculate_wer refuses it. No page tells either.
# Way out: strip both texts to Arabic letters and marks, compare lengths first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import unicodedata
from diacritization_evaluation import der, wer


def marked(text):
    """Arabic letters, each with the marks that follow it."""
    said = []
    for c in text:
        if unicodedata.category(c) == "Mn" and said:
            said[-1] += c
        elif unicodedata.category(c) == "Lo":
            said.append(c)
    return said


def right(true, found):
    """Percentage of letters with other marks; a letter that is missing has."""
    true, found = marked(true), marked(found)
    hits = sum(a == b for a, b in zip(true, found))
    return 100 - 100 * hits / len(true)


true = "\u0643\u064e\u062a\u064e\u0628\u064e \u0627\u0644\u0648\u064e\u0644\u064e\u062f\u064f"
found = "\u0643\u064e\u062a\u0650\u0628\u064e \u0627\u0644\u0648\u064e\u0644\u064e\u062f\u0650"
for end in ("", " 2024", " 123456 / 98765", " (a b c)"):
    print(f"two words, 8 letters, 2 wrong marks, end {end!r}: der {der.calculate_der(true + end, found + end):.2f}",
          f"right {right(true, found):.2f}, wer {wer.calculate_wer(true + end, found + end):.2f}")
short = true.split()[0]
print(f"the first word alone: der {der.calculate_der(true, short):.2f} right {right(true, short):.2f}", end=", ")
try:
    print("wer", wer.calculate_wer(true, short))
except AssertionError:
    print("wer refuses")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps \
  diacritization-evaluation==0.5 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
two words, 8 letters, 2 wrong marks, end '': der 22.22 right 25.00, wer 100.00
two words, 8 letters, 2 wrong marks, end ' 2024': der 14.29 right 25.00, wer 100.00
two words, 8 letters, 2 wrong marks, end ' 123456 / 98765': der 8.33 right 25.00, wer 100.00
two words, 8 letters, 2 wrong marks, end ' (a b c)': der 11.76 right 25.00, wer 100.00
the first word alone: der 0.00 right 62.50, wer refuses
SEEN
