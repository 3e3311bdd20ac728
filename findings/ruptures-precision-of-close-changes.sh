#!/usr/bin/env bash
# ruptures 1.1.10, metrics.precision_recall: where two true changes are closer than the margin (10 by default), the first takes all
# found changes that are near it, and the next goes without: each found one is marked as used, though the true one
# has its match already. So a segmentation that is the truth itself has a precision and a recall of 0.5 where the changes are
# the two ends of short events. The page says that a true change is detected if a found one is nearer than the margin.
# No pair needs to share: a matching by scipy's linear_sum_assignment below counts all.
# Way out: a margin below half of the smallest distance of true changes, or count from a matching.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from ruptures.metrics import precision_recall
from scipy.optimize import linear_sum_assignment


def matched(true, found, margin=10):
    """Precision and recall of the largest matching of true and found changes nearer than the margin, one to one."""
    near = np.abs(np.subtract.outer(true[:-1], found[:-1])) < margin
    hits = near[linear_sum_assignment(near, maximize=True)].sum()
    return hits / (len(found) - 1), hits / (len(true) - 1)


def show(name, true, found):
    print(f"{name}: precision {precision_recall(true, found)[0]:.2f}, recall {precision_recall(true, found)[1]:.2f};",
          "one to one {:.2f}, {:.2f}".format(*matched(true, found)))


show("changes 20 apart, all found", [100, 120, 200], [100, 120, 200])
show("changes 5 apart, all found", [100, 105, 200], [100, 105, 200])
show("changes 5 apart, one found", [100, 105, 200], [100, 200])
events = [end for start in range(100, 1100, 100) for end in (start, start + 5)] + [1200]
show("ten events of 5 steps, all found", events, events)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ruptures==1.1.10 numpy==2.4.6 scipy==1.17.1 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
changes 20 apart, all found: precision 1.00, recall 1.00; one to one 1.00, 1.00
changes 5 apart, all found: precision 0.50, recall 0.50; one to one 1.00, 1.00
changes 5 apart, one found: precision 1.00, recall 0.50; one to one 1.00, 0.50
ten events of 5 steps, all found: precision 0.50, recall 0.50; one to one 1.00, 1.00
SEEN
