"""The operator LSTM, whose gates are in the order i, o, f, c; ours are i, f, g, o."""

from rnncli.cells.lstm import FORGET, IN, NEW, OUT
from rnncli.exports.graph import Graph
from rnncli.exports.layers import Asked, native, one_bias


def layer(g: Graph, asked: Asked) -> tuple[str, list[str]]:
    """y and the states at the end."""
    return native(g, asked, "LSTM", [IN, OUT, FORGET, NEW], one_bias)
