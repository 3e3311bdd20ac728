"""What is read of whole sequences (T, N, W) within their lengths, as network/pooling.py says: (N, kinds · W)."""

import numpy as np

from rnncli.exports.graph import Graph


def pooled(g: Graph, y: str, lengths: str, kinds: list[str], width: int, both: bool) -> str:
    """`both`: the second half of the W units reads backwards, and has read all at the first step."""
    steps = g.node("Unsqueeze", g.node("Range", g.whole(0), _scalar(g, g.size(y, 0)), g.whole(1)), g.whole([1]))
    inside = g.node("Unsqueeze", g.node("Less", steps, lengths), g.whole([2]))  # (T, N, 1)
    parts = []
    for kind in kinds:
        if kind == "last":
            parts.append(_last(g, y, steps, lengths, width, both))
        elif kind == "mean":
            count = g.node("Unsqueeze", g.cast(lengths, np.float32), g.whole([1]))
            parts.append(g.node("Div", _sum(g, y, inside), count))
        else:
            kept = g.node("Where", inside, y, g.constant(np.float32(-np.inf)))
            parts.append(g.node("ReduceMax", kept, axes=[0], keepdims=0))
    return parts[0] if len(parts) == 1 else g.node("Concat", *parts, axis=1)


def _last(g: Graph, y: str, steps: str, lengths: str, width: int, both: bool) -> str:
    """h[L-1], and of what reads backwards h[0]."""
    end = g.node("Equal", steps, g.node("Sub", lengths, g.whole(1)))
    last = _sum(g, y, g.node("Unsqueeze", end, g.whole([2])))
    if not both:
        return last
    first = g.node("Gather", y, g.whole(0), axis=0)
    half = width // 2
    return g.node("Concat", g.part(last, 1, 0, half), g.part(first, 1, half, width), axis=1)


def _sum(g: Graph, y: str, where: str) -> str:
    """Over time, of the steps that count."""
    return g.node("ReduceSum", g.node("Where", where, y, g.constant(np.float32(0))), g.whole([0]), keepdims=0)


def _scalar(g: Graph, x: str) -> str:
    return g.node("Squeeze", x, g.whole([0]))
