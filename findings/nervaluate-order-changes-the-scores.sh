#!/usr/bin/env bash
# nervaluate 1.2.1 (the newest): a predicted entity that merely overlaps takes the true one away from a later that
# matches it. ent_type: a wrong label on the first two words of an entity and the right one on the rest is 0 correct,
# the same the other way round 1 correct; a text and its mirror image have an F1 of 0 and 0.67. strict, partial and
# exact of spans that overlap (loader "dict"): a prediction that is exactly the entity counts as spurious when a
# shorter one stands before it in the list, and correct when it stands after. The pages: an entity with the same label
# and some overlap, "we mark it as correct", and "perfectly matches", "correct"; no word of an order.
# Way out: order predictions so that exact matches come first, then those of the same label.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
from nervaluate import Evaluator


def spans(*entities):
    return [[{"label": label, "start": start, "end": end} for label, start, end in entities]]


def seen(true, found, loader):
    scores = Evaluator(true, found, tags=["X", "Y"], loader=loader).evaluate()["overall"]
    return "; ".join(f"{name} {scores[name].correct} correct, F1 {scores[name].f1:.2f}"
                     for name in ("strict", "exact", "partial", "ent_type"))


def right(true, found):
    """Correct by the pages: exact spans of the label, exact spans, the label with an overlap."""
    pairs = [(a, b) for a in true[0] for b in found[0] if a["start"] <= b["end"] and b["start"] <= a["end"]]
    exact = [(a, b) for a, b in pairs if (a["start"], a["end"]) == (b["start"], b["end"])]
    return (f"right: strict {any(a == b for a, b in exact):d}, exact and partial {len(exact) > 0:d}, "
            f"ent_type {any(a['label'] == b['label'] for a, b in pairs):d} correct")


tags = ["B-X", "I-X", "B-Y", "I-Y", "I-Y", "I-Y"], ["B-Y", "I-Y", "I-Y", "I-Y", "B-X", "I-X"]
of = spans(("X", 0, 1), ("Y", 2, 5)), spans(("Y", 0, 3), ("X", 4, 5))
for found, as_spans in zip(tags, of, strict=True):
    print(f"Y of six words, found {' '.join(found)}:\n  {seen([['B-Y'] + ['I-Y'] * 5], [found], 'list')}")
    print(f"  {right(spans(('Y', 0, 5)), as_spans)}")
true = spans(("Y", 0, 4))
for found in (spans(("Y", 0, 1), ("Y", 0, 4)), spans(("Y", 0, 4), ("Y", 0, 1))):
    print(f"Y 0-4, found {', '.join('{label} {start}-{end}'.format(**e) for e in found[0])}:\n  {seen(true, found, 'dict')}")
    print(f"  {right(true, found)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nervaluate==1.2.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
Y of six words, found B-X I-X B-Y I-Y I-Y I-Y:
  strict 0 correct, F1 0.00; exact 0 correct, F1 0.00; partial 0 correct, F1 0.33; ent_type 0 correct, F1 0.00
  right: strict 0, exact and partial 0, ent_type 1 correct
Y of six words, found B-Y I-Y I-Y I-Y B-X I-X:
  strict 0 correct, F1 0.00; exact 0 correct, F1 0.00; partial 0 correct, F1 0.33; ent_type 1 correct, F1 0.67
  right: strict 0, exact and partial 0, ent_type 1 correct
Y 0-4, found Y 0-1, Y 0-4:
  strict 0 correct, F1 0.00; exact 0 correct, F1 0.00; partial 0 correct, F1 0.33; ent_type 1 correct, F1 0.67
  right: strict 1, exact and partial 1, ent_type 1 correct
Y 0-4, found Y 0-4, Y 0-1:
  strict 1 correct, F1 0.67; exact 1 correct, F1 0.67; partial 1 correct, F1 0.67; ent_type 1 correct, F1 0.67
  right: strict 1, exact and partial 1, ent_type 1 correct
SEEN
