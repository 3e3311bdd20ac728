#!/usr/bin/env bash
# onnxruntime 1.32.0 (CPU provider, x86-64): a NaN that an LSTM or GRU reads is gone once the node has a bias (input B).
# Without B the final state is NaN, as IEEE arithmetic and ONNX's reference evaluator have it; with B, even one of zeros,
# it is an ordinary number: the row looks sound, and so do all that come after it. RNN keeps the NaN. A model that takes
# missing values for NaN and is checked without bias behaves otherwise with one.
# Way out: replace or flag missing values before the node; never rely on NaN to pass through.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
GATES, H, F = {"LSTM": 4, "GRU": 3, "RNN": 1}, 2, TensorProto.FLOAT
def final_state(kind, bias, x):
    wide = GATES[kind] * H
    weights = {"W": np.full((1, wide, 1), 0.5), "R": np.full((1, wide, H), 0.25), "B": np.zeros((1, 2 * wide))}
    names = ["W", "R", "B"][: 3 if bias else 2]
    node = helper.make_node(kind, ["X", *names], ["", "Y_h"], hidden_size=H)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("X", F, [3, 1, 1])],
        [helper.make_tensor_value_info("Y_h", F, [1, 1, H])],
        [numpy_helper.from_array(weights[name].astype(np.float32), name) for name in names],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [run.run(None, {"X": x})[0] for run in (session, ReferenceEvaluator(model))]
x = np.array([1, np.nan, 1], np.float32).reshape(3, 1, 1)
for kind in GATES:
    for bias in (False, True):
        said = ["NaN" if np.isnan(y).all() else "a number" for y in final_state(kind, bias, x)]
        print(f"{kind:4} {'bias of zeros' if bias else 'no bias':13}  onnxruntime: {said[0]:8}  reference: {said[1]}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM no bias        onnxruntime: NaN       reference: NaN
LSTM bias of zeros  onnxruntime: a number  reference: NaN
GRU  no bias        onnxruntime: NaN       reference: NaN
GRU  bias of zeros  onnxruntime: a number  reference: NaN
RNN  no bias        onnxruntime: NaN       reference: NaN
RNN  bias of zeros  onnxruntime: NaN       reference: NaN
SEEN
