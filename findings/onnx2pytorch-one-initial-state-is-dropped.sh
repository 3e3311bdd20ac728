#!/usr/bin/env bash
# onnx2pytorch 0.6.0, LSTM nodes of ONNX: initial_h and initial_c are optional one by one, and what is not given is 0. The
# module takes both or neither: a node that names one of them starts from zeros, and the values that the caller gives for
# it have no effect, at any step. Below the outputs are off by 0.92 and 0.27 of 1 at most. onnxruntime, OpenVINO and tract
# are right, OpenCV refuses such nodes. No error, no warning; a state that is a constant of the file is refused.
# Right are lengths, both directions, GRU with either linear_before_reset, RNN of ReLU, and both states or none;
# clip, input_forget and other activations are refused.
# Way out: name both states, one of them of zeros.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, checker, helper, numpy_helper
from onnx2pytorch import ConvertModel

H, D, T, B, F = 3, 2, 5, 2, TensorProto.FLOAT


def by_hand(x, W, R, b, h, c):
    """All h of the equations of ONNX: gates in the order i, o, f, c."""
    states = []
    for row in x:
        i, o, f, g = np.split(row @ W.T + h @ R.T + b[:4 * H] + b[4 * H:], 4, axis=1)
        i, o, f = (1 / (1 + np.exp(-v)) for v in (i, o, f))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        states.append(h)
    return np.array(states)[:, None]


rng = np.random.default_rng(0)
weights = {"W": (1, 4 * H, D), "R": (1, 4 * H, H), "B": (1, 8 * H)}
weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
x = rng.normal(size=(T, B, D)).astype(np.float32)
states = {name: rng.normal(size=(1, B, H)).astype(np.float32) for name in ("h", "c")}
for given in ((), ("h",), ("c",), ("h", "c")):
    feed = {"X": x} | {name: states[name] for name in given}
    names = ["X", *weights, "", *(name if name in given else "" for name in states)]
    node = helper.make_node("LSTM", names, ["Y"], hidden_size=H)
    inputs = [helper.make_tensor_value_info(name, F, value.shape) for name, value in feed.items()]
    graph = helper.make_graph([node], "g", inputs, [helper.make_tensor_value_info("Y", F, [T, 1, B, H])],
                              [numpy_helper.from_array(value, name) for name, value in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    checker.check_model(model, full_check=True)
    right = by_hand(x, *(value[0] for value in weights.values()),
                    *(states[name][0] * (name in given) for name in states))
    runtime = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feed)[0]
    with torch.no_grad():
        seen = ConvertModel(model).eval()(*map(torch.from_numpy, feed.values())).numpy()
    print(f"initial {' and '.join(given) or 'states of 0':11}: onnx2pytorch off by {np.abs(seen - right).max():.2f},",
          f"onnxruntime by {np.abs(runtime - right).max():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx2pytorch==0.6.0 onnx==1.23.2 \
  onnxruntime==1.32.0 torch==2.14.1 torchvision==0.29.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" 2> /dev/null | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
initial states of 0: onnx2pytorch off by 0.00, onnxruntime by 0.00
initial h          : onnx2pytorch off by 0.92, onnxruntime by 0.00
initial c          : onnx2pytorch off by 0.27, onnxruntime by 0.00
initial h and c    : onnx2pytorch off by 0.00, onnxruntime by 0.00
SEEN
