"""The operator RNN; with a leak, which it does not have, or without tanh, which some runtimes take for any activation
(tract in silence, see docs/exports.md) or refuse, a scan over the steps.
"""

from typing import Any

import numpy as np

from rnncli.exports.graph import Graph
from rnncli.exports.layers import Asked, each_way, native, one_bias, start

#: activation -> the node of a scan
NODES = {"tanh": "Tanh", "relu": "Relu", "linear": "Identity"}


def layer(g: Graph, asked: Asked) -> tuple[str, list[str]]:
    """y and the state at the end."""
    cell: Any = asked.cell
    if cell.leak == 1.0 and cell.chosen["activation"] == "tanh":
        return native(g, asked, "RNN", [0], one_bias)
    return each_way(g, asked, _scanned)


def _scanned(
    g: Graph, cell: Any, theta: dict[str, np.ndarray], x: str, states: list[str] | None
) -> tuple[str, list[str]]:
    """h[t] = a f(z[t] + h[t-1]·R) + (1 - a) h[t-1]."""
    z, H = g.affine(x, theta["W"], theta["b"]), cell.hidden
    step = g.body()
    h, z_t = (step.input(step.free(name), np.float32, ["batch", H]) for name in ("h", "z"))
    f = step.node("Add", z_t, step.node("MatMul", h, step.constant(theta["R"])))
    f = step.node(NODES[cell.chosen["activation"]], f)
    if cell.leak != 1.0:
        old = step.node("Mul", h, step.constant(np.float32(1 - cell.leak)))
        f = step.node("Add", step.node("Mul", f, step.constant(np.float32(cell.leak))), old)
    for name in ("next", "y"):
        step.output(step.free(name), f, np.float32, ["batch", H])
    end, y = g.scan(step, [start(g, cell, x, states)], [z])
    return y, [end]
