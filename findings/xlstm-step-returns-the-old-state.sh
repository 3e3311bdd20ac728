#!/usr/bin/env bash
# xlstm 2.0.6 (the newest), sLSTM. sLSTMCell.step returns the state it was given, not the new one: each step of a loop over
# a sequence starts from the old state, None at first, so the cell has no memory and says nothing; forward of the same cell
# returns the new state, and forward step by step agrees with forward at once. In sLSTMLayer the names are exchanged: fgate
# makes the input gate and igate the forget gate, since the layer concatenates fgate first and the cell reads the input gate
# first. Who reads weights by their names, to export them or to look at gates, has the other gate.
# Layers and blocks call forward, so networks of the package's own blocks step rightly.
# Way out: cell.forward with the state for each step; exchange the two names.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import torch
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig
from xlstm.blocks.slstm.layer import sLSTMLayer, sLSTMLayerConfig

torch.manual_seed(0)
torch.set_grad_enabled(False)
cell = sLSTMCell(sLSTMCellConfig(hidden_size=8, num_heads=2, backend="vanilla"))
x = torch.randn(3, 6, 32)
whole, last = cell(x)
for name, call in (("forward", cell), ("step", cell.step)):
    state, said = None, []
    for t in range(6):
        y, state = call(x[:, t : t + 1], state)
        said.append(y)
    off = (torch.cat(said, 2) - whole).abs().amax((0, 1, 3))
    print(f"{name}, step by step: off by {[round(v, 2) for v in off.tolist()]}, state {'None' if state is None else 'kept'}")
y, state = cell.step(x[:, :1], last)
print("step returns the state it was given:", state is last, "; forward:", cell(x[:, :1], last)[1].equal(last))


def by_hand(layer, x, names):
    """sLSTM of Beck et al. (2024), one head, no recurrent weights, gates by the layers of these names."""
    i, f, z, o = (getattr(layer, name)(x) for name in (*names, "zgate", "ogate"))
    bias = layer.slstm_cell._bias.view(4, -1)
    i, f, z, o = (value + b for value, b in zip((i, f, z, o), bias, strict=True))
    c = n = torch.zeros(x.shape[0], x.shape[2])
    m, said = torch.full_like(c, -torch.inf), []
    for t in range(x.shape[1]):
        forget = torch.nn.functional.logsigmoid(f[:, t])
        new = torch.maximum(forget + m, i[:, t])
        c = torch.exp(forget + m - new) * c + torch.exp(i[:, t] - new) * torch.tanh(z[:, t])
        n, m = torch.exp(forget + m - new) * n + torch.exp(i[:, t] - new), new
        said.append(torch.sigmoid(o[:, t]) * c / n)
    return torch.stack(said, 1)


layer = sLSTMLayer(sLSTMLayerConfig(embedding_dim=8, num_heads=1, conv1d_kernel_size=0, backend="vanilla", dropout=0.0)).eval()
for gate in (layer.fgate, layer.igate, layer.zgate, layer.ogate):
    gate.weight.normal_()
layer.slstm_cell._recurrent_kernel_.zero_()
layer.group_norm = torch.nn.Identity()
x = torch.randn(3, 6, 8)
seen = layer(x)
for what, names in (("igate is the input gate", ("igate", "fgate")), ("fgate is the input gate", ("fgate", "igate"))):
    print(f"{what}: off by {(seen - by_hand(layer, x, names)).abs().max():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6 \
  pyyaml==6.0.3 safetensors==0.7.0 packaging==25.0 ninja==1.13.0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps xlstm==2.0.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" 2> /dev/null | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
forward, step by step: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0], state kept
step, step by step: off by [0.0, 0.53, 0.6, 0.41, 0.65, 0.8], state None
step returns the state it was given: True ; forward: False
igate is the input gate: off by 1.57
fgate is the input gate: off by 0.00
SEEN
