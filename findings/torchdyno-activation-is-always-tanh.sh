#!/usr/bin/env bash
# torchdyno 0.2.3 (the newest). Reservoir and EchoStateNetwork take an `activation` ("name of the activation function from
# torch") and compute tanh whatever it is; a name that torch lacks is an error, so the option looks heeded. arch_type
# "parallel" chains the layers as "multi" does, bit for bit: the second reads the states of the first, while
# combine_reservoirs="parallel" of the same class gives all of them the input. `washout` of fit_readout, "washout steps", is
# cut off after steps and sequences were joined to rows: of 10 sequences, 50 steps are 5, so the readout is fitted to the
# states of the start. evaluate takes the readout untransposed: an error, or for one as wide as the reservoir the score of
# another readout. Nothing warns.
# Way out: make parallel networks from reservoirs; multiply washout by the number of sequences; score forward's output.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
from unittest.mock import MagicMock
import torch

for name in ("torchvision", "torchvision.transforms", "torchvision.datasets"):  # only its images of digits need them
    sys.modules[name] = MagicMock()
from torchdyno.models.esn import EchoStateNetwork, Reservoir


def states(reservoir, x, f):
    """States by the equation of the page, time first, from 0."""
    h, said = torch.zeros(x.shape[1], reservoir.hidden_size), []
    for row in x:
        h = f(row @ reservoir.W_in.T + h @ reservoir.W_hat.T)
        said.append(h)
    return torch.stack(said)


torch.manual_seed(0)
x = torch.rand(60, 10, 1)
for name in ("tanh", "relu", "sin"):
    seen = Reservoir(1, 8, activation=name)
    off = [f"{abs(seen(x) - states(seen, x, getattr(torch, f))).max().item():.2f}" for f in (name, "tanh")]
    print(f"activation {name}: off by {off[0]} from {name}, by {off[1]} from tanh")
made = {}
for kind in ("multi", "parallel"):
    torch.manual_seed(1)
    made[kind] = EchoStateNetwork(input_size=1, output_size=1, layer_sizes=[8, 6], arch_type=kind)
a, b = (torch.cat(net.apply_reservoirs(x, None)[1], -1) for net in made.values())
print("parallel is multi:", torch.equal(a, b), "; the second layer reads", made["parallel"].reservoirs[1].input_size, "values,",
      "of combine_reservoirs", EchoStateNetwork(reservoirs=[Reservoir(1, 8), Reservoir(1, 6)], output_size=1,
                                                combine_reservoirs="parallel").reservoirs[0].input_size)
y, net = torch.rand(60, 10, 1), EchoStateNetwork(input_size=1, output_size=1, layer_sizes=[8])
y[:50] += 100  # the part to be washed out
net.fit_readout([(x, y)], washout=50, l2_value=1e-6)
h = states(net.reservoirs[0], x, torch.tanh).double()
for skipped in (50, 5):
    rows, to = h[skipped:].reshape(-1, 8), y[skipped:].reshape(-1, 1).double()
    right = torch.linalg.solve(rows.T @ rows + 1e-6 * torch.eye(8).double(), rows.T @ to)
    print(f"washout 50, 10 sequences: the readout is that of {60 - skipped} steps:", torch.allclose(net.readout.double(), right, rtol=0.01))
net, y = EchoStateNetwork(input_size=1, output_size=8, layer_sizes=[8]), torch.rand(60, 10, 8)
net.fit_readout([(x, y)], washout=0)
mean = lambda true, said: ((true - said) ** 2).mean().item()
print(f"evaluate: square error {net.evaluate([(x, y)], mean):.2g}, of forward {mean(y, net(x)):.2g}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6 \
  scipy==1.17.1 pandas==2.3.3 torchdyno==0.2.3 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
activation tanh: off by 0.00 from tanh, by 0.00 from tanh
activation relu: off by 0.66 from relu, by 0.00 from tanh
activation sin: off by 0.16 from sin, by 0.00 from tanh
parallel is multi: True ; the second layer reads 8 values, of combine_reservoirs 1
washout 50, 10 sequences: the readout is that of 10 steps: False
washout 50, 10 sequences: the readout is that of 55 steps: True
evaluate: square error 2.7, of forward 0.097
SEEN
