#!/usr/bin/env bash
# pnnx 20261020 and ncnn 1.0.20261020, recurrent layers of PyTorch 2.13.0. nn.RNN(nonlinearity="relu") is converted to
# ncnn's RNN, which knows tanh alone: the outputs are those of tanh, one way or both. And where a network takes only the
# last state, as in `_, h = gru(x)` with a layer on h.squeeze(0), the layer gets one output, and the first output of a
# layer of ncnn is all states: what stands for h is the whole sequence, and the layers behind it give a row for each
# step instead of one. Its first row, which a reader takes, is the answer after one step. If the outputs are used as
# well, h is right. The latter holds for RNN, GRU and LSTM. No error, no warning. No issue on it was found.
# Way out: a layer of tanh; return the outputs too, or take outputs[:, -1] of a layer that reads one way.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import ncnn
import numpy as np
import torch
import pnnx

torch.manual_seed(0)
x = torch.randn(1, 5, 3)


class Outputs(torch.nn.Module):
    """All outputs of a recurrent layer."""

    def __init__(self, kind, **options):
        super().__init__()
        self.layer = getattr(torch.nn, kind)(3, 4, batch_first=True, **options)
        self.head = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)[0]


class Last(Outputs):
    """Two scores of the last state alone, as of a classifier."""

    def forward(self, x):
        h = self.layer(x)[1]
        return self.head((h[0] if isinstance(h, tuple) else h).squeeze(0))


class Both(Outputs):
    """The outputs, and the scores."""

    def forward(self, x):
        y, h = self.layer(x)
        return y, self.head((h[0] if isinstance(h, tuple) else h).squeeze(0))


for what, network in (
    ("RNN tanh", Outputs("RNN")), ("RNN relu", Outputs("RNN", nonlinearity="relu")),
    ("RNN relu both ways", Outputs("RNN", nonlinearity="relu", bidirectional=True)), ("GRU", Outputs("GRU")),
    ("RNN, last state", Last("RNN")), ("GRU, last state", Last("GRU")), ("LSTM, last state", Last("LSTM")),
    ("GRU, outputs and last state", Both("GRU")),
):
    network.eval()
    pnnx.export(network, "m.pt", (x,), fp16=False)
    net = ncnn.Net()
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param("m.ncnn.param"), net.load_model("m.ncnn.bin")
    run = net.create_extractor()
    run.input("in0", ncnn.Mat(x[0].numpy()).clone())
    right = network(x)
    for i, value in enumerate(right if isinstance(right, tuple) else (right,)):
        seen, value = np.atleast_2d(np.array(run.extract(f"out{i}")[1])), value.detach().numpy().reshape(-1, value.shape[-1])
        said = (f"off by {np.abs(seen - value).max():.2f}" if seen.shape == value.shape else
                f"{len(seen)} rows instead of {len(value)}, the first off by {np.abs(seen[0] - value[0]).max():.2f}, "
                f"the last by {np.abs(seen[-1] - value[0]).max():.2f}")
        print(f"@ {what}, output {i}: {said}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 ncnn==1.0.20261020 \
  numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps pnnx==20261020 2> /dev/null
cd "$folder"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -W ignore "$folder/try.py" 2> /dev/null | sed -n 's/^@ //p' | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
RNN tanh, output 0: off by 0.00
RNN relu, output 0: off by 0.65
RNN relu both ways, output 0: off by 0.82
GRU, output 0: off by 0.00
RNN, last state, output 0: 5 rows instead of 1, the first off by 0.70, the last by 0.00
GRU, last state, output 0: 5 rows instead of 1, the first off by 0.39, the last by 0.00
LSTM, last state, output 0: 5 rows instead of 1, the first off by 0.18, the last by 0.00
GRU, outputs and last state, output 0: off by 0.00
GRU, outputs and last state, output 1: off by 0.00
SEEN
