#!/usr/bin/env bash
# torchmetrics 1.9.0: MatchErrorRate, WordInfoLost and WordInfoPreserved are not those of their own pages (Morris et al. 2004).
# The pages have C, the number of correct words of the alignment, and (S + D + I) / (N + I). The code has neither: it takes
# C = max(N, P) - (S + D + I) and max(N, P) in place of N + I, which hold only where a line has no insertion or
# no deletion. A word that is moved is one of each, and both figures are then too bad: of `x a b c` for `a b c d`
# three of four words are right, and 0.75 of the information is lost instead of 0.44. WordErrorRate is right.
# jiwer 4.0.0 has the figures of the pages, as has the alignment below.
# Way out: jiwer, or count the correct words of an alignment.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import jiwer
from torchmetrics import text as tm


def aligned(true, said):
    """Edits, insertions and correct words of the alignment that has the fewest edits, and of these the most correct words."""
    rows = [[(j, -0, j) for j in range(len(said) + 1)]]  # edits, minus correct words, insertions
    for i, word in enumerate(true, 1):
        row = [(i, 0, 0)]
        for j, other in enumerate(said, 1):
            e, c, n = rows[-1][j - 1]
            same = (e, c - 1, n) if word == other else (e + 1, c, n)
            e, c, n = rows[-1][j]
            deleted = (e + 1, c, n)
            e, c, n = row[-1]
            row.append(min(same, deleted, (e + 1, c, n + 1)))
        rows.append(row)
    edits, minus, inserted = rows[-1][-1]
    return edits, inserted, -minus


for true, said in (("a b c d", "a x c d"), ("a b c d", "a b c d e"), ("a b c d", "x a b c"),
                   ("the cat sat on the mat", "cat sat on the old mat")):
    n, p = len(true.split()), len(said.split())
    edits, inserted, correct = aligned(true.split(), said.split())
    pages = edits / n, edits / (n + inserted), 1 - correct / n * correct / p
    other = jiwer.process_words(true, said)
    assert all(abs(a - b) < 1e-9 for a, b in zip(pages, (other.wer, other.mer, other.wil)))
    seen = [metric()([said], [true]).item() for metric in (tm.WordErrorRate, tm.MatchErrorRate, tm.WordInfoLost)]
    print(f"{said!r} for {true!r}:", *(f"{name} {a:.2f}, page {b:.2f};" for name, a, b in zip(("wer", "mer", "wil"), seen, pages)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 numpy==2.4.6 \
  jiwer==4.0.0 rapidfuzz==3.14.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
'a x c d' for 'a b c d': wer 0.25, page 0.25; mer 0.25, page 0.25; wil 0.44, page 0.44;
'a b c d e' for 'a b c d': wer 0.25, page 0.25; mer 0.20, page 0.20; wil 0.20, page 0.20;
'x a b c' for 'a b c d': wer 0.50, page 0.50; mer 0.50, page 0.40; wil 0.75, page 0.44;
'cat sat on the old mat' for 'the cat sat on the mat': wer 0.33, page 0.33; mer 0.33, page 0.29; wil 0.56, page 0.31;
SEEN
