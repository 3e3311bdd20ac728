"""What a graph gives: the outputs of all members joined by what they mean (network/members.py), and named by it."""

import json
from math import log
from typing import Any

import numpy as np

from rnncli.exports.graph import Graph
from rnncli.models.model_file import Model
from rnncli.network.likelihoods import Quantiles
from rnncli.network.losses import PathLoss
from rnncli.network.members import SOFTMAX

Properties = dict[str, str]


def _mean(g: Graph, zs: list[str]) -> str:
    return zs[0] if len(zs) == 1 else g.node("Mean", *zs)


def _log_mean(g: Graph, zs: list[str]) -> str:
    """log (1/K Σ exp(z_k))."""
    stacked = g.node("Concat", *(g.node("Unsqueeze", z, g.whole([0])) for z in zs), axis=0)
    total = g.node("ReduceLogSumExp", stacked, axes=[0], keepdims=0)
    return g.node("Sub", total, g.constant(np.float32(log(len(zs)))))


def _log_sigmoid(g: Graph, z: str) -> str:
    return g.node("Neg", g.node("Softplus", g.node("Neg", z)))


def _sigmoid(g: Graph, z: str) -> str:
    """exp(log σ(z)): the operator Sigmoid of onnxruntime is 0 from -18 on."""
    return g.node("Exp", _log_sigmoid(g, z))


def _softmax_logits(g: Graph, zs: list[str]) -> str:
    """Logits of the mean of the probabilities of one of V."""
    return zs[0] if len(zs) == 1 else _log_mean(g, [g.node("LogSoftmax", z, axis=-1) for z in zs])


def _sigmoid_logits(g: Graph, zs: list[str]) -> str:
    """The same of bits."""
    if len(zs) == 1:
        return zs[0]
    ups, downs = ([_log_sigmoid(g, one) for one in some] for some in (zs, [g.node("Neg", z) for z in zs]))
    return g.node("Sub", _log_mean(g, ups), _log_mean(g, downs))


def _squareplus(g: Graph, z: str) -> str:
    """(z + √(z² + 4)) / 2, of z below 0 as 2 / (√(z² + 4) - z), which keeps its digits."""
    two, four = (g.constant(np.float32(value)) for value in (2, 4))
    root = g.node("Sqrt", g.node("Add", g.node("Mul", z, z), four))
    above = g.node("Div", g.node("Add", g.node("Relu", z), root), two)
    below = g.node("Div", two, g.node("Sub", root, g.node("Min", z, g.constant(np.float32(0)))))
    return g.node("Where", g.node("Greater", z, g.constant(np.float32(0))), above, below)


#: link -> what a parameter of a forecast is by it
LINKS = {
    "identity": lambda g, z: z,
    "squareplus": _squareplus,
    "exp": lambda g, z: g.node("Exp", z),
    "sigmoid": _sigmoid,
}


def add_outputs(g: Graph, model: Model, task: Any, zs: list[str]) -> Properties:
    """The named outputs, of those of each member, (T, N, V) or of pooled sequences (N, V); and what must be known of
    them.
    """
    s, V = model.schema, model.network.architecture.outputs
    if s is None:
        _by_step(g, "logits", _softmax_logits(g, zs), V)
        return {}
    if s.outlook is not None:
        return _forecast(g, task, s.outlook, zs)
    if s.targets:
        _numbers(g, s, _mean(g, zs))
        return {"targets": json.dumps(s.targets)}
    labels = {"labels": json.dumps(s.labels)}
    if isinstance(task.loss, PathLoss):
        _by_step(g, "emissions", _mean(g, zs), V)
        return labels | _field(model, task.loss)
    joined = _softmax_logits(g, zs) if task.loss.links == SOFTMAX else _sigmoid_logits(g, zs)
    cooled = g.node("Div", joined, g.constant(np.float32(model.summary.get("temperature", 1.0))))
    p = g.node("Softmax", cooled, axis=-1) if task.loss.links == SOFTMAX else _sigmoid(g, cooled)
    if task.by_step:
        _by_step(g, "probabilities", p, V)
    else:
        g.output("probabilities", p, np.float32, ["batch", V])
    return labels


def _by_step(g: Graph, name: str, value: str, V: int) -> None:
    g.output(name, g.swapped(value, 1, 0, 2), np.float32, ["batch", "time", V])


def _numbers(g: Graph, s: Any, z: str) -> None:
    """`values` in the units of the targets."""
    scaled = g.node("Mul", g.cast(z, np.float64), g.constant(s.target_std, np.float64))
    values = g.node("Add", scaled, g.constant(s.target_mean, np.float64))
    g.output("values", values, np.float64, ["batch", len(s.targets)])


def _field(model: Model, loss: PathLoss) -> Properties:
    """The scores of a random field; those of transitions that are not allowed are far below 0."""
    A, begin, end = loss.constrained(model.network.theta)
    arrays = {"transitions": A[0], "begin": begin, "end": end}
    return {name: json.dumps(array.tolist()) for name, array in arrays.items()}


def _forecast(g: Graph, task: Any, o: Any, zs: list[str]) -> Properties:
    """`parameters` (batch, time, H, K, W) of the likelihood, each in its own meaning; of quantiles `quantiles`."""
    loss, H, K = task.loss, o.horizon, len(o.targets)
    shaped = [g.node("Reshape", z, g.whole([0, 0, H, K, loss.width])) for z in zs]
    linked = [_mean(g, [LINKS[link](g, g.part(z, 4, w, w + 1)) for z in shaped]) for w, link in enumerate(loss.links)]
    quantiles = isinstance(loss, Quantiles)
    if quantiles:
        linked = _cumulated(g, linked)
    joined = linked[0] if len(linked) == 1 else g.node("Concat", *linked, axis=4)
    name, shape = "quantiles" if quantiles else "parameters", ["batch", "time", H, K, loss.width]
    g.output(name, g.swapped(joined, 1, 0, 2, 3, 4), np.float32, shape)
    levels = {"levels": json.dumps(o.levels)} if quantiles else {}
    return {"targets": json.dumps(o.targets), "loss": loss.name} | levels


def _cumulated(g: Graph, linked: list[str]) -> list[str]:
    """Of the middle quantile and the distances between neighbours all quantiles."""
    middle, out = len(linked) // 2, list(linked)
    for q in range(middle + 1, len(linked)):
        out[q] = g.node("Add", out[q - 1], linked[q])
    for q in range(middle - 1, -1, -1):
        out[q] = g.node("Sub", out[q + 1], linked[q])
    return out
