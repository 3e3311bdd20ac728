"""The layers of one network as nodes, from what it reads to what the output layer gives."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

from rnncli.errors import RnncliError
from rnncli.exports.graph import Graph
from rnncli.exports.inputs import Inputs
from rnncli.exports.layers import Asked
from rnncli.exports.pooling import pooled
from rnncli.network.architecture import REVERSE
from rnncli.network.network import Network

CELLS = "rnncli.exports.cells"
STATE, NEXT = "state_", "next_"  # begin the names of the states that go in, and of those that come out


def nodes_of(cell: str) -> ModuleType:
    """The file with the nodes of a cell; RnncliError if there is none."""
    if find_spec(f"{CELLS}.{cell}") is None:
        raise RnncliError(f"--export onnx: the cell {cell} has no ONNX nodes: train another one, such as --cell lstm")
    return import_module(f"{CELLS}.{cell}")


def logits(g: Graph, network: Network, inputs: Inputs, lengths: str | None, suffix: str) -> str:
    """What the output layer gives: (T, N, V) at every step, or (N, V) of pooled sequences. Without `lengths` the states
    are inputs and outputs of the graph, whose names end in `suffix`.
    """
    a, theta = network.architecture, network.theta
    x, nodes = inputs.rows(g, theta, a.category_names()), nodes_of(a.cell)
    for index, cell in enumerate(network.cells):
        ends = ["", REVERSE] if a.bidirectional else [""]
        thetas = [theta.layer(f"{index}{end}") for end in ends]
        if lengths is not None:
            x, _ = nodes.layer(g, Asked(cell, thetas, x, None, lengths))
            continue
        shapes = getattr(nodes, "state_shapes", _usual_shapes)(cell)
        names = [f"{name}_{index}{suffix}" for name in cell.state_names]
        shaped = [(name, ["batch", *shape]) for name, shape in zip(names, shapes, strict=True)]
        states = [g.input(f"{STATE}{name}", np.float32, shape) for name, shape in shaped]
        x, found = nodes.layer(g, Asked(cell, thetas, x, states))
        for (name, shape), state in zip(shaped, found, strict=True):
            g.output(f"{NEXT}{name}", state, np.float32, shape)
    if a.pool:
        x = pooled(g, x, lengths, a.pool, a.width, a.bidirectional)
    W = g.swapped(g.constant(theta["embedding.E"]), 1, 0) if a.tied else g.constant(theta["output.W"])
    return g.node("Add", g.node("MatMul", x, W), g.constant(theta["output.b"]))


def _usual_shapes(cell: Any) -> list[tuple[int, ...]]:
    return [(width,) for width in cell.state_widths]
