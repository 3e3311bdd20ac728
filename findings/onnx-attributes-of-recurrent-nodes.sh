#!/usr/bin/env bash
# Attributes of ONNX recurrent nodes that a runtime leaves out without a word; the checker of onnx accepts all the models.
# tract 0.23.9: `activations`, `clip`, `input_forget` and direction `reverse` have no effect in LSTM, GRU and RNN: a network
# with ReLU, as PyTorch writes nn.RNN(nonlinearity="relu"), is computed with tanh, and one that reads backward reads forward.
# OpenVINO 2026.4.1: `input_forget` and the peepholes (input P) have no effect, and of a bidirectional node both directions get
# the activations of the first. onnxruntime 1.32.0 has all of them, as the formulas of ONNX below. Such a model has
# plausible outputs of the right shape that are simply those of another network.
# Way out: compare a run with another runtime; for tract write such a layer as Scan, or reverse the input by a node.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys
import numpy as np
import onnxruntime
import openvino
import tract
from onnx import TensorProto, checker, helper, numpy_helper
GATES, H, D, T, F = {"LSTM": 4, "GRU": 3, "RNN": 1}, 3, 2, 5, TensorProto.FLOAT
FUNCTIONS = {"Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Tanh": np.tanh, "Relu": lambda x: np.maximum(x, 0)}
USUAL = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
def one_way(kind, x, W, R, B, P, names, clip=np.inf, input_forget=0):
    """All h of one direction by the formulas of ONNX; x: (T, D)."""
    f, *rest = (lambda x, name=name: FUNCTIONS[name](np.clip(x, -clip, clip)) for name in names)
    h = c = np.zeros(H)
    out = []
    for row in x:
        a, b = (W @ row + B[: len(W)]).reshape(-1, H), (R @ h + B[len(W):]).reshape(-1, H)
        if kind == "RNN":
            h = f(a[0] + b[0])
        elif kind == "GRU":  # linear_before_reset 1
            z, r = f(a[0] + b[0]), f(a[1] + b[1])
            h = (1 - z) * rest[0](a[2] + r * b[2]) + z * h
        else:
            i = f(a[0] + b[0] + P[:H] * c)
            forget = 1 - i if input_forget else f(a[2] + b[2] + P[2 * H:] * c)
            c = forget * c + i * rest[0](a[3] + b[3])
            h = f(a[1] + b[1] + P[H : 2 * H] * c) * rest[1](c)
        out.append(h)
    return np.array(out)
def formula(kind, x, w, direction="forward", activations=None, **rest):
    both, n, P = direction == "bidirectional", len(USUAL[kind]), w.get("P", np.zeros((2, 3 * H)))
    names = activations or USUAL[kind] * (1 + both)
    turns = {"forward": [1], "reverse": [-1], "bidirectional": [1, -1]}[direction]
    ways = [one_way(kind, x[::turn], w["W"][i], w["R"][i], w["B"][i], P[i], names[i * n :][:n], **rest)[::turn]
            for i, turn in enumerate(turns)]
    return np.stack(ways, 1)
def runtimes(kind, x, w, attributes):
    names = ["X", "W", "R", "B", "", "h0", *(["c0"] if kind == "LSTM" else []), *(["P"] if "P" in w else [])]
    zero = np.zeros((len(w["W"]), 1, H))
    extra = {"linear_before_reset": 1} if kind == "GRU" else {}
    node = helper.make_node(kind, names, ["Y"], hidden_size=H, **extra, **attributes)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("X", F, [T, 1, D])],
        [helper.make_tensor_value_info("Y", F, [T, len(zero), 1, H])],
        [numpy_helper.from_array(a.astype(np.float32), n) for n, a in (w | {"h0": zero, "c0": zero}).items() if n in names])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)
    (path, x), data = (sys.argv[1], x[:, None].astype(np.float32)), model.SerializeToString()
    with open(path, "wb") as file:
        file.write(data)
    yield onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {"X": x})[0]
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    yield compiled(x)[0]
    yield tract.onnx().load(path).into_model().into_runnable().run([x])[0].to_numpy()
rng = np.random.default_rng(1)
def compare(kind, **case):
    peepholes, ways = case.pop("peepholes", False), 2 if case.get("direction") == "bidirectional" else 1
    wide, x = GATES[kind] * H, rng.normal(size=(T, D))
    w = {"W": rng.normal(size=(ways, wide, D)), "R": rng.normal(size=(ways, wide, H)), "B": rng.normal(size=(ways, 2 * wide))}
    w |= {"P": rng.normal(size=(ways, 3 * H))} if peepholes else {}
    plain = {"direction": case["direction"]} if ways == 2 else {}
    left_out = formula(kind, x, {name: a for name, a in w.items() if name != "P"}, **plain)
    first = case.get("activations", [])[: len(USUAL[kind])]
    as_first = formula(kind, x, w, **plain, activations=first * 2) if ways == 2 else left_out
    meanings = {"right": formula(kind, x, w, **case), "left out": left_out, "the first for both": as_first}
    said = [next((name for name, y in meanings.items() if np.allclose(y, out[:, :, 0], atol=1e-5)), "else")
            for out in runtimes(kind, x, w, case)]
    what = ", ".join(f"{name} {value if isinstance(value, str | int | float) else ' '.join(value)}" for name, value in case.items())
    print(f"{kind:4} {what or 'peepholes'}: onnxruntime {said[0]}; OpenVINO {said[1]}; tract {said[2]}")
for kind in GATES:
    compare(kind, direction="reverse")
    compare(kind, clip=0.3)
    compare(kind, activations=[*USUAL[kind][:-1], "Relu"])
    compare(kind, direction="bidirectional", activations=[*USUAL[kind][:-1], "Relu", *USUAL[kind]])
compare("LSTM", input_forget=1)
compare("LSTM", peepholes=True)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 \
  tract==0.23.9 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" "$folder/model.onnx" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
LSTM direction reverse: onnxruntime right; OpenVINO right; tract left out
LSTM clip 0.3: onnxruntime right; OpenVINO right; tract left out
LSTM activations Sigmoid Tanh Relu: onnxruntime right; OpenVINO right; tract left out
LSTM direction bidirectional, activations Sigmoid Tanh Relu Sigmoid Tanh Tanh: onnxruntime right; OpenVINO the first for both; tract left out
GRU  direction reverse: onnxruntime right; OpenVINO right; tract left out
GRU  clip 0.3: onnxruntime right; OpenVINO right; tract left out
GRU  activations Sigmoid Relu: onnxruntime right; OpenVINO right; tract left out
GRU  direction bidirectional, activations Sigmoid Relu Sigmoid Tanh: onnxruntime right; OpenVINO the first for both; tract left out
RNN  direction reverse: onnxruntime right; OpenVINO right; tract left out
RNN  clip 0.3: onnxruntime right; OpenVINO right; tract left out
RNN  activations Relu: onnxruntime right; OpenVINO right; tract left out
RNN  direction bidirectional, activations Relu Tanh: onnxruntime right; OpenVINO the first for both; tract left out
LSTM input_forget 1: onnxruntime right; OpenVINO left out; tract left out
LSTM peepholes: onnxruntime right; OpenVINO left out; tract right
SEEN
