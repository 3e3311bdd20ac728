"""State dicts of PyTorch as arrays, and the equations of its modules by NumPy, as its documentation has them."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def state_dict(cell, inputs, hidden, layers=1, bidirectional=False, prefix="rnn.", seed=0):
    """Random weights, two biases a layer."""
    rng, found = np.random.default_rng(seed), {}
    for index in range(layers):
        for end in ("", "_reverse")[: 1 + bidirectional]:
            rows, width = GATES[cell] * hidden, hidden * (1 + bidirectional) if index else inputs
            shapes = {"weight_ih": (rows, width), "weight_hh": (rows, hidden), "bias_ih": (rows,), "bias_hh": (rows,)}
            for name, shape in shapes.items():
                found[f"{prefix}{name}_l{index}{end}"] = rng.uniform(-0.6, 0.6, shape).astype(np.float32)
    return found


def with_ends(weights, tokens, inputs, width, outputs, embedding="encoder", read_out="decoder"):
    """An embedding and a read-out beside the layers."""
    rng = np.random.default_rng(1)
    found = {f"{embedding}.weight": rng.normal(size=(tokens, inputs))} if embedding else {}
    found |= {f"{read_out}.weight": rng.normal(size=(outputs, width)), f"{read_out}.bias": rng.normal(size=outputs)}
    return weights | {name: array.astype(np.float32) for name, array in found.items()}


def outputs_of(weights, x, activation=np.tanh, prefix="rnn."):
    """h of the last layer (T, H or 2 H) of x (T, D), in float64; each of the two biases stands where PyTorch has it."""
    w = {name.removeprefix(prefix): array.astype(np.float64) for name, array in weights.items()}
    y, index = x.astype(np.float64), 0
    while f"weight_ih_l{index}" in w:
        ways = [_one_way(w, f"_l{index}", y, activation)]
        if f"weight_ih_l{index}_reverse" in w:
            ways.append(_one_way(w, f"_l{index}_reverse", y[::-1], activation)[::-1])
        y, index = np.concatenate(ways, axis=1), index + 1
    return y


def _one_way(w, end, x, activation):
    W, R, b, c = (w[f"{name}{end}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    h, state, out = np.zeros(R.shape[1]), np.zeros(R.shape[1]), []
    for row in x:
        ours, theirs = (np.split(part, len(R) // len(h)) for part in (W @ row + b, R @ h + c))
        if len(ours) == 4:
            i, f, g, o = (a + b for a, b in zip(ours, theirs, strict=True))
            state = _sigmoid(f) * state + _sigmoid(i) * np.tanh(g)
            h = _sigmoid(o) * np.tanh(state)
        elif len(ours) == 3:
            r, z = (_sigmoid(ours[k] + theirs[k]) for k in (0, 1))
            h = (1 - z) * np.tanh(ours[2] + r * theirs[2]) + z * h
        else:
            h = activation(ours[0] + theirs[0])
        out.append(h)
    return np.stack(out)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def pytorch():
    """A Python with torch and safetensors: this one, or that of `make bench`. The test is skipped without."""
    if find_spec("torch"):
        return sys.executable
    python = ROOT / ".venv-bench" / "bin" / "python"
    if not list(python.parents[1].glob("lib/python*/site-packages/torch")):
        pytest.skip("needs torch, which make bench installs")
    return str(python)
