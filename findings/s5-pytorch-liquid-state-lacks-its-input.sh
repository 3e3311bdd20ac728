#!/usr/bin/env bash
# s5-pytorch 0.2.1 (the newest), liquid=True (Hasani et al. 2022, Eq. 8 and 9, cited in the code: x = (A + B u) x + B u).
# With a given state the first step of forward is A x + B u: the state is not multiplied by its input. A sequence in
# pieces, the state handed on, then differs from the sequence in one and from forward_rnn, which is right: by 0.48 behind
# the seam below, of outputs up to 7. With bidir=True the backward half is that of the plain system throughout, 3.1 from a
# liquid one. Without liquid pieces, steps and both directions agree. No error, no warning.
# Way out: forward_rnn for the first step of a piece; two networks for two directions.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import torch
from s5.s5_model import S5


def by_hand(ssm, u, liquid):
    """All states of one direction by the formula, from 0."""
    b, _ = ssm.get_BC_tilde()
    a, b = ssm.discretize(ssm.Lambda, b, torch.exp(ssm.log_step))
    x, said = torch.zeros_like(a), []
    for row in u:
        bu = b @ row.type(b.dtype)
        x = (a + liquid * bu) * x + bu
        said.append(x)
    return torch.stack(said)


torch.set_grad_enabled(False)
for liquid in (False, True):
    torch.manual_seed(1)
    net, x = S5(4, 8, dt_min=0.1, dt_max=1.0, liquid=liquid), 4 * torch.randn(1, 12, 4)
    whole, (first, state) = net(x)[0], net(x[:, :6], return_state=True)
    pieces = torch.cat([first, net(x[:, 6:], state=state)], 1)[0]
    state, steps = torch.zeros(8, dtype=torch.complex64), []
    for row in x[0]:
        y, state = net.seq.forward_rnn(row, state)
        steps.append(y)
    right = (by_hand(net.seq, x[0], liquid) @ net.seq.get_BC_tilde()[1].T).real + net.seq.D * x[0]
    print(f"liquid {liquid}, outputs up to {right.abs().max():.1f}: whole off by {(whole - right).abs().max():.2f},",
          f"forward_rnn {(torch.stack(steps) - right).abs().max():.2f},",
          f"two pieces {[round(v, 2) + 0.0 for v in (pieces - right).abs().amax(1).tolist()]}")
    net = S5(4, 8, dt_min=0.1, dt_max=1.0, liquid=liquid, bidir=True)
    for name, back in (("plain", False), ("liquid", liquid)):
        both = torch.cat([by_hand(net.seq, x[0], liquid), by_hand(net.seq, x[0].flip(0), back).flip(0)], 1)
        right = (both @ net.seq.get_BC_tilde()[1].T).real + net.seq.D * x[0]
        print(f"  both directions: off by {(net(x)[0] - right).abs().max():.2f} from one that is {name} backwards")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6 \
  scipy==1.17.1 setuptools==80.9.0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps s5-pytorch==0.2.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
liquid False, outputs up to 7.2: whole off by 0.00, forward_rnn 0.00, two pieces [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
  both directions: off by 0.00 from one that is plain backwards
  both directions: off by 0.00 from one that is liquid backwards
liquid True, outputs up to 7.2: whole off by 0.00, forward_rnn 0.00, two pieces [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.48, 0.48, 0.39, 0.38, 0.26, 0.17]
  both directions: off by 0.00 from one that is plain backwards
  both directions: off by 3.10 from one that is liquid backwards
SEEN
