"""A layer of a network as nodes: what the nodes of all cells are made of.

A file of `exports/cells` has a function `layer(g, asked)`, which adds the nodes of one layer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.exports.graph import Graph


@dataclass(frozen=True)
class Asked:
    """One layer: its cell, the parameters of each direction, x (T, N, D); and either the states that it starts from,
    or the lengths (N,) of whole sequences, which start from zero.
    """

    cell: Cell
    thetas: list[dict[str, np.ndarray]]
    x: str
    states: list[str] | None = None
    lengths: str | None = None


#: y (T, N, H) and the states at the end of a layer that reads one way
OneWay = Callable[[Graph, Cell, dict[str, np.ndarray], str, list[str] | None], tuple[str, list[str]]]


def each_way(g: Graph, asked: Asked, one: OneWay) -> tuple[str, list[str]]:
    """y (T, N, H or 2 H) and the states at the end, of a layer that is made of one direction, or of two side by side,
    each of which reads onwards: the second one a sequence that is reversed within its own length.
    """
    ahead, states = one(g, asked.cell, asked.thetas[0], asked.x, asked.states)
    if len(asked.thetas) == 1:
        return ahead, states
    turned = reversed_in_time(g, asked.x, asked.lengths)
    back, _ = one(g, asked.cell, asked.thetas[1], turned, None)
    return g.node("Concat", ahead, reversed_in_time(g, back, asked.lengths), axis=2), []


def reversed_in_time(g: Graph, x: str, lengths: str) -> str:
    """x (T, N, .) with each row reversed within its own length; what is beyond stays where it is."""
    return g.node("ReverseSequence", x, lengths, batch_axis=1, time_axis=0)


def native(
    g: Graph,
    asked: Asked,
    kind: str,
    gates: list[int],
    biases: Callable[[dict[str, np.ndarray]], np.ndarray],
    **attributes: object,
) -> tuple[str, list[str]]:
    """The same by one operator of ONNX a direction. `gates`: which of the cell's gates each one of the operator is;
    `biases` gives both of a direction (2 G·H,), in the cell's own order.

    The operator knows directions and lengths, but runtimes leave them out in silence: OpenVINO lengths where batch or
    time is free, tract the direction. So each operator reads onwards to the end, and what is behind a row is not used.
    """

    def one(
        g: Graph, cell: Cell, theta: dict[str, np.ndarray], x: str, states: list[str] | None
    ) -> tuple[str, list[str]]:
        H = cell.hidden

        def ordered(array: np.ndarray) -> np.ndarray:
            """(.., G·H) with the gates in the operator's order."""
            return np.concatenate([array[..., k * H : (k + 1) * H] for k in gates], axis=-1)

        W, R = (g.constant(ordered(theta[name]).T[None]) for name in ("W", "R"))
        B = g.constant(np.concatenate([ordered(half) for half in np.split(biases(theta), 2)])[None])
        begin = ["", *(g.node("Unsqueeze", state, g.whole([0])) for state in states)] if states else []
        count = 1 + len(cell.state_names)
        Y, *ends = g.several(kind, count, x, W, R, B, *begin, hidden_size=H, **attributes)
        return g.node("Squeeze", Y, g.whole([1])), [g.node("Squeeze", end, g.whole([0])) for end in ends]

    return each_way(g, asked, one)


def one_bias(theta: dict[str, np.ndarray]) -> np.ndarray:
    """Both biases of an operator, of a cell that has one."""
    return np.concatenate([theta["b"], np.zeros_like(theta["b"])])


def start(g: Graph, cell: Cell, x: str, states: list[str] | None) -> str:
    """The state (N, H) that a layer with one state starts from."""
    return states[0] if states else g.zeros([g.size(x, 1), g.whole([cell.hidden])])
