#!/usr/bin/env bash
# minGRU-pytorch 0.2.1 (the newest), minLSTM: prev_hidden, as the call before returned it, goes through the activation g
# once more where more than one step follows, so 0.5 is added to the state. A sequence that is read in pieces has other
# outputs than in one, off by up to 0.5 behind each seam, and a stream of single steps has not: training in chunks, or a
# prompt after a stored state, differ from generation. minGRU of the same package takes the logarithm of the state as it
# is, and its pieces agree. Feng et al. (2024), cited in the code, put g around h_0; what a call returns has had it.
# Way out: pass pieces of one step, or prev_hidden - 0.5 where it is at least 0.5.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import torch
from minGRU_pytorch import minGRU
from minGRU_pytorch.minLSTM import minLSTM


def by_hand(layer, x):
    """h = f' h + i' g(candidate), f' and i' sum to 1 (minLSTM); h = (1 - z) h + z g(candidate) (minGRU)."""
    g = lambda v: torch.where(v >= 0, v + 0.5, v.sigmoid())
    if isinstance(layer, minLSTM):
        candidate, f, i = layer.to_hidden_and_f_i_gate(x).chunk(3, -1)
        share = i.sigmoid() / (f.sigmoid() + i.sigmoid())
    else:
        candidate, gate = layer.to_hidden_and_gate(x).chunk(2, -1)
        share = gate.sigmoid()
    h, said = torch.zeros_like(candidate[:, 0]), []
    for t in range(x.shape[1]):
        h = (1 - share[:, t]) * h + share[:, t] * g(candidate[:, t])
        said.append(h)
    return torch.stack(said, 1)


def in_pieces(layer, x, sizes):
    state, said = None, []
    for piece in x.split(sizes, 1):
        y, state = layer(piece, prev_hidden=state, return_next_prev_hidden=True)
        said.append(y)
    return torch.cat(said, 1)


torch.manual_seed(0)
torch.set_grad_enabled(False)
x = torch.randn(4, 12, 8)
for layer in (minGRU(8), minLSTM(8)):
    right = by_hand(layer, x)
    for sizes in ([12], [1] * 12, [6, 6], [2] * 6):
        off = (in_pieces(layer, x, sizes) - right).abs().amax((0, 2))
        print(f"{type(layer).__name__}, pieces of {sizes[0]:2}: off by {[round(v, 2) + 0.0 for v in off.tolist()]}")
layer = minLSTM(8)
layer.to_hidden_and_f_i_gate.weight[8:16] = 0
layer.to_hidden_and_f_i_gate.weight[16:] = 0  # both shares are 1/2
h = torch.full((1, 1, 8), 2.0)
zero = torch.zeros(1, 2, 8)
one, state = layer(zero[:, :1], prev_hidden=h, return_next_prev_hidden=True)
print("from a state of 2, half kept, candidates 0.5: two steps at once", layer(zero, prev_hidden=h)[0, :, 0].tolist(),
      "one by one", [one[0, 0, 0].item(), layer(zero[:, :1], prev_hidden=state)[0, 0, 0].item()])
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6 \
  einops==0.8.2 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps minGRU-pytorch==0.2.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
minGRU, pieces of 12: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
minGRU, pieces of  1: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
minGRU, pieces of  6: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
minGRU, pieces of  2: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
minLSTM, pieces of 12: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
minLSTM, pieces of  1: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
minLSTM, pieces of  6: off by [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.36, 0.21, 0.13, 0.07, 0.03, 0.02]
minLSTM, pieces of  2: off by [0.0, 0.0, 0.39, 0.17, 0.42, 0.23, 0.46, 0.28, 0.49, 0.29, 0.48, 0.26]
from a state of 2, half kept, candidates 0.5: two steps at once [1.5, 1.0] one by one [1.25, 0.875]
SEEN
