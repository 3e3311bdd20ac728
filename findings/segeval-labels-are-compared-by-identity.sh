#!/usr/bin/env bash
# segeval 2.0.11, pk and window_diff of labels (BoundaryFormat.position): the labels are compared by "is", so by the
# object, not by the value. Python keeps one object of each whole number up to 256, so the metrics are right of these.
# Labels from 257 on that come out of a file (JSON, CSV, an array) are objects of their own: no two units are in one
# segment, in either segmentation, so both metrics are 0, the best there is, of any pair, and 1 - Pk is 1. Words as labels
# do the same. The same numbers written into the program are one object, and are right; boundary_similarity counts by
# value. No error, no warning. Beeferman, Berger and Lafferty (1999) ask if two units are in the same segment.
# Pull request 7 of cfournie/segmentation.evaluation, open, has windows over 256 units, which end in an assertion.
# Way out: number the segments from 0 in each segmentation, or give masses (convert_positions_to_masses).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import json
from collections import Counter

import segeval
from segeval.format import BoundaryFormat

reference = [a for a in range(6) for _ in range(10)]
hypothesis = [a for a in range(3) for _ in range(20)]


def by_value(hypothesis, reference):
    """Pk and WindowDiff with half the mean length of a segment as the window."""
    k = round(len(reference) / len(Counter(reference)) / 2)
    pairs = range(len(reference) - k)
    apart = sum((reference[i] == reference[i + k]) != (hypothesis[i] == hypothesis[i + k]) for i in pairs)
    cuts = [[a != b for a, b in zip(labels, labels[1:])] for labels in (reference, hypothesis)]
    differ = sum(sum(cuts[0][i:i + k]) != sum(cuts[1][i:i + k]) for i in pairs)
    return apart / len(pairs), differ / len(pairs)


for name, label in (("0 to 5", int), ("200 to 205", lambda a: 200 + a), ("1000 to 1005", lambda a: 1000 + a),
                    ("words", lambda a: f"topic {a}")):
    h, r = (json.loads(json.dumps([label(a) for a in labels])) for labels in (hypothesis, reference))
    pk, wd, b = (float(metric(h, r, boundary_format=BoundaryFormat.position))
                 for metric in (segeval.pk, segeval.window_diff, segeval.boundary_similarity))
    print(f"labels {name:12}: Pk {pk:.3f}, WindowDiff {wd:.3f}, boundary similarity {b:.2f};",
          "by value Pk {:.3f}, WindowDiff {:.3f}".format(*by_value(h, r)))
one = {label: label for label in range(1000, 1006)}
h, r = ([one[1000 + a] for a in labels] for labels in (hypothesis, reference))
print(f"the same of one object each: Pk {float(segeval.pk(h, r, boundary_format=BoundaryFormat.position)):.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check segeval==2.0.11 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
labels 0 to 5      : Pk 0.273, WindowDiff 0.273, boundary similarity 0.40; by value Pk 0.273, WindowDiff 0.273
labels 200 to 205  : Pk 0.273, WindowDiff 0.273, boundary similarity 0.40; by value Pk 0.273, WindowDiff 0.273
labels 1000 to 1005: Pk 0.000, WindowDiff 0.000, boundary similarity 0.40; by value Pk 0.273, WindowDiff 0.273
labels words       : Pk 0.000, WindowDiff 0.000, boundary similarity 0.40; by value Pk 0.273, WindowDiff 0.273
the same of one object each: Pk 0.273
SEEN
