"""h[t] = a[t] ∘ h[t-1] + b[t], a scan over the steps: all products are made before it."""

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.cells.mingru import IN, KEEP, NEW
from rnncli.exports.graph import Graph
from rnncli.exports.layers import Asked, each_way, start


def layer(g: Graph, asked: Asked) -> tuple[str, list[str]]:
    """y and the state at the end."""
    return each_way(g, asked, _one_way)


def _one_way(
    g: Graph, cell: Cell, theta: dict[str, np.ndarray], x: str, states: list[str] | None
) -> tuple[str, list[str]]:
    z, H = g.affine(x, theta["W"], theta["b"]), cell.hidden
    keep, let_in, new = (g.part(z, 2, k * H, (k + 1) * H) for k in (KEEP, IN, NEW))
    a, b = g.node("Tanh", keep), g.node("Mul", g.node("Sigmoid", let_in), new)
    step = g.body()
    h, a_t, b_t = (step.input(step.free(name), np.float32, ["batch", H]) for name in ("h", "a", "b"))
    next_h = step.node("Add", step.node("Mul", a_t, h), b_t)
    for name in ("next", "y"):
        step.output(step.free(name), next_h, np.float32, ["batch", H])
    end, y = g.scan(step, [start(g, cell, x, states)], [a, b])
    return y, [end]
