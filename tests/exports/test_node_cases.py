"""The ONNX project's own tests of the operators LSTM, GRU and RNN, run against the equations of tests/naive.py.

So it is known that our order of gates, biases and directions is the one of the operators, whatever a runtime does.
"""

import importlib

import numpy as np
import pytest

from tests import naive

pytest.importorskip("onnx")

#: operator -> its equations here, their states, and which of its gates each of ours is
KINDS = {
    "LSTM": (naive.lstm_step, 2, [0, 2, 3, 1]),  # i, o, f, c
    "GRU": (naive.gru_step, 1, [1, 0, 2]),  # z, r, h
    "RNN": (naive.rnn_step, 1, [0]),
}
#: what our cells do not have: peepholes; a reset gate before the product (of one step from zero, or of equal weights,
#: it makes no difference)
OTHER = {"test_lstm_with_peepholes", "test_gru_seq_length"}


@np.errstate(over="ignore", invalid="ignore")  # exp may overflow, and a product leave a flag of lanes that are not used
def cases():
    """name -> (node, inputs, outputs): what the tests of the operators hand to `expect`."""
    found = {}
    np.random.seed(0)  # they draw weights
    for kind in KINDS:
        module = importlib.import_module(f"onnx.backend.test.case.node.{kind.lower()}")
        usual, made = module.expect, getattr(module, kind)

        def kept(node, inputs, outputs, name, **_):
            found[name] = node, dict(zip(filter(None, node.input), inputs, strict=True)), outputs

        module.expect = kept
        try:
            for export in [name for name in dir(made) if name.startswith("export")]:
                getattr(made, export)()
        finally:
            module.expect = usual
    return found


CASES = cases()


def parameters(kind, inputs, direction):
    """Those of one direction, under our names."""
    order, H = KINDS[kind][2], inputs["R"].shape[2]

    def ours(rows):
        """(G·H, .) with the gates in our order."""
        return np.concatenate([rows[k * H : (k + 1) * H] for k in order])

    of_x, of_h = np.split(inputs.get("B", np.zeros((2, 2 * len(order) * H)))[direction], 2)
    p = {"W": ours(inputs["W"][direction]).T, "R": ours(inputs["R"][direction]).T, "b": ours(of_x) + ours(of_h)}
    if kind == "GRU":  # the bias of n within the reset gate, which these tests leave at zero
        p["b_n"] = np.zeros(H)
    return p


def unrolled(kind, p, X):
    """h of all steps (T, N, H), and the states at the end."""
    step, count, _ = KINDS[kind]
    state, hs = [np.zeros((X.shape[1], p["R"].shape[0]))] * count, []
    for x in X:
        state = step(p, x, state)
        hs.append(state[0])
    return np.stack(hs), state


def run(node, inputs):
    """Y, Y_h and Y_c as the operator orders them."""
    said = {a.name: a.i or a.s.decode() for a in node.attribute}
    X = inputs["X"].swapaxes(0, 1) if said.get("layout") else inputs["X"]
    backwards = {"reverse": [True], "bidirectional": [False, True]}.get(said.get("direction"), [False])
    ways = []
    for direction, back in enumerate(backwards):
        h, ends = unrolled(node.op_type, parameters(node.op_type, inputs, direction), X[::-1] if back else X)
        ways.append((h[::-1] if back else h, ends))
    out = [np.stack([h for h, _ in ways], axis=1), *(np.stack(end) for end in zip(*(e for _, e in ways), strict=True))]
    return [np.moveaxis(out[0], 2, 0), *(one.swapaxes(0, 1) for one in out[1:])] if said.get("layout") else out


def test_all_cases_of_the_three_operators_are_there():
    assert len(CASES) == 18
    assert set(CASES) >= OTHER


@pytest.mark.parametrize("name", sorted(set(CASES) - OTHER))
def test_our_equations_are_those_of_the_operator(name):
    node, inputs, outputs = CASES[name]
    assert not {"P", "initial_h", "initial_c"} & set(inputs)
    found = [value for value, kept in zip(run(node, inputs), node.output, strict=False) if kept]
    assert len(found) == len(outputs)
    for ours, theirs in zip(found, outputs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
