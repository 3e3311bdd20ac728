#!/usr/bin/env bash
# ncps 1.0.1 with torch 2.13.0, CfC and LTC with `timespans`, the time from step to step of irregular series: of a batch as large
# as the number of units, the time of row j is taken for unit j of every row. All outputs are those of other series, and
# a row's result depends on the times of its neighbours. Batches of one row are right; of any other size there is an
# error of PyTorch about shapes. Both shapes that fit, (batch, time) and (batch, time, 1), come to the same. 32 units and
# a batch of 32 are usual. (The times of one step, shape (batch,), meet a state of shape (batch, units) unaligned.)
# The page does not say what `timespans` is. Way out: give CfC timespans[..., None].expand(-1, -1, units), and LTC rows one by one.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import torch
from ncps.torch import LTC, CfC

UNITS = 8
torch.manual_seed(0)


def said(model, x, spans):
    """Whether the rows of a batch come out as each does alone; and whether row 1 heeds the times of row 0."""
    alone = torch.cat([model(x[i : i + 1], timespans=spans[i : i + 1])[0] for i in range(len(x))])
    try:
        together = model(x, timespans=spans)[0]
    except RuntimeError as error:
        return f"RuntimeError: {str(error)[:18]}.."
    if torch.allclose(together, alone, atol=1e-5):
        return "as alone"
    other = spans.clone()
    other[0] *= 3
    moved = (model(x, timespans=other)[0] - together)[1].abs().amax(0) > 1e-6
    return f"other numbers, {(together - alone).abs().max():.1f} off; times of row 0 move row 1: {bool(moved.any())}"


with torch.no_grad():
    for name, model in (("CfC", CfC(3, UNITS)), ("CfC pure", CfC(3, UNITS, mode="pure")), ("LTC", LTC(3, UNITS))):
        for rows in (1, 4, UNITS):
            x, spans = torch.randn(rows, 5, 3), torch.rand(rows, 5) * 2 + 0.1
            print(f"{name}, {UNITS} units, {rows} rows: {said(model, x, spans)}")
    model, x, spans = CfC(3, UNITS), torch.randn(4, 5, 3), torch.rand(4, 5)
    wide = spans[..., None].expand(-1, -1, UNITS)
    alone = torch.cat([model(x[i : i + 1], timespans=spans[i : i + 1])[0] for i in range(4)])
    print("CfC, 8 units, 4 rows, expanded:", "as alone" if torch.allclose(model(x, timespans=wide)[0], alone, atol=1e-5) else "else")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ncps==1.0.1 torch==2.13.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
CfC, 8 units, 1 rows: as alone
CfC, 8 units, 4 rows: RuntimeError: The size of tensor..
CfC, 8 units, 8 rows: other numbers, 0.5 off; times of row 0 move row 1: True
CfC pure, 8 units, 1 rows: as alone
CfC pure, 8 units, 4 rows: RuntimeError: The size of tensor..
CfC pure, 8 units, 8 rows: other numbers, 0.5 off; times of row 0 move row 1: True
LTC, 8 units, 1 rows: as alone
LTC, 8 units, 4 rows: RuntimeError: The size of tensor..
LTC, 8 units, 8 rows: other numbers, 0.3 off; times of row 0 move row 1: True
CfC, 8 units, 4 rows, expanded: as alone
SEEN
