#!/usr/bin/env bash
# MNN 3.6.1, recurrent nodes of an ONNX file: the converter takes them and leaves out what it does not know, without a
# word; the checker of onnx accepts all the models. LSTM, GRU and RNN ignore `sequence_lens` (the final state is that
# after the padding), `clip` and the direction `reverse` (they read onwards), GRU and RNN `activations` (ReLU is
# computed as tanh), LSTM `input_forget`. A GRU with `linear_before_reset` 0, which is the default of ONNX, is computed
# with 1. A GRU or RNN that names only Y_h gives all states under that name, of shape (time, 1, batch, hidden), so a
# reader of its first values has the first step. The page of ONNX defines all of these; onnxruntime 1.32.0 has them.
# Issue 2239 of alibaba/MNN has a wrong GRU with ReLU, closed. Right are one direction or both, initial states, and GRU
# with linear_before_reset 1; peepholes and other activations of LSTM are refused.
# Way out: compare a run with onnxruntime; reverse the input by a node, name Y and Y_h, write linear_before_reset 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
import MNN
import _tools  # the converter of the package MNN, without its log
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

GATES, H, D, T, B, F = {"LSTM": 4, "GRU": 3, "RNN": 1}, 3, 2, 5, 2, TensorProto.FLOAT
folder = sys.argv[1]


def compare(kind, what, attributes, lengths=None, outputs=("Y", "Y_h"), reset=1):
    """Print how far MNN's outputs are from onnxruntime's, of one node with random weights."""
    rng, both = np.random.default_rng(0), 1 + (attributes.get("direction") == "bidirectional")
    wide = GATES[kind] * H
    shapes = {"W": (both, wide, D), "R": (both, wide, H), "B": (both, 2 * wide)}
    constants = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    if lengths:
        constants["lengths"] = np.array(lengths, np.int32)
    if kind == "GRU":
        attributes = attributes | {"linear_before_reset": reset}
    named = [name if name in outputs else "" for name in ("Y", "Y_h", "Y_c")[: 3 if kind == "LSTM" else 2]]
    node = helper.make_node(kind, ["X", *constants], named, hidden_size=H, **attributes)
    of = {"Y": [T, both, B, H], "Y_h": [both, B, H]}
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("X", F, [T, B, D])],
                              [helper.make_tensor_value_info(name, F, of[name]) for name in outputs],
                              [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    checker.check_model(model, full_check=True)
    onnx.save(model, f"{folder}/m.onnx")
    _tools.mnnconvert(["", "-f", "ONNX", "--modelFile", f"{folder}/m.onnx", "--bizCode", "x",
                       "--MNNModel", f"{folder}/m.mnn"])
    x = rng.normal(size=(T, B, D)).astype(np.float32)
    right = onnxruntime.InferenceSession(f"{folder}/m.onnx", providers=["CPUExecutionProvider"]).run(None, {"X": x})
    given = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
    given.write(x)
    seen = [np.array(value.read()) for value in
            MNN.nn.load_module_from_file(f"{folder}/m.mnn", ["X"], list(outputs)).forward([given])]
    said = [f"off by {np.abs(a - b).max():.2f}" if a.shape == b.shape else f"shape {a.shape}, not {b.shape}"
            for a, b in zip(seen, right, strict=True)]
    print(f"# {kind:4} {what:14}: " + ", ".join(f"{name} {text}" for name, text in zip(outputs, said)))


for kind in GATES:
    compare(kind, "plain", {})
    compare(kind, "both ways", {"direction": "bidirectional"})
    compare(kind, "sequence_lens", {}, lengths=[5, 3])
    compare(kind, "reverse", {"direction": "reverse"})
    compare(kind, "clip 0.3", {"clip": 0.3})
    compare(kind, "only Y_h", {}, outputs=("Y_h",))
compare("RNN", "Relu", {"activations": ["Relu"]})
compare("GRU", "Sigmoid, Relu", {"activations": ["Sigmoid", "Relu"]})
compare("GRU", "reset before", {}, reset=0)
compare("LSTM", "input_forget", {"input_forget": 1})
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check MNN==3.6.1 onnx==1.23.2 onnxruntime==1.32.0 \
  numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" "$folder" 2> /dev/null | sed -n 's/^# //p' | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM plain         : Y off by 0.00, Y_h off by 0.00
LSTM both ways     : Y off by 0.00, Y_h off by 0.00
LSTM sequence_lens : Y off by 0.37, Y_h off by 0.24
LSTM reverse       : Y off by 0.52, Y_h off by 0.63
LSTM clip 0.3      : Y off by 0.39, Y_h off by 0.29
LSTM only Y_h      : Y_h off by 0.00
GRU  plain         : Y off by 0.00, Y_h off by 0.00
GRU  both ways     : Y off by 0.00, Y_h off by 0.00
GRU  sequence_lens : Y off by 0.88, Y_h off by 0.75
GRU  reverse       : Y off by 0.61, Y_h off by 0.91
GRU  clip 0.3      : Y off by 0.76, Y_h off by 0.43
GRU  only Y_h      : Y_h shape (5, 1, 2, 3), not (1, 2, 3)
RNN  plain         : Y off by 0.00, Y_h off by 0.00
RNN  both ways     : Y off by 0.00, Y_h off by 0.00
RNN  sequence_lens : Y off by 0.99, Y_h off by 0.73
RNN  reverse       : Y off by 1.43, Y_h off by 0.96
RNN  clip 0.3      : Y off by 1.04, Y_h off by 0.70
RNN  only Y_h      : Y_h shape (5, 1, 2, 3), not (1, 2, 3)
RNN  Relu          : Y off by 1.00, Y_h off by 0.99
GRU  Sigmoid, Relu : Y off by 2.41, Y_h off by 1.19
GRU  reset before  : Y off by 0.13, Y_h off by 0.10
LSTM input_forget  : Y off by 0.29, Y_h off by 0.09
SEEN
