#!/usr/bin/env bash
# onnx 1.23.2, ReferenceEvaluator: `clip` of LSTM, GRU and RNN, `activations` of LSTM and GRU and `input_forget` have no effect, without
# a word: the outputs are those of the node without the attribute, to the last bit. (RNN takes Tanh and Affine, and
# refuses others.) It is the implementation that stands for the standard, and the one a converter or runtime is tested
# against: one that leaves these out as well passes, one that has them fails. onnxruntime 1.32.0 differs where it should.
# (`direction`, initial states, peepholes and linear_before_reset are right; of `sequence_lens` another script here tells.)
# Way out: compare such nodes with onnxruntime, or with the formulas.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

GATES, H, D, F = {"LSTM": 4, "GRU": 3, "RNN": 1}, 3, 2, TensorProto.FLOAT
rng = np.random.default_rng(1)
x = rng.normal(size=(5, 1, D)).astype(np.float32)


def outputs(kind, weights, attributes):
    """All h of onnxruntime and of the reference evaluator."""
    node = helper.make_node(kind, ["X", "W", "R", "B"], ["Y"], hidden_size=H, **attributes)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("X", F, x.shape)], [helper.make_tensor_value_info("Y", F, [5, 1, 1, H])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [run.run(None, {"X": x})[0] for run in (session, ReferenceEvaluator(model))]


def compare(kind, **attributes):
    wide = GATES[kind] * H
    shapes = {"W": (1, wide, D), "R": (1, wide, H), "B": (1, 2 * wide)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    plain, here = outputs(kind, weights, {}), outputs(kind, weights, attributes)
    assert np.allclose(*plain, atol=1e-6)
    said = ["no effect" if np.array_equal(a, b) else f"{np.abs(a - b).max():.2f} off the plain node" for a, b in zip(plain, here)]
    print(f"{kind:4} {', '.join(attributes)}: onnxruntime {said[0]}; reference {said[1]}")


for kind in GATES:
    compare(kind, clip=0.3)
compare("LSTM", activations=["Sigmoid", "Tanh", "Relu"])
compare("LSTM", activations=["HardSigmoid", "Tanh", "Tanh"], activation_alpha=[0.2], activation_beta=[0.5])
compare("GRU", activations=["Sigmoid", "Relu"])
compare("LSTM", input_forget=1)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM clip: onnxruntime 0.25 off the plain node; reference no effect
GRU  clip: onnxruntime 0.87 off the plain node; reference no effect
RNN  clip: onnxruntime 0.71 off the plain node; reference no effect
LSTM activations: onnxruntime 0.23 off the plain node; reference no effect
LSTM activations, activation_alpha, activation_beta: onnxruntime 0.03 off the plain node; reference no effect
GRU  activations: onnxruntime 3.28 off the plain node; reference no effect
LSTM input_forget: onnxruntime 0.17 off the plain node; reference no effect
SEEN
