#!/usr/bin/env bash
# tsseg-eval 0.1.4 (the newest). wnmi, the normalized mutual information with a weight for each point, 1 + 0.1 times its
# distance from the next true change: the mutual information is that of the weighted counts, the entropies by which it
# is divided are those of the plain ones. So the true labels themselves get 0.95 or 0.21, not 1, by how their changes
# lie. With equal weights it is right, and is then nmi.
# f1: the margin, if none is given, is 1 % of the number of changes, not of the points: 0 for fewer than 100 changes. A
# change that is found one point late, of 1,000, is then missed and a false one besides. The first point and the end of
# the series count as changes that were found: labels without any change have a precision of 1 and a recall of 0.4.
# Way out: the entropies below; margin= in points.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from tsseg_eval import f1, nmi, wnmi


def by_hand(true, found, weights):
    """Mutual information of the weighted joint table over the mean entropy of its margins."""
    joint = np.array([[weights[(true == a) & (found == b)].sum() for b in np.unique(found)] for a in np.unique(true)])
    joint /= joint.sum()
    rows, columns = joint.sum(1), joint.sum(0)
    part = joint > 0
    shared = (joint[part] * np.log(joint[part] / np.outer(rows, columns)[part])).sum()
    return shared / ((-(rows * np.log(rows)).sum() - (columns * np.log(columns)).sum()) / 2)


def weights(true):
    """1 + 0.1 times the distance from the next point beside a change, or from an end."""
    edges = np.flatnonzero(np.diff(true))
    edges = np.concatenate([[0, len(true) - 1], edges, edges + 1])
    return 1 + 0.1 * abs(np.arange(len(true))[:, None] - edges).min(1)


def labels(*lengths):
    return np.repeat([0, 1, 2, 1], lengths)


for lengths, late in (((200, 300, 250, 250), 5), ((20, 460, 40, 480), 2)):
    true = labels(*lengths)
    moved = labels(lengths[0] + late, lengths[1], lengths[2], lengths[3] - late)
    for name, found in (("the true labels", true), (f"{late} points late", moved)):
        print(f"{lengths}, {name}: wnmi {wnmi(true, found):.3f} (by hand {by_hand(true, found, weights(true)):.3f}),",
              f"equal weights {wnmi(true, found, distance=np.ones_like):.3f}, nmi {nmi(true, found):.3f}")
true = labels(200, 300, 250, 250)
for name, found in (("no change", np.zeros(1000, int)), ("all 1 late", labels(201, 300, 250, 249)),
                    ("all 5 late", labels(205, 300, 250, 245))):
    for margin in (None, 10):
        f, precision, recall = f1(true, found, margin=margin, return_PR=True)
        print(f"{name}, margin {margin}: f1 {f:.2f}, precision {precision:.2f}, recall {recall:.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check tsseg-eval==0.1.4 \
  numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
(200, 300, 250, 250), the true labels: wnmi 0.953 (by hand 1.000), equal weights 1.000, nmi 1.000
(200, 300, 250, 250), 5 points late: wnmi 0.934 (by hand 0.982), equal weights 0.921, nmi 0.921
(20, 460, 40, 480), the true labels: wnmi 0.211 (by hand 1.000), equal weights 1.000, nmi 1.000
(20, 460, 40, 480), 2 points late: wnmi 0.195 (by hand 0.936), equal weights 0.878, nmi 0.878
no change, margin None: f1 0.57, precision 1.00, recall 0.40
no change, margin 10: f1 0.57, precision 1.00, recall 0.40
all 1 late, margin None: f1 0.40, precision 0.40, recall 0.40
all 1 late, margin 10: f1 1.00, precision 1.00, recall 1.00
all 5 late, margin None: f1 0.40, precision 0.40, recall 0.40
all 5 late, margin 10: f1 1.00, precision 1.00, recall 1.00
SEEN
