"""The operator GRU, whose gates are in the order z (ours is called u), r, h (n); ours are r, u, n.

linear_before_reset: the reset gate is applied after the product and its bias, as here.
"""

import numpy as np

from rnncli.cells.gru import NEW, RESET, UPDATE
from rnncli.exports.graph import Graph
from rnncli.exports.layers import Asked, native


def layer(g: Graph, asked: Asked) -> tuple[str, list[str]]:
    """y and the states at the end."""
    return native(g, asked, "GRU", [UPDATE, RESET, NEW], _biases, linear_before_reset=1)


def _biases(theta: dict[str, np.ndarray]) -> np.ndarray:
    """The second of n is within the reset gate."""
    zeros = np.zeros(2 * len(theta["b_n"]), np.float32)
    return np.concatenate([theta["b"], zeros, theta["b_n"]])
