"""Two convolutions and a residual connection; the normalisation is folded into the weights.

The states are what each convolution reads of the steps before: the last (k - 1) d of x, and of u (N, width, steps).
"""

from typing import Any

import numpy as np

from rnncli.exports.graph import Graph
from rnncli.exports.layers import Asked, each_way


def layer(g: Graph, asked: Asked) -> tuple[str, list[str]]:
    """y and the states at the end."""
    return each_way(g, asked, _one_way)


def state_shapes(cell: Any) -> list[tuple[int, int]]:
    """(width, steps) of each state."""
    steps = (cell.taps - 1) * cell.dilation
    return [(cell.inputs, steps), (cell.hidden, steps)]


def _one_way(
    g: Graph, cell: Any, theta: dict[str, np.ndarray], x: str, states: list[str] | None
) -> tuple[str, list[str]]:
    columns = cell.taps * cell.hidden
    V, skip = theta["W"][:, :columns], theta["W"][:, columns:]
    across = g.swapped(x, 1, 2, 0)  # (N, D, T)
    before = states or [None, None]
    u, end_x = _convolution(g, cell, V, theta["g_1"], theta["b_1"], across, before[0])
    v, end_u = _convolution(g, cell, theta["R"], theta["g_2"], theta["b_2"], u, before[1])
    onwards = across
    if not cell.passes:
        onwards = g.node("Conv", across, g.constant(skip.T[:, :, None]), g.constant(theta["b_3"]))
    y = g.node("Relu", g.node("Add", v, onwards))
    return g.swapped(y, 2, 0, 1), [end_x, end_u] if states else []


def _convolution(
    g: Graph, cell: Any, V: np.ndarray, gain: np.ndarray, b: np.ndarray, x: str, before: str | None
) -> tuple[str, str]:
    """relu(b + Σ_i x[t - i d] · W_i) (N, H, T) of x (N, D, T), and the last steps of x, those before it included."""
    k, d = cell.taps, cell.dilation
    taps = V.astype(np.float64).reshape(len(V), k, -1)
    taps = taps * (gain / np.sqrt((taps**2).sum(axis=(0, 1))))
    W = g.constant(taps[:, ::-1].transpose(2, 0, 1))  # the last tap is that of the newest step
    reach, said = (k - 1) * d, {"dilations": [d]}
    if before is None:
        return g.node("Relu", g.node("Conv", x, W, g.constant(b), pads=[reach, 0], **said)), ""
    longer = g.node("Concat", before, x, axis=2)
    c = g.node("Relu", g.node("Conv", longer, W, g.constant(b), **said))
    return c, g.part(longer, 2, -reach, np.iinfo(np.int64).max)
