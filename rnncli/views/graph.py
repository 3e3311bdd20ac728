"""`graph`: the network as a graph, folded with its loops, or unfolded over the first steps of an input.

Folded, an edge with `delay` 1 is the loop h[t-1] -> h[t], and those of a convolution go from x[t - delay] to h[t];
unfolded, they have become edges from step to step. There
`value_norm` is ‖x[t]‖, ‖h[t]‖, ‖logits[t]‖ and the loss L[t], and `grad_norm` that of dL/d(·) with L = Σ_t L[t]: back-
propagation through time. The parameters θ are the same at all steps: each is listed once, with all nodes that use it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.kernels.threads import Team
from rnncli.network.architecture import REVERSE, Architecture
from rnncli.network.inputs import embedded
from rnncli.network.network import Network, Unfolded
from rnncli.views.reading import Reading
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 1,
    "help": "the network as a graph",
    "caption": "The network unfolded over the first steps of the input: under each node the norm of what it holds and "
    "of the loss's gradient there. θ is the same at all steps.",
    "input": {
        "with": "unfold",
        "else": "INPUT and a folded graph cannot be combined: --unfold N sets how many steps to show",
    },
    "options": {
        "unfold": {
            "min": 1,
            "metavar": "N",
            "in_report": 7,
            "help": "Unfold the network over the first N steps of INPUT",
        }
    },
    "forms": ("dot", "mermaid", "svg"),
}


class Graph(View):
    """Folded, or unfolded over so many steps as are asked for."""

    def data(self, subject: Subject) -> dict[str, Any]:
        if subject.options.unfold is None:
            return folded(subject.network)
        reading = subject.reading(with_loss=True)
        subject.read = None  # so many steps as were asked for
        return unfolded(subject.network, reading, subject.options.unfold, Team(1))  # one row: whole, not shared out


def folded(network: Network) -> dict:
    """`nodes` (id, op, t, shape, value_norm, grad_norm), `edges` (from, to, delay), `parameters` (name, shape,
    used_at). The id of a node is that of its kind: x, h0, h1, .., y, L; of two directions h0 and h0_reverse.
    """
    a = network.architecture
    nodes = [_node(kind, op, None, shape) for kind, op, shape in _kinds(a)]
    reads = _reads(a)
    edges = [{"from": source, "to": to, "delay": delay} for source, to in _inward(a) for delay in reads.get(to, (0,))]
    edges += [{"from": f"h{name}", "to": f"h{name}", "delay": 1} for name, cell in a.named_cells() if cell.recursive]
    return {"unfolded": 0, "nodes": nodes, "edges": edges, "parameters": _parameters(network, nodes)}


def unfolded(network: Network, reading: Reading, steps: int, team: Team) -> dict:
    """The same of the first steps of a reading, the id of a node with its step: h0[3]. A pooled network has one output
    and one loss, without a step. `inputs` names what is read at each step.
    """
    a, batch = network.architecture, reading.batch.first(min(steps, reading.steps))
    steps = batch.steps
    u = network.unfold(steps, 1, team, training=True, given=True)
    x = embedded(a, network.theta, batch.x)
    values, logits = _run(u, x, batch, reading.loss)
    norms = {"x": (x[:, 0], u.input.dX[:, 0]), "y": (values, logits)} | _states(u)
    if u.pooling:
        norms["pool"] = u.top[:, 0], u.dtop[:, 0]
    nodes = []
    for kind, op, shape in _kinds(a):
        for t in _steps_of(kind, a, steps):
            node = _node(kind, op, t, shape)
            if kind == "L":
                node |= {"value_norm": float(u.losses[t or 0, 0]), "grad_norm": 1.0}
            else:
                value, gradient = norms[kind]
                node |= {"value_norm": _norm(value[t or 0]), "grad_norm": _norm(gradient[t or 0])}
            nodes.append(node)
    return {
        "unfolded": steps,
        "inputs": reading.inputs[:steps],
        "nodes": nodes,
        "edges": _edges(a, steps, batch.starts[:, 0]),
        "parameters": _parameters(network, nodes),
    }


def _kinds(a: Architecture) -> list[tuple[str, str, list[int]]]:
    """(kind, operation, shape) of the nodes, from the input to the loss."""
    out = [("x", "input" if a.columns else "embedding", [a.input_width])]
    out += [(f"h{name}", a.cell, [a.hidden]) for name in a.layer_names()]
    if a.pool:
        out.append(("pool", ", ".join(a.pool), [a.read_width]))
    return [*out, ("y", "output", [a.outputs]), ("L", "loss", [])]


def _inward(a: Architecture) -> list[tuple[str, str]]:
    """Edges within a step, by kind."""
    levels = [["x"]]
    for layer in range(a.layers):
        levels.append([f"h{layer}", f"h{layer}{REVERSE}"] if a.bidirectional else [f"h{layer}"])
    levels += [["pool"]] if a.pool else []
    levels += [["y"], ["L"]]
    return [(source, to) for below, above in zip(levels, levels[1:], strict=False) for source in below for to in above]


def _reads(a: Architecture) -> dict[str, range]:
    """How many steps back the layers read, by kind."""
    return {f"h{name}": cell.reads for name, cell in a.named_cells()}


def _edges(a: Architecture, steps: int, starts: np.ndarray) -> list[dict]:
    pairs, reads = [], _reads(a)
    for source, to in _inward(a):
        sources, ends = _steps_of(source, a, steps), _steps_of(to, a, steps)
        if len(ends) == len(sources):
            for delay in reads.get(to, (0,)):
                pairs += [(_id(source, s), _id(to, t)) for s, t in _apart(ends, delay, starts, to)]
        else:
            pairs += [(_id(source, s), _id(to, None)) for s in sources]
    for name, cell in a.named_cells():
        if cell.recursive:
            pairs += [(_id(f"h{name}", s), _id(f"h{name}", t)) for s, t in _apart(range(steps), 1, starts, name)]
    return [{"from": source, "to": to, "delay": 0} for source, to in pairs]


def _apart(steps: Sequence, delay: int, starts: np.ndarray, kind: str) -> list[tuple]:
    """(earlier, later) of steps so far apart, without a start of a sequence between them; of a layer that reads
    backwards (later, earlier).
    """
    if not delay:
        return [(t, t) for t in steps]
    pairs = [(t - delay, t) for t in steps[delay:] if not starts[t - delay + 1 : t + 1].any()]
    return [(t, s) for s, t in pairs] if kind.endswith(REVERSE) else pairs


def _steps_of(kind: str, a: Architecture, steps: int) -> list[int | None]:
    return [None] if a.pool and kind in ("pool", "y", "L") else list(range(steps))


def _id(kind: str, t: int | None) -> str:
    return kind if t is None else f"{kind}[{t}]"


def _node(kind: str, op: str, t: int | None, shape: list[int]) -> dict:
    return {"id": _id(kind, t), "op": op, "t": t, "shape": shape, "value_norm": None, "grad_norm": None}


def _parameters(network: Network, nodes: list[dict]) -> list[dict]:
    """Where each is used: embeddings by x, those of a layer by its h, those of the task by L."""
    out = []
    for name, array in network.theta.items():
        head = name.split(".")[0]
        kind = {"embedding": "x", "grams": "x", "output": "y", "task": "L"}.get(head, f"h{head}")
        kinds = (kind, "y") if network.architecture.tied and head == "embedding" else (kind,)
        used = [node["id"] for node in nodes if node["id"].split("[")[0] in kinds]
        out.append({"name": name, "shape": list(array.shape), "used_at": used})
    return out


def _run(u: Unfolded, x: np.ndarray, batch, loss) -> tuple[np.ndarray, np.ndarray]:
    """Forward and backward from the sum of the losses; the logits (steps, outputs), and the gradients by them."""
    shape = (len(u.losses), u.logits.shape[2])
    values, gradients = np.zeros(shape, u.logits.dtype), np.zeros(shape, u.logits.dtype)

    def summed(u, batch, t0, steps, first, last):
        values[t0 : t0 + steps] = u.logits[:steps, 0]
        loss.rows(u, batch, False, t0, steps, first, last)
        gradients[t0 : t0 + steps] = u.logits[:steps, 0]

    u.pack()
    u.gradients(replace(batch, x=x, count=1), summed)
    return values, gradients


def _states(u: Unfolded) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """h (steps, H) of each layer and direction, and the gradient by it."""
    directions, out = [one for layer in u.layers for one in layer.directions], {}
    for name, one in zip(u.network.architecture.layer_names(), directions, strict=True):
        order = slice(None, None, -1 if name.endswith(REVERSE) else 1)
        out[f"h{name}"] = one.Y[order, 0], one.dY[order, 0]
    return out


def _norm(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector.astype(np.float64)))
