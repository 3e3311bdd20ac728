#!/usr/bin/env bash
# OpenCV 5.0.0, readNetFromONNX: recurrent nodes are computed as others, without a word; the checker of onnx accepts all the
# models. `clip` and `input_forget` have no effect. GRU has no direction `reverse` (it reads onwards) and no `sequence_lens` (the
# final state is that after the padding). The final state Y_h of an LSTM that reads in `reverse` is that of the last row,
# which is read first: it knows one row of the sequence. A GRU node that names only its output Y gives the final state
# in place of all states; with Y_h beside it, as PyTorch writes it, Y is right. The page of ONNX defines all of these.
# onnxruntime 1.32.0 has them, as the formulas below. No issue of opencv/opencv on it was found. (19278 asked for initial states.)
# Way out: compare a run with onnxruntime; reverse the input by a node, name both outputs.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
import cv2
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper
GATES, H, D, T, F = {"LSTM": 4, "GRU": 3}, 3, 2, 5, TensorProto.FLOAT
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def formula(kind, x, w, turn=1, steps=T, clip=np.inf, input_forget=0, linear_before_reset=1):
    """The states by the formulas of ONNX, in the order in which they come; x: (T, D)."""
    h = c = np.zeros(H)
    W, R, (Wb, Rb) = w["W"][0], w["R"][0], np.split(w["B"][0], 2)
    for row in x[:steps][::turn]:
        a, b = (W @ row + Wb).reshape(-1, H), (R @ h).reshape(-1, H)
        rb = Rb.reshape(-1, H)
        if kind == "GRU":
            z, r = (sigmoid(np.clip(a[i] + b[i] + rb[i], -clip, clip)) for i in (0, 1))
            inner = r * (b[2] + rb[2]) if linear_before_reset else R[2 * H:] @ (r * h) + rb[2]
            h = (1 - z) * np.tanh(np.clip(a[2] + inner, -clip, clip)) + z * h
        else:
            i, o, f, g = np.clip(a + b + rb, -clip, clip)
            c = (1 - sigmoid(i) if input_forget else sigmoid(f)) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        yield h
rng = np.random.default_rng(1)
def run(kind, out, both=False, **case):
    wide = GATES[kind] * H
    w = {"W": rng.normal(size=(1, wide, D)), "R": rng.normal(size=(1, wide, H)), "B": rng.normal(size=(1, 2 * wide))}
    x = rng.normal(size=(T, D))
    lengths = case.pop("lengths", None)
    attributes = ({"linear_before_reset": 1} if kind == "GRU" else {}) | case
    arrays = {name: a.astype(np.float32) for name, a in w.items()}
    if lengths:
        arrays["lengths"] = np.array([lengths], np.int32)
    node = helper.make_node(kind, ["X", "W", "R", "B", *(["lengths"] if lengths else [])],
                            ["Y", *(["Y_h"] if both else [])] if out == "Y" else ["", "Y_h"], hidden_size=H, **attributes)
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("X", F, [T, 1, D])],
                              [helper.make_tensor_value_info(out, F, [*([T] if out == "Y" else []), 1, 1, H])],
                              [numpy_helper.from_array(a, n) for n, a in arrays.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)
    data, rows = model.SerializeToString(), x[:, None].astype(np.float32)
    with open(sys.argv[1], "wb") as file:
        file.write(data)
    def states(**options):
        return np.array(list(formula(kind, x, w, **options)))
    direction = -1 if "direction" in case else 1
    given = {n: v for n, v in attributes.items() if n != "direction"}
    right = states(turn=direction, steps=lengths or T, **given)
    meanings = {"right": right[::direction] if out == "Y" else right[-1],
                "as if it was not there": states() if out == "Y" else states()[-1],
                "the last state alone": right[-1], "the state after the first row that is read": right[0]}
    net = cv2.dnn.readNetFromONNX(sys.argv[1])
    net.setInput(rows)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    said = [next((name for name, a in meanings.items() if y.size == a.size and np.allclose(y.ravel(), a.ravel(), atol=1e-5)),
                 "else") for y in (session.run(None, {"X": rows})[0], net.forward())]
    case |= ({"sequence_lens": lengths} if lengths else {}) | ({"beside Y_h": ""} if both else {})
    what = ", ".join(f"{name} {value}".strip() for name, value in case.items())
    print(f"{kind:4} {out:3} {what or 'as it is'}: onnxruntime {said[0]}; OpenCV {said[1]}")
run("LSTM", "Y")
run("LSTM", "Y_h")
run("LSTM", "Y", direction="reverse")
run("LSTM", "Y_h", direction="reverse")
run("LSTM", "Y", clip=0.3)
run("LSTM", "Y", input_forget=1)
run("GRU", "Y")
run("GRU", "Y", both=True)
run("GRU", "Y_h")
run("GRU", "Y_h", direction="reverse")
run("GRU", "Y_h", clip=0.3)
run("GRU", "Y_h", linear_before_reset=0)
run("GRU", "Y_h", lengths=2)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  opencv-python-headless==5.0.0.93 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" "$folder/model.onnx" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM Y   as it is: onnxruntime right; OpenCV right
LSTM Y_h as it is: onnxruntime right; OpenCV right
LSTM Y   direction reverse: onnxruntime right; OpenCV right
LSTM Y_h direction reverse: onnxruntime right; OpenCV the state after the first row that is read
LSTM Y   clip 0.3: onnxruntime right; OpenCV as if it was not there
LSTM Y   input_forget 1: onnxruntime right; OpenCV as if it was not there
GRU  Y   as it is: onnxruntime right; OpenCV the last state alone
GRU  Y   beside Y_h: onnxruntime right; OpenCV right
GRU  Y_h as it is: onnxruntime right; OpenCV right
GRU  Y_h direction reverse: onnxruntime right; OpenCV as if it was not there
GRU  Y_h clip 0.3: onnxruntime right; OpenCV as if it was not there
GRU  Y_h linear_before_reset 0: onnxruntime right; OpenCV right
GRU  Y_h sequence_lens 2: onnxruntime right; OpenCV as if it was not there
SEEN
