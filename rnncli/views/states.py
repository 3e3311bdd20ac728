"""`states`: what the units of one layer do while the network reads (after Karpathy et al. 2015, 1506.02078).

    saturation    of a gate: the part of the steps at which it is below LOW (left) and above HIGH (right); of what has
                  values from -1 to 1, below -HIGH and above HIGH
    projection    P = (h - mean h) · [v_1, v_2], the eigenvectors of the covariance of h with the largest eigenvalues
                  λ_1, λ_2: the way of the state through the plane in which it moves most; explained: λ_i / Σ λ

A layer that reads both ways has 2 H units, those from H on of the direction that reads backwards.
"""

from typing import Any

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.errors import UsageError
from rnncli.kernels.threads import Team
from rnncli.network.network import Network
from rnncli.views.reading import Reading, forward_passes
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 2,
    "help": "the units while the network reads",
    "caption": "How the units move while the network reads, above 0 in green and below 0 in red: a step is a column, a "
    "unit a row; states that are near in the plane are alike.",
    "input": True,
    "options": {
        "unit": {"min": 0, "help": "Unit to look at", "unset": "the most varied one"},
        "heat_map": {
            "former": "units",
            "type": "numbers",
            "metavar": "N,..",
            "help": "Units of the heat map, and of the data",
        },
        "layer": {"min": 0, "help": "Layer, counted from 0", "unset": "the last one"},
    },
}

LOW, HIGH = 0.1, 0.9  # a gate is left- or right-saturated beyond these
DEAD = 1e-3  # a unit whose state varies less than this is dead
CONTEXTS, CONTEXT_LENGTH = 5, 24


class States(View):
    """Of one layer, with one unit looked at."""

    def data(self, subject: Subject) -> dict[str, Any]:
        a, o = subject.network.architecture, subject.options
        layer = -1 if o.layer is None else o.layer
        for option, units in (("--unit", [o.unit]), ("--heat-map", o.heat_map or [])):
            for unit in units:
                if unit is not None and unit >= a.width:
                    raise UsageError(f"{option} {unit}: the layer has {a.width} units, counted from 0")
        if o.unit is not None and o.heat_map and o.unit not in o.heat_map:
            raise UsageError(f"--unit {o.unit} and --heat-map without it cannot be combined: add it to --heat-map")
        if layer >= a.layers:
            raise UsageError(f"--layer {layer}: the model has {a.layers} layer(s), counted from 0")
        reading = subject.sequences(with_loss=False, to_its_end=True)
        return view(subject.network, reading, subject.team, layer, o.unit, o.heat_map)


def view(
    network: Network,
    reading: Reading,
    team: Team,
    layer: int = -1,
    unit: int | None = None,
    units: list[int] | None = None,
) -> dict:
    """`steps` names what was read, `starts` the steps at which a sequence began, `inputs` the numbers read by column.

    `h` is (T, layers, `h_units`), all units or those of `units`. Of the layer: `units` by variance, `dead` ones,
    `saturation` by gate, and what counts as `low` of it; `projection`: (T, 2) and the parts of the variance
    `explained`; `top_contexts` of one `unit`, by default the most varied.
    """
    a, lead = network.architecture, reading.lead
    layer %= a.layers
    h, gates = _run(network, reading, layer, team)
    H = h[:, layer].astype(np.float64)
    std = H.std(axis=0)
    order = np.argsort(-std, kind="stable")
    shown = list(range(a.width)) if units is None else units
    unit = next(u for u in order.tolist() if u in set(shown)) if unit is None else unit
    points, explained = projection(H)
    return {
        "layer": layer,
        "unit": unit,
        "hidden": a.hidden,
        "words": reading.words,
        "steps": reading.inputs[lead:],
        "starts": _bounds(reading)[:-1].tolist(),
        "inputs": {name: values.tolist() for name, values in reading.values.items()},
        "h_units": shown,
        "h": np.round(h[:, :, shown].astype(np.float64), 5).tolist(),  # so that large ones do not overflow
        "units": [{"unit": int(u), "mean": float(H[:, u].mean()), "std": float(std[u])} for u in order],
        "dead": np.flatnonzero(std < DEAD).tolist(),
        "saturation": gates,
        "low": _lows(network.cells[layer]),
        "projection": {"points": np.round(points, 5).tolist(), "explained": explained},
        "top_contexts": _contexts(reading, H[:, unit], unit >= a.hidden),
    }


@np.errstate(all="ignore")  # an unstable network is told of in words
def _run(network: Network, reading: Reading, layer: int, team) -> tuple[np.ndarray, dict]:
    """h (T, layers, width), and the saturation of the layer's gates."""
    a, wanted = network.architecture, np.arange(reading.lead, reading.steps)
    h, gates = np.empty((reading.steps, a.layers, a.width), network.theta.flat.dtype), []
    for u, steps, chosen in forward_passes(network, reading, team, wanted, keep=True):
        h[steps[chosen]] = np.stack([one.Y[: len(steps)][chosen] for one in u.layers], axis=1)
        gates.append([one.Z[: len(steps)][chosen] for one in u.layers[layer].directions])
    sides = [_saturation(network.cells[layer], np.concatenate(Z)) for Z in zip(*gates, strict=True)]
    return h[reading.lead :], {
        gate: {side: np.concatenate([found[gate][side] for found in sides]).tolist() for side in ("left", "right")}
        for gate in sides[0]
    }


def _bounds(reading: Reading) -> np.ndarray:
    """Where its sequences begin and the last one ends, in the steps after the lead."""
    return np.unique(np.maximum(reading.bounds - reading.lead, 0))


def _lows(cell: Cell) -> dict[str, float]:
    """By gate."""
    return dict.fromkeys(cell.gate_parts, LOW) | dict.fromkeys(cell.signed_parts, -HIGH)


def _saturation(cell: Cell, Z: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """By gate and side, of gates Z (T, G·H)."""
    out, parts = {}, cell.gate_parts | cell.signed_parts
    for name, low in _lows(cell).items():
        gate = Z[:, parts[name] * cell.hidden : (parts[name] + 1) * cell.hidden]
        out[name] = {"left": np.round((gate < low).mean(axis=0), 4), "right": np.round((gate > HIGH).mean(axis=0), 4)}
    return out


def projection(H: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """P (T, 2) of H (T, units), and the parts of the variance along its two axes.

    The sign of an axis is that of its largest entry, positive. A state that does not move stays at 0.
    """
    centred = H - H.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(H))
    variance, axes = np.maximum(variance[::-1][:2], 0), axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    points, total = np.zeros((len(H), 2)), float((centred**2).sum()) / len(H)
    points[:, : axes.shape[1]] = centred @ axes
    parts = variance / total if total > 0 else 0 * variance
    return points, [*parts.tolist(), 0.0][:2]


def _contexts(reading: Reading, activation: np.ndarray, backwards: bool) -> list[dict]:
    """The places where |h| of the unit is largest, at least a context apart, with what was read until there."""
    lead, count = reading.lead, len(activation)
    bounds = _bounds(reading)
    out, taken = [], np.zeros(count, bool)
    for t in np.argsort(-np.abs(activation), kind="stable").tolist():
        if taken[t]:
            continue
        taken[max(0, t - CONTEXT_LENGTH) : t + CONTEXT_LENGTH] = True
        begin, end = bounds[bounds <= t][-1].item(), bounds[bounds > t][0].item()  # of its sequence
        first, last = max(t + 1 - CONTEXT_LENGTH, begin), t
        if backwards:
            first, last = t, min(t + CONTEXT_LENGTH, end) - 1
        out.append(
            {
                "step": t,
                "first": first,
                "last": last,
                "activation": float(activation[t]),
                "text": reading.text(lead + first, lead + last + 1),
                "inputs": {name: values[first : last + 1].tolist() for name, values in reading.values.items()},
            }
        )
        if len(out) == CONTEXTS:
            break
    return out
