#!/usr/bin/env bash
# OpenVINO 2026.4.1, CPU: LSTM, GRU and RNN of an ONNX file ignore `sequence_lens` as soon as the batch or the time of the model
# is a free dimension, as exporters write them by default. The same file with fixed dimensions heeds the lengths. The
# final state of a short row is then that after its padding, and a layer that reads both ways reads the padding first: all
# of its second half is wrong, at the steps of the row too. No error, no warning. (Since "Disabled sequences decomposition
# for dynamic case", pull request 10710 of openvinotoolkit/openvino.) onnxruntime 1.32.0 gives the rows right in both.
# Way out: reshape the model to fixed dimensions before it is compiled; or ReverseSequence nodes around layers that read onwards.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, checker, helper, numpy_helper
GATES, H, D, F = {"LSTM": 4, "GRU": 3, "RNN": 1}, 3, 2, TensorProto.FLOAT
rng = np.random.default_rng(0)
def runtimes(kind, time, batch):
    wide = GATES[kind] * H
    weights = {"W": rng.normal(size=(2, wide, D)), "R": rng.normal(size=(2, wide, H)), "B": rng.normal(size=(2, 2 * wide))}
    node = helper.make_node(kind, ["X", "W", "R", "B", "lengths"], ["Y", "Y_h"], hidden_size=H, direction="bidirectional")
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info("X", F, [time, batch, D]),
         helper.make_tensor_value_info("lengths", TensorProto.INT32, [batch])],
        [helper.make_tensor_value_info("Y", F, [time, 2, batch, H]), helper.make_tensor_value_info("Y_h", F, [2, batch, H])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)
    with open(sys.argv[1], "wb") as file:
        file.write(model.SerializeToString())
    compiled = openvino.Core().compile_model(sys.argv[1], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    return {"onnxruntime": lambda feed: session.run(None, feed), "OpenVINO": lambda feed: list(compiled(feed).values())}
x = rng.normal(size=(5, 2, D)).astype(np.float32)
for kind in GATES:
    for name, time, batch in (("fixed", 5, 2), ("batch is free", 5, "batch"), ("time is free", "time", 2)):
        said = []
        for who, run in runtimes(kind, time, batch).items():
            (Y, end), (Y_full, end_full) = (run({"X": x, "lengths": np.array(n, np.int32)}) for n in ([5, 3], [5, 5]))
            heeded = np.allclose(end[0, 1], Y_full[2, 0, 1], atol=1e-5)  # the state after 3 steps
            ignored = np.array_equal(Y, Y_full) and np.array_equal(end, end_full)
            said.append(f"{who} {'heeds the lengths' if heeded and not ignored else 'ignores them' if ignored else 'else'}")
        print(f"{kind:4} {name:13}: {'; '.join(said)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 \
  numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" "$folder/model.onnx" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM fixed        : onnxruntime heeds the lengths; OpenVINO heeds the lengths
LSTM batch is free: onnxruntime heeds the lengths; OpenVINO ignores them
LSTM time is free : onnxruntime heeds the lengths; OpenVINO ignores them
GRU  fixed        : onnxruntime heeds the lengths; OpenVINO heeds the lengths
GRU  batch is free: onnxruntime heeds the lengths; OpenVINO ignores them
GRU  time is free : onnxruntime heeds the lengths; OpenVINO ignores them
RNN  fixed        : onnxruntime heeds the lengths; OpenVINO heeds the lengths
RNN  batch is free: onnxruntime heeds the lengths; OpenVINO ignores them
RNN  time is free : onnxruntime heeds the lengths; OpenVINO ignores them
SEEN
