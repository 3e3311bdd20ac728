#!/usr/bin/env bash
# ONNX recurrent nodes with `sequence_lens`, where two runtimes of the same model differ without a word.
# onnx 1.23.2, ReferenceEvaluator: LSTM, GRU and RNN ignore the lengths; the final state of a short row is that after the
# padding. onnxruntime 1.32.0: lengths are heeded, but a row of length 0 ends with a state of zeros, not with the
# `initial_h` it was given, so a stream that has nothing in one call forgets all it had read.
# Way out: check padded models against rows one by one, not against the reference evaluator; keep the old state yourself
# (Where) for rows of length 0.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
GATES, H, F, I = {"LSTM": 4, "GRU": 3, "RNN": 1}, 2, TensorProto.FLOAT, TensorProto.INT32
def runs(kind):
    rng, wide = np.random.default_rng(1), GATES[kind] * H
    weights = {"W": rng.normal(size=(1, wide, 1)), "R": rng.normal(size=(1, wide, H))}
    node = helper.make_node(kind, ["X", "W", "R", "", "lengths", "h0"], ["", "Y_h"], hidden_size=H)
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info("X", F, ["time", "batch", 1]), helper.make_tensor_value_info("lengths", I, ["batch"]),
         helper.make_tensor_value_info("h0", F, [1, "batch", H])],
        [helper.make_tensor_value_info("Y_h", F, [1, "batch", H])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return {"onnxruntime": session, "reference": ReferenceEvaluator(model)}
def state(run, steps, lengths, rows, h0=0.0):
    feed = {"X": np.ones((steps, rows, 1), np.float32), "lengths": np.array(lengths, np.int32)}
    return run.run(None, feed | {"h0": np.full((1, rows, H), h0, np.float32)})[0][0]
for kind in GATES:
    for name, run in runs(kind).items():
        short = np.allclose(state(run, 3, [3, 1], 2)[1], state(run, 1, [1], 1)[0], atol=1e-6)
        empty = state(run, 3, [3, 0], 2, 0.5)[1]
        kept = "kept" if np.allclose(empty, 0.5) else "zeros" if not empty.any() else "after the padding"
        print(f"{kind:4} {name:11}  length 1 of 3: {'heeded' if short else 'ignored':7}  state 0.5 after length 0: {kept}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM onnxruntime  length 1 of 3: heeded   state 0.5 after length 0: zeros
LSTM reference    length 1 of 3: ignored  state 0.5 after length 0: after the padding
GRU  onnxruntime  length 1 of 3: heeded   state 0.5 after length 0: zeros
GRU  reference    length 1 of 3: ignored  state 0.5 after length 0: after the padding
RNN  onnxruntime  length 1 of 3: heeded   state 0.5 after length 0: zeros
RNN  reference    length 1 of 3: ignored  state 0.5 after length 0: after the padding
SEEN
