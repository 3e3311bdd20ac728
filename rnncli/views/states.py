"""`states`: how the units of one layer move while the network reads a text (after Karpathy et al. 2015, 1506.02078)."""

import numpy as np

from rnncli.model_file import Model
from rnncli.prediction import Predictor
from rnncli.views.sequence import MOST_STEPS

LOW, HIGH = 0.1, 0.9  # a gate is left- or right-saturated beyond these
DEAD = 1e-3  # a unit whose state varies less than this is dead
CONTEXTS, CONTEXT_LENGTH = 5, 24


def view(model: Model, text: str | bytes, layer: int = -1, unit: int | None = None) -> dict:
    """h over time, units ranked by variance, saturation of the gates, and the contexts that drive one unit most.

    `steps` are the tokens read, one state each. `unit` is the one looked at closely; default the most varied.
    """
    predictor = Predictor(model)
    layer %= model.network.architecture.layers
    ids = model.vocabulary.encode(text)[:MOST_STEPS]
    h, gates = _run(predictor, ids)
    H = h[:, layer]
    std = H.std(axis=0)
    order = np.argsort(-std, kind="stable")
    unit = int(order[0]) if unit is None else unit
    low = -HIGH if model.network.architecture.cell == "rnn" else LOW
    left, right = (gates[layer] < low).mean(axis=0), (gates[layer] > HIGH).mean(axis=0)
    return {
        "view": "states",
        "layer": layer,
        "unit": unit,
        "steps": [model.vocabulary.symbol(int(i)) for i in ids],
        "h": np.round(h, 5).tolist(),
        "units": [{"unit": int(u), "mean": float(H[:, u].mean()), "std": float(std[u])} for u in order],
        "dead": [int(u) for u in np.flatnonzero(std < DEAD)],
        "saturation": _saturation(model, left, right),
        "top_contexts": _contexts(model, ids, H[:, unit]),
    }


def _run(predictor: Predictor, ids: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """States (T, layers, H), and per layer the gates (T, G·H), of one stream."""
    x = np.append(predictor.vocabulary.newline, ids).astype(np.int32)[:, None]  # the line end starts a sequence
    u = predictor.network.unfold(len(x), 1, predictor.team, keep=True)
    u.pack()
    u.forward(x, np.zeros_like(x, np.uint8), len(x))
    h = np.stack([layer.Y[1:, 0] for layer in u.layers], axis=1)
    return h, [layer.Z[1:, 0] for layer in u.layers]


def _saturation(model: Model, left: np.ndarray, right: np.ndarray) -> dict:
    """Per gate of the layer and unit: the part of the steps at which it is below LOW, and above HIGH.

    A plain rnn has no gates; its state, from -1 to 1, is saturated below -HIGH and above HIGH.
    """
    names = {"lstm": ("input", "forget", None, "output"), "gru": ("reset", "update", None), "rnn": ("state",)}
    H = model.network.architecture.hidden
    out = {}
    for index, name in enumerate(names[model.network.architecture.cell]):
        if name:
            part = slice(index * H, (index + 1) * H)
            out[name] = {"left": np.round(left[part], 4).tolist(), "right": np.round(right[part], 4).tolist()}
    return out


def _contexts(model: Model, ids: np.ndarray, activation: np.ndarray) -> list[dict]:
    """The places where |h| of the unit is largest, at least a context apart, with the text before them."""
    out, taken = [], np.zeros(len(ids), bool)
    for t in np.argsort(-np.abs(activation), kind="stable"):
        if taken[t]:
            continue
        taken[max(0, t - CONTEXT_LENGTH) : t + CONTEXT_LENGTH] = True
        text = model.vocabulary.decode(ids[max(0, t + 1 - CONTEXT_LENGTH) : t + 1]).decode("utf-8", "replace")
        out.append({"step": int(t), "activation": float(activation[t]), "text": text})
        if len(out) == CONTEXTS:
            break
    return out
